// Constants that call built-in functions. Expected values are by definition (two's complement, IEEE 754).

import { describe, expect, test } from "vitest";
import { codes, nodes, programOf } from "./programs.js";

type Literal = { readonly kind: "literal"; readonly value: unknown };

/** The value of a constant of a type, as its use has it. */
function constantOf(type: string, value: string): unknown {
    const program = programOf(`const C: ${type} = ${value}\nkernel k(y: mut ${type}[n]) over i in n { y[i] = C }\n`);
    const isLiteral = (node: object): node is Literal => "kind" in node && node.kind === "literal";
    return nodes(program.kernels[0]?.body as object, isLiteral)[0]?.value;
}

describe("a constant that calls", () => {
    test.each([
        ["i32", "max(-3, 7)", 7n],
        ["index", "min(1 << 40, 5) + clamp(9, 0, 4)", 9n],
        ["i64", "abs(-9223372036854775807)", 9223372036854775807n],
        ["u32", "count_ones(0xf0f0)", 8n],
        ["i32", "count_ones(-1)", 32n],
        ["u32", "leading_zeros(1)", 31n],
        ["u64", "leading_zeros(0)", 64n],
        ["u32", "31 - leading_zeros(4096)", 12n],
        ["u64", "trailing_zeros(96)", 5n],
        ["u32", "trailing_zeros(0)", 32n],
        ["i32", "trailing_zeros(-2147483648)", 31n],
        ["f64", "sqrt(2.0)", Math.SQRT2],
        ["f32", "sqrt(2.0)", Math.fround(Math.SQRT2)],
        ["f32", "min(nan, 2.5)", 2.5],
        ["f64", "max(-0.0, 0.0)", 0],
        ["f64", "floor(-1.5) + ceil(-1.5) + trunc(-1.5)", -4],
    ])("of %s, %s", (type, text, expected) => {
        expect(constantOf(type, text)).toBe(expected);
    });

    test("may be an extent", () => {
        const text = `const WIDTH = 24
kernel k(y: mut f32[n]) over i in n {
    var a: f32[max(WIDTH, 32)]
    a[31] = y[i]
    y[i] = a[31]
}
`;
        expect(codes(text)).toEqual([]);
    });

    test.each([
        ["const A: i32 = abs(-2147483648)\n", "E0403"],
        ["const A: f32 = exp(1.0)\n", "E0401"],
        ["const A: index = global_id()\n", "E0505"],
    ])("%j is refused", (text, code) => {
        expect(codes(text)).toEqual([code]);
    });
});
