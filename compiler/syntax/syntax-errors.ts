// The parser's own errors in words: what was expected, what stands there, and for frequent slips what to write.

import {
    EOF,
    type IRecognitionException,
    type IToken,
    type MismatchedTokenException,
    type TokenType,
} from "chevrotain";
import { expected } from "../diagnostics/catalogue/syntax.js";
import type { Diagnostic, SourceFile, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { spanOf } from "./layout.js";
import * as t from "./tokens.js";

/** The parser's error messages are only what was expected; `describeSyntaxError` says the rest. */
export const expectationProvider = {
    buildMismatchTokenMessage: ({ expected }: { expected: TokenType }) => expected.LABEL ?? expected.name,
    buildNoViableAltMessage: ({ customUserDescription }: { customUserDescription?: string }) =>
        customUserDescription ?? "something else",
    buildNotAllInputParsedMessage: () => "the end of the file",
    buildEarlyExitMessage: ({ customUserDescription }: { customUserDescription?: string }) =>
        customUserDescription ?? "something else",
};

export function describeSyntaxError(source: SourceFile, error: IRecognitionException): Diagnostic {
    const found = error.token;
    const previous = (error as MismatchedTokenException).previousToken as IToken | undefined;
    const place = placeOf(source, found, previous);
    const rule = error.context.ruleStack.at(-1) ?? "";
    const args = {
        expected: error.message,
        found: describeToken(found),
        help: helpFor(error.message, rule, found, source),
    };
    return diagnose(expected, place, args);
}

/** A token as a reader would call it. */
export function describeToken(token: IToken): string {
    if (token.tokenType === EOF) return "the end of the file";
    if (token.tokenType === t.Newline) return "the end of the line";
    const image = token.image.length > 40 ? `${token.image.slice(0, 40)}…` : token.image;
    return `\`${image}\``;
}

/** Where to point: at the token, or behind the one before it where the line or the file ends. */
export function placeOf(source: SourceFile, token: IToken, previous: IToken | undefined): Span {
    if (token.tokenType !== EOF && token.tokenType !== t.Newline) return spanOf(source, token, token);
    if (previous === undefined || Number.isNaN(previous.startOffset)) {
        return { file: source, start: source.text.length, end: source.text.length };
    }
    const { end } = spanOf(source, previous, previous);
    return { file: source, start: end, end };
}

function helpFor(wanted: string, rule: string, found: IToken, source: SourceFile): string | undefined {
    if (wanted === "`..`" && found.tokenType === t.LeftBrace) return "a loop has two ends: `for i in 0 .. n { … }`";
    if (wanted === "`..`") return "write `for i in 0 .. n { … }`";
    if (wanted === "`{`" && found.tokenType === t.Newline) return "the `{` stands on the same line";
    if (wanted === "`over` or `groups`") return "say what the kernel runs over, such as `over i in n`";
    if (wanted === "`:`" && rule === "param") return "a parameter is a name and a type, such as `x: f32[n]`";
    if (wanted === "`workgroup`") return "give the size of a workgroup, such as `workgroup(256)`";
    const keyword = found.image !== "" && source.text.slice(found.startOffset).match(/^(kernel|fn|import|pub)\b/);
    if (keyword) return `\`${found.image}\` belongs outside of all braces`;
    if (wanted === "a name" && /^[a-z]+$/.test(found.image)) return `\`${found.image}\` is a word of the language`;
    return undefined;
}
