// Which `<` and `>` are brackets of generics: behind `::`, behind the name of an item being declared, in an `instance`,
// and behind a type's name where a type stands. All others compare.

import type { TokenType } from "#chevrotain";
import * as t from "../syntax/tokens.js";
import type { Piece } from "./pieces.js";

const ITEM_WORDS = new Set(["fn", "kernel", "struct", "enum", "type", "neuron", "synapse", "plasticity", "network"]);

/** What a type stands behind. */
const BEFORE_TYPES = new Set<TokenType>([t.Colon, t.Arrow, t.Mut, t.Assign, t.Strided, t.Large, t.Alias, t.Tile]);

/** Gives the angle brackets their roles. */
export function markAngles(pieces: readonly Piece[]): void {
    /** `instance` began this statement. */
    let inInstance = false;
    for (let i = 0; i < pieces.length; i++) {
        const piece = pieces[i] as Piece;
        if (piece.separated || i === 0) inInstance = false;
        if (piece.image === "instance" && pieces[i + 1]?.role === "operand") inInstance = true;
        if (piece.type !== t.Less || piece.role === "open") continue;
        if (inInstance || followsName(pieces, i)) markPair(pieces, i, true);
        else if (followsType(pieces, i)) markPair(pieces, i, false);
    }
}

/** Behind `::`, or behind the name of an item being declared. */
function followsName(pieces: readonly Piece[], i: number): boolean {
    const [beforeName, name] = [pieces[i - 2], pieces[i - 1]];
    if (name?.type === t.PathColon) return true;
    return name?.role === "operand" && beforeName !== undefined && ITEM_WORDS.has(beforeName.image);
}

function followsType(pieces: readonly Piece[], i: number): boolean {
    const [beforeName, name] = [pieces[i - 2], pieces[i - 1]];
    return name?.role === "operand" && BEFORE_TYPES.has(beforeName?.type as TokenType);
}

/**
 * Marks an opening bracket and its partner, if only what may stand in generics is between them. Behind a label,
 * `P(a: x < y, b: z > w)`, an operand follows, which never does behind a type.
 */
function markPair(pieces: readonly Piece[], start: number, mayPrecedeOperand: boolean): void {
    const open: Piece[] = [];
    let brackets = 0;
    for (let i = start; i < pieces.length; i++) {
        const piece = pieces[i] as Piece;
        if (piece.role === "openBrace" || piece.role === "closeBrace" || piece.separated) return;
        if (piece.type === t.LeftParen || piece.type === t.LeftBracket) brackets++;
        if (piece.type === t.RightParen || piece.type === t.RightBracket) brackets--;
        if (brackets < 0) return;
        if (brackets > 0) continue;
        if (piece.type === t.Less) open.push(piece);
        if (piece.type !== t.Greater) continue;
        if (!mayPrecedeOperand && beginsOperand(pieces[i + 1])) return;
        const opener = open.pop() as Piece;
        opener.role = "open";
        piece.role = "close";
        if (open.length === 0) return;
    }
}

function beginsOperand(piece: Piece | undefined): boolean {
    if (piece === undefined || piece.separated) return false;
    return piece.role === "operand" || piece.role === "prefix" || piece.type === t.LeftParen;
}
