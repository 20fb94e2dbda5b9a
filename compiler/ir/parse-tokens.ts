// The words of the IR's text form, with their places.

export type TokenKind = "value" | "symbol" | "string" | "number" | "word" | "sign" | "end";

export interface Token {
    readonly kind: TokenKind;
    readonly text: string;
    /** Offset in the text. */
    readonly start: number;
}

/** Where a text of the IR is wrong, and what stands there. Lines and columns count from 1. */
export interface IrTextError {
    readonly message: string;
    readonly line: number;
    readonly column: number;
}

/** A text error on its way up to `parseModule`. */
export class Malformed extends Error {
    constructor(
        message: string,
        readonly start: number,
    ) {
        super(message);
    }
}

const PATTERNS: readonly (readonly [kind: TokenKind | "space", pattern: RegExp])[] = [
    ["space", /\s+/],
    ["value", /%\d+/],
    ["symbol", /@[^\s(),]+/],
    ["string", /"(?:[^"\\\n]|\\.)*"/],
    ["number", /-?(?:inf\b|nan\b|\d+(?:\.\d+)?(?:e[+-]?\d+)?)/],
    ["word", /[A-Za-z_]\w*/],
    ["sign", /->|[(){}<>:,=]/],
];
/** One group for each kind. */
const TOKEN = new RegExp(PATTERNS.map(([, { source }]) => `(${source})`).join("|"), "y");

/** Splits a text; the last token is the end. */
export function tokenize(text: string): Token[] {
    const tokens: Token[] = [];
    let start = 0;
    while (start < text.length) {
        TOKEN.lastIndex = start;
        const match = TOKEN.exec(text);
        if (!match) throw new Malformed(`${JSON.stringify(text[start])} begins no word of the IR`, start);
        const [kind] = PATTERNS[match.indexOf(match[0], 1) - 1] ?? ["space"];
        if (kind !== "space") tokens.push({ kind, text: match[0], start });
        start += match[0].length;
    }
    return [...tokens, { kind: "end", text: "the end", start: text.length }];
}
