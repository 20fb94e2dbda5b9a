// Ranges contain every value that an operation can give: compared with all values of small ranges.

import { describe, expect, test } from "vitest";
import { OPS, type OpName } from "../../compiler/ir/ops.js";
import { rangeOfType, resultRange, widen } from "../../compiler/passes/range.js";
import type { ScalarName } from "../../compiler/sema/types.js";

const OPERATIONS: readonly OpName[] = ["add", "sub", "mul", "div", "rem", "min", "max", "and", "or", "xor"];
const POINTS: Readonly<Record<"i8" | "u8", readonly bigint[]>> = {
    i8: [-128n, -127n, -5n, -1n, 0n, 1n, 2n, 7n, 126n, 127n],
    u8: [0n, 1n, 2n, 7n, 127n, 128n, 254n, 255n],
};

function rangesOver(points: readonly bigint[]) {
    return points.flatMap((min, at) => points.slice(at).map((max) => ({ min, max })));
}

describe.each(OPERATIONS)("%s", (op) => {
    test.each(["i8", "u8"] as const)("contains all results of %s", (type: ScalarName & ("i8" | "u8")) => {
        const points = POINTS[type];
        for (const a of rangesOver(points)) {
            for (const b of rangesOver(points)) {
                const range = resultRange(op, [a, b], type);
                for (const x of points.filter((point) => point >= a.min && point <= a.max)) {
                    for (const y of points.filter((point) => point >= b.min && point <= b.max)) {
                        const value = OPS[op].fold?.([x, y], type, type);
                        if (typeof value !== "bigint") throw new Error(`${op} of ${x} and ${y} gives no integer`);
                        if (value < range.min || value > range.max) {
                            expect.fail(`${op}(${x}, ${y}) = ${value} outside of ${range.min}..${range.max}`);
                        }
                    }
                }
            }
        }
    });
});

test("a growing range settles in few steps", () => {
    let range = { min: 5n, max: 5n };
    let steps = 0;
    for (; range.max < rangeOfType("index").max && steps < 10; steps++) {
        range = widen(range, { min: range.min - 1n, max: range.max + 1n }, "index");
    }
    expect(steps).toBeLessThanOrEqual(5);
});
