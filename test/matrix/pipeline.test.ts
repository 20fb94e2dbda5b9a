// Pipelines: how many rounds of a loop are under way changes no bit of its result, races with nothing, and decides how often
// the waves of a workgroup wait for each other.

import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { expectElements, kernelsOf, run, testGpu, view } from "../run/harness.js";
import { exactly, MATRIX_DEVICES, productAt, sumBound } from "./reference.js";

const product = (name: string, attribute: string, size = 64) => `
matrix kernel ${name}(a: f16[m, k], b: f16[k, n], c: mut f32[m, n]) over (i in m by ${size}, j in n by ${size}) {
    var acc: tile f32[${size}, ${size}] = 0.0
    ${attribute}
    for p in k by 32 { acc += a[i, p] @ b[p, j] }
    c[i, j] = acc
}
`;

/** What is loaded is needed beside the product as well, so it can't wait in LDS alone. */
const rows = (name: string, attribute: string) => `
matrix kernel ${name}(a: f16[m, k], b: f16[n, k], c: mut f32[m, n]) over (i in m by 64, j in n by 64) {
    var acc: tile f32[64, 64] = 0.0
    var sums: tile f32[64] = 0.0
    ${attribute}
    for p in k by 32 {
        let x = a[i, p]
        acc += x @ b[j, p].T
        sums += reduce_sum(x as f32, axis: 1)
    }
    c[i, j] = acc + sums[:, none]
}
`;

const STAGES = [1, 2, 3, 4] as const;
const pipeline = (stages: number) => `#pipeline(stages: ${stages})`;
const SOURCE = [
    product("automatic", ""),
    ...STAGES.map((stages) => product(`stages_${stages}`, pipeline(stages))),
    rows("rows_automatic", ""),
    rows("rows_3", pipeline(3)),
].join("");

describe.each(MATRIX_DEVICES)("on $target", ({ device }) => {
    test.each([
        [70, 40, 200],
        [64, 32, 32],
        [33, 17, 64],
        [5, 3, 0],
    ])("of %i by %i by %i: every pipeline gives the same bits", async (m, n, k) => {
        const [x, y] = [exactly(m * k, 7, 9), exactly(k * n, 11, 9)];
        const operands = { a: view("f16", [m, k], Array.from(x)), b: view("f16", [k, n], Array.from(y)) };
        const args = { ...operands, c: view("f32", [m, n]) };
        const { c } = await run(SOURCE, args, { kernel: "automatic", device });
        for (let at = 0; at < m * n; at++) {
            const { value, magnitude } = productAt(x, y, [Math.floor(at / n), at % n], [k, n]);
            expect(Math.abs((c[at] ?? Number.NaN) - value)).toBeLessThanOrEqual(sumBound(k, magnitude));
        }
        const { virtual } = await testGpu(device);
        virtual?.sanitizing(true);
        for (const stages of STAGES) {
            const piped = await run(SOURCE, args, { kernel: `stages_${stages}`, device });
            expectElements(piped.c, c);
        }
        expect(virtual?.sanitizerReports() ?? []).toEqual([]);
        virtual?.sanitizing(false);
    });

    test("where a tile is needed beside its product", async () => {
        const [m, n, k] = [70, 40, 136];
        const operands = {
            a: view("f16", [m, k], Array.from(exactly(m * k, 5, 6))),
            b: view("f16", [n, k], Array.from(exactly(n * k, 3, 6))),
        };
        const args = { ...operands, c: view("f32", [m, n]) };
        const { c } = await run(SOURCE, args, { kernel: "rows_automatic", device });
        const piped = await run(SOURCE, args, { kernel: "rows_3", device });
        expectElements(piped.c, c);
    });
});

describe("barriers", () => {
    const device = "vgpu:gfx942";
    const source = [1, 2, 3].map((stages) => product(`stages_${stages}`, pipeline(stages), 128)).join("");

    /** That all waves of a workgroup execute in a launch. */
    async function count(kernel: string, k: number): Promise<number> {
        const gpu = await testGpu(device);
        const kernels = await kernelsOf(source, 3, device);
        using a = gpu.tensor("f16", [128, k]);
        using b = gpu.tensor("f16", [k, 128]);
        using c = gpu.tensor("f32", [128, 128]);
        gpu.virtual?.profiling(true);
        await kernels[kernel]?.({ a, b, c });
        await gpu.synchronize();
        const [profile] = gpu.virtual?.profile().kernels ?? [];
        gpu.virtual?.profiling(false);
        return profile?.instructions.barrier ?? Number.NaN;
    }

    test.each([
        [1, 2],
        [2, 1],
        [3, 1],
    ])("with %i stages a round has %i", async (stages, barriers) => {
        const waves = 4;
        const rounds = 4;
        const more = await count(`stages_${stages}`, 32 * 3 * rounds);
        expect(more - (await count(`stages_${stages}`, 32 * 2 * rounds))).toBe(waves * rounds * barriers);
    });
});

describe("what can't be", () => {
    const errors = async (text: string, target = "gfx1100") => {
        const { output, diagnostics } = await compile({ path: "test.soma", text }, loadModule, loadCodegen(), {
            target,
            emit: "ir",
        });
        expect(output === null).toBe(true);
        return diagnostics.map(({ code, message }) => `${code}: ${message}`);
    };
    const loop = (statement: string, c = "c") => `
matrix kernel f(a: f16[m, k], b: f16[k, n], c: mut f32[m, n], x: mut f16[m, k]) over (i in m by 64, j in n by 64) {
    var acc: tile f32[64, 64] = 0.0
    #pipeline(2)
    for p in k by 64 { ${statement} }
    ${c}[i, j] = acc
}`;

    test.each([
        ["acc += 1.0", "it loads no tiles itself"],
        ["acc += a[i, p] @ b[p, j]; if k > 7 { break }", "it is left by `break`, `continue` or `return`"],
        ["x[i, p] = x[i, p] * 2.0", "the kernel writes to the views that it loads from"],
    ])("%s", async (statement, why) => {
        expect(await errors(loop(statement))).toEqual([
            `E1150: nothing of this loop can be begun before its round: ${why}`,
        ]);
    });

    test("two halves that are more than LDS, with both sizes", async () => {
        const text = product("f", pipeline(2), 128).replace("by 32", "by 128");
        expect(await errors(text)).toEqual([
            "E1151: this pipeline of 2 stages takes 131072 bytes of LDS and its kernel 131072 in all; a workgroup of gfx1100 has 65536",
        ]);
        // gfx950 has 160 KiB (CDNA4 ISA).
        const file = { path: "test.soma", text };
        const { output } = await compile(file, loadModule, loadCodegen(), { target: "gfx950", emit: "ir" });
        expect(output === null).toBe(false);
    });
});
