// How diagnostics look on a terminal, and as JSON.

import { describe, expect, test } from "vitest";
import { type Diagnostic, NOWHERE, type SourceFile } from "../../compiler/diagnostics/diagnostic.js";
import { diagnosticToJson } from "../../compiler/diagnostics/json.js";
import { renderDiagnostic } from "../../compiler/diagnostics/render.js";

function at(text: string, what: string, more: Partial<Diagnostic> = {}): Diagnostic {
    const file: SourceFile = { path: "k.soma", text };
    const start = text.indexOf(what);
    return {
        code: "E0001",
        severity: "error",
        message: "wrong",
        span: { file, start, end: start + what.length },
        labels: [],
        ...more,
    };
}

/** The lines of a rendered diagnostic. */
function render(diagnostic: Diagnostic): string[] {
    return renderDiagnostic(diagnostic).split("\n").slice(0, -1);
}

describe("text", () => {
    test("shows no place where there is none, also of what comes from another thread", () => {
        const diagnostic = at("", "", { span: NOWHERE });
        expect(render(diagnostic)).toEqual(["error[E0001]: wrong"]);
        expect(render(structuredClone(diagnostic))).toEqual(["error[E0001]: wrong"]);
    });

    test("has message, place, line, carets and help", () => {
        expect(render(at("one\n  two three\n", "three", { help: "write four" }))).toEqual([
            "error[E0001]: wrong",
            " --> k.soma:2:7",
            "  |",
            "2 |   two three",
            "  |       ^^^^^",
            "  = help: write four",
        ]);
    });

    test("puts several labels of a line below each other", () => {
        const text = "a + b\n";
        const file = { path: "k.soma", text };
        const labels = [
            { span: { file, start: 0, end: 1 }, message: "i32" },
            { span: { file, start: 4, end: 5 }, message: "f32" },
        ];
        expect(render({ ...at(text, "+"), span: { file, start: 2, end: 3 }, labels })).toEqual([
            "error[E0001]: wrong",
            " --> k.soma:1:3",
            "  |",
            "1 | a + b",
            "  | - ^ - f32",
            "  | |",
            "  | i32",
        ]);
    });

    test("skips lines between two places, and shows a single one", () => {
        const text = "one\ntwo\nthree\nfour\nfive\nsix\n";
        const file = { path: "k.soma", text };
        const label = (word: string) => ({
            span: { file, start: text.indexOf(word), end: text.indexOf(word) + 1 },
            message: "m",
        });
        const lines = render({
            ...at(text, "one"),
            span: { file, start: 0, end: 3 },
            labels: [label("three"), label("six")],
        });
        expect(lines.slice(3)).toEqual([
            "1 | one",
            "  | ^^^",
            "2 | two",
            "3 | three",
            "  | - m",
            "...",
            "6 | six",
            "  | - m",
        ]);
    });

    test("aligns line numbers of different width", () => {
        const text = `${"x\n".repeat(9)}ten\n`;
        expect(render(at(text, "ten"))).toEqual([
            "error[E0001]: wrong",
            "  --> k.soma:10:1",
            "   |",
            "10 | ten",
            "   | ^^^",
        ]);
    });

    test("counts tabs and wide characters as the terminal does", () => {
        expect(render(at("\tab\n", "b")).slice(3)).toEqual(["1 |     ab", "  |      ^"]);
        expect(render(at("// 漢字 x\n", "x")).slice(3)).toEqual(["1 | // 漢字 x", "  |         ^"]);
        expect(render(at("// e\u0301 x\n", "x")).slice(3)).toEqual(["1 | // e\u0301 x", "  |      ^"]);
        expect(render(at("// \u{1f600} x\n", "x")).slice(3)).toEqual(["1 | // \u{1f600} x", "  |       ^"]);
    });

    test("shows of a long line what is around the place", () => {
        const lines = render(at(`${"a".repeat(5000)}!${"b".repeat(5000)}\n`, "!"));
        expect(lines[3]).toMatch(/^1 \| …a+!b+…$/);
        expect(lines[3]?.length).toBeLessThan(140);
        expect((lines[4] as string).indexOf("^")).toBe((lines[3] as string).indexOf("!"));
    });

    test("marks a place over several lines on the first", () => {
        expect(render(at("ab {\n}\n", "{\n}")).slice(3)).toEqual(["1 | ab {", "  |    ^"]);
    });

    test("points behind the last character at the end of the text", () => {
        const file = { path: "k.soma", text: "ab" };
        expect(render({ ...at("ab", "a"), span: { file, start: 2, end: 2 } }).slice(3)).toEqual(["1 | ab", "  |   ^"]);
        const empty = { path: "k.soma", text: "" };
        expect(render({ ...at("ab", "a"), span: { file: empty, start: 0, end: 0 } }).slice(3)).toEqual([
            "1 |",
            "  | ^",
        ]);
    });

    test("lets no control character through", () => {
        const text = renderDiagnostic(at("a \u001b[31m \u202e b\n", "b", { message: "\u001b[2J" }));
        expect(text).not.toContain("\u001b");
        expect(text).not.toContain("\u202e");
    });

    test("has colours only if asked", () => {
        const diagnostic = at("ab\n", "b");
        expect(renderDiagnostic(diagnostic)).not.toContain("\u001b");
        expect(renderDiagnostic(diagnostic, { color: true })).toContain("\u001b[31m");
    });
});

test("what stands in no source has no frame, and no place in JSON", () => {
    const diagnostic = { ...at("a", "a", { help: "write gfx1100" }), span: NOWHERE };
    expect(render(diagnostic)).toEqual(["error[E0001]: wrong", "  = help: write gfx1100"]);
    expect(diagnosticToJson(diagnostic).span).toBeNull();
});

test("JSON has lines and columns from 1, and offsets from 0", () => {
    const diagnostic = at("one\r\ntwo\n", "two", { help: "no" });
    const span = {
        file: "k.soma",
        start: { offset: 5, line: 2, column: 1 },
        end: { offset: 8, line: 2, column: 4 },
    };
    expect(diagnosticToJson({ ...diagnostic, labels: [{ span: diagnostic.span, message: "here" }] })).toEqual({
        code: "E0001",
        severity: "error",
        message: "wrong",
        span,
        labels: [{ span, message: "here" }],
        help: "no",
    });
});
