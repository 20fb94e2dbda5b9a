// Diagnostics as text for a terminal: the message, the lines it is about with carets under them, and the help.
//
//     error[E0302]: `*` has f32 on its left and i32 on its right
//      --> saxpy.soma:3:14
//       |
//     3 |     y[i] = a * k
//       |            - ^ - i32
//       |            |
//       |            f32
//       = help: convert one side: `… as f32`

import pc from "picocolors";
import { type Diagnostic, isNowhere, type SourceFile } from "./diagnostic.js";
import { lineText, positionOf, widthOf } from "./text.js";

export interface RenderOptions {
    /** ANSI colours. Default false. */
    readonly color?: boolean;
}

/** Longer lines are shown around their marks only. */
const MAX_WIDTH = 120;
const TAB = 4;

type Paint = ReturnType<typeof pc.createColors>;

/** All of them, with an empty line between two. */
export function renderDiagnostics(diagnostics: readonly Diagnostic[], options: RenderOptions = {}): string {
    return diagnostics.map((diagnostic) => renderDiagnostic(diagnostic, options)).join("\n");
}

/** One diagnostic; ends with a newline. */
export function renderDiagnostic(diagnostic: Diagnostic, { color = false }: RenderOptions = {}): string {
    const paint = pc.createColors(color);
    const { severity, code, message, span, help } = diagnostic;
    const main = severity === "error" ? paint.red : paint.yellow;
    const out = [`${paint.bold(main(`${severity}[${code}]`))}${paint.bold(`: ${printable(message)}`)}`];
    const marks = isNowhere(span) ? [] : collectMarks(diagnostic, main, paint.cyan);
    const files = isNowhere(span)
        ? []
        : [span.file, ...new Set(marks.map(({ file }) => file))].filter((f, i, all) => all.indexOf(f) === i);
    const margin = String(Math.max(1, ...marks.map(({ line }) => line))).length;
    for (const file of files) {
        const own = marks.filter((mark) => mark.file === file);
        const first = file === span.file ? positionOf(file, span.start) : own[0];
        if (first === undefined) continue;
        const arrow = file === span.file ? "-->" : ":::";
        out.push(`${" ".repeat(margin)}${paint.blue(arrow)} ${printable(file.path)}:${first.line}:${first.column}`);
        out.push(...renderFrame(file, own, margin, paint));
    }
    if (help !== undefined)
        out.push(`${" ".repeat(margin)} ${paint.blue("=")} ${paint.bold("help")}: ${printable(help)}`);
    return `${out.join("\n")}\n`;
}

interface Mark {
    readonly file: SourceFile;
    readonly line: number;
    readonly column: number;
    /** Exclusive; on the same line. */
    readonly endColumn: number;
    readonly sign: "^" | "-";
    readonly text: string;
    readonly paint: (text: string) => string;
}

function collectMarks(diagnostic: Diagnostic, main: Mark["paint"], second: Mark["paint"]): Mark[] {
    const places = [
        { span: diagnostic.span, text: diagnostic.label ?? "", sign: "^", paint: main } as const,
        ...diagnostic.labels.map(({ span, message }) => ({ span, text: message, sign: "-", paint: second }) as const),
    ];
    return places.map(({ span, text, sign, paint }) => {
        const start = positionOf(span.file, span.start);
        const end = positionOf(span.file, Math.max(span.start, span.end));
        const lineEnd = lineText(span.file, start.line).length + 1;
        const endColumn = end.line === start.line ? end.column : Math.max(lineEnd, start.column + 1);
        return { file: span.file, ...start, endColumn: Math.max(endColumn, start.column + 1), sign, text, paint };
    });
}

function renderFrame(file: SourceFile, marks: readonly Mark[], margin: number, paint: Paint): string[] {
    const bar = paint.blue("|");
    const gutter = (text = "") => `${paint.blue(text.padStart(margin))} ${bar}`;
    const out = [gutter()];
    const lines = [...new Set(marks.map(({ line }) => line))].sort((a, b) => a - b);
    let previous = 0;
    for (const line of lines) {
        if (previous > 0 && line > previous + 1) {
            out.push(line === previous + 2 ? sourceLine(file, line - 1, gutter) : paint.blue("..."));
        }
        const own = marks.filter((mark) => mark.line === line).sort((a, b) => a.column - b.column);
        const shown = window(lineText(file, line), own);
        out.push(`${gutter(String(line))} ${shown.text}`.trimEnd());
        out.push(...renderMarks(own, shown.offsets).map((text) => `${gutter()} ${text}`.trimEnd()));
        previous = line;
    }
    return out;
}

function sourceLine(file: SourceFile, line: number, gutter: (text?: string) => string): string {
    return `${gutter(String(line))} ${window(lineText(file, line), []).text}`.trimEnd();
}

interface Shown {
    readonly text: string;
    /** For each column of the source line, from 0 to its length, the column on the terminal. */
    readonly offsets: (column: number) => number;
}

/** The part of a line that is shown, with tabs as spaces and control characters made visible. */
function window(source: string, marks: readonly Mark[]): Shown {
    const first = Math.min(...marks.map(({ column }) => column - 1), source.length);
    const start = marks.length === 0 || source.length <= MAX_WIDTH ? 0 : Math.max(0, first - MAX_WIDTH / 2);
    const end = Math.min(source.length, start + MAX_WIDTH);
    const columns: number[] = [];
    let text = start > 0 ? "…" : "";
    let width = text.length;
    for (const character of source.slice(start, end)) {
        for (let unit = 0; unit < character.length; unit++) columns.push(width);
        const drawn = character === "\t" ? " ".repeat(TAB - (width % TAB)) : printable(character);
        width += character === "\t" ? drawn.length : widthOf(drawn);
        text += drawn;
    }
    if (end < source.length) text += "…";
    return { text, offsets: (column) => columns[column - start] ?? (column < start ? 0 : width) };
}

/** The rows under a line: one with all marks and the last one's text, then the other texts from right to left. */
function renderMarks(marks: readonly Mark[], offsets: (column: number) => number): string[] {
    const placed = marks.map((mark) => {
        const from = offsets(mark.column - 1);
        return { ...mark, from, to: Math.max(from + 1, offsets(mark.endColumn - 1)) };
    });
    const last = placed.at(-1);
    const hanging = placed.filter((mark) => mark.text !== "" && mark !== last);
    const rows = [
        row(placed.map((mark) => ({ at: mark.from, text: mark.sign.repeat(mark.to - mark.from), paint: mark.paint }))),
    ];
    if (last !== undefined && last.text !== "") rows[0] += ` ${last.paint(printable(last.text))}`;
    if (hanging.length > 0) rows.push(row(hanging.map(({ from, paint }) => ({ at: from, text: "|", paint }))));
    for (let i = hanging.length - 1; i >= 0; i--) {
        const bars = hanging.slice(0, i).map(({ from, paint }) => ({ at: from, text: "|", paint }));
        const mark = hanging[i] as (typeof hanging)[number];
        rows.push(row([...bars, { at: mark.from, text: printable(mark.text), paint: mark.paint }]));
    }
    return rows;
}

/** Pieces at their columns; where two overlap the later one gives way. */
function row(pieces: readonly { at: number; text: string; paint: (text: string) => string }[]): string {
    let out = "";
    let width = 0;
    for (const { at, text, paint } of [...pieces].sort((a, b) => a.at - b.at)) {
        const visible = text.slice(Math.max(0, width - at));
        if (visible === "") continue;
        out += " ".repeat(Math.max(0, at - width)) + paint(visible);
        width = Math.max(width, at) + visible.length;
    }
    return out;
}

/** Control characters as their pictures, so that no source text can steer the terminal. */
function printable(text: string): string {
    return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]/gu, (character) => {
        const code = character.charCodeAt(0);
        return code < 0x20 ? String.fromCharCode(0x2400 + code) : "\ufffd";
    });
}
