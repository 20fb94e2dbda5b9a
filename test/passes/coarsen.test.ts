// Several elements for each work-item: where it is done and where it must not be, and that nothing changes by it, in the
// interpreter and on devices, at the domain's end and in views that begin anywhere.

import { describe, expect, test } from "vitest";
import { computeCall } from "../../compiler/constant-calls.js";
import { compile } from "../../compiler/driver.js";
import { interpret } from "../../compiler/ir/interpret/interpret.js";
import type { Memory } from "../../compiler/ir/interpret/memory.js";
import { type IrModule, walk } from "../../compiler/ir/module.js";
import { printModule } from "../../compiler/ir/print.js";
import { bitsOf, type IrScalar, isBuffer, isFloat } from "../../compiler/ir/types.js";
import { verifyModule } from "../../compiler/ir/verify/verify.js";
import { lowerProgram } from "../../compiler/lower/lower.js";
import { runPasses } from "../../compiler/passes/pipeline.js";
import { checkProgram } from "../../compiler/sema/check.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { DEFAULT_TARGET as TARGET } from "../../compiler/targets/targets.js";
import type { ElementType, TensorData } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";

function lowered(text: string): IrModule {
    const { program, diagnostics } = checkProgram({ path: "coarsen.soma", text }, loadModule, TARGET, computeCall);
    if (!program) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    return lowerProgram(program);
}

function coarsened(text: string): IrModule {
    const module = lowered(text);
    runPasses(module, TARGET, ({ name }) => expect(verifyModule(module), name).toEqual([]));
    return module;
}

const elementsOf = (text: string) => coarsened(text).functions.at(-1)?.kernel?.elements;

describe("how many elements a work-item computes", () => {
    test.each([
        ["f32", 4],
        ["f64", 2],
        ["u16", 8],
        ["u8", 8],
        ["i64", 2],
    ])("of %s %i, so that an access has 16 bytes", (type, elements) => {
        expect(elementsOf(`kernel k(x: ${type}[n], y: mut ${type}[n]) over i in n { y[i] = x[i] + x[i] }`)).toBe(
            elements,
        );
    });

    test("the widest type decides", () => {
        expect(elementsOf("kernel k(x: u8[n], y: mut f32[n]) over i in n { y[i] = x[i] as f32 }")).toBe(4);
    });

    test.each([
        ["an atomic", "kernel k(x: mut u32[n], c: mut u32[1]) over i in n { x[i] = atomic_add(c[0], 1) }"],
        ["a fence", "kernel k(x: mut u32[n]) over i in n { x[i] = 1\n fence() }"],
        ["a wave", "kernel k(x: mut u32[n]) over i in n { x[i] = wave_sum(x[i]) }"],
        ["a lane", "kernel k(x: mut u32[n]) over i in n { x[i] = lane_id() as u32 }"],
        ["a print", 'kernel k(x: mut u32[n]) over i in n { x[i] = 1\n print("{}", i) }'],
        ["a return", "kernel k(x: mut u32[n]) over i in n { if x[i] > 3 { return }\n x[i] = 1 }"],
        ["a loop", "kernel k(x: mut u32[n]) over i in n { var s: u32 = 0\n for j in 0 .. n { s += 2 }\n x[i] = s }"],
        ["a row for each", "kernel k(x: mut f32[n, 3]) over i in n { x[i, 0] = 1.0 }"],
        ["a stride", "kernel k(x: strided f32[n], y: mut f32[n]) over i in n { y[i] = x[i] }"],
        ["a way backwards", "kernel k(x: f32[n], y: mut f32[n]) over i in n { y[i] = x[n - 1 - i] }"],
        ["an access in a branch", "kernel k(x: mut f32[n]) over i in n { if i > 3 { x[i] = 1.0 } }"],
        ["vectors", "kernel k(x: f32x4[n], y: mut f32x4[n]) over i in n { y[i] = x[i] }"],
        ["groups", "kernel k(x: mut f32[n]) groups n workgroup(64) { let i = global_id()\n if i < n { x[i] = 1.0 } }"],
    ])("one where there is %s", (_what, text) => {
        expect(elementsOf(text) ?? 1).toBe(1);
    });
});

const KERNELS: Readonly<Record<string, string>> = {
    saxpy: "kernel k(x: f32[n], y: mut f32[n]) over i in n { y[i] = 2.5 * x[i] + y[i] }",
    halves: "kernel k(x: f16[n], y: mut f16[n]) over i in n { y[i] = x[i] * 0.5 - y[i] }",
    bytes: "kernel k(x: u8[n], y: mut u8[n]) over i in n { y[i] = (x[i] ^ y[i]) + 3 }",
    doubles: "kernel k(x: f64[n], y: mut f64[n]) over i in n { y[i] = x[i] / (y[i] + 40.0) }",
    bools: "kernel k(x: i32[n], y: mut bool[n]) over i in n { y[i] = (x[i] > 3) != y[i] }",
    widening: "kernel k(x: i8[n], y: mut i32[n]) over i in n { y[i] = y[i] * (x[i] as i32) + (i as i32) }",
    neighbours: "kernel k(x: f32[n], y: mut f32[n]) over i in n { y[i] = x[(i + 1) % n] * 0.0 + x[i] }",
    choosing:
        "kernel k(x: f32[n], y: mut f32[n]) over i in n { let a = x[i]\n let b = y[i]\n y[i] = if a > b { sqrt(a - b) } else { b * 2.0 } }",
    calling:
        "fn f(v: f32) -> f32 { if v > 0.0 { v * v } else { -v } }\nkernel k(x: f32[n], y: mut f32[n]) over i in n { y[i] = f(x[i]) - f(y[i]) }",
    uniform: "kernel k(x: f32[n], y: mut f32[n]) over i in n { y[i] = x[i] * x[0] + y[i] }",
};

const sampleOf = (type: IrScalar, at: number, seed: number) => {
    const value = ((at * 7 + seed * 5) % 23) - (type.startsWith("u") ? 0 : 11);
    if (type === "bool") return value > 0;
    return isFloat(type) ? value * 0.5 : BigInt.asIntN(bitsOf(type), BigInt(value));
};

/** The views of a kernel of one dimension, filled, with each view's start some elements into its memory. */
function memoriesOf(module: IrModule, n: number, offsets: readonly number[]): Memory[] {
    const kernel = module.functions.at(-1);
    const buffers = (kernel?.parameters ?? []).flatMap(({ value, name }) => {
        const type = kernel?.values[value]?.type;
        return type !== undefined && isBuffer(type) && type.element !== "bytes"
            ? [{ name, element: type.element }]
            : [];
    });
    return buffers.map(({ name, element }, seed) => {
        const first = offsets[seed] ?? 0;
        const values = Array.from({ length: first + n }, (_, at) => sampleOf(element, at, seed));
        return { name, element, values, first: BigInt(first) };
    });
}

function interpreted(module: IrModule, n: number, offsets: readonly number[]): Memory[] {
    const memories = memoriesOf(module, n, offsets);
    const { elements = 1 } = module.functions.at(-1)?.kernel ?? {};
    const groups = [Math.ceil(n / (256 * elements)), 1, 1] as const;
    const { fault } = interpret(module, { kernel: "k", groups, args: [...memories, BigInt(n)] });
    expect(fault).toBe(null);
    return memories;
}

const OFFSETS = [
    [0, 0],
    [1, 0],
    [4, 3],
] as const;

describe.each(Object.entries(KERNELS))("%s", (name, text) => {
    const sizes = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 257, 1027];

    test("is the same after the passes", () => {
        const [before, after] = [lowered(text), coarsened(text)];
        const { elements = 1 } = after.functions.at(-1)?.kernel ?? {};
        if (name !== "neighbours") expect(elements).toBeGreaterThan(1);
        for (const n of sizes) {
            for (const offsets of OFFSETS) {
                expect(interpreted(after, n, offsets)).toEqual(interpreted(before, n, offsets));
            }
        }
        // What was made reads back as it was written.
        expect(printModule(after)).toContain(elements > 1 ? `over(${elements})` : "over(1)");
    });

    test("is on a device what it is in the interpreter", async () => {
        const gpu = await testGpu();
        const { kernels } = await gpu.load({ source: text, path: "coarsen.soma" });
        for (const n of sizes) {
            for (const offsets of OFFSETS) {
                const expected = interpreted(lowered(text), n, offsets);
                const tensors = memoriesOf(lowered(text), n, offsets).map(
                    ({ name: view, element, values, first = 0n }) => {
                        const data = values.map((value) => (typeof value === "boolean" ? Number(value) : value));
                        const wide = element === "i64" || element === "u64" || element === "index";
                        const numbers = wide ? data : data.map(Number);
                        const whole = gpu.tensor(
                            element as ElementType,
                            [values.length],
                            numbers as TensorData<ElementType>,
                        );
                        return [view, whole.slice([Number(first), values.length])] as const;
                    },
                );
                await kernels.k?.(Object.fromEntries(tensors));
                for (const [at, [view, tensor]] of tensors.entries()) {
                    const wanted = expected[at]?.values.slice(offsets[at] ?? 0).map(Number);
                    expect(Array.from(await tensor.read(), Number), `${view} of ${n}`).toEqual(wanted);
                }
            }
        }
    });
});

async function code(text: string, target: string): Promise<string> {
    const { output } = await compile({ path: "c.soma", text }, loadModule, loadCodegen(), { target, emit: "asm" });
    return new TextDecoder().decode(output ?? new Uint8Array());
}

test.each([
    ["gfx1100", /global_load_b128/, /global_store_b128/],
    ["gfx942", /global_load_dwordx4/, /global_store_dwordx4/],
    ["sm_90", /ld\.global(?:\.nc)?\.v4\.(?:b32|f32)/, /st\.global\.v4\.(?:b32|f32)/],
])("on %s accesses are wide", async (target, load, store) => {
    const text = await code(KERNELS.saxpy ?? "", target);
    expect(text).toMatch(load);
    expect(text).toMatch(store);
});

test("bytes of neighbours are one word", async () => {
    expect(await code(KERNELS.bytes ?? "", "gfx1100")).toMatch(/global_load_b64/);
});

test("without optimisation each work-item has one element", async () => {
    const source = { path: "c.soma", text: KERNELS.saxpy ?? "" };
    const { manifest } = await compile(source, loadModule, loadCodegen(), {
        target: "gfx1100",
        optimisation: 0,
        emit: "ir",
    });
    expect(manifest?.kernels[0]?.launch).toEqual({ kind: "over", extents: ["n"], workgroup: [256, 1, 1] });
});

test("two dimensions: a row's neighbours, in rows that begin anywhere", async () => {
    const text =
        "kernel k(a: f32[m, n], b: mut f32[m, n]) over (i in m, j in n) { b[i, j] = a[i, j] * 2.0 + (j as f32) }";
    let loads = 0;
    for (const fn of coarsened(text).functions) walk(fn, fn.body, ({ op }) => (loads += op === "load" ? 1 : 0));
    expect(loads).toBe(5);
    const gpu = await testGpu();
    const { kernels } = await gpu.load({ source: text, path: "coarsen.soma" });
    for (const [m, n] of [
        [3, 5],
        [9, 131],
        [1, 1],
    ] as const) {
        const a = Float32Array.from({ length: m * n }, (_, at) => at % 50);
        const b = gpu.tensor("f32", [m, n]);
        await kernels.k?.({ a: gpu.tensor("f32", [m, n], a), b });
        expect(await b.read()).toEqual(a.map((value, at) => value * 2 + (at % n)));
    }
});
