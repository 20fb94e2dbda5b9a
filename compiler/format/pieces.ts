// A file as the formatter sees it: its tokens and comments in order, each with what stands before it (line ends, a
// separator of statements) and the part that it plays. Brackets know their partners, so that the rest needs no tree.
// Only what has no syntax error is formatted, so brackets match.

import { type IToken, type TokenType, tokenMatcher } from "#chevrotain";
import type { SourceFile } from "../diagnostics/diagnostic.js";
import { layOut } from "../syntax/layout.js";
import { lex } from "../syntax/lexer.js";
import * as t from "../syntax/tokens.js";
import { markAngles } from "./angles.js";

/** What a piece is to the spaces around it. */
export type Role =
    | "comment"
    /** `(`, `[`, and `<` of a generic. */
    | "open"
    | "close"
    | "openBrace"
    | "closeBrace"
    /** Names and literals: what an operand ends with. */
    | "operand"
    | "keyword"
    | "prefix"
    | "infix"
    /** `'`: nothing before it. */
    | "suffix"
    | "comma"
    | "colon"
    /** `.`, `::`: nothing around them. */
    | "tight"
    | "hash";

export interface Piece {
    readonly image: string;
    readonly type: TokenType | null;
    role: Role;
    /** Ends of lines before it. */
    readonly newlines: number;
    /** Whether a newline or `;` before it ended a statement. */
    readonly separated: boolean;
    /** Of a comment behind code: its distance from its line's first character. */
    readonly column: number;
    /** Of a comment behind code: whether one space or none is before it. */
    readonly isTight: boolean;
    /** Of a bracket: the index of its partner. */
    partner: number;
}

const OPENERS = new Set<TokenType>([t.LeftParen, t.LeftBracket, t.LeftBrace]);
const CLOSERS = new Set<TokenType>([t.RightParen, t.RightBracket, t.RightBrace]);
const LITERAL_WORDS = new Set<TokenType>([t.True, t.False, t.Inf, t.Nan]);

/** Names that are words of the grammar where they stand behind an operand. */
const CONTEXTUAL = new Set(["by", "over", "groups", "when", "on", "of"]);

/** Names that are words of the grammar at the start of a statement before an operand. */
const LEADING = new Set<TokenType>([t.Output, t.Substeps]);

export function piecesOf(source: SourceFile): Piece[] {
    const { tokens } = lex(source.text);
    const separators = new Set<IToken>();
    for (const token of layOut(source, tokens).tokens) if (tokenMatcher(token, t.Separator)) separators.add(token);
    const pieces: Piece[] = [];
    let offset = 0;
    let newlines = 0;
    let separated = false;
    /** The last piece that is no comment. */
    let code: Piece | null = null;

    for (const [at, token] of tokens.entries()) {
        newlines = addComments(source.text, offset, token.startOffset, newlines, pieces);
        offset = token.startOffset + token.image.length;
        if (token.tokenType === t.Newline) newlines++;
        if (tokenMatcher(token, t.Separator)) {
            separated ||= separators.has(token);
            continue;
        }
        const isInner = code !== null && code.role !== "openBrace" && token.tokenType !== t.RightBrace;
        const piece: Piece = {
            image: token.image,
            type: token.tokenType,
            role: isLeading(tokens, at, code, separated) ? "keyword" : roleOf(token, code, separated),
            newlines,
            separated: separated && isInner,
            column: 0,
            isTight: false,
            partner: -1,
        };
        pieces.push(piece);
        code = piece;
        newlines = 0;
        separated = false;
    }
    addComments(source.text, offset, source.text.length, newlines, pieces);
    markAngles(pieces);
    matchBrackets(pieces);
    return pieces;
}

/** Adds the comments between two tokens; at most one, as a newline is a token. */
function addComments(text: string, from: number, to: number, newlines: number, pieces: Piece[]): number {
    if (to - from < 2) return newlines;
    const gap = text.slice(from, to);
    const start = gap.indexOf("//");
    if (start < 0) return newlines;
    const line = text.slice(lineStart(text, from), from + start);
    const column = line.length - (line.length - line.trimStart().length);
    const image = gap.slice(start).trimEnd();
    pieces.push({
        image,
        type: null,
        role: "comment",
        newlines,
        separated: false,
        column,
        isTight: start < 2,
        partner: -1,
    });
    return 0;
}

function lineStart(text: string, offset: number): number {
    let start = offset;
    while (start > 0 && text[start - 1] !== "\n" && text[start - 1] !== "\r") start--;
    return start;
}

/** Whether an operand may end with this piece, so that what follows is no operand. */
function endsOperand(piece: Piece): boolean {
    return piece.role === "operand" || piece.role === "close" || piece.role === "closeBrace";
}

function roleOf(token: IToken, before: Piece | null, separated: boolean): Role {
    const type = token.tokenType;
    const behindOperand = before !== null && !separated && endsOperand(before);
    if (type === t.LeftBrace) return "openBrace";
    if (type === t.RightBrace) return "closeBrace";
    if (OPENERS.has(type)) return "open";
    if (CLOSERS.has(type)) return "close";
    if (type === t.NumberToken || type === t.TextToken || LITERAL_WORDS.has(type)) return "operand";
    if (tokenMatcher(token, t.Identifier)) {
        return behindOperand && CONTEXTUAL.has(token.image) ? "keyword" : "operand";
    }
    if (type === t.Prime) return "suffix";
    if (type === t.Comma) return "comma";
    if (type === t.Colon) return "colon";
    if (type === t.Dot || type === t.PathColon) return "tight";
    if (type === t.Hash) return "hash";
    if (tokenMatcher(token, t.PrefixOperator) && !behindOperand) return "prefix";
    return /^[A-Za-z]/.test(token.image) ? "keyword" : "infix";
}

/** `output -g`: as an operator the sign would have a space behind it. */
function isLeading(tokens: readonly IToken[], at: number, before: Piece | null, separated: boolean): boolean {
    const [token, next] = [tokens[at] as IToken, tokens[at + 1]];
    if (!LEADING.has(token.tokenType) || next === undefined) return false;
    const isFirst = separated || before?.role === "openBrace";
    return isFirst && tokenMatcher(next, t.PrefixOperator);
}

function matchBrackets(pieces: readonly Piece[]): void {
    const open: number[] = [];
    pieces.forEach((piece, i) => {
        if (piece.role === "open" || piece.role === "openBrace") open.push(i);
        if (piece.role !== "close" && piece.role !== "closeBrace") return;
        const partner = open.pop();
        if (partner === undefined) throw new Error(`the formatter met a bracket without its partner: ${piece.image}`);
        piece.partner = partner;
        (pieces[partner] as Piece).partner = i;
    });
}
