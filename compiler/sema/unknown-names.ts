// Names that nothing has: each is one mistake in a body, however often it stands there, and its fix mends all places.

import { unknownFunction, unknownName } from "../diagnostics/catalogue/names.js";
import type { Edit, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { respelling } from "../diagnostics/fixes.js";
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
