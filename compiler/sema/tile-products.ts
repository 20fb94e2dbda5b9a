// `a @ b` and `a.T`: which types multiply, in what they are summed, and that shapes fit.

import { productTypes, tileIndex, tileShapes } from "../diagnostics/catalogue/tiles.js";
import { noMembers } from "../diagnostics/catalogue/types.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type { BodyContext } from "./context.js";
import { checkExpr } from "./expressions.js";
import { errorExpr, requireValue } from "./nodes.js";
import type { Expr } from "./program.js";
import { scalar, showType } from "./scalars.js";
import { type Extent, extent } from "./tile-extents.js";
import { tileOf } from "./tiles.js";
import type { ScalarName } from "./types.js";

/** What products of a type are summed in. */
const SUMMED_IN: Readonly<Partial<Record<ScalarName, ScalarName>>> = {
    f16: "f32",
    bf16: "f32",
    f32: "f32",
    f8e4m3: "f32",
    f8e5m2: "f32",
    f8e4m3fnuz: "f32",
    f8e5m2fnuz: "f32",
    f64: "f64",
    i8: "i32",
    u8: "i32",
    i4x2: "i32",
};

/** Types that `@` takes beside each other. */
const PAIRS: readonly ReadonlySet<ScalarName>[] = [
    new Set(["f8e4m3", "f8e5m2"]),
    new Set(["f8e4m3fnuz", "f8e5m2fnuz"]),
];

/** Types that a kernel may multiply and sum in f32. */
export const MATRIX_INPUTS = (Object.keys(SUMMED_IN) as ScalarName[]).filter((name) => SUMMED_IN[name] === "f32");

export function checkProduct(ctx: BodyContext, expr: Extract<ast.Expr, { kind: "binary" }>): Expr {
    const { span } = expr;
    const [left, right] = [expr.left, expr.right].map((side) => requireValue(checkExpr(ctx, side, null), ctx.report));
    if (left === undefined || right === undefined) return errorExpr(span);
    if (left.type.kind === "error" || right.type.kind === "error") return errorExpr(span);
    const refuse = (help?: string) => {
        const args = { left: describe(left), right: describe(right), help };
        ctx.report(diagnose(productTypes, expr.opSpan, args));
        return errorExpr(span);
    };
    if (left.type.kind !== "tile" || right.type.kind !== "tile") return refuse("both sides are tiles");
    const [a, b] = [left.type, right.type];
    const [rows, inner] = a.extents.slice(-2);
    const [innerRight, columns] = b.extents.slice(-2);
    const [batch, batchRight] = [a.extents.slice(0, -2), b.extents.slice(0, -2)];
    if (rows === undefined || inner === undefined || innerRight === undefined || columns === undefined) {
        return refuse("add a dimension: `x[none, :]` is a row, `x[:, none]` a column");
    }
    const sum = SUMMED_IN[a.element.name];
    const fits = a.element === b.element || PAIRS.some((pair) => pair.has(a.element.name) && pair.has(b.element.name));
    if (sum === undefined) return refuse(`${a.element.name} has no matrix product: convert it`);
    if (!fits) return refuse("convert one side: both have one element type");
    const isSame = batch.length === batchRight.length && batch.every(({ size }, at) => size === batchRight[at]?.size);
    if (inner.size !== innerRight.size || !isSame) {
        const what = !isSame
            ? "both sides have the same dimensions before rows and columns"
            : `the left side has ${inner.size} columns, the right side ${innerRight.size} rows`;
        const help = isSame ? "`.T` exchanges rows and columns" : "`x[none, :, :]` adds a dimension";
        ctx.report(
            diagnose(
                tileShapes,
                expr.opSpan,
                { what, left: showType(a), right: showType(b), help },
                {
                    labels: [
                        { span: left.span, message: showType(a) },
                        { span: right.span, message: showType(b) },
                    ],
                },
            ),
        );
        return errorExpr(span);
    }
    const matrices = batch.map((each, at) => extent(each.size, null, [each, batchRight[at] as Extent]));
    const type = tileOf(scalar(sum), [...matrices, rows, columns]);
    return { kind: "product", span, left, right, accumulator: null, type };
}

function describe({ type }: Expr): string {
    return type.kind === "tile" ? `a ${showType(type)}` : showType(type);
}

/** `x.T` */
export function checkTranspose(ctx: BodyContext, { base, member, span }: Extract<ast.Expr, { kind: "member" }>): Expr {
    const operand = requireValue(checkExpr(ctx, base, null), ctx.report);
    if (operand.type.kind === "error") return errorExpr(span);
    if (operand.type.kind !== "tile" || member.text !== "T") {
        ctx.report(diagnose(noMembers, member.span, { name: member.text }));
        return errorExpr(span);
    }
    const { element, extents } = operand.type;
    const [rows, columns] = extents.slice(-2);
    if (rows === undefined || columns === undefined) {
        const help = "`x[none, :]` is a row, `x[:, none]` a column";
        ctx.report(diagnose(tileIndex, member.span, { what: "a tile of one dimension has no rows and columns", help }));
        return errorExpr(span);
    }
    return { kind: "transpose", span, operand, type: tileOf(element, [...extents.slice(0, -2), columns, rows]) };
}
