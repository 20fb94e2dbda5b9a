// Split-K as launches through gpu.matrix and `soma tune` choose it: how many parts, right sums, the same bits in every run, and kernels
// that don't fit together. The products are against double precision.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tune } from "../../compiler/cli/commands/tune.js";
import { COMPILER } from "../../compiler/version.js";
import { type ChoiceEvent, telemetry } from "../../runtime/index.js";
import { readResults, type TuningResult } from "../../runtime/matrix/results.js";
import { expectElements, testGpu } from "../run/harness.js";
import { exactly, productAt, roundingBound, sumBound } from "./reference.js";

const SOURCE = `import std.linalg { matmul, matmul_parts, sum_parts }
instance multiply = matmul<f16, BM: 64, BN: 64>
instance multiply_parts = matmul_parts<f16>
instance add_parts = sum_parts<f16>
`;
const SPLIT = { parts: "multiply_parts", sum: "add_parts" };
const OPTIONS = { kernel: "multiply", split: SPLIT };

describe.each(["vgpu:gfx1100", "vgpu:gfx90a", "vgpu:gfx942", "vgpu:gfx950", "vgpu:gfx1201"])("on %s", (device) => {
    test("one block and a long sum: parts are chosen and told, sums are right, and bits the same again", async () => {
        const [m, n, k] = [40, 33, 2000];
        const gpu = await testGpu(device);
        const multiply = await gpu.matrix({ source: SOURCE }, OPTIONS);
        const [x, y] = [exactly(m * k, 7, 9), exactly(k * n, 11, 9)];
        using a = gpu.tensor("f16", [m, k], Array.from(x));
        using b = gpu.tensor("f16", [k, n], Array.from(y));
        using c = gpu.tensor("f16", [m, n]);
        const events: ChoiceEvent[] = [];
        const listening = telemetry.subscribe((event) => {
            if (event.kind === "choice") events.push(event);
        });
        await multiply({ a, b, c });
        const first = await c.read();
        await multiply({ a, b, c });
        listening.stop();
        // Of 2000 terms, parts of 256 and more: four.
        expect(await multiply.choice({ a, b, c })).toMatchObject({ parts: 4, by: "estimate" });
        expect(events).toMatchObject([{ kernel: "multiply", dims: { m, n, k }, parts: 4, by: "estimate" }]);
        expectElements(await c.read(), first);
        for (let at = 0; at < m * n; at++) {
            const { value, magnitude } = productAt(x, y, [Math.floor(at / n), at % n], [k, n]);
            const bound = sumBound(k + 4, magnitude) + roundingBound(value, 11, 2 ** -25);
            expect(Math.abs((first[at] ?? Number.NaN) - value)).toBeLessThanOrEqual(bound);
        }
    });
});

describe("how many parts", () => {
    const device = "vgpu:gfx942";
    const partsOf = async ([m, n, k]: readonly [number, number, number], results: readonly TuningResult[] = []) => {
        const gpu = await testGpu(device);
        const multiply = await gpu.matrix({ source: SOURCE }, { ...OPTIONS, results: { version: 1, results } });
        using a = gpu.tensor("f16", [m, k]);
        using b = gpu.tensor("f16", [k, n]);
        using c = gpu.tensor("f16", [m, n]);
        const { parts, by } = await multiply.choice({ a, b, c });
        return { parts, by };
    };
    const entry = (parts: number): TuningResult => ({
        kernel: "multiply",
        device: "gfx942",
        compiler: COMPILER,
        dims: { m: 64, k: 4096, n: 64 },
        values: { BM: 64, BN: 64 },
        parts,
        cost: 1,
        costOfDefault: 2,
        unit: "estimated cycles",
    });

    test.each([
        ["a long sum in one block", [64, 64, 4096], 16],
        ["a short sum", [64, 64, 256], 1],
        ["as many blocks as compute units", [1280, 1024, 4096], 1],
        ["no terms", [64, 64, 0], 1],
    ] as const)("%s", async (_, shape, parts) => {
        expect(await partsOf(shape)).toMatchObject({ parts });
    });

    test("what was found, if it is a number of parts", async () => {
        expect(await partsOf([64, 64, 4096], [entry(2)])).toEqual({ parts: 2, by: "results" });
        expect(await partsOf([64, 64, 4096], [entry(0)])).toEqual({ parts: 16, by: "estimate" });
        expect(await partsOf([64, 64, 4096], [entry(1.5)])).toEqual({ parts: 16, by: "estimate" });
    });
});

test("soma tune chooses parts, and gpu.matrix takes them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "soma-split-"));
    const file = join(folder, "long.soma");
    writeFileSync(file, SOURCE);
    const arg = ["a=fill(1,64x2048)", "b=fill(1,2048x64)", "c=zeros(64x64)"];
    const options = { arg, device: "vgpu:gfx942", kernel: "multiply", split: "multiply_parts,add_parts" };
    expect(await tune(file, options)).toBe(0);
    const path = join(folder, "long.tune.json");
    const [found] = readResults(path).results;
    // One of 304 compute units would work alone.
    expect(found?.parts).toBeGreaterThan(1);
    expect(found?.cost).toBeLessThan((found?.costOfDefault ?? 0) / 2);
    const gpu = await testGpu("vgpu:gfx942");
    const multiply = await gpu.matrix(file, { ...OPTIONS, results: path });
    using a = gpu.tensor("f16", [64, 2048]);
    using b = gpu.tensor("f16", [2048, 64]);
    expect(await multiply.choice({ a, b })).toMatchObject({ parts: found?.parts, by: "results" });
    await expect(tune(file, { ...options, split: "multiply_parts" })).rejects.toThrow("--split takes two kernels");
});

test.each([
    [{ parts: "nowhere", sum: "add_parts" }, "the source has no kernel nowhere to split sums with"],
    [{ parts: "add_parts", sum: "add_parts" }, "add_parts is no multiply in parts"],
    [{ parts: "multiply_parts", sum: "multiply" }, "multiply adds no parts of multiply: it takes parts, then c"],
])("kernels that don't fit: %o", async (split, message) => {
    const gpu = await testGpu("vgpu:gfx942");
    await expect(gpu.matrix({ source: SOURCE }, { ...OPTIONS, split })).rejects.toThrow(message);
});
