// Fixes: each one that is offered, applied, takes its error away and brings no other.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { applyFix } from "../../compiler/diagnostics/fixes.js";
import { diagnosticToJson } from "../../compiler/diagnostics/json.js";
import { withoutAnnotations } from "../golden/annotate.js";
import { check } from "./programs.js";

const kernel = (body: string) => `kernel k(x: mut f32[n], j: i32, a: f64) over i in n { ${body} }\n`;

describe("what a fix writes", () => {
    test.each([
        ["a variable", kernel("let scale = x[i]; x[i] = scal"), "x[i] = scale", "E0201"],
        ["a function", kernel("x[i] = squrt(x[i])"), "x[i] = sqrt(x[i])", "E0202"],
        ["a type", "fn f(a: float) -> f32 { a }\n", "fn f(a: f32)", "E0203"],
        ["an imported name", "import std.math { sqrtt }\n", "{ sqrt }", "E0206"],
        ["a value", kernel("x[i] = a"), "x[i] = a as f32", "E0301"],
        ["a sum", kernel("x[i] = a + 1.0"), "x[i] = (a + 1.0) as f32", "E0301"],
        ["an operand", kernel("x[i] = x[i] * j"), "x[i] * j as f32", "E0302"],
        ["a call", kernel("x[i] = x[i] * abs(j)"), "x[i] * abs(j) as f32", "E0302"],
        ["an index", kernel("x[i] = x[j - 1]"), "x[(j - 1) as index]", "E0310"],
        [
            "the order of words",
            "kernel k(x: large alias mut f32[n]) over i in n { x[i] = 1.0 }\n",
            "x: mut large alias f32",
            "E0104",
        ],
        ["a bound", kernel("for q in 0 .. j { x[q] = 0.0 }"), "0 .. j as index {", "E0609"],
    ])("%s", (_what, text, expected, code) => {
        const found = check(text).diagnostics.filter(({ fixes }) => fixes !== undefined);
        expect(found).toHaveLength(1);
        const fixed = applyFix(text, found[0]?.fixes?.[0] as never);
        expect(fixed).toContain(expected);
        expect(found[0]?.code).toBe(code);
    });
});

test("an unknown type is one mistake in each item that has it", () => {
    const text =
        "struct P { x: float, y: float }\n" +
        "fn f(a: float, b: int) -> float { a }\n" +
        "fn g(a: f32) -> f32 { let b: double = a; let c: double = b; c }\n";
    const { diagnostics } = check(text);
    expect(diagnostics.map(({ message }) => message)).toEqual([
        "there is no type `float`",
        "there is no type `float`",
        "there is no type `int`",
        "there is no type `double`",
    ]);
    expect(diagnostics.map(({ fixes }) => fixes?.[0]?.edits.length)).toEqual([2, 2, 1, 2]);
});

const FOLDER = new URL("../golden/diagnostics/", import.meta.url);
const BROKEN = readdirSync(FOLDER).map(
    (name) => [name, withoutAnnotations(readFileSync(new URL(name, FOLDER), "utf8"))] as const,
);
const MENDED = BROKEN.flatMap(([name, text]) =>
    check(text).diagnostics.flatMap(({ code, fixes = [] }) => fixes.map((fix) => [name, code, text, fix] as const)),
);

test("many of the broken programs have a fix", () => {
    expect(MENDED.length).toBeGreaterThan(15);
});

test.each(MENDED)("the fix of %s (%s)", (_name, _code, text, fix) => {
    const errors = check(applyFix(text, fix)).diagnostics.filter(({ severity }) => severity === "error");
    expect(errors.map(({ message }) => message)).toEqual([]);
});

test("fixes are in the JSON, with places", () => {
    const [diagnostic] = check("fn f(a: float) -> f32 { a }\n").diagnostics;
    expect(diagnosticToJson(diagnostic as never).fixes).toEqual([
        {
            message: "write `f32`",
            edits: [
                {
                    span: {
                        file: "test.soma",
                        start: { offset: 8, line: 1, column: 9 },
                        end: { offset: 13, line: 1, column: 14 },
                    },
                    text: "f32",
                },
            ],
        },
    ]);
});
