// What is computed once, and where it then stands. That it is still the same: differential.test.ts.

import { describe, expect, test } from "vitest";
import { operation, region, walk } from "../../compiler/ir/module.js";
import { common } from "../../compiler/passes/common.js";
import { deadCode } from "../../compiler/passes/dead-code.js";
import { fold } from "../../compiler/passes/fold.js";
import { runOver } from "../../compiler/passes/pipeline.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";
import { lowered } from "./programs.js";

/** How often there is an operation in the kernel, and how often of that in its own region. */
function counted(name: string, body: string): { all: number; top: number } {
    const module = lowered(`kernel k(x: mut i32[n], a: i32, b: i32) groups 1 workgroup(64) {\n${body}\n}`);
    const kernel = module.functions.at(-1);
    if (!kernel) throw new Error("there is no kernel");
    runOver(kernel, [fold, common, deadCode], DEFAULT_TARGET);
    let all = 0;
    walk(kernel, kernel.body, ({ op }) => {
        if (op === name) all += 1;
    });
    const top = region(kernel, kernel.body).operations.filter((id) => operation(kernel, id).op === name).length;
    return { all, top };
}

describe("is computed once", () => {
    test.each([
        ["in one region", "x[0] = a * b\nx[1] = a * b"],
        ["with operands the other way around", "x[0] = a * b\nx[1] = b * a"],
        ["before a branch and in it", "x[0] = a * b\nif a > 3 { x[1] = a * b }"],
        ["in a branch and behind it", "if a > 3 { x[1] = a * b }\nx[0] = a * b"],
        ["in both branches", "if a > 3 { x[1] = a * b } else { x[0] = a * b }"],
        ["before a loop that would do it in every round", "for i in 0 .. n { x[i] = a * b }"],
        ["before branches of which several do it", "if a > 3 { x[1] = a * b }\nif b > 3 { x[0] = a * b }"],
        ["before a while", "var i: index = 0\nwhile i < n { x[i] = a * b\n i += 1 }"],
    ])("%s", (_what, body) => {
        expect(counted("mul", body)).toEqual({ all: 1, top: 1 });
    });
});

describe("stays where it is", () => {
    test.each([
        ["in a branch alone", "if a > 3 { x[1] = a * b }", 1],
        ["in a branch of two sides", "if a > 3 { x[1] = a * b } else { x[1] = a + b }", 1],
        ["in a branch in a loop", "for i in 0 .. n { if x[i] > 3 { x[i] = a * b } }", 1],
    ])("%s", (_what, body, all) => {
        expect(counted("mul", body)).toEqual({ all, top: 0 });
    });

    test("what takes long, in branches of which none is always taken", () => {
        expect(counted("div", "if a > 3 { x[1] = a / b }\nif b > 3 { x[0] = a / b }")).toEqual({ all: 2, top: 0 });
    });

    test("what the loop changes", () => {
        expect(counted("mul", "for i in 0 .. n { x[i] = (i as i32) * b }")).toEqual({ all: 1, top: 0 });
    });

    test("what differs in its sign alone", () => {
        const text =
            "let p = (a as f32) * 0.0\nlet q = (a as f32) * -0.0\nx[0] = bits(p) as i32\nx[1] = bits(q) as i32";
        expect(
            counted("mul", text.replaceAll("bits(p) as i32", "p as i32").replaceAll("bits(q) as i32", "q as i32")).all,
        ).toBe(2);
    });
});
