// Names that nothing has: each is one mistake in a body (a type's in an item), however often it stands there, and its fix
// mends all places.

import { unknownFunction, unknownName, unknownType } from "../diagnostics/catalogue/names.js";
import type { Diagnostic, Edit, SourceFile, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { respelling } from "../diagnostics/fixes.js";
import type * as ast from "../syntax/ast.js";
import { lastNotAbove } from "../syntax/ranges.js";
import type { BodyContext } from "./context.js";

/** The names that were reported, with what mends their places so far. */
export type UnknownNames = Map<string, Edit[]>;

/** What may be meant; looked for once. */
type Similar = () => string | undefined;

/** Both: `help` in place of what may be meant, where nothing is near enough. */
export function reportUnknownName(ctx: BodyContext, name: string, span: Span, similar: Similar, help?: string): void {
    reportOnce(ctx, unknownName, name, span, similar, help);
}

export function reportUnknownFunction(
    ctx: BodyContext,
    name: string,
    span: Span,
    similar: Similar,
    help?: string,
): void {
    reportOnce(ctx, unknownFunction, name, span, similar, help);
}

function reportOnce(
    ctx: BodyContext,
    entry: typeof unknownName | typeof unknownFunction,
    name: string,
    span: Span,
    similar: Similar,
    help?: string,
): void {
    const key = `${entry.code} ${name}`;
    const known = ctx.unknown.get(key);
    if (known !== undefined) {
        const [first] = known;
        // Some expressions are looked at twice.
        if (first !== undefined && !known.some((edit) => edit.span.start === span.start)) {
            known.push({ span, text: first.text });
        }
        return;
    }
    const meant = similar();
    const fixes = respelling(span, meant).map((fix) => ({ ...fix, edits: [...fix.edits] }));
    ctx.unknown.set(key, fixes[0]?.edits ?? []);
    const extra = meant === undefined && help !== undefined ? { help } : {};
    ctx.report(diagnose(entry, span, { name, similar: meant }, { ...extra, fixes }));
}

/** Of diagnostics in source order: those of one unknown type in one item are its first, whose fix mends all places. */
export function unknownTypesOnce(
    diagnostics: readonly Diagnostic[],
    itemsOf: ReadonlyMap<SourceFile, readonly ast.Item[]>,
): readonly Diagnostic[] {
    const firsts = new Map<string, Diagnostic>();
    const kept = diagnostics.map((diagnostic) => {
        const { code, message, span } = diagnostic;
        if (code !== unknownType.code) return diagnostic;
        const spans = (itemsOf.get(span.file) ?? []).map((item) => item.span);
        const key = `${span.file.path} ${lastNotAbove(spans, span.start)} ${message}`;
        const first = firsts.get(key);
        firsts.set(key, first === undefined ? diagnostic : mendingAt(first, span));
        return key;
    });
    return [...new Set(kept)].map((each) => (typeof each === "string" ? (firsts.get(each) as Diagnostic) : each));
}

/** A diagnostic whose fix writes its text at another place too. */
function mendingAt(diagnostic: Diagnostic, span: Span): Diagnostic {
    const fixes = diagnostic.fixes?.map((fix) => {
        const [first] = fix.edits;
        const isKnown = first === undefined || fix.edits.some((edit) => edit.span.start === span.start);
        return isKnown ? fix : { ...fix, edits: [...fix.edits, { span, text: first.text }] };
    });
    return fixes === undefined ? diagnostic : { ...diagnostic, fixes };
}
