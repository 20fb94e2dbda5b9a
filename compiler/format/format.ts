// A source text in the one style of the language. Works on tokens rather than on the syntax tree: what it can't lose is
// everything but white space. What comes out is checked to be the same tokens, in the same statements, with the same
// comments, before anybody sees it; formatting twice changes nothing.

import type { Diagnostic, SourceFile } from "../diagnostics/diagnostic.js";
import { parse } from "../syntax/parse.js";
import { printLines } from "./align.js";
import { type Line, linesOf } from "./lines.js";
import { type Piece, piecesOf } from "./pieces.js";

/** Columns that a line with a one-line block may have; a longer one is broken at the block. */
const MAX_WIDTH = 120;

export type Formatted =
    | { readonly kind: "text"; readonly text: string }
    /** The text has syntax errors and stays as it is. */
    | { readonly kind: "refused"; readonly diagnostics: readonly Diagnostic[] };

/** @throws Error if the result would not be the same program, which is a bug of ours */
export function format(source: SourceFile): Formatted {
    const { diagnostics } = parse(source);
    if (diagnostics.some(({ severity }) => severity === "error")) return { kind: "refused", diagnostics };
    const pieces = piecesOf(source);
    const text = printLines(layLines(pieces));
    expectSame(pieces, piecesOf({ path: source.path, text }));
    return { kind: "text", text };
}

function layLines(pieces: readonly Piece[]): Line[] {
    const broken = new Set<number>();
    for (;;) {
        const lines = linesOf(pieces, broken);
        const tooLong = lines.filter(({ indent, code, block }) => block >= 0 && indent + code.length > MAX_WIDTH);
        if (tooLong.length === 0) return lines;
        for (const { block } of tooLong) broken.add(block);
    }
}

function expectSame(before: readonly Piece[], after: readonly Piece[]): void {
    for (let i = 0; i < Math.max(before.length, after.length); i++) {
        const [one, other] = [before[i], after[i]];
        if (one?.image !== other?.image || one?.separated !== other?.separated) {
            const shown = `\`${one?.image ?? "nothing"}\` became \`${other?.image ?? "nothing"}\``;
            throw new Error(`the formatter would have changed the program (piece ${i}: ${shown})`);
        }
    }
}
