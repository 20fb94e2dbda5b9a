// Golden files of diagnostics: a program with its diagnostics as comments under the lines that they are about.
//
//     x[i] = squrt(x[i])
//  //        ^^^^^ E0202: there is no function `squrt`
//  //  = help: did you mean `sqrt`?
//
// Carets are the place, tildes a label. A mark that begins in the first two columns, where the slashes are, is
// written `//<^^^`: it begins at the line's first column (`//<.^^^`: at the second).

import type { Diagnostic, Span } from "../../compiler/diagnostics/diagnostic.js";
import { lineStarts, lineText, positionOf } from "../../compiler/diagnostics/text.js";

const ANNOTATION = /^\/\/(?:[ \t]*(?:\^+|~+)|<\.?(?:\^+|~+)| {2}= help: )/;

/** The program without its annotations. */
export function withoutAnnotations(text: string): string {
    return text
        .split("\n")
        .filter((line) => !ANNOTATION.test(line))
        .join("\n");
}

/** The program with its diagnostics under its lines. */
export function annotate(text: string, diagnostics: readonly Diagnostic[]): string {
    const notes = new Map<number, string[]>();
    const add = (line: number, ...texts: string[]) => notes.set(line, [...(notes.get(line) ?? []), ...texts]);
    for (const { code, message, span, label, labels, help } of diagnostics) {
        const said = `${code}: ${message}${label === undefined ? "" : ` (${label})`}`;
        add(lineOf(span), mark(span, "^", said), ...(help === undefined ? [] : [`//  = help: ${help}`]));
        for (const { span, message } of labels) add(lineOf(span), mark(span, "~", message));
    }
    return text
        .split("\n")
        .flatMap((line, i) => [line, ...(notes.get(i + 1) ?? [])])
        .join("\n");
}

/** The line to write under: the first of the span. */
function lineOf(span: Span): number {
    return positionOf(span.file, span.start).line;
}

function mark(span: Span, sign: "^" | "~", text: string): string {
    const { line, column } = positionOf(span.file, span.start);
    const lineEnd = (lineStarts(span.file)[line - 1] as number) + lineText(span.file, line).length;
    const cut = span.end > lineEnd + 1;
    const length = Math.max(1, Math.min(span.end, lineEnd) - span.start);
    const signs = `${sign.repeat(length)}${cut ? "…" : ""} ${text}`;
    if (column <= 2) return `//<${column === 2 ? "." : ""}${signs}`;
    const before = lineText(span.file, line)
        .slice(2, column - 1)
        .replace(/[^\t]/g, " ");
    return `//${before}${signs}`;
}
