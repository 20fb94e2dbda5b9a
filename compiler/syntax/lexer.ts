// Text to tokens, by the table in tokens.ts. Every character is in a token, a comment or white space: no text is
// unreadable. Names and white space, which is most of a text, are read without regular expressions; what begins with
// another character is the first of the table that matches.

import { type IToken, Lexer, type TokenType } from "#chevrotain";
import { plain } from "../diagnostics/text.js";
import * as t from "./tokens.js";

export interface Lexed {
    /** With newlines; without white space and comments. */
    readonly tokens: IToken[];
    /** By their texts: the names and the language's words. */
    readonly words: ReadonlyMap<string, Word>;
    /** `///` comments. */
    readonly docs: readonly IToken[];
    /** Runs of characters that no token has. */
    readonly foreign: readonly IToken[];
    readonly blockComments: readonly IToken[];
}

/** The token at an offset if it is of one type, else null; `before` are the tokens up to there. */
type Candidate = (text: string, offset: number, before: IToken[]) => Match | null;

const CODES = 128;
const SPACE = 1;
const LETTER = 2;
const DIGIT = 3;

/** What characters below 128 are, as far as names and white space ask. */
const KINDS = Uint8Array.from({ length: CODES }, (_, code) => {
    const character = String.fromCharCode(code);
    if (/[ \t\f]/.test(character)) return SPACE;
    if (/[A-Za-z_]/.test(character)) return LETTER;
    return /[0-9]/.test(character) ? DIGIT : 0;
});

/** A name's text, always the same string, and what it is. */
export interface Word {
    readonly image: string;
    readonly type: TokenType;
    /** Of a file: how many of its tokens it is. */
    count: number;
}

/** A token's text, and what it is. */
type Match = Pick<Word, "image" | "type">;

const WORDS: readonly Match[] = t.TOKENS.flatMap((type) => {
    const { PATTERN: image } = type;
    return typeof image === "string" && /^[a-z]/.test(image) ? [{ image, type }] : [];
});

/** By the code of the first character; the last list is for all that are not below 128. */
const CANDIDATES: readonly (readonly Candidate[])[] = Array.from({ length: CODES + 1 }, (_, code) =>
    t.TOKENS.filter((type) => begins(type, code)).map(candidateOf),
);

/** Whether a token may begin with a character: a pattern that doesn't say so matches each such character alone. */
function begins({ PATTERN: pattern, START_CHARS_HINT: hint }: TokenType, code: number): boolean {
    if (hint !== undefined) return hint.some((first) => first === String.fromCharCode(code));
    if (typeof pattern === "string") return pattern.charCodeAt(0) === code;
    return (
        pattern instanceof RegExp && pattern !== Lexer.NA && (code === CODES || pattern.test(String.fromCharCode(code)))
    );
}

function candidateOf(type: TokenType): Candidate {
    const { PATTERN: pattern } = type;
    if (typeof pattern === "string") {
        const sign: Match = { image: pattern, type };
        return (text, offset) => (text.startsWith(pattern, offset) ? sign : null);
    }
    if (pattern instanceof RegExp) {
        const sticky = new RegExp(pattern.source, "y");
        return (text, offset) => {
            sticky.lastIndex = offset;
            return sticky.test(text) ? { image: text.slice(offset, sticky.lastIndex), type } : null;
        };
    }
    const custom = typeof pattern === "function" ? pattern : undefined;
    return (text, offset, before) => {
        const image = custom?.(text, offset, before, {})?.[0];
        return image === undefined ? null : { image, type };
    };
}

/** With a place for what the layout says of a token: a property that is added later is a table of its own for each. */
function tokenOf(tokenType: TokenType, image: string, startOffset: number): IToken {
    return { image, startOffset, tokenTypeIdx: tokenType.tokenTypeIdx as number, tokenType, payload: 0 };
}

export function lex(text: string): Lexed {
    const tokens: IToken[] = [];
    const groups = { docs: [] as IToken[], foreign: [] as IToken[], blockComments: [] as IToken[] };
    const words = new Map(WORDS.map(({ image, type }): [string, Word] => [image, { image, type, count: 0 }]));
    let offset = 0;
    while (offset < text.length) {
        const start = offset;
        const code = text.charCodeAt(start);
        const kind = KINDS[code];
        if (kind === SPACE) {
            offset++;
        } else if (kind === LETTER) {
            while ((KINDS[text.charCodeAt(++offset)] ?? 0) >= LETTER);
            const image = text.slice(start, offset);
            let word = words.get(image);
            if (word === undefined) {
                // Names go into all that is made of a file: its text may have other characters, which they have not.
                word = { image: plain(image), type: t.Identifier, count: 0 };
                words.set(word.image, word);
            }
            word.count += 1;
            tokens.push(tokenOf(word.type, word.image, start));
        } else {
            const { type, image } = first(text, start, tokens);
            offset += image.length;
            const group = type.GROUP as keyof typeof groups | undefined;
            if (group === undefined) tokens.push(tokenOf(type, image, start));
            else groups[group]?.push(tokenOf(type, image, start));
        }
    }
    return { tokens, words, ...groups };
}

function first(text: string, offset: number, before: IToken[]): Match {
    for (const candidate of CANDIDATES[Math.min(text.charCodeAt(offset), CODES)] as readonly Candidate[]) {
        const match = candidate(text, offset, before);
        if (match !== null) return match;
    }
    throw new Error(`no token for the character at ${offset}`);
}
