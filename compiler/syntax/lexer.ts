// Text to tokens. Every character is in a token, a comment or white space: no text is unreadable.

import { type IToken, Lexer } from "#chevrotain";
import * as t from "./tokens.js";

export interface Lexed {
    /** With newlines; without white space and comments. */
    readonly tokens: IToken[];
    /** `///` comments. */
    readonly docs: readonly IToken[];
    /** Runs of characters that no token has. */
    readonly foreign: readonly IToken[];
    readonly blockComments: readonly IToken[];
}

const lexer = new Lexer(t.TOKENS, { positionTracking: "onlyOffset", ensureOptimizations: true, skipValidations: true });

export function lex(text: string): Lexed {
    const { tokens, groups } = lexer.tokenize(text);
    const group = (name: string) => groups[name] as IToken[];
    return { tokens, docs: group("docs"), foreign: group("foreign"), blockComments: group("blockComments") };
}
