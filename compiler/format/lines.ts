// Pieces to lines: where a line ends, and how far each is indented. The author's line ends stay, but for these:
// a block that has one in it has one at both of its ends and behind each statement; `else` and a head's `{` stand behind
// what they belong to; of several empty lines one is left, and none at the ends of a block.

import type { TokenType } from "#chevrotain";
import * as t from "../syntax/tokens.js";
import type { Piece } from "./pieces.js";
import { spaceBetween } from "./spacing.js";

export interface Line {
    /** Whether an empty line stands above. */
    readonly gap: boolean;
    readonly indent: number;
    /** Without indentation and the comment behind it. */
    code: string;
    /** Behind the code; empty where there is none. */
    comment: string;
    /** Where the author had the comment, from the line's first character; 0 where the line was not the author's. */
    commentColumn: number;
    /** Whether the author had one space before the comment. */
    isTight: boolean;
    /** Where the line's first `{` stands in `code`; -1 where there is none. */
    brace: number;
    /** The first block that begins and ends on this line, as a piece; -1 where there is none. */
    block: number;
}

const INDENT = 4;

/** An open bracket, or the file around all. */
interface Frame {
    readonly kind: "file" | "brace" | "bracket";
    /** What is in it is indented by one step more than this, or stands at `column`. */
    readonly base: number;
    readonly column: number | null;
    /** Each of its statements has a line of its own. */
    readonly isTall: boolean;
    /** Its lines are no statements: fields of a struct, names of an import. */
    readonly isList: boolean;
    /** The members of a structure. */
    readonly isStruct: boolean;
    /** Of the statement being written in it. */
    statementIndent: number;
    /** Its first piece, and whether it declares, assigns or returns: then its blocks are values. */
    first: Piece | null;
    isValue: boolean;
}

const LIST_WORDS = new Set(["struct", "enum", "import"]);
const VALUE_WORDS = new Set<TokenType>([t.Let, t.Var, t.Const, t.Shared, t.Return]);

/** `broken`: one-line blocks to break, as the index of their opening brace. */
export function linesOf(pieces: readonly Piece[], broken: ReadonlySet<number>): Line[] {
    const tall = tallBlocks(pieces, broken);
    const lines: Line[] = [];
    const frames: Frame[] = [{ ...frame("file", -INDENT, null), isTall: true }];
    const next = nextCodes(pieces);
    /** The last piece that is no comment. */
    let code: Piece | null = null;
    let codeLine: Line | null = null;
    let line: Line | null = null;
    let isAuthors = false;
    pieces.forEach((piece, i) => {
        const left = pieces[i - 1];
        const top = frames.at(-1) as Frame;
        const begins = startsStatement(code, next[i], top);
        if (line === null || left === undefined || breaksBefore(pieces, i, top, tall)) {
            const inner = top.column ?? top.base + INDENT;
            let indent = top.kind === "bracket" || begins ? inner : inner + INDENT;
            if (piece.role === "closeBrace") indent = top.base;
            else if (piece.role === "close" || piece.role === "comma") indent = top.column ?? top.base;
            else if (piece.type === t.Else) indent = top.statementIndent;
            if (piece.separated && codeLine !== null && needsSemicolon(code, top)) codeLine.code += ";";
            const gap = hasGap(pieces, i, top);
            line = { gap, indent, code: "", comment: "", commentColumn: 0, isTight: true, brace: -1, block: -1 };
            lines.push(line);
            isAuthors = piece.newlines > 0 || i === 0;
            if (begins) top.statementIndent = indent;
        } else if (piece.role === "comment") {
            line.comment = piece.image;
            line.commentColumn = isAuthors ? piece.column : 0;
            line.isTight = !isAuthors || piece.isTight;
            return;
        } else if (piece.separated) {
            line.code += "; ";
        } else {
            line.code += isConnection(piece, top) ? " " : spaceBetween(left, piece);
        }
        if (begins && piece.role !== "comment") {
            top.first = piece;
            top.isValue = piece.type !== null && VALUE_WORDS.has(piece.type);
        }
        if (piece.role === "openBrace" && line.brace < 0) line.brace = line.code.length;
        if (piece.role === "openBrace" && !tall.has(i) && line.block < 0 && piece.partner > i + 1) line.block = i;
        line.code += piece.image;
        if (piece.role !== "comment") {
            code = piece;
            codeLine = line;
        }
        if (piece.role === "infix" && /^[^=!<>]*=$/.test(piece.image)) top.isValue = true;
        if (piece.role === "openBrace") {
            const ofStatement = top.kind === "file" || (top.kind === "brace" && !top.isValue);
            const base = ofStatement ? top.statementIndent : line.indent;
            const isList = LIST_WORDS.has(top.first?.image ?? "");
            frames.push({ ...frame("brace", base, null), isTall: tall.has(i), isList, isStruct: isStruct(pieces, i) });
        } else if (piece.role === "open") {
            frames.push(bracketFrame(pieces[i + 1], top, line));
        } else if (piece.role === "close" || piece.role === "closeBrace") {
            frames.pop();
        }
    });
    return lines;
}

const CLOSED_BY_ANGLE = new Set(["instance", "type", "pub"]);

/** Behind the `>` of `f::<N>` the end of a line ends nothing; that of an `instance`, an alias or a field's type does. */
function needsSemicolon(before: Piece | null, { kind, first, isStruct }: Frame): boolean {
    if (before?.type !== t.Greater || isStruct) return false;
    return kind !== "file" || !CLOSED_BY_ANGLE.has(first?.image ?? "");
}

/** Whether a brace opens a structure: behind its name, or what that has in angle brackets. */
function isStruct(pieces: readonly Piece[], brace: number): boolean {
    const before = pieces[brace - 1];
    const name = before?.type === t.Greater ? before.partner - 1 : brace - 1;
    return pieces[name - 1]?.type === t.Struct;
}

function frame(kind: Frame["kind"], base: number, column: number | null): Frame {
    const statementIndent = base + INDENT;
    return {
        kind,
        base,
        column,
        isTall: false,
        isList: false,
        isStruct: false,
        statementIndent,
        first: null,
        isValue: false,
    };
}

/**
 * What begins behind its bracket stands in a column with it where it is a list of parameters, and elsewhere as far right
 * as any other line that goes on with the statement; what begins on a line of its own is one step further in.
 */
function bracketFrame(next: Piece | undefined, top: Frame, { indent, code }: Line): Frame {
    const isBroken = next !== undefined && (next.newlines > 0 || next.role === "comment");
    if (isBroken) return frame("bracket", indent, null);
    if (top.kind === "file") return frame("bracket", indent, indent + code.length);
    return frame("bracket", top.kind === "brace" ? top.statementIndent : top.base, top.column);
}

/** Whether a piece (a comment: what it stands above) begins a statement, or a line of a list. */
function startsStatement(before: Piece | null, next: Piece | undefined, { kind, isList }: Frame): boolean {
    if (kind === "bracket") return false;
    if (before === null || next === undefined || next.separated || next.role === "closeBrace") return true;
    return before.role === "openBrace" || (isList && before.role === "comma");
}

function breaksBefore(pieces: readonly Piece[], i: number, top: Frame, tall: ReadonlySet<number>): boolean {
    const [left, piece] = [pieces[i - 1] as Piece, pieces[i] as Piece];
    if (left.role === "comment") return true;
    if (piece.role === "comment") return piece.newlines > 0;
    if (isJoined(left, piece)) return false;
    if (left.role === "openBrace") return tall.has(i - 1);
    if (piece.role === "closeBrace") return tall.has(piece.partner);
    if (piece.newlines > 0) return true;
    return piece.separated && top.isTall;
}

/** `} else`, and a `{` that belongs to what stands above it. */
function isJoined(left: Piece, piece: Piece): boolean {
    if (piece.type === t.Else) return left.role === "closeBrace";
    return piece.role === "openBrace" && !piece.separated && left.role !== "open" && left.role !== "openBrace";
}

/** The blocks with a line end or a comment inside, by the index of their brace. */
function tallBlocks(pieces: readonly Piece[], broken: ReadonlySet<number>): ReadonlySet<number> {
    const tall = new Set<number>();
    const open: number[] = [];
    pieces.forEach((piece, i) => {
        const left = pieces[i - 1];
        const ends = piece.newlines > 0 && left !== undefined && (left.role === "comment" || !isJoined(left, piece));
        if (ends || piece.role === "comment" || broken.has(i)) {
            const all = broken.has(i) ? [...open, i] : open;
            for (let at = all.length - 1; at >= 0 && !tall.has(all[at] as number); at--) tall.add(all[at] as number);
        }
        if (piece.role === "openBrace") open.push(i);
        if (piece.role === "closeBrace") open.pop();
    });
    return tall;
}

function hasGap(pieces: readonly Piece[], i: number, top: Frame): boolean {
    const [left, piece] = [pieces[i - 1], pieces[i] as Piece];
    if (left === undefined || piece.newlines < 2 || top.kind === "bracket") return false;
    return left.role !== "openBrace" && piece.role !== "closeBrace";
}

/** The parameters of a connection stand apart: `connect a -> b (weight: 1.0)`. */
function isConnection(piece: Piece, { kind, first }: Frame): boolean {
    return piece.image === "(" && kind === "brace" && first?.image === "connect";
}

/** For each piece the next one that is no comment, itself included. */
function nextCodes(pieces: readonly Piece[]): (Piece | undefined)[] {
    const next: (Piece | undefined)[] = [];
    for (let i = pieces.length - 1; i >= 0; i--) next[i] = pieces[i]?.role === "comment" ? next[i + 1] : pieces[i];
    return next;
}
