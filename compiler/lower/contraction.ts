// Sums, and where they become fma. The rule, which nothing later adds to: in `l + r` and `l - r` of floats, where an
// operand is itself written as a product `a * b` (parentheses don't matter, a name for the product does), that product
// and the sum are one fma, rounded once. Where both operands are products, the left one is contracted.
//
//     a * b + c -> fma(a, b, c)      a * b - c -> fma(a, b, -c)
//     c + a * b -> fma(a, b, c)      c - a * b -> fma(-a, b, c)
//
// Of bf16, whose every operation is rounded by itself, nothing is contracted. Of vectors the rule is the same in every lane. `x += a * b` and `x -= a * b` are the same sums with x on the left.

import { isSmallFloat } from "../../codeobject/small-floats.js";
import type { Span } from "../diagnostics/diagnostic.js";
import type { ValueId } from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import type { ArithmeticOp, Expr } from "../sema/program.js";
import { isArithmetic, isFloat, laneOf } from "../sema/scalars.js";
import type { ScalarName } from "../sema/types.js";
import { type Context, known, type Values } from "./context.js";
import { lowerValues } from "./expression.js";
import { laneName } from "./layout.js";
import { operate } from "./small-floats.js";

type Binary = Extract<Expr, { kind: "binary" }>;
/** Lane by lane: a vector's operators are those of its scalars. */
type Operand = { readonly values: Values } | { readonly factors: readonly [Values, Values]; readonly span: Span };

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
export function lowerBinary(context: Context, root: Binary): Values {
    const chain: Binary[] = [];
    let leftmost: Expr = root;
    while (leftmost.kind === "binary") {
        chain.push(leftmost);
        leftmost = leftmost.left;
    }
    let left: Operand = { values: lowerValues(context, leftmost) };
    for (let at = chain.length - 1; at >= 0; at--) {
        const node = chain[at] as Binary;
        const parent = chain[at - 1];
        if (parent && isSum(parent.op) && isProduct(node)) {
            left = { factors: [asValues(context, left), lowerValues(context, node.right)], span: node.span };
        } else {
            const right = lowerRight(context, node.op, node.right, "factors" in left);
            left = { values: combine(context, node.op, laneName(node), left, right, node.span) };
        }
    }
    return asValues(context, left);
}

/** `old op= value` for an assignment: the right side first, then `old` is read. */
export function lowerCompound(context: Context, op: ArithmeticOp, old: () => Values, value: Expr, span: Span): Values {
    const right = lowerRight(context, op, value, false);
    return combine(context, op, laneName(value), { values: old() }, right, span);
}

function lowerRight(context: Context, op: ArithmeticOp, right: Expr, leftIsProduct: boolean): Operand {
    if (leftIsProduct || !isSum(op) || !isProduct(right)) return { values: lowerValues(context, right) };
    return { factors: [lowerValues(context, right.left), lowerValues(context, right.right)], span: right.span };
}

function combine(
    context: Context,
    op: ArithmeticOp,
    type: ScalarName,
    left: Operand,
    right: Operand,
    span: Span,
): Values {
    const { builder } = context;
    const negated = (value: ValueId) => builder.value("neg", [value], span);
    if ("factors" in left) {
        const [a, b] = left.factors;
        const c = asValues(context, right);
        return each([a, b, c], ([a, b, c]) => builder.value("fma", [a, b, op === "-" ? negated(c) : c], span));
    }
    if ("factors" in right) {
        const [a, b] = right.factors;
        const c = left.values;
        return each([a, b, c], ([a, b, c]) => builder.value("fma", [op === "-" ? negated(a) : a, b, c], span));
    }
    return each([left.values, right.values], (operands) => operate(context, ARITHMETIC[op], type, operands, span));
}

function asValues(context: Context, operand: Operand): Values {
    if ("values" in operand) return operand.values;
    return each(operand.factors, (factors) => context.builder.value("mul", factors, operand.span));
}

/** What an operation makes of the scalars of its operands, which have equally many. */
export function each<Operands extends readonly Values[]>(
    operands: readonly [...Operands],
    operation: (scalars: { [at in keyof Operands]: ValueId }) => ValueId,
): Values {
    const count = operands[0]?.length ?? 0;
    // Most values are one scalar.
    if (count === 1) {
        const scalars: ValueId[] = [];
        for (const values of operands) scalars.push(known(values[0], "an operand"));
        return [operation(scalars as { [at in keyof Operands]: ValueId })];
    }
    return Array.from({ length: count }, (_, at) =>
        operation(operands.map((values) => known(values[at], "an operand")) as { [at in keyof Operands]: ValueId }),
    );
}

function isSum(op: ArithmeticOp): boolean {
    return op === "+" || op === "-";
}

function isProduct(expression: Expr): expression is Binary {
    const { type } = expression;
    return (
        expression.kind === "binary" &&
        expression.op === "*" &&
        isArithmetic(type) &&
        isFloat(laneOf(type)) &&
        !isSmallFloat(laneOf(type).name)
    );
}
