// Sums, and where they become fma. The rule, which nothing later adds to: in `l + r` and `l - r` of floats, where an
// operand is itself written as a product `a * b` (parentheses don't matter, a name for the product does), that product
// and the sum are one fma, rounded once. Where both operands are products, the left one is contracted.
//
//     a * b + c -> fma(a, b, c)      a * b - c -> fma(a, b, -c)
//     c + a * b -> fma(a, b, c)      c - a * b -> fma(-a, b, c)
//
// `x += a * b` and `x -= a * b` are the same sums with x on the left.

import type { Span } from "../diagnostics/diagnostic.js";
import type { ValueId } from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import type { ArithmeticOp, Expr } from "../sema/program.js";
import type { Context } from "./context.js";
import { lowerValue } from "./expression.js";

type Binary = Extract<Expr, { kind: "binary" }>;
type Operand = { readonly value: ValueId } | { readonly factors: readonly [ValueId, ValueId]; readonly span: Span };

const ARITHMETIC: Readonly<Record<ArithmeticOp, OpName>> = {
    "+": "add",
    "-": "sub",
    "*": "mul",
    "/": "div",
    "%": "rem",
    "&": "and",
    "|": "or",
    "^": "xor",
    "<<": "shl",
    ">>": "shr",
};

/** Lowers a chain of operators along its left side, which can be very long, without recursion. */
export function lowerBinary(context: Context, root: Binary): ValueId {
    const chain: Binary[] = [];
    let leftmost: Expr = root;
    while (leftmost.kind === "binary") {
        chain.push(leftmost);
        leftmost = leftmost.left;
    }
    let left: Operand = { value: lowerValue(context, leftmost) };
    for (let at = chain.length - 1; at >= 0; at--) {
        const node = chain[at] as Binary;
        const parent = chain[at - 1];
        if (parent && isSum(parent.op) && isProduct(node)) {
            left = { factors: [asValue(context, left), lowerValue(context, node.right)], span: node.span };
        } else {
            const right = lowerRight(context, node.op, node.right, "factors" in left);
            left = { value: combine(context, node.op, left, right, node.span) };
        }
    }
    return asValue(context, left);
}

/** `old op= value` for an assignment: the right side first, then `old` is read. */
export function lowerCompound(
    context: Context,
    op: ArithmeticOp,
    old: () => ValueId,
    value: Expr,
    span: Span,
): ValueId {
    const right = lowerRight(context, op, value, false);
    return combine(context, op, { value: old() }, right, span);
}

function lowerRight(context: Context, op: ArithmeticOp, right: Expr, leftIsProduct: boolean): Operand {
    if (leftIsProduct || !isSum(op) || !isProduct(right)) return { value: lowerValue(context, right) };
    return { factors: [lowerValue(context, right.left), lowerValue(context, right.right)], span: right.span };
}

function combine(context: Context, op: ArithmeticOp, left: Operand, right: Operand, span: Span): ValueId {
    const { builder } = context;
    const negated = (value: ValueId) => builder.value("neg", [value], span);
    if ("factors" in left) {
        const [a, b] = left.factors;
        const c = asValue(context, right);
        return builder.value("fma", [a, b, op === "-" ? negated(c) : c], span);
    }
    if ("factors" in right) {
        const [a, b] = right.factors;
        return builder.value("fma", [op === "-" ? negated(a) : a, b, left.value], span);
    }
    return builder.value(ARITHMETIC[op], [left.value, right.value], span);
}

function asValue(context: Context, operand: Operand): ValueId {
    return "value" in operand ? operand.value : context.builder.value("mul", operand.factors, operand.span);
}

function isSum(op: ArithmeticOp): boolean {
    return op === "+" || op === "-";
}

function isProduct(expression: Expr): expression is Binary {
    const { type } = expression;
    return (
        expression.kind === "binary" &&
        expression.op === "*" &&
        type.kind === "scalar" &&
        (type.name === "f16" || type.name === "f32" || type.name === "f64")
    );
}
