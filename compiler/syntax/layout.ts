// From the lexer's tokens to the parser's: brackets are matched (and mended where they don't match), newlines that
// don't end anything are dropped.
// Invariant of what comes out: brackets are balanced and at most MAX_NESTING deep, and every token's payload is the
// number of brackets around it (a bracket counts as outside itself).

import { createTokenInstance, type IToken, type TokenType, tokenMatcher } from "#chevrotain";
import { mismatchedBracket, tooDeep, unclosed, unopened } from "../diagnostics/catalogue/syntax.js";
import type { Diagnostic, SourceFile, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { MAX_NESTING } from "./ast.js";
import type { Range } from "./ranges.js";
import * as t from "./tokens.js";

export interface Layout {
    readonly tokens: IToken[];
    readonly diagnostics: readonly Diagnostic[];
    /** Where the text was mended: what the parser finds wrong in here was reported already. */
    readonly mended: readonly Range[];
    readonly strays: readonly Stray[];
}

/** A `}` that closes nothing. The parser may know more of what is missing, somewhere between its item's beginning and it. */
export interface Stray {
    readonly diagnostic: Diagnostic;
    readonly range: Range;
}

const PARTNER = new Map<TokenType, TokenType>([
    [t.LeftParen, t.RightParen],
    [t.LeftBracket, t.RightBracket],
    [t.LeftBrace, t.RightBrace],
]);

/** Tokens around a stray bracket that are looked at, so that a huge line costs no more than others. */
const NEARBY = 200;

/** Words that begin an item: unindented inside brackets, they show that a bracket was left open. */
const ITEM_WORDS = [t.Kernel, t.Fn, t.Pub, t.Import];

/** Those that do so before a name only. */
const CONTEXTUAL_ITEM_WORDS = [t.Struct, t.Enum, t.Matrix, t.Neuron, t.Synapse, t.Plasticity, t.Network];

/** After these a statement goes on in the next line. */
const CONTINUING = [
    t.Comma,
    t.Colon,
    t.PathColon,
    t.Arrow,
    t.DotDot,
    t.Dot,
    t.As,
    t.In,
    t.By,
    t.Else,
    t.LeftBrace,
    t.Semicolon,
    ...t.TOKENS.filter(({ CATEGORIES = [] }) =>
        [t.BinaryOperator, t.AssignOperator].some((c) => CATEGORIES.includes(c)),
    ),
];

/** Before these a statement of the line above goes on, or ends anyway. */
const CONTINUED_BY = [t.Dot, t.Else, t.RightBrace];

/** Between the parts of an item's head, outside all brackets. */
const HEAD_PARTS = [t.Over, t.Groups, t.Workgroup, t.Arrow, t.LeftBrace];

/** What is asked of every token, as bits by the index of its type: sets would be asked half a dozen times for each. */
const OPENER = 1;
const CLOSER = 2;
const SEPARATOR = 4;
const ITEM = 8;
const CONTEXTUAL_ITEM = 16;
const CONTINUES = 32;
const CONTINUED = 64;
const HEAD_PART = 128;

const TRAITS = new Uint8Array(Math.max(...t.TOKENS.map(({ tokenTypeIdx = 0 }) => tokenTypeIdx)) + 1);
for (const [trait, types] of [
    [OPENER, [...PARTNER.keys()]],
    [CLOSER, [...PARTNER.values()]],
    [SEPARATOR, [t.Newline, t.Semicolon]],
    [ITEM, ITEM_WORDS],
    [CONTEXTUAL_ITEM, CONTEXTUAL_ITEM_WORDS],
    [CONTINUES, CONTINUING],
    [CONTINUED, CONTINUED_BY],
    [HEAD_PART, HEAD_PARTS],
] as const) {
    for (const { tokenTypeIdx = 0 } of types) TRAITS[tokenTypeIdx] = (TRAITS[tokenTypeIdx] ?? 0) | trait;
}

function has({ tokenTypeIdx }: IToken, traits: number): boolean {
    return ((TRAITS[tokenTypeIdx] as number) & traits) !== 0;
}

export function layOut(source: SourceFile, lexed: readonly IToken[]): Layout {
    const balanced = balance(source, lexed);
    if (!("diagnostics" in balanced)) {
        const args = { what: "too many brackets inside each other", limit: MAX_NESTING };
        const diagnostic = diagnose(tooDeep, spanOf(source, balanced, balanced), args);
        return { tokens: [], diagnostics: [diagnostic], mended: [], strays: [] };
    }
    const tokens: IToken[] = [];
    const open: TokenType[] = [];
    /** What the item that is being read begins with, behind attributes and `pub`. */
    let item: TokenType | undefined;
    let previous: IToken | undefined;
    for (let i = 0; i < balanced.tokens.length; i++) {
        const token = balanced.tokens[i] as IToken;
        if (token.tokenType === t.Newline) {
            while (balanced.tokens[i + 1]?.tokenType === t.Newline) i++;
            const next = balanced.tokens[i + 1];
            if (next === undefined || previous === undefined) continue;
            const closed = previous.tokenType === t.Greater && closesGenerics(item, open.length);
            if (!closed && !endsStatement(previous, next, open)) continue;
        } else {
            if (open.length === 0) {
                const startsItem = previous === undefined || has(previous, SEPARATOR) || previous.tokenType === t.Pub;
                if (startsItem || endsAttribute(item, previous, token)) item = token.tokenType;
            }
            if (has(token, CLOSER)) open.pop();
        }
        token.payload = open.length;
        if (has(token, OPENER)) open.push(token.tokenType);
        tokens.push(token);
        previous = token;
    }
    return { ...balanced, tokens };
}

/** Whether an item begins behind its attribute, on the same line. */
function endsAttribute(item: TokenType | undefined, previous: IToken | undefined, token: IToken): boolean {
    return item === t.Hash && previous?.tokenType !== t.Hash && token.tokenType !== t.LeftParen;
}

/** Whether a `>` at the end of a line closes a list: of an `instance`, of an alias, and of a field's type. */
function closesGenerics(item: TokenType | undefined, depth: number): boolean {
    return depth === 0 ? item === t.Instance || item === t.Type : depth === 1 && item === t.Struct;
}

/** Whether a newline between two tokens ends a statement (or an item). */
function endsStatement(previous: IToken, next: IToken, open: readonly TokenType[]): boolean {
    if (has(next, CONTINUED) || has(previous, CONTINUES)) return false;
    const innermost = open.at(-1);
    return innermost === undefined ? !has(next, HEAD_PART) : innermost === t.LeftBrace;
}

type Balanced = Omit<Layout, "tokens"> & { readonly tokens: readonly IToken[] };

/** Matches brackets; the opening one that is too deep, where there is one. */
function balance(source: SourceFile, lexed: readonly IToken[]): Balanced | IToken {
    const diagnostics: Diagnostic[] = [];
    const mended: Range[] = [];
    const strays: Stray[] = [];
    /** The token that the item begins with, or that follows the last stray `}`. */
    let item = 0;
    const dropped = new Set<number>();
    const replaced = new Map<number, IToken>();
    /** Closing brackets to put in front of a token. */
    const inserted = new Map<number, IToken[]>();
    const stack: number[] = [];
    /** A `{` whose `}` begins a line further left than the line of the `{`: there a `}` is missing most likely. */
    let suspect: IToken | null = null;
    const typeAt = (i: number): TokenType | undefined => lexed[i]?.tokenType;
    const matches = bracketsMatch(lexed);

    /** Closes the brackets above `keep`, seen to be open at token `at`. Only the innermost is reported. */
    const closeDownTo = (keep: number, at: number) => {
        const innermost = lexed[stack.at(-1) as number] as IToken;
        const isSuspect = innermost.tokenType === t.LeftBrace && innermost.startOffset < (suspect?.startOffset ?? 0);
        diagnostics.push(reportUnclosed(source, isSuspect && suspect !== null ? suspect : innermost));
        suspect = null;
        mended.push({ start: (lexed[stack[keep] as number] as IToken).startOffset, end: offsetAt(source, lexed, at) });
        let place = 0;
        while (stack.length > keep) {
            const opener = stack.pop() as number;
            const isBrace = typeAt(opener) === t.LeftBrace;
            place = isBrace ? beforeNewlines(lexed, at) : endOfLine(lexed, Math.max(opener + 1, place), at);
            const closer = PARTNER.get(typeAt(opener) as TokenType) as TokenType;
            inserted.set(place, [...(inserted.get(place) ?? []), synthetic(closer, offsetAt(source, lexed, place))]);
        }
    };

    for (let i = 0; i < lexed.length; i++) {
        const token = lexed[i] as IToken;
        if (!has(token, OPENER | CLOSER | ITEM | CONTEXTUAL_ITEM)) continue;
        const type = token.tokenType;
        if (has(token, OPENER)) {
            stack.push(i);
            if (stack.length > MAX_NESTING) return token;
        } else if (beginsItem(token, lexed[i + 1])) {
            const unindented = i === 0 || /[\r\n]/.test(source.text.charAt(token.startOffset - 1));
            // Where all brackets match, what begins like an item may be a member that isn't indented: `plasticity stdp()`.
            if (stack.length > 0 && unindented && !matches) closeDownTo(0, i);
            if (unindented) item = i;
        } else if (has(token, CLOSER)) {
            let partner = stack.length - 1;
            while (partner >= 0 && PARTNER.get(typeAt(stack[partner] as number) as TokenType) !== type) partner--;
            const top = stack.at(-1);
            if (partner >= 0) {
                if (partner < stack.length - 1) closeDownTo(partner + 1, i);
                const opener = lexed[stack.pop() as number] as IToken;
                if (type === t.RightBrace && closesFurtherLeft(source, opener, token)) suspect ??= opener;
            } else if (top === undefined || typeAt(top) === t.LeftBrace || isClosedBehind(lexed, top, i)) {
                const isFirst = !dropped.has(i - 1);
                dropped.add(i);
                if (isFirst && type === t.RightBrace && top === undefined) {
                    const surplus = surplusBrace(source, lexed, item, i) ?? token;
                    const diagnostic = diagnose(unopened, spanOf(source, surplus, surplus), { close: token.image });
                    strays.push({ diagnostic, range: { start: offsetAt(source, lexed, item), end: endOf(token) } });
                    item = i + 1;
                    continue;
                }
                // Several in a row are one mistake.
                if (isFirst) diagnostics.push(diagnose(unopened, spanOf(source, token, token), { close: token.image }));
                // What it would have closed was left out somewhere on its line.
                const start = type === t.RightBrace ? token.startOffset : startOfLine(lexed, i);
                mended.push({ start, end: endOf(token) });
            } else {
                const opener = lexed[top] as IToken;
                const wanted = PARTNER.get(opener.tokenType) as TokenType;
                replaced.set(i, synthetic(wanted, token.startOffset));
                diagnostics.push(reportMismatch(source, opener, token, wanted));
                mended.push({ start: opener.startOffset, end: endOf(token) });
                stack.pop();
            }
        }
    }
    if (stack.length > 0) closeDownTo(0, lexed.length);
    if (diagnostics.length === 0 && strays.length === 0) return { tokens: lexed, diagnostics, mended, strays };

    const tokens: IToken[] = [];
    for (let i = 0; i <= lexed.length; i++) {
        tokens.push(...(inserted.get(i) ?? []));
        const token = replaced.get(i) ?? lexed[i];
        if (token !== undefined && !dropped.has(i)) tokens.push(token);
    }
    return { tokens, diagnostics, mended, strays };
}

function bracketsMatch(lexed: readonly IToken[]): boolean {
    const open: TokenType[] = [];
    for (const token of lexed) {
        if (has(token, OPENER)) open.push(token.tokenType);
        else if (has(token, CLOSER) && PARTNER.get(open.pop() as TokenType) !== token.tokenType) return false;
    }
    return open.length === 0;
}

/** The first `}` between two tokens that closes a `{` of a line further left than its own: one too many, most likely. */
function surplusBrace(source: SourceFile, lexed: readonly IToken[], from: number, to: number): IToken | undefined {
    const open: IToken[] = [];
    for (let i = from; i < to; i++) {
        const token = lexed[i] as IToken;
        if (token.tokenType === t.LeftBrace) open.push(token);
        if (token.tokenType !== t.RightBrace) continue;
        const opener = open.pop();
        const [before, own] = [opener && lineBefore(source, opener), lineBefore(source, token)];
        if (before && own !== null && indentation(before) < indentation(own)) return token;
    }
    return undefined;
}

function beginsItem(word: IToken, next: IToken | undefined): boolean {
    if (has(word, ITEM)) return true;
    if (!has(word, CONTEXTUAL_ITEM) || next === undefined) return false;
    return next.tokenType === t.Kernel || tokenMatcher(next, t.Identifier);
}

function closesFurtherLeft(source: SourceFile, opener: IToken, closer: IToken): boolean {
    const before = lineBefore(source, closer);
    return before !== null && before.trim() === "" && before.length < indentation(lineBefore(source, opener) ?? "");
}

/** The line's text before a token; null where the line is long, so that a huge line costs no more than others. */
function lineBefore({ text }: SourceFile, { startOffset }: IToken): string | null {
    const window = text.slice(Math.max(0, startOffset - 200), startOffset);
    const newline = window.lastIndexOf("\n");
    return newline < 0 && startOffset > 200 ? null : window.slice(newline + 1);
}

function indentation(line: string): number {
    return line.length - line.trimStart().length;
}

/** Where an unclosed `(` or `[` most likely should have closed: at its line's end, or before the line's last `{`. */
function endOfLine(lexed: readonly IToken[], from: number, limit: number): number {
    let depth = 0;
    for (let i = from; i < limit; i++) {
        const token = lexed[i] as IToken;
        const type = token.tokenType;
        if (depth === 0 && type === t.Newline) return i;
        if (depth === 0 && type === t.LeftBrace && lexed[i + 1]?.tokenType === t.Newline) return i;
        if (has(token, OPENER)) depth++;
        if (has(token, CLOSER)) depth--;
    }
    return limit;
}

/** Whether the closing bracket of an opening one stands behind another one that closes nothing, on the same line. */
function isClosedBehind(lexed: readonly IToken[], opener: number, stray: number): boolean {
    const wanted = PARTNER.get((lexed[opener] as IToken).tokenType);
    let depth = 0;
    for (let i = stray + 1; i < stray + NEARBY; i++) {
        const token = lexed[i];
        if (token === undefined || token.tokenType === t.Newline) return false;
        if (has(token, OPENER)) depth++;
        else if (has(token, CLOSER) && --depth < 0) return token.tokenType === wanted;
    }
    return false;
}

function startOfLine(lexed: readonly IToken[], at: number): number {
    let first = at;
    while (first > Math.max(0, at - NEARBY) && lexed[first - 1]?.tokenType !== t.Newline) first--;
    return (lexed[first] as IToken).startOffset;
}

function beforeNewlines(lexed: readonly IToken[], at: number): number {
    let place = at;
    while (lexed[place - 1]?.tokenType === t.Newline) place--;
    return place;
}

function synthetic(type: TokenType, offset: number): IToken {
    const image = type.name.slice(1, -1);
    return { ...createTokenInstance(type, image, offset, offset - 1, NaN, NaN, NaN, NaN), payload: 0 };
}

function reportUnclosed(source: SourceFile, opener: IToken): Diagnostic {
    const close = (PARTNER.get(opener.tokenType) as TokenType).name.slice(1, -1);
    return diagnose(unclosed, spanOf(source, opener, opener), { open: opener.image, close });
}

function reportMismatch(source: SourceFile, opener: IToken, closer: IToken, wanted: TokenType): Diagnostic {
    const args = { open: opener.image, close: closer.image, wanted: wanted.name.slice(1, -1) };
    const labels = [{ span: spanOf(source, opener, opener), message: "opened here" }];
    return diagnose(mismatchedBracket, spanOf(source, closer, closer), args, { labels });
}

function offsetAt(source: SourceFile, tokens: readonly IToken[], i: number): number {
    return tokens[i]?.startOffset ?? source.text.length;
}

/** Brackets that were put in have no width; the lexer's own tokens have no end offset. */
export function endOf(token: IToken): number {
    return token.endOffset === undefined ? token.startOffset + token.image.length : token.endOffset + 1;
}

export function spanOf(file: SourceFile, first: IToken, last: IToken): Span {
    return { file, start: first.startOffset, end: endOf(last) };
}
