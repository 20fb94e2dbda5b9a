// Lines, columns and widths of source text.

import type { SourceFile } from "./diagnostic.js";

export interface Position {
    /** From 1. */
    readonly line: number;
    /** From 1, in UTF-16 code units. */
    readonly column: number;
}

const starts = new WeakMap<SourceFile, readonly number[]>();

/** The offsets at which lines begin. A line ends with LF, CR LF or a lone CR. */
export function lineStarts(file: SourceFile): readonly number[] {
    const known = starts.get(file);
    if (known !== undefined) return known;
    const list = [0];
    for (const match of file.text.matchAll(/\r\n?|\n/g)) list.push(match.index + match[0].length);
    starts.set(file, list);
    return list;
}

export function positionOf(file: SourceFile, offset: number): Position {
    const list = lineStarts(file);
    let low = 0;
    let high = list.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if ((list[middle] as number) <= offset) low = middle + 1;
        else high = middle;
    }
    return { line: low, column: offset - (list[low - 1] as number) + 1 };
}

/** The text of a line, without its end. */
export function lineText(file: SourceFile, line: number): string {
    const list = lineStarts(file);
    return file.text.slice(list[line - 1], list[line] ?? file.text.length).replace(/[\r\n]+$/, "");
}

/** Columns that a character takes in a terminal: East Asian wide and emoji take two, combining marks none. */
export function widthOf(character: string): number {
    if (/^[\p{Mn}\p{Me}\p{Cf}]$/u.test(character)) return 0;
    return /^[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]$/u.test(
        character,
    )
        ? 2
        : 1;
}

/** To call the decoder takes longer than to copy so many characters one by one. */
const SHORT = 100;
const ENCODER = new TextEncoder();
const DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/**
 * The same text in memory of its own, of one byte a character if it is ASCII. V8 keeps two bytes for each character of what
 * is cut from a text that has others anywhere, and then of all texts that are made with it.
 */
export function plain(text: string): string {
    if (text.length > SHORT) return DECODER.decode(ENCODER.encode(text));
    const codes: number[] = [];
    for (let at = 0; at < text.length; at++) codes.push(text.charCodeAt(at));
    return String.fromCharCode(...codes);
}
