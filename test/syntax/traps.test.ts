// The traps of the grammar: each place where a text could mean two things means the one that the specification says.

import { describe, expect, test } from "vitest";
import { parse } from "../../compiler/syntax/parse.js";
import { check } from "../sema/programs.js";
import { messagesOf, statementsOf, treeOf } from "./trees.js";

describe("a line that begins with a sign is a statement of its own", () => {
    test.each([
        ["-", "let a = b\n-c", ["(let a b)", "(- c)"]],
        ["(", "let a = b\n(c)", ["(let a b)", "c"]],
        ["( behind a call", "f(a)\n(b + c)", ["(call f a)", "(+ b c)"]],
        ["!", "let a = b\n!c", ["(let a b)", "(! c)"]],
    ])("%s", (_sign, text, statements) => expect(statementsOf(text)).toEqual(statements));

    test("[ begins an array, and is not an index of the line above", () => {
        expect(statementsOf("let a = b\n[0]")).toEqual(["(let a b)", "(list 0)"]);
    });

    test("the sign at the end of the line before goes on", () => {
        expect(statementsOf("let a = b -\nc")).toEqual(["(let a (- b c))"]);
        expect(statementsOf("f(\na\n- b)")).toEqual(["(call f (- a b))"]);
        expect(statementsOf("let a = x[\n0]")).toEqual(["(let a (at x 0))"]);
    });

    test("what only computes is warned about", () => {
        const text = "fn f(b: i32, c: i32) -> i32 {\n    let a = b\n    -c\n    a\n}\n";
        expect(check(text).diagnostics.map(({ code }) => code)).toEqual(["W0602"]);
    });
});

describe("a brace behind a condition or a domain begins the block", () => {
    test("while i < s {", () => {
        expect(statementsOf("while i < s { i += 1 }")).toEqual(["(while (< i s) {(+= i 1)})"]);
        expect(statementsOf("if a < b { c } else { d }")).toEqual(["(if (< a b) {c} {d})"]);
    });

    test("over i in n {", () => {
        const { module, diagnostics } = parse({ path: "t", text: "kernel k() over i in n { f(i) }\n" });
        expect(diagnostics).toEqual([]);
        expect(module.items[0]).toMatchObject({ launch: { domain: [{ extent: { kind: "name", text: "n" } }] } });
    });

    test("over (i in m, j in n) {, over i in n + 1 {, groups g workgroup(64) {", () => {
        for (const head of ["over (i in m, j in n)", "over i in n + 1", "groups g workgroup(64)"]) {
            expect(messagesOf(`kernel k() ${head} { f() }\n`)).toEqual([]);
        }
    });
});

describe("`<` compares, and begins generic arguments behind `::` alone", () => {
    test.each([
        ["a < b", "(< a b)"],
        ["f::<a>(b)", "(call (generic f a) b)"],
        ["a as f32 < b", "(< (as a f32) b)"],
    ])("%s", (text, tree) => expect(treeOf(text)).toBe(tree));

    test("f(a < b, c > (d)) has two arguments", () => {
        expect(treeOf("f(a < b, c > (d))")).toBe("(call f (< a b) (> c d))");
    });
});

describe("a number and the line below it", () => {
    test("`1` before a line `s = …` is no second", () => {
        expect(statementsOf("var a = 1\ns = 2")).toEqual(["(var a 1)", "(= s 2)"]);
        const text = "fn f() -> i32 {\n    var s = 1\n    var a = 1\n    s = a + 1\n    a = s\n    a\n}\n";
        expect(check(text).diagnostics).toEqual([]);
    });

    test("`for i in 0 .. 10 by 2` has a step and no unit", () => {
        expect(statementsOf("for i in 0 .. 10 by 2 {}")).toEqual(["(for i 0 10 2 {})"]);
    });

    test("`0..10` is a range and `1.5` a number", () => {
        expect(statementsOf("for i in 0..10 {}")).toEqual(["(for i 0 10 {})"]);
        expect(treeOf("1.5")).toBe("1.5");
    });
});

describe("`@` is the product of matrices alone", () => {
    test("it binds as `*` does", () => {
        expect(treeOf("a @ b + c * d @ e")).toBe("(+ (@ a b) (@ (* c d) e))");
    });

    test("before a name it is nothing", () => {
        expect(messagesOf("@inline\nfn f() {}\n")).toHaveLength(1);
    });
});

test("`-x as T` converts the negative, and `-65 mV` is a quantity", () => {
    expect(treeOf("-x as f32")).toBe("(as (- x) f32)");
    expect(treeOf("-65 mV")).toBe("(- (mV 65))");
});

test("`else` and `.` go on with the line above, and `;` ends it", () => {
    expect(statementsOf("if a { b }\nelse { c }")).toEqual(["(if a {b} {c})"]);
    expect(statementsOf("a = b\n    .x")).toEqual(["(= a (member b x))"]);
    expect(messagesOf("fn f() {\n    a = b;\n    .x\n}\n")).toHaveLength(1);
});
