// Equal shares (stream-K) as launches through gpu.matrix and `soma tune` choose them: where blocks leave compute units idle, right sums, the
// same bits in every run, and kernels that don't fit together. The products are against double precision.

import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tune } from "../../compiler/cli/commands/tune.js";
import { COMPILER } from "../../compiler/version.js";
import { type ChoiceEvent, type MatrixOptions, telemetry } from "../../runtime/index.js";
import { readResults, type TuningResult } from "../../runtime/matrix/results.js";
import { expectElements, testGpu } from "../run/harness.js";
import { exactly, productAt, roundingBound, sumBound } from "./reference.js";

const SOURCE = `import std.linalg { matmul, matmul_parts, sum_parts, matmul_shares, sum_shares }
instance multiply = matmul<f16, BM: 128, BN: 128>
instance multiply_parts = matmul_parts<f16>
instance add_parts = sum_parts<f16>
instance multiply_shares = matmul_shares<f16>
instance add_shares = sum_shares<f16>
`;
const SPLIT = { parts: "multiply_parts", sum: "add_parts" };
const SHARES = { shares: "multiply_shares", sum: "add_shares" };
const OPTIONS = { kernel: "multiply", split: SPLIT, shares: SHARES };

describe.each(["vgpu:gfx1100", "vgpu:gfx90a", "vgpu:gfx942", "vgpu:gfx950", "vgpu:gfx1201"])("on %s", (device) => {
    test("a product that is shared: sums are right, told, and bits the same again", async () => {
        const [m, n, k] = [300, 200, 200];
        const gpu = await testGpu(device);
        const multiply = await gpu.matrix({ source: SOURCE }, { ...OPTIONS, shares: { ...SHARES, workgroups: 9 } });
        const [x, y] = [exactly(m * k, 7, 9), exactly(k * n, 11, 9)];
        using a = gpu.tensor("f16", [m, k], Array.from(x));
        using b = gpu.tensor("f16", [k, n], Array.from(y));
        using c = gpu.tensor("f16", [m, n]);
        const events: ChoiceEvent[] = [];
        const listening = telemetry.subscribe((event) => {
            if (event.kind === "choice") events.push(event);
        });
        const launched = await multiply({ a, b, c });
        const first = await c.read();
        const { outputs } = await multiply({ a, b });
        listening.stop();
        expect(launched.grid).toEqual([9, 1, 1]);
        expect(events).toMatchObject([{ kernel: "multiply", dims: { m, n, k }, parts: 1, shares: 9, by: "estimate" }]);
        using again = outputs.c;
        expectElements((await again?.read()) as typeof first, first);
        for (let at = 0; at < m * n; at++) {
            const { value, magnitude } = productAt(x, y, [Math.floor(at / n), at % n], [k, n]);
            const bound = sumBound(k + 9, magnitude) + roundingBound(value, 11, 2 ** -25);
            expect(Math.abs((first[at] ?? Number.NaN) - value)).toBeLessThanOrEqual(bound);
        }
    });
});

describe("how work is shared out on 304 compute units", () => {
    const choiceOf = async (
        [m, n, k]: readonly [number, number, number],
        options: MatrixOptions = OPTIONS,
        results: readonly TuningResult[] = [],
    ) => {
        const gpu = await testGpu("vgpu:gfx942");
        expect(gpu.properties.computeUnits).toBe(304);
        const multiply = await gpu.matrix({ source: SOURCE }, { ...options, results: { version: 1, results } });
        using a = gpu.tensor("f16", [m, k]);
        using b = gpu.tensor("f16", [k, n]);
        using c = gpu.tensor("f16", [m, n]);
        const { parts, shares } = await multiply.choice({ a, b, c });
        return { parts, shares };
    };
    const entry = (shares: number): TuningResult => ({
        kernel: "multiply",
        device: "gfx942",
        compiler: COMPILER,
        dims: { m: 1280, k: 4096, n: 1280 },
        values: { BM: 128, BN: 128 },
        shares,
        cost: 1,
        costOfDefault: 2,
        unit: "estimated cycles",
    });

    test.each([
        // Even of 64 by 64 there are 400 blocks, one and a third for each unit.
        ["blocks that leave two thirds of the units idle in their last turn", [1280, 1280, 4096], 1, 608],
        ["as many blocks as units", [2432, 2048, 4096], 1, 0],
        ["one block and a long sum", [64, 64, 4096], 16, 0],
        ["blocks that leave units idle for few terms", [1280, 1280, 64], 1, 0],
        ["no terms", [1280, 1280, 0], 1, 0],
    ] as const)("%s", async (_, shape, parts, shares) => {
        expect(await choiceOf(shape)).toEqual({ parts, shares });
    });

    test("not at all where the kernels for it are not named", async () => {
        expect(await choiceOf([1280, 1280, 4096], { kernel: "multiply", split: SPLIT })).toEqual({
            parts: 1,
            shares: 0,
        });
    });

    test("as found, if that is a number of workgroups", async () => {
        expect(await choiceOf([1280, 1280, 4096], OPTIONS, [entry(304)])).toEqual({ parts: 1, shares: 304 });
        expect(await choiceOf([1280, 1280, 4096], OPTIONS, [entry(1.5)])).toEqual({ parts: 1, shares: 608 });
    });
});

test("soma tune tries shares, and gpu.matrix takes them", async () => {
    const folder = mkdtempSync(join(tmpdir(), "soma-shares-"));
    const file = join(folder, "shared.soma");
    writeFileSync(file, SOURCE);
    // Of 64 compute units 35 blocks leave 29 idle.
    const arg = ["a=fill(1,896x512)", "b=fill(1,512x640)", "c=zeros(896x640)"];
    const options = { arg, device: "vgpu:gfx1201", kernel: "multiply", shares: "multiply_shares,add_shares" };
    expect(await tune(file, options)).toBe(0);
    const path = join(folder, "shared.tune.json");
    const [found] = readResults(path).results;
    expect(found?.shares).toBeGreaterThan(0);
    expect(found?.cost).toBeLessThan(0.9 * (found?.costOfDefault ?? 0));
    const gpu = await testGpu("vgpu:gfx1201");
    const multiply = await gpu.matrix(file, { ...OPTIONS, results: path });
    using a = gpu.tensor("f16", [896, 512]);
    using b = gpu.tensor("f16", [512, 640]);
    expect(await multiply.choice({ a, b })).toMatchObject({ shares: found?.shares, by: "results" });
    await expect(tune(file, { ...options, shares: "multiply_shares" })).rejects.toThrow("--shares takes two kernels");
});

test.each([
    [{ shares: "nowhere", sum: "add_shares" }, "the source has no kernel nowhere to share products with"],
    [{ shares: "multiply_parts", sum: "add_shares" }, "multiply_parts is no multiply in shares"],
    [{ shares: "multiply_shares", sum: "add_parts" }, "add_parts adds up no shares of multiply: it takes parts, c"],
    [{ ...SHARES, workgroups: 0 }, "a product is shared by 1 workgroup or more, not 0"],
])("kernels that don't fit: %o", async (shares, message) => {
    const gpu = await testGpu("vgpu:gfx942");
    await expect(gpu.matrix({ source: SOURCE }, { ...OPTIONS, shares })).rejects.toThrow(message);
});
