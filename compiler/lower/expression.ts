// Expressions: each becomes one value.

import type { ValueId } from "../ir/module.js";
import { scalarOf } from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import type { CompareOp, Expr } from "../sema/program.js";
import type { ScalarName } from "../sema/types.js";
import { lowerBuiltin } from "./builtin.js";
import { bufferOf, type Context, known, valueOfLocal } from "./context.js";
import { lowerBinary } from "./contraction.js";
import { lowerIf, lowerLogical } from "./control.js";
import { lowerElement } from "./dims.js";
import { lowerBlock } from "./statement.js";

const COMPARE: Readonly<Record<CompareOp, OpName>> = {
    "==": "eq",
    "!=": "ne",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
};

/** The value of an expression that has one. */
export function lowerValue(context: Context, expression: Expr): ValueId {
    const value = lowerExpression(context, expression);
    if (value !== null) return value;
    // Only where control doesn't come back, such as a block that ends with `return`: whatever uses it is dropped.
    const { type, span } = expression;
    if (context.builder.reachable || type.kind !== "scalar") throw new Error("an expression without a value");
    return zeroOf(context, type.name, span);
}

/** Lowers an expression for its effects and value; null where it has none. */
export function lowerExpression(context: Context, expression: Expr): ValueId | null {
    const { builder } = context;
    const { span } = expression;
    switch (expression.kind) {
        case "literal":
            return builder.constant(expression.value, expression.type.name, span);
        case "local":
            return valueOfLocal(context, expression.local);
        case "dim":
            return known(context.dims.get(expression.name), expression.name);
        case "unary": {
            const operand = lowerValue(context, expression.operand);
            return builder.value(expression.op === "-" ? "neg" : "not", [operand], span);
        }
        case "binary":
            return lowerBinary(context, expression);
        case "compare": {
            const left = lowerValue(context, expression.left);
            return builder.value(COMPARE[expression.op], [left, lowerValue(context, expression.right)], span);
        }
        case "logical":
            return lowerLogical(context, expression);
        case "convert":
            return convertTo(context, lowerValue(context, expression.operand), expression.type.name, expression);
        case "element": {
            const { buffer, index } = lowerElement(context, expression);
            return builder.value("load", [buffer, index], span);
        }
        case "call":
            return lowerCall(context, expression);
        case "builtin":
            return lowerBuiltin(context, expression);
        case "if":
            return lowerIf(context, expression);
        case "block":
            return lowerBlock(context, expression.block);
    }
}

/** The value in another type; itself where it has that type already. */
export function convertTo(context: Context, value: ValueId, type: ScalarName, { span }: Expr): ValueId {
    if (scalarOf(context.builder.function, value) === type) return value;
    return context.builder.value("convert", [value], span, {}, type);
}

export function zeroOf(context: Context, type: ScalarName, span: Expr["span"]): ValueId {
    return context.builder.constant(type === "bool" ? false : type.startsWith("f") ? 0 : 0n, type, span);
}

function lowerCall(context: Context, { callee, args, dims, span }: Extract<Expr, { kind: "call" }>): ValueId | null {
    const target = known(context.callees.get(callee), callee.symbol);
    const operands = args.map((arg) =>
        arg.kind === "local" && arg.local.type.kind === "view"
            ? bufferOf(context, arg.local)
            : lowerValue(context, arg),
    );
    return context.builder.call(target, [...operands, ...dims.map((dim) => lowerValue(context, dim))], span);
}
