// Expressions: each becomes the scalars of its value.

import type { ValueId } from "../ir/module.js";
import { scalarOf } from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import type { IrScalar, Space } from "../ir/types.js";
import type { CompareOp, Expr } from "../sema/program.js";
import { isValue } from "../sema/scalars.js";
import { lowerBuiltin } from "./builtin.js";
import { type Context, known, type Values, valuesOfLocal, viewOfLocal } from "./context.js";
import { each, lowerBinary } from "./contraction.js";
import { lowerIf, lowerLogical } from "./control.js";
import { laneName, scalarsOf } from "./layout.js";
import { arrayMemory, elementMemory, loadFrom } from "./memory.js";
import { fieldValues, isInMemory, itemIndex, itemValues, pick, referenceTo } from "./place.js";
import { lowerReport } from "./reports.js";
import { convertScalar, lowerLiteral, operate } from "./small-floats.js";
import { lowerBlock } from "./statement.js";
import { lowerTile } from "./tiles.js";
import { lowerViewArgument } from "./views.js";

const COMPARE: Readonly<Record<CompareOp, OpName>> = {
    "==": "eq",
    "!=": "ne",
    "<": "lt",
    "<=": "le",
    ">": "gt",
    ">=": "ge",
};

/** The value of an expression that is one scalar. */
export function lowerValue(context: Context, expression: Expr): ValueId {
    const [value, ...more] = lowerValues(context, expression);
    if (value === undefined || more.length > 0) throw new Error("an expression that is no scalar");
    return value;
}

/** The value of an expression that has one. */
export function lowerValues(context: Context, expression: Expr): Values {
    const values = lowerExpression(context, expression);
    if (values !== null) return values;
    // Only where control doesn't come back, such as a block that ends with `return`: whatever uses it is dropped.
    const { type, span } = expression;
    if (context.builder.reachable || !isValue(type)) throw new Error("an expression without a value");
    return scalarsOf(type).map((scalar) => zeroOf(context, scalar, span));
}

/** Lowers an expression for its effects and value; null where it has none. */
export function lowerExpression(context: Context, expression: Expr): Values | null {
    const { span } = expression;
    switch (expression.kind) {
        case "literal":
            return [lowerLiteral(context, expression.value, expression.type.name, span)];
        case "local":
            if (expression.local.type.kind === "array") return loadFrom(context, arrayMemory(context, expression));
            return valuesOfLocal(context, expression.local);
        case "dim":
            return [known(context.dims.get(expression.name), expression.name)];
        case "unary": {
            const op = expression.op === "-" ? "neg" : "not";
            const lane = laneName(expression.operand);
            return each([lowerValues(context, expression.operand)], (operand) =>
                operate(context, op, lane, operand, span),
            );
        }
        case "binary":
            return lowerBinary(context, expression);
        case "compare": {
            const left = lowerValues(context, expression.left);
            const op = COMPARE[expression.op];
            return each([left, lowerValues(context, expression.right)], (both) =>
                operate(context, op, laneName(expression.left), both, span),
            );
        }
        case "logical":
            return [lowerLogical(context, expression)];
        case "convert":
            return each([lowerValues(context, expression.operand)], ([value]) =>
                convertScalar(context, value, laneName(expression.operand), laneName(expression), span),
            );
        case "construct":
            return lowerConstruct(context, expression);
        case "splat": {
            const value = lowerValue(context, expression.operand);
            return scalarsOf(expression.type).map(() => value);
        }
        case "field":
            if (isInMemory(expression)) return referenceTo(context, expression).read();
            if (expression.base.type.kind !== "struct") throw new Error("a field of no structure");
            return fieldValues(expression.base.type, expression.field, lowerValues(context, expression.base));
        case "swizzle":
            if (isInMemory(expression)) return referenceTo(context, expression).read();
            return pick(lowerValues(context, expression.base), expression.lanes);
        case "item": {
            if (isInMemory(expression)) return referenceTo(context, expression).read();
            const values = lowerValues(context, expression.base);
            return itemValues(context, values, itemIndex(context, expression), expression);
        }
        case "element":
            return loadFrom(context, elementMemory(context, expression));
        case "extent":
            return [known(context.extents.get(expression.extent), expression.extent.text)];
        case "slice":
            throw new Error("a slice is no value");
        case "call":
            return lowerCall(context, expression);
        case "builtin": {
            const value = lowerBuiltin(context, expression);
            return value === null ? null : [value];
        }
        case "report":
            lowerReport(context, expression);
            return null;
        case "if":
            return lowerIf(context, expression);
        case "block":
            return lowerBlock(context, expression.block);
        case "tile-load":
        case "map":
        case "product":
        case "reduce":
        case "scan":
        case "reshape":
        case "transpose":
        case "part":
        case "layout":
        case "indices":
            return [lowerTile(context, expression)];
    }
}

/** The parts in the order in which they are written; their scalars in the order of the fields. */
function lowerConstruct(context: Context, { parts, order }: Extract<Expr, { kind: "construct" }>): Values {
    const values = parts.map((part) => lowerValues(context, part));
    if (order === undefined) return values.flat();
    const fields: Values[] = [];
    for (const [at, field] of order.entries()) fields[field] = values[at] ?? [];
    return fields.flat();
}

/** The value in another type; itself where it has that type already. */
export function convertTo(context: Context, value: ValueId, type: IrScalar, { span }: Expr): ValueId {
    if (scalarOf(context.builder.function, value) === type) return value;
    return context.builder.value("convert", [value], span, {}, type);
}

export function zeroOf(context: Context, type: IrScalar, span: Expr["span"]): ValueId {
    return context.builder.constant(type === "bool" ? false : type.startsWith("f") ? 0 : 0n, type, span);
}

function lowerCall(context: Context, { callee, args, dims, span }: Extract<Expr, { kind: "call" }>): Values | null {
    const strides: ValueId[] = [];
    const spaces: Space[] = [];
    const operands = args.flatMap((arg, at) => {
        // A shared array where one is declared as such.
        if (arg.kind === "local" && arg.type.kind === "array") return [viewOfLocal(context, arg.local).buffer];
        if (arg.type.kind !== "view") return lowerValues(context, arg);
        const view = lowerViewArgument(context, arg, known(callee.params[at], callee.symbol));
        strides.push(...view.strides);
        spaces.push(view.space);
        return [view.buffer];
    });
    const extents = dims.map((dim) => lowerValue(context, dim));
    const results = context.builder.call(context.callee(callee, spaces), [...operands, ...extents, ...strides], span);
    return results.length === 0 ? null : results;
}
