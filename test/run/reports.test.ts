// What kernels tell the host: prints, assertions, accesses out of bounds. Optimised and not, and in the interpreter.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { interpret } from "../../compiler/ir/interpret/interpret.js";
import type { Memory } from "../../compiler/ir/interpret/memory.js";
import { lowerProgram } from "../../compiler/lower/lower.js";
import {
    AssertionFault,
    BoundsFault,
    type ElementType,
    type Gpu,
    type LoadOptions,
    type Printed,
} from "../../runtime/index.js";
import { programOf } from "../sema/programs.js";
import { testGpu } from "./harness.js";

const LEVELS = [0, 3] as const;

let gpu: Gpu;
let printed: Printed[] = [];
let lost: number[] = [];

beforeEach(async () => {
    gpu = await testGpu();
    printed = [];
    lost = [];
    gpu.reports({
        print: (each) => printed.push(each),
        lost: ({ count }) => lost.push(count),
    });
});

afterEach(() => gpu.reports({ bytes: 1 << 20 }));

/** Launches a source's only kernel; gives its rejection, or undefined. */
async function launch(source: string, options: LoadOptions, args: Readonly<Record<string, number[] | number>>) {
    const module = await gpu.load({ source, path: "test.soma" }, options);
    const manifest = module.manifest.kernels[0];
    const all = Object.entries(args).map(([name, value]) => {
        const parameter = manifest?.parameters.find((each) => each.name === name);
        if (parameter?.kind !== "view" || typeof value === "number") return [name, value] as const;
        return [name, gpu.tensor(parameter.element as ElementType, [value.length], value)] as const;
    });
    const kernel = module.kernels[manifest?.name ?? ""];
    const error: unknown = await kernel?.(Object.fromEntries(all)).then(
        () => undefined,
        (reason: unknown) => reason,
    );
    return { error, manifest };
}

describe.each(LEVELS)("print at -O%i", (optimisation) => {
    it("fills in values of every type", async () => {
        const source = `kernel f(a: i8, b: u16, c: i64, d: u64, e: f16, g: f64, h: bool, x: f32[n]) over i in n {
            print("{} {} {} {} {} {} {} {} {{}}", a, b, c, d, e, g, h, x[i])
        }`;
        const args = { a: -128, b: 65535, c: -5, d: 7, e: 0.1, g: 1e300, h: 1, x: [0.1] };
        const { error } = await launch(source, { optimisation }, { ...args, h: 1 });
        expect(error).toBeUndefined();
        expect(printed.map(({ text }) => text)).toEqual(["-128 65535 -5 7 0.1 1e+300 true 0.1 {}"]);
        expect(printed[0]).toMatchObject({
            kernel: "f",
            place: { file: "test.soma", line: 2 },
            group: [0],
            local: [0],
        });
    });

    it("shows vectors", async () => {
        const source = 'kernel f(x: f32[n]) over i in n { print("v = {}, {}", f32x3(x[i], 2.0, 3.0), i) }';
        await launch(source, { optimisation }, { x: [1] });
        expect(printed.map(({ text }) => text)).toEqual(["v = (1, 2, 3), 0"]);
    });

    it("keeps the order of a work-item's lines, and says which work-item it is", async () => {
        const source = `kernel f(x: f32[m, n]) groups (m, n) workgroup(2, 3) {
            for k in 0 .. 3 { print("{}", k) }
            if group_id(0) + group_id(1) == 0 { print("x is {}", x[0, 0]) }
        }`;
        const module = await gpu.load({ source, path: "test.soma" }, { optimisation });
        await module.kernels.f?.({ x: gpu.tensor("f32", [2, 4]) });
        const texts = new Map<string, string[]>();
        for (const { text, group, local } of printed) {
            const id = `${group.join()} ${local.join()}`;
            texts.set(id, [...(texts.get(id) ?? []), text]);
        }
        expect(texts.size).toBe(2 * 4 * 6);
        for (const [id, lines] of texts) {
            expect(lines).toEqual(id.startsWith("0,0 ") ? ["0", "1", "2", "x is 0"] : ["0", "1", "2"]);
        }
        expect(texts.has("1,3 1,2")).toBe(true);
    });

    it("works in functions, and in launches that are in flight together", async () => {
        const source = `fn show(v: i32) -> i32 { print("{}", v)\n v + 1 }
            kernel f(x: mut i32[n]) over i in n { x[i] = show(x[i]) }`;
        const { f } = await gpu.load<"f">({ source }, { optimisation });
        const x = gpu.tensor("i32", [3], [10, 20, 30]);
        await Promise.all([f({ x }), f({ x }), f({ x })]);
        expect(printed.map(({ text }) => Number(text))).toEqual([10, 20, 30, 11, 21, 31, 12, 22, 32]);
    });

    it("says how many lines had no room", async () => {
        gpu.reports({ bytes: 28 * 10 });
        const source = `kernel f(x: f32[n]) over i in n { print("{}", x[i])\n print("{}", i) }`;
        const { error } = await launch(source, { optimisation }, { x: new Array<number>(100).fill(1) });
        expect(error).toBeUndefined();
        expect(printed.length + (lost[0] ?? 0)).toBe(200);
        expect(printed.length).toBeGreaterThanOrEqual(9);
    });
});

describe.each(LEVELS)("assert at -O%i", (optimisation) => {
    const source = `kernel f(x: f32[n], y: mut f32[n]) over i in n {
    assert(x[i] < 100.0, "x[{}] is {}", i, x[i])
    y[i] = x[i]
}`;

    it("rejects the launch with text, values, work-item and line, and the device goes on", async () => {
        const data = Array.from({ length: 1000 }, (_, i) => (i === 700 ? 123.5 : 1));
        const { f } = await gpu.load<"f">({ source, path: "test.soma" }, { optimisation });
        const y = gpu.tensor("f32", [1000]);
        const error = await f({ x: gpu.tensor("f32", [1000], data), y }).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(AssertionFault);
        expect(error).toMatchObject({
            code: "ERR_SOMA_ASSERT",
            message: "f: assertion failed: x[700] is 123.5 (test.soma:2, work-item 188 of workgroup 2)",
            kernel: "f",
            text: "x[700] is 123.5",
            values: [700n, 123.5],
            place: { file: "test.soma", line: 2 },
            workItem: { group: [2], local: [188] },
            count: 1,
        });
        // The others ran on.
        const written = await y.read();
        expect(written[0]).toBe(1);
        expect(written[999]).toBe(1);
        expect(written[700]).toBe(0);
        await f({ x: gpu.tensor("f32", [1000]), y });
        expect((await y.read())[700]).toBe(0);
    });

    it("counts those that failed, and says its condition where it has no text", async () => {
        const source = "kernel f(x: i32[n]) over i in n { assert(x[i] % 2 == 0) }";
        const { error } = await launch(source, { optimisation }, { x: [2, 3, 4, 5, 7] });
        expect(error).toMatchObject({ count: 3, text: "x[i] % 2 == 0" });
        expect(String(error)).toContain("2 other work-items failed as well");
    });

    it("does not leave the rest of a workgroup waiting at a barrier", async () => {
        const source = `kernel f(x: f32[n], y: mut f32[g]) groups g workgroup(256) {
            shared buf: f32[256]
            buf[local_id()] = x[local_id()]
            assert(local_id() != 3 || group_id() != 1, "here")
            barrier()
            if local_id() == 255 { y[group_id()] = buf[255] }
        }`;
        const module = await gpu.load({ source, path: "test.soma" }, { optimisation });
        const y = gpu.tensor("f32", [3]);
        const x = gpu.tensor("f32", [256], new Array<number>(256).fill(7));
        await expect(module.kernels.f?.({ x, y })).rejects.toMatchObject({ workItem: { group: [1], local: [3] } });
        expect([...(await y.read())]).toEqual([7, 7, 7]);
    });

    it("is told even if prints have filled the buffer", async () => {
        gpu.reports({ bytes: 64 });
        const source = `kernel f(x: f32[n]) over i in n {
            print("{}", i)
            assert(i < 99, "last")
            print("{}", x[i])
        }`;
        const { error } = await launch(source, { optimisation }, { x: new Array<number>(100).fill(1) });
        expect(error).toMatchObject({ text: "last", count: 1 });
        expect(lost[0]).toBeGreaterThan(0);
    });
});

describe.each(LEVELS)("bounds at -O%i", (optimisation) => {
    const options = { optimisation, bounds: "checked" } as const;

    it("names view, dimension, index, extent, kernel and line", async () => {
        const source = `kernel f(x: f32[m, n], k: index, y: mut f32[m]) over i in m {
    y[i] = x[i,
        k + 1]
}`;
        const { f } = await gpu.load<"f">({ source, path: "test.soma" }, options);
        const args = { x: gpu.tensor("f32", [1, 4]), y: gpu.tensor("f32", [1]) };
        await f({ ...args, k: 2 });
        const error = await f({ ...args, k: 3 }).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(BoundsFault);
        expect(error).toMatchObject({
            code: "ERR_SOMA_BOUNDS",
            message:
                "f: out of bounds: index 4 in dimension 1 of x, whose extent is 4 (test.soma:2, work-item 0 of workgroup 0)",
            view: { name: "x", dimension: 1 },
            index: 4n,
            extent: 4n,
        });
        await expect(f({ ...args, k: -2 })).rejects.toMatchObject({ index: -1n });
        await expect(f({ ...args, k: 2n ** 40n })).rejects.toMatchObject({ index: 2n ** 40n + 1n });
    });

    it.each([
        ["a write to a view", "y[k] = 1.0", "y", 8n],
        ["an atomic", "atomic_add(y[k], 1.0)", "y", 8n],
        ["a private array", "var a: f32[5]\n a[k] = 1.0\n y[i] = a[0]", "a", 5n],
        ["a view in a function", "y[i] = at(y, k)", "x", 8n],
    ])("checks %s", async (_what, body, name, extent) => {
        const source = `fn at(x: f32[n], i: index) -> f32 { x[i] }
            kernel f(k: index, y: mut f32[n]) over i in n { ${body} }
            kernel unused(y: mut f32[n]) over i in n { y[i] = at(y, i) }`;
        const { error } = await launch(source, options, { k: 100, y: new Array<number>(8).fill(0) });
        expect(error).toMatchObject({ view: { name }, index: 100n, extent });
    });

    it("checks shared arrays", async () => {
        const source = `kernel f(k: index, y: mut f32[g]) groups g workgroup(32) {
            shared buf: f32[4, 8]
            buf[local_id() / 8, local_id() % 8] = 1.0
            barrier()
            if local_id() == 0 { y[group_id()] = buf[3, k] }
        }`;
        const { error } = await launch(source, options, { k: 8, y: [0] });
        expect(error).toMatchObject({ view: { name: "buf", dimension: 1 }, index: 8n, extent: 8n });
    });

    it("takes a hidden argument only where something can fail", async () => {
        const saxpy = "kernel saxpy(a: f32, x: f32[n], y: mut f32[n]) over i in n { y[i] = a * x[i] + y[i] }";
        const { error, manifest } = await launch(saxpy, options, { a: 2, x: [1, 2], y: [3, 4] });
        expect(error).toBeUndefined();
        expect(manifest?.arguments.map(({ kind }) => kind)).toEqual(["scalar", "view", "view", "dim"]);
        const gather = "kernel f(x: f32[m], k: index, y: mut f32[n]) over i in n { y[i] = x[k] }";
        const { manifest: checked } = await launch(gather, options, { x: [1], k: 0, y: [0] });
        expect(checked?.arguments.at(-1)).toEqual({ kind: "reports", name: "soma.reports", offset: 40 });
    });
});

describe("in the interpreter", () => {
    const outcome = (source: string, x: readonly bigint[], bounds: "checked" | "unchecked" = "unchecked") => {
        const lines: string[] = [];
        const module = lowerProgram(programOf(source), bounds);
        const memory: Memory = { name: "x", element: "i32", values: [...x] };
        const { fault } = interpret(module, {
            kernel: "f",
            groups: [1, 1, 1],
            args: [memory, BigInt(x.length)],
            onPrint: ({ text, item: [id] }) => lines.push(`${id}: ${text}`),
        });
        return { lines, fault };
    };

    it("prints and asserts", () => {
        const source = `kernel f(x: i32[n]) over i in n {
            print("x[{}] = {}", i, x[i])
            assert(x[i] < 3, "{} is too much", x[i])
        }`;
        const { lines, fault } = outcome(source, [1n, 2n, 3n]);
        expect(lines).toEqual(["0: x[0] = 1", "1: x[1] = 2", "2: x[2] = 3"]);
        expect(fault).toMatchObject({ message: "fails an assertion: 3 is too much", item: [2, 0, 0] });
    });

    it("checks bounds", () => {
        const source = 'kernel f(x: i32[n]) over i in n { print("{}", x[i + 1]) }';
        const { lines, fault } = outcome(source, [1n, 2n], "checked");
        expect(lines).toEqual(["0: 2"]);
        expect(fault?.message).toBe("index 0 of `x` is 2, its extent 2");
    });
});
