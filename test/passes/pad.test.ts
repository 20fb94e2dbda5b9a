// Which shared arrays get space between their rows, and that LDS has no conflicts then. The results: differential.test.ts.

import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/driver.js";
import { sharedBytes } from "../../compiler/ir/shared.js";
import { runPasses } from "../../compiler/passes/pipeline.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";
import { open } from "../../runtime/index.js";
import { lowered } from "./programs.js";

/** Bytes of shared arrays after the passes. */
function bytes(body: string, workgroup = "8, 32"): number {
    const module = lowered(
        `kernel k(x: mut f32[n], m: index) groups (2, 2) workgroup(${workgroup}) {
            let row = local_id(0)
            let lane = local_id(1)
            ${body}
        }`,
    );
    runPasses(module, DEFAULT_TARGET);
    const kernel = module.functions.at(-1);
    return kernel ? sharedBytes(kernel) : 0;
}

const KIB = 1024;

describe("a word behind every row", () => {
    test.each([
        [
            "a column in each access",
            "shared t: f32[32, 32]\nt[lane, row] = 1.0\nbarrier()\nx[0] = t[row, lane]",
            33 * 32 * 4,
        ],
        ["of rows of 64", "shared t: f32[32, 64]\nt[lane, row] = 1.0\nbarrier()\nx[0] = t[row, lane]", 65 * 32 * 4],
        [
            "of halves two",
            "shared t: f16[32, 64]\nt[lane, row] = 1.0\nbarrier()\nx[0] = t[row, lane] as f32",
            66 * 32 * 2,
        ],
        [
            "of doubles one",
            "shared t: f64[32, 16]\nt[lane, row] = 1.0\nbarrier()\nx[0] = t[lane, row + 1] as f32",
            17 * 32 * 8,
        ],
        [
            "columns in a loop count more than rows beside it",
            "shared t: f32[32, 32]\nt[row, lane] = 1.0\nbarrier()\nvar s: f32 = 0.0\nfor i in 0 .. 32 { s += t[lane, i] }\nx[0] = s",
            33 * 32 * 4,
        ],
    ])("%s", (_what, body, expected) => {
        expect(bytes(body)).toBe(expected);
    });
});

describe("none", () => {
    test.each([
        ["for rows", "shared t: f32[32, 32]\nt[row, lane] = 1.0\nbarrier()\nx[0] = t[row + 1, lane]", 4 * KIB],
        [
            "where there is one already",
            "shared t: f32[32, 33]\nt[lane, row] = 1.0\nbarrier()\nx[0] = t[row, lane]",
            33 * 32 * 4,
        ],
        [
            "where an access may leave its row",
            "shared t: f32[32, 32]\nt[lane, row] = 1.0\nbarrier()\nx[0] = t[lane, m]",
            4 * KIB,
        ],
        ["where LDS is full", "shared t: f32[512, 32]\nt[lane, row] = 1.0\nbarrier()\nx[0] = t[row, lane]", 64 * KIB],
        [
            "where lanes are not as far apart as rows",
            "shared t: f32[32, 32]\nt[row * 4, lane] = 1.0\nbarrier()\nx[0] = t[row, lane]",
            4 * KIB,
        ],
    ])("%s", (_what, body, expected) => {
        expect(bytes(body)).toBe(expected);
    });
});

const TRANSPOSE = `kernel k(x: f32[m, n], y: mut f32[n, m]) groups ((m + 31) / 32, (n + 31) / 32) workgroup(8, 32) {
    shared tile: f32[32, 32]
    let top = group_id(0) * 32
    let left = group_id(1) * 32
    let lane = local_id(1)
    for r in local_id(0) .. 32 by 8 {
        if top + r < m && left + lane < n { tile[r, lane] = x[top + r, left + lane] }
    }
    barrier()
    for r in local_id(0) .. 32 by 8 {
        if left + r < n && top + lane < m { y[left + r, top + lane] = tile[lane, r] }
    }
}`;

test.each(["gfx1100", "gfx942"])(
    "on %s LDS has no conflicts with the padding, and the same instructions",
    async (target) => {
        const counted = [];
        for (const disable of [[], ["pad"]]) {
            using gpu = await open(`vgpu:${target}`);
            const source = { path: "transpose.soma", text: TRANSPOSE };
            const { output } = await compile(source, loadModule, loadCodegen(), { target, disable });
            using module = await gpu.load(output ?? new Uint8Array());
            const data = Float32Array.from({ length: 64 * 96 }, (_, at) => at);
            using x = gpu.tensor("f32", [64, 96], data);
            using y = gpu.tensor("f32", [96, 64]);
            gpu.virtual?.profiling(true);
            await module.kernels.k?.({ x, y });
            const result = await y.read();
            expect(result.every((value, at) => value === data[(at % 64) * 96 + Math.floor(at / 64)])).toBe(true);
            const kernel = gpu.virtual?.profile().kernels[0];
            counted.push({ conflicts: kernel?.lds.bankConflicts ?? -1, lds: kernel?.instructions.lds });
        }
        const [padded, plain] = counted;
        expect(padded?.conflicts).toBe(0);
        expect(plain?.conflicts).toBeGreaterThan(1000);
        expect(padded?.lds).toBe(plain?.lds);
    },
);
