// The parser's own errors in words: what was expected, what stands there, and for frequent slips what to write.

import { EOF, type IToken, tokenMatcher } from "#chevrotain";
import { expected } from "../diagnostics/catalogue/syntax.js";
import type { Diagnostic, Fix, SourceFile, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import type { Mistake } from "./engine.js";
import { spanOf } from "./layout.js";
import * as t from "./tokens.js";

/** Characters before a token that are looked at, so that a huge line costs no more than others. */
const NEARBY = 200;

/** What begins an item. */
export const ITEMS = "`kernel`, `fn`, `const`, `type`, `struct`, `enum`, `instance` or `import`";

/** What a statement must be followed by. */
export const NEXT_STATEMENT = "a new line or `;`";

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
        help: helpFor(source, wanted, rule, found, previous),
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

function startsLine({ text }: SourceFile, { startOffset }: IToken): boolean {
    return /(?:^|[\r\n])[ \t]*$/.test(text.slice(Math.max(0, startOffset - NEARBY), startOffset));
}

/** The line before a token, without the space around it. */
function lineUpTo({ text }: SourceFile, { startOffset }: IToken): string {
    const end = Number.isNaN(startOffset) ? text.length : startOffset;
    const start = Math.max(text.lastIndexOf("\n", end - 1), text.lastIndexOf("\r", end - 1)) + 1;
    return text.slice(start, end).trim();
}

/** What may begin an item, and a statement that has more than its word: a slip in one makes it a name. */
const ITEM_WORDS = [
    "kernel",
    "fn",
    "const",
    "type",
    "instance",
    "import",
    "pub",
    "matrix",
    "neuron",
    "synapse",
    "plasticity",
    "network",
];
/** What stands between `mut` and a view's element. */
const VIEW_WORDS: ReadonlySet<string> = new Set(["alias", "large", "strided"]);
const STATEMENT_WORDS = ["let", "var", "const", "shared", "for", "while", "if", "return"];

function helpFor(
    source: SourceFile,
    wanted: string,
    rule: string,
    found: IToken,
    previous: IToken | undefined,
): string | undefined {
    if (found.tokenType === t.Else) return "`else` belongs behind the `}` of an `if`";
    if ([t.Kernel, t.Fn, t.Import, t.Pub].includes(found.tokenType)) {
        return `\`${found.image}\` belongs outside of all braces`;
    }
    if (wanted === ITEMS && tokenMatcher(found, t.Identifier)) {
        const meant = nearest(found.image, ITEM_WORDS);
        if (meant !== undefined) return `did you mean \`${meant}\`?`;
    }
    if (found.tokenType === t.Mut && previous !== undefined && VIEW_WORDS.has(previous.image)) {
        return `\`mut\` comes first: \`mut ${previous.image} f32[n]\``;
    }
    switch (wanted) {
        case "`{`":
            if (rule === "import") return `list the names: \`${lineUpTo(source, found)} { … }\``;
            return found.tokenType === t.Newline ? "the `{` stands on the same line" : undefined;
        case "`over` or `groups`":
            return "say what the kernel runs over, such as `over i in n`";
        case "`:`":
            return rule === "param" ? "a parameter is a name and a type, such as `x: f32[n]`" : undefined;
        case "`workgroup`":
            return "give the size of a workgroup, such as `workgroup(256)`";
        case "a name":
            if (rule === "forLoop") return "write `for i in 0 .. n { … }`";
            if (found.image === "*" || found.image === "&") {
                return "there are no pointers: a view has its extents, such as `f32[n]`, or `mut f32[n]` to write to it";
            }
            return /^[a-z]+$/.test(found.image) ? `\`${found.image}\` is a word of the language` : undefined;
        case "an expression":
            return found.image === "+" && previous?.image === "+" ? "write `x += 1`" : undefined;
        case NEXT_STATEMENT: {
            if (previous === undefined || !tokenMatcher(previous, t.Identifier)) return undefined;
            const meant = startsLine(source, previous) ? nearest(previous.image, STATEMENT_WORDS) : undefined;
            if (meant !== undefined) return `did you mean \`${meant}\`?`;
            const isDeclaration = tokenMatcher(found, t.Identifier);
            return isDeclaration ? `to declare a variable, write \`let ${found.image} = …\` or \`var\`` : undefined;
        }
    }
    return undefined;
}
