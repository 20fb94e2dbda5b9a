// Fixes that several diagnostics offer.

import type { Edit, Fix, Span } from "./diagnostic.js";

/** One word instead of another; none where nothing is near enough to be meant. */
export function respelling(span: Span, similar: string | undefined): readonly Fix[] {
    return similar === undefined ? [] : [{ message: `write \`${similar}\``, edits: [{ span, text: similar }] }];
}

/** What `as` takes without parentheses: a name or number, perhaps with one index or one call behind it. */
const PRIMARY = /^[\w.]+(?:\[[^[\]()]*\]|\([^[\]()]*\))?$/;

/** `(…) as type` around an expression. */
export function conversion(span: Span, type: string): Fix {
    const { file, start, end } = span;
    const isPrimary = PRIMARY.test(file.text.slice(start, end));
    const insert = (at: number, text: string): Edit => ({ span: { file, start: at, end: at }, text });
    const edits = isPrimary ? [insert(end, ` as ${type}`)] : [insert(start, "("), insert(end, `) as ${type}`)];
    return { message: `convert it to ${type}`, edits };
}

/** The text of a file after a fix; edits in other files are not in it. */
export function applyFix(text: string, { edits }: Fix): string {
    const backwards = [...edits].sort((a, b) => b.span.start - a.span.start);
    return backwards.reduce((now, { span, text }) => now.slice(0, span.start) + text + now.slice(span.end), text);
}
