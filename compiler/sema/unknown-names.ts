// Names that nothing has: each is one mistake in a body, however often it stands there, and its fix mends all places.

import { unknownName } from "../diagnostics/catalogue/names.js";
import type { Edit, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { respelling } from "../diagnostics/fixes.js";
import type { BodyContext } from "./context.js";

/** The names that were reported, with what mends their places so far. */
export type UnknownNames = Map<string, Edit[]>;

/** @param similar what may be meant; `help` stands in place of that */
export function reportUnknownName(
    ctx: BodyContext,
    name: string,
    span: Span,
    similar: () => string | undefined,
    help?: string,
): void {
    const known = ctx.unknown.get(name);
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
    ctx.unknown.set(name, fixes[0]?.edits ?? []);
    const extra = meant === undefined && help !== undefined ? { help } : {};
    ctx.report(diagnose(unknownName, span, { name, similar: meant }, { ...extra, fixes }));
}
