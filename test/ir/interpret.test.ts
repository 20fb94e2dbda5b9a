// The interpreter: samples against their definitions, the scheduling of work-items, and what stops a launch.

import { describe, expect, test } from "vitest";
import { interpret, type Launch } from "../../compiler/ir/interpret/interpret.js";
import type { Memory } from "../../compiler/ir/interpret/memory.js";
import type { ConstantValue } from "../../compiler/ir/module.js";
import { parseModule } from "../../compiler/ir/parse.js";
import type { IrScalar } from "../../compiler/ir/types.js";
import { lowered, samplePrograms } from "./programs.js";

function memory(name: string, element: IrScalar, values: readonly ConstantValue[]): Memory {
    return { name, element, values: [...values] };
}

function numbers(count: number, value: (at: number) => number): number[] {
    return Array.from({ length: count }, (_, at) => value(at));
}

function sample(name: string) {
    const [, text] = samplePrograms().find(([file]) => file === `${name}.soma`) ?? [];
    if (text === undefined) throw new Error(`no sample ${name}`);
    return lowered(text);
}

/** What stops a kernel `k` of these lines, which may use `x: mut i32[n]`; null where nothing does. */
function faultOf(body: string, launch: Partial<Launch> = {}, head = "groups 1 workgroup(4)"): string | null {
    const module = lowered(`kernel k(x: mut i32[n]) ${head} {\n${body}\n}\n`);
    const x = memory("x", "i32", [5n, 6n, 7n, 8n]);
    const { fault } = interpret(module, { kernel: "k", groups: [1, 1, 1], args: [x, 4n], ...launch });
    if (!fault) return null;
    const { file, start } = fault.span;
    return `line ${file.text.slice(0, start).split("\n").length - 1}, item ${fault.item[0]}: ${fault.message}`;
}

describe("samples", () => {
    test("saxpy", () => {
        const y = memory(
            "y",
            "f32",
            numbers(300, () => 1),
        );
        const x = memory(
            "x",
            "f32",
            numbers(300, (at) => at),
        );
        const { fault } = interpret(sample("saxpy"), { kernel: "saxpy", groups: [2, 1, 1], args: [2, x, y, 300n] });
        expect(fault).toBeNull();
        expect(y.values).toEqual(numbers(300, (at) => 2 * at + 1));
    });

    test("partial sums", () => {
        const x = memory(
            "x",
            "f32",
            numbers(1000, (at) => at),
        );
        const out = memory("out", "f32", [0, 0]);
        const launch = { kernel: "partial_sums", groups: [2, 1, 1], args: [x, out, 1000n, 2n] } as const;
        expect(interpret(sample("partial_sums"), launch).fault).toBeNull();
        expect((out.values[0] as number) + (out.values[1] as number)).toBe((999 * 1000) / 2);
    });

    test("histogram", () => {
        const x = memory("x", "u8", numbers(500, (at) => at % 3).map(BigInt));
        const bins = memory("bins", "u32", new Array<bigint>(256).fill(0n));
        const module = sample("histogram");
        const kernel = module.functions.find((fn) => fn.kernel)?.name ?? "";
        interpret(module, { kernel, groups: [2, 1, 1], args: [x, bins, 500n] });
        expect(bins.values.slice(0, 4)).toEqual([167n, 167n, 166n, 0n]);
    });
});

describe("work-items", () => {
    test("meet at barriers", () => {
        const module = lowered(`kernel reversed(x: mut i32[8]) groups 1 workgroup(8) {
            shared s: i32[8]
            s[local_id()] = x[local_id()]
            barrier()
            x[local_id()] = s[7 - local_id()]
        }`);
        const x = memory("x", "i32", numbers(8, (at) => at).map(BigInt));
        expect(interpret(module, { kernel: "reversed", groups: [1, 1, 1], args: [x] }).fault).toBeNull();
        expect(x.values).toEqual([7n, 6n, 5n, 4n, 3n, 2n, 1n, 0n]);
    });

    test("do atomics in order of their ids, x fastest", () => {
        const module = lowered(`kernel tickets(next: mut u32[1], x: mut u32[2, 2, 3]) groups (1, 2) workgroup(2, 3) {
            x[group_id(1), local_id(0), local_id(1)] = atomic_add(next[0], 1)
        }`);
        const next = memory("next", "u32", [0n]);
        const x = memory("x", "u32", new Array<bigint>(12).fill(0n));
        interpret(module, { kernel: "tickets", groups: [2, 1, 1], args: [next, x] });
        expect(x.values).toEqual(numbers(12, (at) => at).map(BigInt));
    });

    test("have arrays of their own, and the workgroup has its own", () => {
        const module = lowered(`kernel own(x: mut i32[2]) groups 2 workgroup(1) {
            shared s: i32[1]
            var p: i32[2]
            p[1] += 3
            s[0] = p[0] + p[1]
            x[group_id()] = s[0]
        }`);
        const x = memory("x", "i32", [0n, 0n]);
        interpret(module, { kernel: "own", groups: [2, 1, 1], args: [x] });
        expect(x.values).toEqual([3n, 3n]);
    });
});

describe("control flow", () => {
    test("loops with break, continue, negative steps and early returns", () => {
        const module = lowered(`fn first_above(x: i32[n], limit: i32) -> index {
            for i in 0 .. n { if x[i] > limit { return i } }
            -1
        }
        kernel k(x: i32[n], y: mut index[4]) groups 1 workgroup(1) {
            y[0] = first_above(x, 30)
            y[1] = first_above(x, 99)
            for i in n - 1 .. -1 by -2 { y[2] = y[2] * 10 + i }
            var i: index = 0
            while true {
                i += 1
                if i % 2 == 0 { continue }
                if i > 7 { break }
                y[3] += i
            }
        }`);
        const x = memory("x", "i32", [10n, 20n, 30n, 40n, 50n]);
        const y = memory("y", "index", [0n, 0n, 0n, 0n]);
        expect(interpret(module, { kernel: "k", groups: [1, 1, 1], args: [x, y, 5n] }).fault).toBeNull();
        expect(y.values).toEqual([3n, -1n, 420n, 16n]);
    });

    test("a counter ends where it would leave its type", () => {
        const text = `kernel @k(%0: global<i32> mut "x") workgroup(1, 1, 1) groups(16, 1, 1) {
            %1: i8 = const 120
            %2: i8 = const 127
            %3: i8 = const 5
            %4: i32 = const 0
            %5: i32 = const 1
            %6: index = const 0
            %7: i32 = for L0 %1, %2, %3, %4 {
            body(%8: i8, %9: i32):
                %10: i32 = add %9, %5
                yield %10
            }
            store %0, %6, %7
            return
        }`;
        const { module } = parseModule({ path: "loop.ir", text });
        const x = memory("x", "i32", [0n]);
        if (module) interpret(module, { kernel: "k", groups: [1, 1, 1], args: [x] });
        expect(x.values).toEqual([2n]);
    });
});

describe("faults", () => {
    test.each([
        ["x[n - 1] = x[3]", null],
        ["x[local_id() + 1] = 2", "line 1, item 3: writes element 4 of `x`, which has 4"],
        ["x[0] = x[local_id() - 1]", "line 1, item 0: reads element -1 of `x`, which has 4"],
        ["shared s: i32[2]\nx[0] = s[1]", "line 2, item 0: reads element 1 of `s`, which nothing has written"],
        ["while n > 0 { x[0] += 1 }", "line 1, item 0: executes more operations than the limit allows"],
    ])("%j", (body, expected) => {
        expect(faultOf(body, { limit: 1000 })).toBe(expected);
    });

    test("a barrier that some never reach", () => {
        // The front end refuses such kernels in the source.
        const text = `kernel @k() workgroup(4, 1, 1) groups(16, 1, 1) {
            %0: index = local_id 0
            %1: index = const 3
            %2: bool = lt %0, %1
            if %2 {
            then():
                barrier
                yield
            else():
                yield
            }
            return
        }`;
        const { module } = parseModule({ path: "barrier.ir", text });
        const fault = module && interpret(module, { kernel: "k", groups: [1, 1, 1], args: [] }).fault;
        expect(fault?.message).toBe("waits at a barrier that 1 of its workgroup never reach");
    });

    test("arguments that don't fit are refused", () => {
        const module = sample("saxpy");
        const launch = { kernel: "saxpy", groups: [1, 1, 1] } as const;
        expect(() => interpret(module, { ...launch, kernel: "nobody", args: [] })).toThrow("no kernel @nobody");
        expect(() => interpret(module, { ...launch, args: [2] })).toThrow("@saxpy has 4 parameters, not 1");
        const x = memory("x", "f64", [1]);
        expect(() => interpret(module, { ...launch, args: [2, x, x, 1n] })).toThrow(
            "the argument for x is no global<f32>",
        );
    });
});
