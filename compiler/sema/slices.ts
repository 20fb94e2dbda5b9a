// Slices: `x[a .. b]`, `x[i, :]`. A slice is a view of a part of a view or an array, without a copy.

import { indexOutOfBounds, sliceBounds, wrongRank } from "../diagnostics/catalogue/types.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import { knownInteger } from "./constants.js";
import type { BodyContext } from "./context.js";
import { distance } from "./dims.js";
import { checkIndex } from "./expressions.js";
import { errorExpr } from "./nodes.js";
import type { Expr, Local, SlicePart } from "./program.js";
import { describeType, viewOfArray } from "./scalars.js";
import type { DimExpr, ViewType } from "./types.js";

type IndexExpr = Extract<ast.Expr, { kind: "index" }>;

export function isSlice({ indices }: IndexExpr): boolean {
    return indices.some(({ kind }) => kind === "slice");
}

/** A view or an array as a view; null for anything else. */
export function viewOf({ type, mutable }: Pick<Local, "type" | "mutable">): ViewType | null {
    if (type.kind === "array") return { ...viewOfArray(type), mutable };
    return type.kind === "view" ? type : null;
}

export function checkSlice(ctx: BodyContext, { span, indices }: IndexExpr, base: Local, baseType: ViewType): Expr {
    const { dims } = baseType;
    if (dims.length !== indices.length) {
        const labels = [{ span: base.span, message: `${describeType(base.type)} is declared here` }];
        const args = { name: base.name, rank: dims.length, found: indices.length };
        ctx.report(diagnose(wrongRank, span, args, { labels }));
        return errorExpr(span);
    }
    const parts = indices.map((index, axis) => checkPart(ctx, index, dims[axis] as DimExpr));
    if (parts.includes(null)) return errorExpr(span);
    const extents: DimExpr[] = [];
    for (const [axis, part] of (parts as SlicePart[]).entries()) {
        if (part.kind === "point") continue;
        const { start, end } = part;
        const text = (indices[axis] as ast.Expr).span;
        extents.push(
            start === null || end === null
                ? (dims[axis] as DimExpr)
                : distance(start, end, `of ${text.file.text.slice(text.start, text.end)}`),
        );
    }
    const strided = baseType.strided === true || !isRowMajor(parts as SlicePart[]);
    const type: ViewType = { ...baseType, dims: extents, strided };
    return { kind: "slice", span, type, base, baseType, parts: parts as SlicePart[] };
}

/** Of a row-major view: whether the elements still lie as close as they can: what follows the first range is whole. */
function isRowMajor(parts: readonly SlicePart[]): boolean {
    const first = parts.findIndex(({ kind }) => kind === "range");
    return parts.slice(first + 1).every((part) => part.kind === "range" && part.start === null);
}

/** Null where it was reported. */
function checkPart(ctx: BodyContext, index: ast.Expr, dim: DimExpr): SlicePart | null {
    const extent = dim.kind === "const" ? BigInt(dim.value) : null;
    if (index.kind !== "slice") {
        const point = checkIndex(ctx, index);
        if (point.type.kind === "error") return null;
        const known = knownInteger(point);
        if (known === undefined || (known >= 0n && (extent === null || known < extent))) {
            return { kind: "point", index: point };
        }
        const outside = { index: String(known), extent: known < 0n ? null : Number(extent) };
        ctx.report(diagnose(indexOutOfBounds, index.span, outside));
        return null;
    }
    if (index.start === null || index.end === null) return { kind: "range", start: null, end: null };
    const [start, end] = [checkIndex(ctx, index.start), checkIndex(ctx, index.end)];
    if (start.type.kind === "error" || end.type.kind === "error") return null;
    const [from, to] = [knownInteger(start), knownInteger(end)];
    const least = from ?? 0n;
    if (least < 0n || (to !== undefined && (to < least || (extent !== null && to > extent)))) {
        const size = extent === null ? null : String(extent);
        ctx.report(diagnose(sliceBounds, index.span, { extent: size }));
        return null;
    }
    return { kind: "range", start, end };
}
