// Constants of several scalars: vectors, structures, arrays. They are the list of their scalars, in order.

import { notConstant } from "../diagnostics/catalogue/constants.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { type ConstantValue, type Evaluator, evaluate, knownInteger } from "./constants.js";
import type { Expr } from "./program.js";
import { isValue, laneOf, scalarCount } from "./scalars.js";
import type { ScalarType, StructType, Type, ValueType } from "./types.js";

/** The scalars of an expression's value, or null where it has none; that was reported. `what` must be constant. */
export function evaluateParts(ctx: Evaluator, expr: Expr, what: string): readonly ConstantValue[] | null {
    switch (expr.kind) {
        case "construct": {
            const parts = expr.parts.map((part) => evaluateParts(ctx, part, what));
            if (parts.includes(null)) return null;
            const values = parts as (readonly ConstantValue[])[];
            return (expr.order === undefined ? values : inOrder(values, expr.order)).flat();
        }
        case "splat": {
            const value = evaluate(ctx, expr.operand, what);
            return value === null ? null : new Array<ConstantValue>(expr.type.length).fill(value);
        }
        case "field": {
            const values = evaluateParts(ctx, expr.base, what);
            const { fields } = expr.base.type as StructType;
            const start = fields.slice(0, expr.field).reduce((sum, { type }) => sum + scalarCount(type), 0);
            return values?.slice(start, start + scalarCount(expr.type)) ?? null;
        }
        case "swizzle": {
            const values = evaluateParts(ctx, expr.base, what);
            return values && expr.lanes.map((lane) => values[lane] as ConstantValue);
        }
        case "item":
            return item(ctx, expr, what);
        case "call": {
            const values = evaluateCall(ctx, expr, what);
            if (values !== undefined) return values;
            break;
        }
        case "unary":
        case "convert":
            if (expr.type.kind === "vector")
                return laneByLane(ctx, expr, [expr.operand], what, ([operand]) => ({ ...expr, operand }));
            break;
        case "binary":
        case "compare":
            if (expr.type.kind === "vector") {
                return laneByLane(ctx, expr, [expr.left, expr.right], what, ([left, right]) => ({
                    ...expr,
                    left,
                    right,
                }));
            }
            break;
        case "builtin":
            if (expr.type.kind === "vector")
                return laneByLane(ctx, expr, expr.args, what, (args) => ({ ...expr, args }));
            break;
    }
    if (isValue(expr.type) && scalarCount(expr.type) > 1) {
        ctx.report(diagnose(notConstant, expr.span, { what }));
        return null;
    }
    const value = evaluate(ctx, expr, what);
    return value === null ? null : [value];
}

function inOrder<T>(parts: readonly T[], order: readonly number[]): T[] {
    return order.map((_, field) => parts[order.indexOf(field)] as T);
}

/** The element of a vector or an array that the indices name. */
function item(ctx: Evaluator, expr: Extract<Expr, { kind: "item" }>, what: string): readonly ConstantValue[] | null {
    const values = evaluateParts(ctx, expr.base, what);
    const indices = expr.indices.map((index) => evaluate(ctx, index, what));
    if (values === null || indices.includes(null)) return null;
    const { type } = expr.base;
    const extents = type.kind === "array" ? type.extents : [values.length];
    const count = scalarCount(expr.type);
    const inside = extents.every((extent, axis) => Number(indices[axis]) >= 0 && Number(indices[axis]) < extent);
    if (!inside) {
        // An index that is a literal was reported where it stands.
        if (expr.indices.some((index) => knownInteger(index) === undefined)) {
            ctx.report(diagnose(notConstant, expr.span, { what }, { help: "its index is out of bounds" }));
        }
        return null;
    }
    const at = extents.reduce((offset, extent, axis) => offset * extent + Number(indices[axis]), 0);
    return values.slice(at * count, (at + 1) * count);
}

/** An operation on vectors, as many on scalars. */
function laneByLane(
    ctx: Evaluator,
    expr: Expr,
    operands: readonly Expr[],
    what: string,
    make: (operands: [Expr, Expr]) => Expr,
): readonly ConstantValue[] | null {
    const values = operands.map((operand) => evaluateParts(ctx, operand, what));
    if (values.includes(null) || expr.type.kind !== "vector") return null;
    const { element, length } = expr.type;
    const lanes = Array.from({ length }, (_, lane) => {
        const parts = operands.map(({ span, type }, at) =>
            literal(span, laneType(type), values[at]?.[lane] as ConstantValue),
        );
        return evaluate(ctx, { ...make(parts as [Expr, Expr]), type: element } as Expr, what);
    });
    return lanes.includes(null) ? null : (lanes as ConstantValue[]);
}

function laneType(type: Type): ScalarType {
    if (type.kind !== "scalar" && type.kind !== "vector") throw new Error(`lanes of a ${type.kind}`);
    return laneOf(type);
}

/** The scalars that a call gives; null where that was reported, undefined where it is none that constants may have. */
export function evaluateCall(ctx: Evaluator, expr: Extract<Expr, { kind: "call" }>, what: string) {
    if (!expr.args.every(({ type }) => isValue(type))) return undefined;
    const args = expr.args.map((arg) => evaluateParts(ctx, arg, what));
    if (args.includes(null)) return null;
    const call = ctx.calls.find(({ callee }) => callee.fn === expr.callee);
    if (call === undefined || ctx.constantCalls === null) return undefined;
    return ctx.constantCalls.values({ ...call, span: expr.span }, args.flat() as ConstantValue[], ctx.report);
}

function literal(span: Span, type: ScalarType, value: ConstantValue): Expr {
    return { kind: "literal", span, type, value };
}

/** A value of constant scalars. */
export function constantExpr(span: Span, type: ValueType, values: readonly ConstantValue[]): Expr {
    switch (type.kind) {
        case "scalar":
            return literal(span, type, values[0] as ConstantValue);
        case "enum":
            return { kind: "construct", span, type, parts: [literal(span, type.base, values[0] as ConstantValue)] };
        case "vector": {
            const parts = values.map((value) => literal(span, type.element, value));
            return { kind: "construct", span, type, parts };
        }
        case "array": {
            const size = scalarCount(type.element);
            const count = values.length / size;
            const parts = Array.from({ length: count }, (_, at) =>
                constantExpr(span, type.element, values.slice(at * size, (at + 1) * size)),
            );
            return { kind: "construct", span, type, parts };
        }
        case "tile":
            throw new Error("a tile is no constant");
        case "struct": {
            let at = 0;
            const parts = type.fields.map((field) => {
                const size = scalarCount(field.type);
                at += size;
                return constantExpr(span, field.type, values.slice(at - size, at));
            });
            return { kind: "construct", span, type, parts };
        }
    }
}
