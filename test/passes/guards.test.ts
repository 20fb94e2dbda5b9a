// Conditions of neighbouring branches. That they still hold where they did: differential.test.ts.

import { describe, expect, test } from "vitest";
import { operation, region } from "../../compiler/ir/module.js";
import { flatten } from "../../compiler/passes/flatten.js";
import { fold } from "../../compiler/passes/fold.js";
import { guards } from "../../compiler/passes/guards.js";
import { runOver } from "../../compiler/passes/pipeline.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";
import { lowered } from "./programs.js";

/** The branches of the kernel's own region, each with the number of those right in it. */
function branches(body: string): number[] {
    const module = lowered(`kernel k(x: mut i32[n], a: i32, b: i32, c: i32) groups 1 workgroup(64) {\n${body}\n}`);
    const kernel = module.functions.at(-1);
    if (!kernel) throw new Error("there is no kernel");
    runOver(kernel, [fold, flatten, guards], DEFAULT_TARGET);
    const ifs = (id: (typeof kernel)["body"]) =>
        region(kernel, id)
            .operations.map((each) => operation(kernel, each))
            .filter(({ op }) => op === "if");
    return ifs(kernel.body).map(({ regions: [then] }) => (then === undefined ? 0 : ifs(then).length));
}

describe("a common part is asked once", () => {
    test.each([
        ["for two branches", "if a > 1 && c > 1 { x[0] = 1 }\nif b > 1 && c > 1 { x[1] = 1 }", [2]],
        ["in any place", "if a > 1 && b > 1 && c > 1 { x[0] = 1 }\nif c > 1 && b > 2 { x[1] = 1 }", [2]],
        ["and nothing else where there is nothing else", "if c > 1 { x[0] = 1 }\nif b > 1 && c > 1 { x[1] = 1 }", [1]],
        [
            "with arithmetic between",
            "if a > 1 && c > 1 { x[0] = 1 }\nlet d = a + b\nif d > 1 && c > 1 { x[1] = d }",
            [2],
        ],
        [
            "as far as it goes",
            "if a > 1 && c > 1 { x[0] = 1 }\nif b > 1 && c > 1 { x[1] = 1 }\nif a > 2 { x[2] = 1 }",
            [2, 0],
        ],
    ])("%s", (_what, body, expected) => {
        expect(branches(body)).toEqual(expected);
    });
});

describe("branches stay apart", () => {
    test.each([
        ["with nothing in common", "if a > 1 && c > 1 { x[0] = 1 }\nif b > 1 && c > 2 { x[1] = 1 }"],
        ["with a store between", "if a > 1 && c > 1 { x[0] = 1 }\nx[2] = 1\nif b > 1 && c > 1 { x[1] = 1 }"],
        ["with another side", "if a > 1 && c > 1 { x[0] = 1 } else { x[3] = 1 }\nif b > 1 && c > 1 { x[1] = 1 }"],
        ["where either will do", "if a > 1 || c > 1 { x[0] = 1 }\nif b > 1 || c > 1 { x[1] = 1 }"],
        ["where one leaves", "if a > 1 && c > 1 { return }\nif b > 1 && c > 1 { x[1] = 1 }"],
    ])("%s", (_what, body) => {
        expect(branches(body)).toEqual([0, 0]);
    });
});
