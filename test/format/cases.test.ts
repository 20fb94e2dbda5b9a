// The style, case by case: what is written, and what comes out. What comes out stays as it is.

import { describe, expect, test } from "vitest";
import { format } from "../../compiler/format/format.js";

function formatted(text: string): string {
    const result = format({ path: "test.soma", text });
    if (result.kind === "refused") throw new Error(result.diagnostics.map(({ message }) => message).join("; "));
    return result.text;
}

const body = (lines: string) => `fn f() {\n${lines.replace(/^(?=.)/gm, "    ")}\n}\n`;

const STATEMENTS: readonly (readonly [what: string, before: string, after: string])[] = [
    ["spaces around operators", "let a=1+2*3", "let a = 1 + 2 * 3"],
    ["none behind a prefix", "let a=- 1- -b", "let a = -1 - -b"],
    ["prefixes behind words", "return - a", "return -a"],
    ["prefixes behind brackets and signs", "for i in f( - 1 ,- 2 )..-3 by - 4{}", "for i in f(-1, -2) .. -3 by -4 {}"],
    ["calls and indices", "f ( x [ i ,j ] , g( ) )", "f(x[i, j], g())"],
    ["conversions", "let c = (a)as  f32", "let c = (a) as f32"],
    ["one-line blocks", "if a{b=1}else{b=2;c=3}", "if a { b = 1 } else { b = 2; c = 3 }"],
    ["empty blocks", "while a {   }", "while a {}"],
    ["statements on one line", "a = 1; b = 2;", "a = 1\nb = 2"],
    ["a semicolon where a line end would end nothing", "f::<3>; g()", "f::<3>;\ng()"],
    ["else in its place", "if a {\n b = 1\n}\nelse {\n b = 2\n}", "if a {\n    b = 1\n} else {\n    b = 2\n}"],
    ["a block with one line end", "if a { b = 1\n}", "if a {\n    b = 1\n}"],
    ["going on behind an operator", "let a = b +\nc *\n        d", "let a = b +\n    c *\n    d"],
    ["going on inside brackets", "a = f(b,\n      (c +\n d))", "a = f(b,\n    (c +\n    d))"],
    ["brackets with lines of their own", "f(\na,\n  b\n    )", "f(\n    a,\n    b\n)"],
    ["empty lines", "\n\na = 1\n\n\n\nb = 2\n\n", "a = 1\n\nb = 2"],
    ["comments", "//one\na = 1  \n  // two\n// three", "//one\na = 1\n// two\n// three"],
    ["comments behind code", "a=1 // x\nbcd  =  2 // y", "a = 1 // x\nbcd = 2 // y"],
    ["columns of comments", "a=1   // x\nbb=2  // y\n\nc = 3    // z", "a = 1  // x\nbb = 2 // y\n\nc = 3    // z"],
    ["comments between parts", "let a = b + // why\n  c", "let a = b + // why\n    c"],
    ["a comment behind a brace", "if a { // why\nb = 1 }", "if a { // why\n    b = 1\n}"],
    ["an `if` as a value", "let a =\nif b {\n1\n} else { 2 }", "let a =\n    if b {\n        1\n    } else { 2 }"],
];

describe("statements", () => {
    test.each(STATEMENTS)("%s", (_what, before, after) => {
        expect(formatted(body(before))).toBe(body(after));
        expect(formatted(body(after))).toBe(body(after));
    });
});

describe("items", () => {
    test.each([
        ["imports", "import std . math{exp,sqrt}", "import std.math { exp, sqrt }\n"],
        ["long imports", "import std.math {\nexp, // e\n  sqrt }", "import std.math {\n    exp, // e\n    sqrt\n}\n"],
        [
            "heads",
            "kernel f(x:mut f32[n],\n y:f32[ n])\nover(i in n)\n{ }",
            "kernel f(x: mut f32[n],\n         y: f32[n])\n    over (i in n) {}\n",
        ],
        ["documentation", "\n\n///  one \n/// two\nconst A=1", "///  one\n/// two\nconst A = 1\n"],
        [
            "other line ends",
            "\uFEFFconst A = 1\r\n\r\n\r\nconst B = 2\rconst C = 3",
            "const A = 1\n\nconst B = 2\nconst C = 3\n",
        ],
        ["items on one line", "const A = 1; const B = 2", "const A = 1\nconst B = 2\n"],
        [
            "models",
            "neuron a ( t:time=20 ms ){\nv'=- v/t\nspike when v>=- 3 mV{v=0 mV;refractory 2 ms}\nclamp v in - 1 mV..2 mV;output - g\n}",
            "neuron a(t: time = 20 ms) {\n    v' = -v / t\n    spike when v >= -3 mV { v = 0 mV; refractory 2 ms }\n    clamp v in -1 mV .. 2 mV\n    output -g\n}\n",
        ],
        [
            "networks",
            "network a{layer b(3,activation:relu)\nconnect b->b . x,c(weight:- 1 nS)\nstep{deliver;spike}}",
            "network a {\n    layer b(3, activation: relu)\n    connect b -> b.x, c (weight: -1 nS)\n    step { deliver; spike }\n}\n",
        ],
        [
            "tiles",
            "matrix kernel a(x:T[n])over(i in n by 4){\nlet y:tile  f32[4]=x[ i,: ].T@x[:,none]\nfor p in n by- 4{}\n}",
            "matrix kernel a(x: T[n]) over (i in n by 4) {\n    let y: tile f32[4] = x[i, :].T @ x[:, none]\n    for p in n by -4 {}\n}\n",
        ],
        ["nothing", " \n\n", ""],
        ["comments alone", "\n  // a", "// a\n"],
    ])("%s", (_what, before, after) => {
        expect(formatted(before)).toBe(after);
        expect(formatted(after)).toBe(after);
    });

    test("a one-line block that is too long is broken, from outside to inside", () => {
        const [a, b] = ["a".repeat(50), "b".repeat(60)];
        const text = `fn f() { let ${a} = 1; if ${a} == 2 { g(${b}) } else { h() } }\n`;
        expect(formatted(text)).toBe(
            `fn f() {\n    let ${a} = 1\n    if ${a} == 2 {\n        g(${b})\n    } else { h() }\n}\n`,
        );
    });
});

describe("refused", () => {
    test.each(["kernel f(", "fn f() { let = 1 }", "fn f() { $ }", "/* a */ const A = 1"])("%j", (text) => {
        const result = format({ path: "test.soma", text });
        expect(result.kind).toBe("refused");
        expect(result.kind === "refused" && result.diagnostics.length).toBe(1);
    });
});

test("a huge line, and a hundred thousand comments, take no more than they weigh", () => {
    const long = `fn f() { ${"a = 1; ".repeat(30_000)}}\n`;
    expect(formatted(long).split("\n")).toHaveLength(30_003);
    const comments = `${"// c\n".repeat(100_000)}const A = 1 // d\n`;
    expect(formatted(comments)).toBe(comments);
});
