// `[a, b, c]`: the values of an array's elements. Of several dimensions, lists of lists.

import { listLength } from "../diagnostics/catalogue/types.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type { BodyContext } from "./context.js";
import { checkExpr } from "./expressions.js";
import { flexibility } from "./literals.js";
import { errorExpr, require, requireValue } from "./nodes.js";
import type { Expr } from "./program.js";
import { arrayOf, isValue, showType } from "./scalars.js";
import type { ArrayType, Type, ValueType } from "./types.js";

type List = Extract<ast.Expr, { kind: "list" }>;

export function checkList(ctx: BodyContext, { span, elements }: List, want: Type | null): Expr {
    if (want?.kind === "array" && want.extents[0] !== elements.length) {
        const args = { type: showType(want), wanted: want.extents[0] ?? 0, found: elements.length };
        ctx.report(diagnose(listLength, span, args));
        return errorExpr(span);
    }
    const type = want?.kind === "array" ? elementOf(want) : null;
    const parts =
        type === null
            ? alike(ctx, elements)
            : elements.map((each) => require(checkExpr(ctx, each, type), type, ctx.report));
    const [first] = parts;
    if (parts.some((part) => part.type.kind === "error") || !first || !isValue(first.type)) return errorExpr(span);
    return { kind: "construct", span, type: arrayOf(first.type, [parts.length]), parts };
}

/** Literals take the type of the first element that is none. */
function alike(ctx: BodyContext, elements: readonly ast.Expr[]): Expr[] {
    const leader =
        elements.find((each) => flexibility(ctx, each) === null) ??
        elements.find((each) => flexibility(ctx, each) === "float");
    const lead = leader === undefined ? null : requireValue(checkExpr(ctx, leader, null), ctx.report);
    let type = lead?.type ?? null;
    return elements.map((each) => {
        if (each === leader && lead !== null) return lead;
        const checked = checkExpr(ctx, each, type);
        if (type !== null) return require(checked, type, ctx.report);
        type = checked.type;
        return requireValue(checked, ctx.report);
    });
}

/** What an array consists of along its first dimension. */
function elementOf({ element, extents }: ArrayType): ValueType {
    return extents.length === 1 ? element : { kind: "array", element, extents: extents.slice(1) };
}
