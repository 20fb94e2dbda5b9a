// Where statements end: a newline ends one except inside () and [], after a binary operator, or before `.`.

import { describe, expect, test } from "vitest";
import { statementsOf } from "./trees.js";

describe("a newline ends a statement", () => {
    test("between two lines", () => {
        expect(statementsOf("a = 1\nb = 2")).toEqual(["(= a 1)", "(= b 2)"]);
    });

    test("after a number, before an assignment", () => {
        expect(statementsOf("let x = 1\ns = x")).toEqual(["(let x 1)", "(= s x)"]);
    });

    test("before a line that starts with a minus", () => {
        expect(statementsOf("a = b\n-c")).toEqual(["(= a b)", "(- c)"]);
    });

    test("before a line that starts with a parenthesis", () => {
        expect(statementsOf("a = f\n(b)")).toEqual(["(= a f)", "b"]);
    });

    test("so that a bracket at a line's start is no index", () => {
        expect(statementsOf("a = b\n[0]")).toEqual(["(= a b)", "(list 0)"]);
    });

    test("before a block", () => {
        expect(statementsOf("a = b\n{ c }")).toEqual(["(= a b)", "{c}"]);
    });

    test("after return without a value", () => {
        expect(statementsOf("return\na = 1")).toEqual(["(return)", "(= a 1)"]);
    });

    test("inside braces inside parentheses", () => {
        expect(statementsOf("a = f(if c {\n    b = 1\n    b\n} else { 2 })")).toEqual([
            "(= a (call f (if c {(= b 1); b} {2})))",
        ]);
    });

    test("once, whatever the number of empty lines and comments", () => {
        expect(statementsOf("\n\na = 1 // one\n\n// two\n\nb = 2\n\n")).toEqual(["(= a 1)", "(= b 2)"]);
    });

    test("as CR LF or as CR alone", () => {
        expect(statementsOf("a = 1\r\nb = 2\rc = 3")).toEqual(["(= a 1)", "(= b 2)", "(= c 3)"]);
    });
});

describe("a statement goes on in the next line", () => {
    test("inside parentheses and brackets", () => {
        expect(statementsOf("a = f(\n    b,\n    c\n)")).toEqual(["(= a (call f b c))"]);
        expect(statementsOf("a = x[\n    i,\n    j\n]")).toEqual(["(= a (at x i j))"]);
        expect(statementsOf("a = (b\n    - c)")).toEqual(["(= a (- b c))"]);
    });

    test.each(["+", "-", "*", "/", "%", "&", "|", "^", "<<", ">>", "==", "!=", "<", "<=", ">", ">=", "&&", "||"])(
        "after `%s`",
        (op) => {
            expect(statementsOf(`a = b ${op}\n    c`)).toEqual([`(= a (${op} b c))`]);
        },
    );

    test.each(["=", "+=", "<<="])("after `%s`", (op) => {
        expect(statementsOf(`a ${op}\n    b`)).toEqual([`(${op} a b)`]);
    });

    test("before a member", () => {
        expect(statementsOf("a = b\n    .c")).toEqual(["(= a (member b c))"]);
    });

    test("before `else`", () => {
        expect(statementsOf("if a { b }\nelse { c }")).toEqual(["(if a {b} {c})"]);
        expect(statementsOf("if a { b }\nelse if c { d }\nelse { e }")).toEqual(["(if a {b} (if c {d} {e}))"]);
    });
});

test("semicolons separate statements on one line", () => {
    expect(statementsOf("a = 1; b = 2;")).toEqual(["(= a 1)", "(= b 2)"]);
    expect(statementsOf("while c { a = 1; break }")).toEqual(["(while c {(= a 1); (break)})"]);
});

describe("braces are always blocks", () => {
    test("after the condition of a while", () => {
        expect(statementsOf("while i < s { i += 1 }")).toEqual(["(while (< i s) {(+= i 1)})"]);
    });

    test("after the end and the step of a for", () => {
        expect(statementsOf("for i in a .. n { b = i }")).toEqual(["(for i a n {(= b i)})"]);
        expect(statementsOf("for i in n .. 0 by -1 { b = i }")).toEqual(["(for i n 0 (- 1) {(= b i)})"]);
    });

    test("after the condition of an if", () => {
        expect(statementsOf("if a == b { c }")).toEqual(["(if (== a b) {c})"]);
    });
});

test("contextual words are names wherever their meaning is not at stake", () => {
    expect(statementsOf("let by = over + groups\nworkgroup = by")).toEqual([
        "(let by (+ over groups))",
        "(= workgroup by)",
    ]);
});
