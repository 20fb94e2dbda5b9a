// Which loops become straight code, and which must not. That they still do the same: differential.test.ts.

import { describe, expect, test } from "vitest";
import { fold } from "../../compiler/passes/fold.js";
import { runOver } from "../../compiler/passes/pipeline.js";
import { unroll } from "../../compiler/passes/unroll.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";
import { lowered, operationsOf } from "./programs.js";

/** Loops and stores that are left. */
function counted(body: string, launch = "groups (2, 2) workgroup(8, 32)"): { loops: number; stores: number } {
    const module = lowered(`kernel k(x: mut i32[n], m: index) ${launch} {\n${body}\n}`);
    for (const fn of module.functions) runOver(fn, [fold, unroll], DEFAULT_TARGET);
    const names = operationsOf(module).map(({ op }) => op);
    const count = (name: string) => names.filter((each) => each === name).length;
    return { loops: count("for") + count("while"), stores: count("store") };
}

describe("becomes straight code", () => {
    test.each([
        ["constant bounds", "for i in 0 .. 4 { x[i] = 1 }", 4],
        ["a step", "for i in 1 .. 8 by 3 { x[i] = 1 }", 3],
        ["no round", "for i in 4 .. 4 { x[i] = 1 }", 0],
        ["loops in loops", "for i in 0 .. 3 { for j in 0 .. 4 { x[i * 4 + j] = 1 } }", 12],
        ["a start in a range that doesn't change the number", "for i in local_id(0) .. 32 by 8 { x[i] = 1 }", 4],
        ["a loop that asks for it", "#unroll\nfor i in 0 .. 4 { x[i] = 1 }", 4],
        ["a loop within one that is left", "for i in 0 .. m { for j in 0 .. 3 { if i == j { break }\n x[j] = 1 } }", 1],
    ])("%s", (what, body, stores) => {
        expect(counted(body)).toEqual({ loops: what === "a loop within one that is left" ? 2 : 0, stores });
    });

    test("what the rounds carry goes from one to the next", () => {
        expect(counted("var s: i32 = 0\nfor i in 0 .. 4 { s = s * 3 + x[i] }\nx[0] = s")).toEqual({
            loops: 0,
            stores: 1,
        });
    });
});

describe("stays a loop", () => {
    test.each([
        ["a length that is not known", "for i in 0 .. m { x[i] = 1 }"],
        ["many rounds", "for i in 0 .. 100 { x[i] = 1 }"],
        ["a number of rounds that depends on the work-item", "for i in local_id(0) .. 33 by 8 { x[i] = 1 }"],
        ["a break", "for i in 0 .. 4 { if x[i] > 3 { break }\n x[i] = 1 }"],
        ["a continue", "for i in 0 .. 4 { if x[i] > 3 { continue }\n x[i] = 1 }"],
        ["a return", "for i in 0 .. 4 { if x[i] > 3 { return }\n x[i] = 1 }"],
        ["a print", 'for i in 0 .. 4 { print("{}", i)\n x[i] = 1 }'],
        ["an array", "for i in 0 .. 4 { var own: i32[4]\n own[m % 4] = 1\n x[i] = own[0] }"],
        ["a wish", "#unroll(2)\nfor i in 0 .. 4 { x[i] = 1 }"],
        ["a wish not to", "#unroll(1)\nfor i in 0 .. 4 { x[i] = 1 }"],
        ["a step backwards", "for i in 4 .. 0 by -1 { x[i] = 1 }"],
    ])("%s", (_what, body) => {
        expect(counted(body).loops).toBe(1);
    });
});

describe("four rounds become one", () => {
    /** What LLVM is told of the kernel's only loop. */
    const told = (body: string) => {
        const module = lowered(`kernel k(x: i32[n], y: mut i32[n], m: index) groups 4 workgroup(64) {\n${body}\n}`);
        for (const fn of module.functions) runOver(fn, [fold, unroll], DEFAULT_TARGET);
        return operationsOf(module).find(({ op }) => op === "for")?.attributes.unroll;
    };
    const sum = (loop: string) => `var s: i32 = 0\n${loop}\ny[local_id()] = s`;

    test.each([
        ["where all read what the counter says", sum("for i in 0 .. n { s += x[i] }"), 4],
        ["and where a workgroup reads its part", sum("for i in m .. n { s += x[group_id() * m + i] }"), 4],
        ["not where each reads its own", sum("for i in 0 .. n { s += x[i + local_id()] }"), undefined],
        ["not where each counts for itself", sum("for i in local_id() .. n { s += x[i] }"), undefined],
        ["not where one writes", "for i in 0 .. n { y[i] = x[i] }", undefined],
        ["not where something else is asked for", sum("#unroll(2)\nfor i in 0 .. n { s += x[i] }"), 2],
    ])("%s", (_what, body, expected) => {
        expect(told(body)).toBe(expected);
    });
});
