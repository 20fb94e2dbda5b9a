// How tightly operators bind, and what literals mean.

import { describe, expect, test } from "vitest";
import { messagesOf, treeOf } from "./trees.js";

describe("precedence, from tight to loose", () => {
    const cases: [string, string][] = [
        ["-x as f32", "(as (- x) f32)"],
        ["-x[i]", "(- (at x i))"],
        ["!a == b", "(== (! a) b)"],
        ["a as i64 * b", "(* (as a i64) b)"],
        ["a * b + c * d", "(+ (* a b) (* c d))"],
        ["a - b - c", "(- (- a b) c)"],
        ["a / b * c % d", "(% (* (/ a b) c) d)"],
        ["a << b + c", "(<< a (+ b c))"],
        ["a & b << c", "(& a (<< b c))"],
        ["a ^ b & c", "(^ a (& b c))"],
        ["a | b ^ c", "(| a (^ b c))"],
        ["a & 1 == 0", "(== (& a 1) 0)"],
        ["a < b && c < d", "(&& (< a b) (< c d))"],
        ["a || b && c", "(|| a (&& b c))"],
        ["a && b || c && d", "(|| (&& a b) (&& c d))"],
        ["(a + b) * c", "(* (+ a b) c)"],
        ["a - -b", "(- a (- b))"],
        ["- - ~a", "(- (- (~ a)))"],
        ["f(a)(b)", "(call (call f a) b)"],
        ["a as i32 as f32", "(as (as a i32) f32)"],
        ["if a { 1 } else { 2 } + 3", "(+ (if a {1} {2}) 3)"],
        ["(a < b) == (c < d)", "(== (< a b) (< c d))"],
    ];
    test.each(cases)("%s", (text, tree) => {
        expect(treeOf(text)).toBe(tree);
    });
});

describe("numbers", () => {
    const cases: [string, string][] = [
        ["0", "0"],
        ["1_000_000", "1000000"],
        ["0xff", "255"],
        ["0XDEAD_beef", "3735928559"],
        ["0b1010_0101", "165"],
        ["18446744073709551615", "18446744073709551615"],
        ["1.5", "1.5"],
        ["1e3", "1000"],
        ["1.5e-3", "0.0015"],
        ["1_0.2_5", "10.25"],
        ["2E+2", "200"],
        ["inf", "Infinity"],
        ["nan", "NaN"],
    ];
    test.each(cases)("%s", (text, value) => {
        expect(treeOf(text)).toBe(value);
    });

    test.each(["1f", "1.0f32", "0x", "0xg", "0b2", "0o17", "1_", "1__", "12abc", "1e", "9".repeat(401)])(
        "%s is no number",
        (text) => {
            expect(messagesOf(`fn f() -> f32 { ${text} }\n`)).toHaveLength(1);
        },
    );

    test("two dots after a number make a range", () => {
        expect(messagesOf("fn f() {\n    for i in 0..8 { }\n}\n")).toEqual([]);
    });
});

test("the grammar has no ambiguity that chevrotain can find", async () => {
    const { SomaParser } = await import("../../compiler/syntax/parser.js");
    const { Lexer } = await import("#chevrotain");
    const { TOKENS } = await import("../../compiler/syntax/tokens.js");
    expect(() => new SomaParser({ validate: true })).not.toThrow();
    const lexer = new Lexer(TOKENS, { positionTracking: "onlyOffset", ensureOptimizations: true });
    expect(lexer.lexerDefinitionErrors).toEqual([]);
});
