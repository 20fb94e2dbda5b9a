// Which comparisons do with 32 bits. That they still say the same: differential.test.ts.

import { describe, expect, test } from "vitest";
import { typeOf } from "../../compiler/ir/module.js";
import { runPasses } from "../../compiler/passes/pipeline.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";
import { lowered, operationsOf } from "./programs.js";

/** The types in which a kernel's comparisons are done. */
function compared(condition: string): string[] {
    const module = lowered(
        `kernel k(x: mut i32[n], a: u32, b: i32, big: index, y: mut i32[g, 2]) groups g workgroup(256) {
            if ${condition} { x[0] = 1 }
        }`,
    );
    runPasses(module, DEFAULT_TARGET);
    const kernel = module.functions.at(-1);
    if (!kernel) throw new Error("there is no kernel");
    const comparisons = operationsOf(module).filter(({ op }) => ["lt", "le", "gt", "ge"].includes(op));
    return comparisons.map(({ operands: [first] }) => String(first === undefined ? "" : typeOf(kernel, first)));
}

describe("needs 32 bits only", () => {
    test.each([
        ["a block and a place in it", "group_id() * 4096 + local_id() < n"],
        ["the other way around", "n > local_id() + group_id() * 4096"],
        ["with a constant", "group_id() * 4096 + local_id() + 256 < n"],
        ["a complement", "group_id() * 4096 + local_id() >= n"],
        ["a product of a number of 32 bits", "a as index * 4 <= n"],
    ])("%s", (_what, condition) => {
        expect(compared(condition)).toEqual(["u32"]);
    });
});

describe("needs all 64 bits", () => {
    test.each([
        ["a limit that has them", "group_id() * 4096 + local_id() < big"],
        ["a product that can be negative", "b as index * 4096 + local_id() < n"],
        ["two products", "group_id() * 4096 + a as index * 4096 < n"],
        ["a difference", "group_id() * 4096 - local_id() < n"],
    ])("%s", (_what, condition) => {
        expect(compared(condition)).toEqual(["index"]);
    });
});
