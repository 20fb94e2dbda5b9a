// Constants that tuning may choose: in the manifest, by `soma tune`, and by launches through gpu.matrix, with results that
// fit and results that don't.

import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { tune } from "../../compiler/cli/commands/tune.js";
import { COMPILER } from "../../compiler/version.js";
import { estimatedCycles } from "../../runtime/matrix/estimate.js";
import { readResults, type TuningResult } from "../../runtime/matrix/results.js";
import { combinationsOf } from "../../runtime/matrix/tuned.js";
import { testGpu } from "../run/harness.js";

const SOURCE = `
matrix kernel scaled<const BM: index in [16, 32, 64], const BN: index = 32 in [16, 32]>(
    x: f32[m, n], y: mut f32[m, n]
) over (i in m by BM, j in n by BN) {
    y[i, j] = x[i, j] * (BM as f32)
}`;

const DEVICE = "vgpu:gfx1100";

const result = (values: Record<string, number>, changes: Partial<TuningResult> = {}): TuningResult => ({
    kernel: "scaled",
    device: "gfx1100",
    compiler: COMPILER,
    dims: { m: 20, n: 20 },
    values,
    cost: 1,
    costOfDefault: 2,
    unit: "estimated cycles",
    ...changes,
});

/** The block of rows that a launch worked with, which the kernel writes. */
async function used(results: readonly TuningResult[]): Promise<number> {
    const gpu = await testGpu(DEVICE);
    const scaled = await gpu.matrix({ source: SOURCE }, { results: { version: 1, results } });
    const x = gpu.tensor("f32", [20, 20], new Array(400).fill(1));
    const y = gpu.tensor("f32", [20, 20]);
    await scaled({ x, y });
    const written = new Set(await y.read());
    expect(written.size).toBe(1);
    const [rows = 0] = written;
    expect((await scaled.choice({ x, y })).values.BM ?? 16).toBe(rows);
    return rows;
}

describe("a launch takes", () => {
    test("what was found for its shapes", async () => {
        expect(await used([result({ BM: 64, BN: 16 })])).toBe(64);
    });

    test.each([
        ["for another device", result({ BM: 64, BN: 16 }, { device: "gfx942" })],
        ["for other shapes", result({ BM: 64, BN: 16 }, { dims: { m: 21, n: 20 } })],
        ["by another compiler", result({ BM: 64, BN: 16 }, { compiler: "soma 0.0.0" })],
        ["that is no choice", result({ BM: 48, BN: 16 })],
        ["that lacks a constant", result({ BM: 64 })],
    ])("not what was found %s", async (_, entry) => {
        expect(await used([entry])).not.toBe(48);
        const gpu = await testGpu(DEVICE);
        const scaled = await gpu.matrix({ source: SOURCE }, { results: { version: 1, results: [entry] } });
        const args = { x: gpu.tensor("f32", [20, 20]), y: gpu.tensor("f32", [20, 20]) };
        expect((await scaled.choice(args)).by).toBe("estimate");
    });
});

test("the estimate prefers tiles that cover the shapes with less waste, and more reuse where they are large", () => {
    const kernel = (rows: number) => ({
        launch: { kind: "groups", groups: [1], workgroup: [256, 1, 1] } as const,
        tiles: {
            domain: [
                { extent: "m", step: rows },
                { extent: "n", step: rows },
            ],
            products: [],
        },
    });
    const cost = (rows: number, m: number) => estimatedCycles(kernel(rows) as never, { m, n: m, k: 4096 }, 64);
    expect(cost(32, 32)).toBeLessThan(cost(128, 32));
    expect(cost(128, 4096)).toBeLessThan(cost(16, 4096));
});

test("the combinations begin with what stands in the source", () => {
    const tune = [
        { name: "A", choices: [1, 2], value: 2 },
        { name: "B", choices: [5], value: 5 },
    ];
    expect(combinationsOf({ tune })).toEqual([
        { A: 2, B: 5 },
        { A: 1, B: 5 },
    ]);
});

test("soma tune writes what costs least, and gpu.matrix reads it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "soma-tune-"));
    const file = join(folder, "scaled.soma");
    writeFileSync(file, SOURCE);
    const arg = ["x=fill(1,20x20)", "y=zeros(20x20)"];
    expect(await tune(file, { arg, device: DEVICE })).toBe(0);
    const path = join(folder, "scaled.tune.json");
    const { results } = readResults(path);
    expect(results).toHaveLength(1);
    const [found] = results;
    expect(found).toMatchObject({
        kernel: "scaled",
        device: "gfx1100",
        dims: { m: 20, n: 20 },
        unit: "estimated cycles",
    });
    expect(found?.cost).toBeLessThanOrEqual(found?.costOfDefault ?? 0);
    // Tuning again changes nothing.
    const before = readFileSync(path, "utf8");
    await tune(file, { arg, device: DEVICE });
    expect(readFileSync(path, "utf8")).toBe(before);
    const gpu = await testGpu(DEVICE);
    const scaled = await gpu.matrix(file, { results: path });
    const args = { x: gpu.tensor("f32", [20, 20]), y: gpu.tensor("f32", [20, 20]) };
    expect(await scaled.choice(args)).toEqual({ values: found?.values, parts: 1, shares: 0, by: "results" });
});
