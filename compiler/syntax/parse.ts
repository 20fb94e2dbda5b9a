// Text to syntax tree. Never throws for bad text: what is wrong with it is in the diagnostics, one for each mistake,
// and the tree has the rest. An item with a mistake in it is marked broken, so that nobody judges it further.

import { blockComment, tooLarge, unexpectedCharacter } from "../diagnostics/catalogue/syntax.js";
import type { Diagnostic, SourceFile, Span } from "../diagnostics/diagnostic.js";
import { diagnose, sortDiagnostics } from "../diagnostics/entry.js";
import { type Item, MAX_LINE, MAX_TEXT, type Module } from "./ast.js";
import { layOut, type Stray, spanOf } from "./layout.js";
import { lex } from "./lexer.js";
import { mentionedOnce } from "./mentions.js";
import { SomaParser } from "./parser.js";
import { lastNotAbove, type Range, within } from "./ranges.js";

export interface Parsed {
    readonly module: Module;
    readonly diagnostics: readonly Diagnostic[];
}

const parser = new SomaParser({ validate: false });

/** The trees of sources that are asked for again and again. */
const kept = new WeakMap<SourceFile, Parsed | null>();

/** From now on this very source is parsed once, and its tree is kept as long as the source is. */
export function keepTree(source: SourceFile): void {
    if (!kept.has(source)) kept.set(source, null);
}

export function parse(source: SourceFile): Parsed {
    const known = kept.get(source);
    if (known) return known;
    const parsed = parseAnew(source);
    if (known === null) kept.set(source, parsed);
    return parsed;
}

function parseAnew(source: SourceFile): Parsed {
    const excess = reportExcess(source);
    if (excess !== null) {
        const module = { source, imports: [], items: [], mentionedOnce: new Set<string>(), broken: true };
        return { module, diagnostics: [excess] };
    }
    const lexed = lex(source.text);
    const unreadable: Diagnostic[] = [];
    const unreadableLines: Range[] = [];
    let lineEnd = -1;
    // Of the line before, if a text begins there that it doesn't end: NaN is no line's.
    let textEnd = Number.NaN;
    for (const foreign of lexed.foreign) {
        // One for each line: quotes come in pairs.
        if (foreign.startOffset < lineEnd) continue;
        const span = spanOf(source, foreign, foreign);
        const line = linesOf(source, span);
        unreadableLines.push(line);
        const isText = source.text[span.start] === '"';
        const closes = isText && line.start === textEnd + 1 && !beginsText(source.text.slice(line.start, span.start));
        if (!closes) unreadable.push(reportCharacters(span));
        lineEnd = line.end;
        textEnd = isText && !closes ? line.end : Number.NaN;
    }
    for (const comment of lexed.blockComments) {
        const span = spanOf(source, comment, comment);
        unreadable.push(diagnose(blockComment, span, null));
        unreadableLines.push(linesOf(source, span));
    }
    const layout = layOut(source, lexed.tokens);
    const read = parser.read(source, layout.tokens, lexed.docs);
    const { imports, items } = read;
    const leftOut = within(layout.mended);
    const unreadableLine = within(unreadableLines);
    const problems = read.problems.filter(({ span }) => !leftOut(span.start) && !unreadableLine(span.start));
    const diagnostics = sortDiagnostics([
        ...layout.diagnostics,
        ...unreadable.filter(({ span }) => !leftOut(span.start)),
        ...withStrays(sortDiagnostics(problems), read.braceless, layout.strays),
    ]);

    const spans = items.map(({ span }) => span);
    const broken = new Set(diagnostics.map(({ span }) => itemAt(items, spans, span.start)));
    return {
        module: {
            source,
            imports,
            items: items.map((item) => (broken.has(item) ? { ...item, broken: true } : item)),
            mentionedOnce: mentionedOnce(imports, items, lexed.words),
            broken: broken.has(undefined),
        },
        diagnostics,
    };
}

/** A `}` that closes nothing, and all that the parser found between its item's beginning and it, are one mistake. */
function withStrays(
    problems: readonly Diagnostic[],
    braceless: ReadonlySet<Diagnostic>,
    strays: readonly Stray[],
): readonly Diagnostic[] {
    let next = 0;
    const kept: Diagnostic[] = [];
    for (const { diagnostic, range } of strays) {
        for (; next < problems.length && startOf(problems[next]) < range.start; next++)
            kept.push(problems[next] as Diagnostic);
        const first = problems[next];
        while (next < problems.length && startOf(problems[next]) <= range.end) next++;
        const isMissing = first !== undefined && startOf(first) <= range.end && braceless.has(first);
        kept.push(isMissing ? first : diagnostic);
    }
    return [...kept, ...problems.slice(next)];
}

function startOf(problem: Diagnostic | undefined): number {
    return problem?.span.start ?? Number.POSITIVE_INFINITY;
}

/** That a text, or a line of it, is larger than what is read at all. */
function reportExcess(file: SourceFile): Diagnostic | null {
    const { text } = file;
    const at = (start: number): Span => ({ file, start, end: start + 1 });
    if (text.length > MAX_TEXT) return diagnose(tooLarge, at(0), { what: "this file", limit: MAX_TEXT });
    for (let start = 0; text.length - start > MAX_LINE; ) {
        const end = start + text.slice(start, start + MAX_LINE + 1).search(/[\r\n]/);
        if (end < start) return diagnose(tooLarge, at(start), { what: "this line", limit: MAX_LINE });
        start = end + 1;
    }
    return null;
}

/** The item that an offset lies in, its end included. */
function itemAt(items: readonly Item[], spans: readonly Span[], offset: number): Item | undefined {
    const item = items[lastNotAbove(spans, offset)];
    return item !== undefined && offset <= item.span.end ? item : undefined;
}

/** Whether what stands before a quote makes it a text's beginning, not the end of one that the line before began. */
function beginsText(before: string): boolean {
    return /[(,]\s*$/.test(before);
}

function linesOf({ text }: SourceFile, { start, end }: Span): Range {
    const next = text.indexOf("\n", end);
    return { start: text.lastIndexOf("\n", start - 1) + 1, end: next < 0 ? text.length : next };
}

/** Characters that people paste in by accident, and what they meant. */
const LOOKALIKES = new Map([
    ["'", "a text stands between double quotes"],
    ['"', 'close the text with another `"` on the same line: `\\n` in it is a line break'],
    ["?", "write `if c { a } else { b }`"],
    ["“", 'write `"`'],
    ["−", "write `-`"],
    ["–", "write `-`"],
    ["×", "write `*`"],
    ["·", "write `*`"],
    ["÷", "write `/`"],
    ["≤", "write `<=`"],
    ["≥", "write `>=`"],
    ["≠", "write `!=`"],
    ["→", "write `->`"],
    ["π", "write the number: `3.141592653589793`"],
    ["\u00a0", "this is a no-break space: write a plain one"],
]);

function reportCharacters(span: Span): Diagnostic {
    const first = String.fromCodePoint(span.file.text.codePointAt(span.start) as number);
    const code = `U+${(first.codePointAt(0) as number).toString(16).toUpperCase().padStart(4, "0")}`;
    const printable = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(first);
    const shown = printable ? `\`${first}\`${first > "~" ? ` (${code})` : ""}` : `the character ${code}`;
    const help = LOOKALIKES.get(first);
    return diagnose(unexpectedCharacter, span, help ? { shown, help } : { shown });
}
