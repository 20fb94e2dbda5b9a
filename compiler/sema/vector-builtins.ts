// The built-in functions of whole vectors, written in scalar operations. A sum goes from the first lane to the last, each
// product but the second contracted with it (contraction.ts), so that every device computes the same.

import { argumentType } from "../diagnostics/catalogue/functions.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type { Builtin } from "./builtins.js";
import type { BodyContext } from "./context.js";
import { checkExpr, demand } from "./expressions.js";
import { builtinCall, errorExpr, requireValue } from "./nodes.js";
import type { ArithmeticOp, Expr } from "./program.js";
import { BOOL, F32, showType } from "./scalars.js";
import type { ScalarType, VectorType } from "./types.js";
import { lane, repeated, withNames } from "./vectors.js";

export function checkVectorBuiltin(ctx: BodyContext, builtin: Builtin, span: Span, args: readonly ast.Expr[]): Expr {
    const [first, ...rest] = args as [ast.Expr, ...ast.Expr[]];
    const leader = requireValue(checkExpr(ctx, first, null), ctx.report);
    const { type } = leader;
    if (type.kind === "error") return errorExpr(span);
    const takes = type.kind === "vector" && builtin.types[type.element.name] !== undefined;
    if (!takes || (builtin.name === "cross" && type.length !== 3)) {
        const wants = WANTS[builtin.name] ?? "a vector of floats";
        ctx.report(diagnose(argumentType, first.span, { name: builtin.name, wants, found: showType(type) }));
        return errorExpr(span);
    }
    const others = rest.map((arg) => demand(ctx, arg, type));
    if (others.some((other) => other.type.kind === "error")) return errorExpr(span);
    return withNames(span, [leader, ...others], (values) => EXPANSIONS[builtin.name]?.(span, type, values) as Expr);
}

const WANTS: Readonly<Record<string, string>> = {
    any: "a vector of bools",
    all: "a vector of bools",
    cross: "a vector of three floats",
};

type Expansion = (span: Span, type: VectorType, values: readonly Expr[]) => Expr;

const binary = (span: Span, type: ScalarType | VectorType, op: ArithmeticOp, left: Expr, right: Expr): Expr => ({
    kind: "binary",
    span,
    type,
    op,
    left,
    right,
});

/** The lanes' values joined by an operator, from the first to the last. */
function joined(span: Span, type: VectorType, op: ArithmeticOp, at: (lane: number) => Expr): Expr {
    const lanes = Array.from({ length: type.length }, (_, i) => at(i));
    return lanes.reduce((left, right) => binary(span, type.element, op, left, right));
}

const dot: Expansion = (span, type, [a, b]) =>
    joined(span, type, "+", (i) => binary(span, type.element, "*", lane(a as Expr, i), lane(b as Expr, i)));

const length: Expansion = (span, type, [v]) => root(span, type.element, dot(span, type, [v as Expr, v as Expr]));

/** bf16 computes in f32. */
function root(span: Span, type: ScalarType, operand: Expr): Expr {
    if (type.name !== "bf16") return builtinCall(span, type, "sqrt", operand);
    const wide = builtinCall(span, F32, "sqrt", { kind: "convert", span, type: F32, operand });
    return { kind: "convert", span, type, operand: wide };
}

/** a.yzx * b.zxy - a.zxy * b.yzx */
const cross: Expansion = (span, type, [a, b]) => {
    const part = (i: number): Expr => {
        const [j, k] = [(i + 1) % 3, (i + 2) % 3];
        const product = (x: number, y: number) =>
            binary(span, type.element, "*", lane(a as Expr, x), lane(b as Expr, y));
        return binary(span, type.element, "-", product(j, k), product(k, j));
    };
    return { kind: "construct", span, type, parts: [part(0), part(1), part(2)] };
};

const EXPANSIONS: Readonly<Record<string, Expansion>> = {
    dot,
    length,
    cross,
    distance: (span, type, [a, b]) =>
        withNames(span, [binary(span, type, "-", a as Expr, b as Expr)], (v) => length(span, type, v)),
    normalize: (span, type, [v]) => binary(span, type, "/", v as Expr, repeated(length(span, type, [v as Expr]), type)),
    any: (span, type, [v]) => joined(span, { ...type, element: BOOL }, "|", (i) => lane(v as Expr, i)),
    all: (span, type, [v]) => joined(span, { ...type, element: BOOL }, "&", (i) => lane(v as Expr, i)),
};
