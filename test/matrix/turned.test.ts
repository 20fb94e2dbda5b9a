// Reads of LDS that transpose (gfx950), and such loads of global memory (gfx12): operands of which memory's rows are not what is
// summed over, of every type that these have, beside those that need none. Sums are of few bits, so that all are exact.

import { describe, expect, test } from "vitest";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { kernelsOf, run, testGpu, view } from "../run/harness.js";
import { random } from "./reference.js";

const INSTRUCTIONS = { gfx950: "ds_read_b64_tr", gfx1201: "global_load_tr" } as const;
const TARGETS = Object.keys(INSTRUCTIONS) as (keyof typeof INSTRUCTIONS)[];
const BLOCK = 64;

const TYPES = { f16: "f32", bf16: "f32", i8: "i32", f8e4m3: "f32" } as const;
type Type = keyof typeof TYPES;

const KERNELS = [
    ["plain", "a: T[m, k], b: T[k, n]", "a[i, p] @ b[p, j]"],
    ["left", "a: T[k, m], b: T[k, n]", "a[p, i].T @ b[p, j]"],
    ["right", "a: T[m, k], b: T[n, k]", "a[i, p] @ b[j, p].T"],
    ["both", "a: T[k, m], b: T[n, k]", "a[p, i].T @ b[j, p].T"],
] as const;

const source = (type: Type) =>
    KERNELS.map(
        ([name, params, product]) => `
matrix kernel ${name}(${params.replaceAll("T[", `${type}[`)}, c: mut ${TYPES[type]}[m, n])
    over (i in m by ${BLOCK}, j in n by ${BLOCK}) {
    var acc: tile ${TYPES[type]}[${BLOCK}, ${BLOCK}] = 0 as ${TYPES[type]}
    for p in k by ${BLOCK} { acc += ${product} }
    c[i, j] = acc
}
`,
    ).join("");

/** Multiples of nothing; and where only whole accesses are missing, which loads of global memory turn round as well. */
const SHAPES = {
    gfx950: [[70, 90, 150]],
    gfx1201: [
        [70, 90, 150],
        [72, 104, 75],
    ],
} as const;
const next = random(17);
const whole = (count: number) => Array.from({ length: count }, () => Math.round(next() * 7));

/** Rows and columns exchanged. */
const exchanged = (values: readonly number[], columns: number) =>
    Array.from({ length: values.length }, (_, at) => {
        const rows = values.length / columns;
        return values[(at % rows) * columns + Math.floor(at / rows)] ?? 0;
    });

const CASES = TARGETS.flatMap((target) => (Object.keys(TYPES) as Type[]).map((type) => [target, type] as const));

describe.each(CASES)("%s, %s", (target, type) => {
    const device = `vgpu:${target}`;
    const products = KERNELS.flatMap(([name]) => SHAPES[target].map(([m, n, k]) => [name, m, n, k] as const));
    test.each(products)("%s of %i by %i, summed over %i", async (kernel, m, n, k) => {
        const [a, b] = [whole(m * k), whole(k * n)];
        const isLeft = kernel === "left" || kernel === "both";
        const isRight = kernel === "right" || kernel === "both";
        const args = {
            a: view(type, isLeft ? [k, m] : [m, k], isLeft ? exchanged(a, k) : a),
            b: view(type, isRight ? [n, k] : [k, n], isRight ? exchanged(b, n) : b),
            c: view(TYPES[type], [m, n]),
        };
        const { c } = await run(source(type), args, { kernel, device });
        for (let i = 0; i < m; i++) {
            for (let j = 0; j < n; j++) {
                let sum = 0;
                for (let p = 0; p < k; p++) sum += (a[i * k + p] ?? 0) * (b[p * n + j] ?? 0);
                if (c[i * n + j] !== sum) expect.fail(`c[${i}, ${j}] is ${c[i * n + j]}, not ${sum}`);
            }
        }
    });

    test("no conflicts of banks", async () => {
        const gpu = await testGpu(device);
        const kernels = await kernelsOf(source(type), 3, device);
        const side = 2 * BLOCK;
        using left = gpu.tensor(type, [side, side]);
        using right = gpu.tensor(type, [side, side]);
        using c = gpu.tensor(TYPES[type], [side, side]);
        gpu.virtual?.profiling(true);
        for (const [name] of KERNELS) await kernels[name]?.({ a: left, b: right, c });
        await gpu.synchronize();
        const profiled = gpu.virtual?.profile().kernels ?? [];
        gpu.virtual?.profiling(false);
        expect(profiled.map(({ lds }) => lds.bankConflicts)).toEqual(KERNELS.map(() => 0));
    });

    test("which are read so", async () => {
        const file = { path: "test.soma", text: source(type) };
        const { output } = await compile(file, loadModule, loadCodegen(), { target, emit: "asm" });
        const code = new TextDecoder().decode(output ?? new Uint8Array());
        const kernels = KERNELS.map(([name]) => code.slice(code.indexOf(`\n${name}:`)).split("s_endpgm")[0] ?? "");
        expect(kernels.map((text) => text.includes(INSTRUCTIONS[target]))).toEqual([true, true, false, true]);
    });
});
