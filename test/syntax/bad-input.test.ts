// Whatever the text is, checking it ends, with diagnostics and not with an exception.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { renderDiagnostics } from "../../compiler/diagnostics/render.js";
import { format } from "../../compiler/format/format.js";
import { MAX_HEIGHT, MAX_LINE, MAX_TEXT } from "../../compiler/syntax/ast.js";
import { check, codes, programOf } from "../sema/programs.js";
import { mutate } from "./mutations.js";

const SAMPLES = new URL("../../samples/aura/", import.meta.url);
const TEXTS = readdirSync(SAMPLES)
    .filter((name) => name.endsWith(".soma"))
    .map((name) => readFileSync(new URL(name, SAMPLES), "utf8"));

describe("strange texts", () => {
    test("nothing at all is a program without kernels", () => {
        expect(programOf("")).toEqual({ kernels: [], functions: [], networks: [] });
        expect(programOf("\n\n// only a comment")).toEqual({ kernels: [], functions: [], networks: [] });
    });

    test("a byte-order mark at the start is skipped", () => {
        expect(codes("\ufefffn f() {}\n")).toEqual([]);
    });

    test("NUL is one error", () => {
        expect(codes("fn f() {\n    \0\n}\n")).toEqual(["E0101"]);
    });

    test("a megabyte of one character is one error", () => {
        expect(codes("$".repeat(1 << 20))).toEqual(["E0101"]);
        expect(codes('"'.repeat(1 << 20))).toEqual(["E0104"]);
    });

    test("a hundred thousand unclosed brackets are one error", () => {
        expect(codes("(".repeat(100_000))).toEqual(["E0108"]);
        expect(codes(`fn f() ${"{".repeat(100_000)}`)).toEqual(["E0108"]);
    });

    test("a hundred thousand closing brackets are one error", () => {
        expect(codes(")".repeat(100_000))).toEqual(["E0106"]);
        expect(codes("let })")).toEqual(["E0106"]);
        expect(codes("fn f() { )) }\n}\n]\n")).toEqual(["E0106", "E0106", "E0106"]);
    });

    test("a line of 10 MB is refused for its length, whatever is in it", () => {
        for (const part of ["x", "a = 2; ", ";", "1+", "(", '"a ', "// "]) {
            const text = `fn f() {}\n${part.repeat(10_000_000 / part.length)}\n`;
            const { diagnostics } = check(text);
            expect(diagnostics.map(({ code, span }) => [code, span.start])).toEqual([["E0116", 10]]);
            expect(format({ path: "long.soma", text }).kind).toBe("refused");
        }
    });

    test("a file of more than 12 MiB is refused, a line of 2 MiB and lines of 10 MB are not", () => {
        expect(codes("\n".repeat(MAX_TEXT + 1))).toEqual(["E0116"]);
        expect(codes(`//${"x".repeat(MAX_LINE - 2)}\n`)).toEqual([]);
        expect(codes(`//${"x".repeat(MAX_LINE - 1)}\n`)).toEqual(["E0116"]);
        expect(codes(`//${"x".repeat(1000)}\r`.repeat(10_000))).toEqual([]);
    });

    test("a text of a million escapes, and one that never ends", () => {
        expect(codes(`fn f() { g("${"\\n".repeat(500_000)}") }\n`)).toContain("E0202");
        expect(codes(`fn f() { g("${"a ".repeat(500_000)}\n }\n`)).not.toEqual([]);
    });

    test("CR LF and CR end lines, also inside a statement that goes on", () => {
        for (const end of ["\r\n", "\r"]) {
            expect(
                codes(["fn f(a: i32) -> i32 {", "    let b = a +", "        1", "    b", "}", ""].join(end)),
            ).toEqual([]);
        }
    });

    test("bytes that are no UTF-8 are one error where they stand", () => {
        const bytes = [...Buffer.from("fn f() {\n    "), 0xff, 0xc0, 0x80, ...Buffer.from("\n}\nfn g() {}\n")];
        const { diagnostics } = check(new TextDecoder().decode(Uint8Array.from(bytes)));
        expect(diagnostics.map(({ code, span }) => [code, span.start])).toEqual([["E0101", 13]]);
    });

    test("a comment that never ends is one error", () => {
        expect(codes("fn f() {}\n/* …")).toEqual(["E0102"]);
    });

    test("a megabyte of comment, and of one line, is read", () => {
        expect(codes(`// ${"x".repeat(1 << 20)}\nfn f() {}\n`)).toEqual([]);
        expect(codes(`fn f() { ${"barrier; ".repeat(10)} }${" ".repeat(1 << 20)}\n`)).not.toEqual([]);
    });

    test("a name of a megabyte", () => {
        expect(codes(`fn f() -> i32 { ${"x".repeat(1 << 20)} }\n`)).toEqual(["E0201"]);
    });
});

describe("programs that would grow without end", () => {
    test("generics that double at every step stop at the limit of instances", () => {
        const step = (i: number) =>
            `fn f${i}<T, const N: index>(a: T) -> T { f${i + 1}::<T, (2 * N)>(f${i + 1}::<T, (2 * N + 1)>(a)) }\n`;
        const steps = Array.from({ length: 29 }, (_, i) => step(i)).join("");
        const kernel = "kernel k(x: mut f32[n]) over i in n { x[i] = f0::<f32, 1>(x[i]) }\n";
        expect(codes(`${steps}fn f29<T, const N: index>(a: T) -> T { a }\n${kernel}`)).toContain("E0706");
    });

    test("a generic function that needs ever another instance of itself is recursion", () => {
        const text = "fn f<const N: index>(a: f32) -> f32 { f::<(N + 1)>(a) }\n";
        expect(new Set(codes(`${text}fn g(a: f32) -> f32 { f::<0>(a) }\n`))).toEqual(new Set(["E0604"]));
    });

    test("constants that square each other overflow, and are not computed on", () => {
        const squares = Array.from({ length: 2000 }, (_, i) => `const A${i + 1} = A${i} * A${i}`);
        expect(codes(`const A0 = 2\n${squares.join("\n")}\n`)).toEqual(["E0403"]);
    });

    test("there are no loops in constants; a loop without end in a body is only compiled", () => {
        expect(codes("const A: i32 = { while true {}; 1 }\n")).toEqual(["E0401"]);
        expect(codes("fn f() { while true {} }\n")).toEqual([]);
    });
});

describe("large trees", () => {
    const sum = (terms: number) => `fn f(a: i32) -> i32 {\n    ${Array(terms).fill("a").join(" + ")}\n}\n`;

    // The body's block and its statement are a level each.
    test("a sum of as many terms as levels are left is fine, one more is an error", () => {
        expect(codes(sum(MAX_HEIGHT - 2))).toEqual([]);
        expect(codes(sum(MAX_HEIGHT - 1))).toEqual(["E0108"]);
    });

    test("a sum of 100,000 terms is one error", () => {
        expect(codes(sum(100_000))).toEqual(["E0108"]);
    });

    test("of literals too", () => {
        const literals = (terms: number) => `const A = ${Array(terms).fill("1").join(" + ")}\n`;
        expect(codes(literals(MAX_HEIGHT))).toEqual([]);
        expect(codes(literals(100_000))).toEqual(["E0108"]);
    });

    test("100,000 prefixes, casts, calls or members are one error", () => {
        const body = (text: string) => codes(`fn f(a: i32) -> i32 {\n    ${text}\n}\n`);
        expect(body(`${"- ".repeat(100_000)}a`)).toEqual(["E0108"]);
        expect(body(`a${" as i32".repeat(100_000)}`)).toEqual(["E0108"]);
        expect(body(`a${"()".repeat(100_000)}`)).toEqual(["E0108"]);
        expect(body(`a${".b".repeat(100_000)}`)).toEqual(["E0108"]);
    });

    test("100,000 times `else if` is one error", () => {
        expect(codes(`fn f(a: i32) {\n    if a == 0 {}${" else if a == 1 {}".repeat(100_000)}\n}\n`)).toEqual([
            "E0108",
        ]);
    });

    test("100,000 statements, functions and constants are fine", () => {
        expect(codes(`fn f() -> i32 {\n    var a = 0\n${"    a += 1\n".repeat(100_000)}    a\n}\n`)).toEqual([]);
        const functions = Array.from(
            { length: 20_000 },
            (_, i) => `fn f${i}() -> i32 { ${i === 0 ? 1 : `f${i - 1}()`} }`,
        );
        const kernels = [
            "kernel a(y: mut i32[n]) over i in n { y[i] = f19999() }",
            "kernel b(y: mut i32[n]) groups g workgroup(64) {\n    barrier()\n    y[0] = f19999()\n}",
        ];
        expect(codes([...functions, ...kernels, ""].join("\n"))).toEqual([]);
        const constants = Array.from({ length: 20_000 }, (_, i) => `const C${i}: i32 = ${i === 0 ? "1" : `C${i - 1}`}`);
        expect(codes(constants.join("\n"))).toEqual([]);
    });

    test("deepest nesting of blocks, parentheses and conditions is fine", () => {
        const deep = (open: string, close: string, core: string) => `${open.repeat(120)}${core}${close.repeat(120)}`;
        expect(codes(`fn f(a: i32) -> i32 { ${deep("(", ")", "a")} }\n`)).toEqual([]);
        expect(codes(`fn f(a: i32) -> i32 { ${deep("{", "}", "a")} }\n`)).toEqual([]);
        expect(codes(`fn f(a: i32) -> i32 { ${deep("abs(", ")", "a")} }\n`)).toEqual([]);
        expect(codes(`fn f(a: i32) -> i32 { ${deep("if a > 0 { ", " } else { a }", "a")} }\n`)).toEqual([]);
        expect(codes(`fn f(a: i32) { ${deep("while a > 0 { ", " }", "")} }\n`)).toEqual([]);
    });
});

test("no mutation of the samples makes the front end throw", () => {
    for (let seed = 0; seed < 3000; seed++) {
        const text = mutate(TEXTS[seed % TEXTS.length] as string, seed);
        try {
            const { diagnostics, program } = check(text);
            const failed = diagnostics.some(({ severity }) => severity === "error");
            expect(program === null).toBe(failed);
            renderDiagnostics(diagnostics.slice(0, 5));
            for (const { span } of diagnostics) {
                expect(span.start).toBeGreaterThanOrEqual(0);
                expect(span.end).toBeGreaterThanOrEqual(span.start);
                expect(span.end).toBeLessThanOrEqual(span.file.text.length);
            }
        } catch (error) {
            throw new Error(`seed ${seed}:\n${text}`, { cause: error });
        }
    }
});
