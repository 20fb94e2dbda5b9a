// The parser's own errors in words: what was expected, what stands there, and for frequent slips what to write.

import { EOF, type IToken } from "#chevrotain";
import { elsewhere, expected } from "../diagnostics/catalogue/syntax.js";
import type { Diagnostic, Fix, SourceFile, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type { Attribute } from "./ast.js";
import type { Mistake } from "./engine.js";
import { spanOf } from "./layout.js";
import { NEARBY, remedyFor, startsLine } from "./slips.js";
import * as t from "./tokens.js";

export function describeMistake(source: SourceFile, { wanted, found, previous, rule }: Mistake): Diagnostic {
    return reportExpected(source, wanted, found, previous, rule);
}

/** That something else was expected than the token that stands there. */
export function reportExpected(
    source: SourceFile,
    wanted: string,
    found: IToken,
    previous: IToken | undefined,
    rule = "",
): Diagnostic {
    const atEnd = found.tokenType === t.RightBrace && previous !== undefined && startsLine(source, found);
    const args = {
        expected: wanted,
        found: atEnd ? "the end of the block" : describeToken(found),
        help: remedyFor(source, { wanted, rule, found, previous }),
    };
    const fixes = found.tokenType === t.Mut ? mutFirst(source, found) : [];
    return diagnose(expected, atEnd ? behind(source, previous) : placeOf(source, found, previous), args, { fixes });
}

/** `alias mut` is written `mut alias`. */
function mutFirst(file: SourceFile, { startOffset, image }: IToken): readonly Fix[] {
    const line = file.text.slice(Math.max(0, startOffset - NEARBY), startOffset);
    const words = /(?:\b(?:alias|large|strided)[ \t]+)+$/.exec(line)?.[0];
    if (words === undefined) return [];
    const span = { file, start: startOffset - words.length, end: startOffset + image.length };
    const text = `${image} ${words.trim()}`;
    return [{ message: `write \`${text}\``, edits: [{ span, text }] }];
}

/** What stands before an import and isn't for it. */
export function reportBeforeImport(
    source: SourceFile,
    pub: IToken | undefined,
    [attribute]: readonly Attribute[],
): readonly Diagnostic[] {
    const found: Diagnostic[] = [];
    if (attribute !== undefined) {
        const args = { what: "attributes belong", where: "kernels, functions and loops", help: "remove it" };
        found.push(diagnose(elsewhere, attribute.span, args));
    }
    if (pub !== undefined) {
        const help = "what is imported isn't passed on: import it where it is needed";
        const args = { what: "`pub` belongs", where: "what a module itself declares", help };
        found.push(diagnose(elsewhere, spanOf(source, pub, pub), args));
    }
    return found;
}

/** A token as a reader would call it. */
function describeToken(token: IToken): string {
    if (token.tokenType === EOF) return "the end of the file";
    if (token.tokenType === t.Newline) return "the end of the line";
    const image = token.image.length > 40 ? `${token.image.slice(0, 40)}…` : token.image;
    return `\`${image}\``;
}

/** Where to point: at the token, or behind the one before it where the line or the file ends. */
function placeOf(source: SourceFile, token: IToken, previous: IToken | undefined): Span {
    if (token.tokenType !== EOF && token.tokenType !== t.Newline) return spanOf(source, token, token);
    if (previous !== undefined && !Number.isNaN(previous.startOffset)) return behind(source, previous);
    return { file: source, start: source.text.length, end: source.text.length };
}

function behind(source: SourceFile, token: IToken): Span {
    const { end } = spanOf(source, token, token);
    return { file: source, start: end, end };
}
