// Constant evaluation over typed expressions. Integers are exact; an overflow or a division by zero is a diagnostic.

import { isSmallFloat } from "../../codeobject/small-floats.js";
import { constantDivisionByZero, constantOverflow, notConstant } from "../diagnostics/catalogue/constants.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { evaluateBuiltin } from "./constant-builtins.js";
import { evaluateCall, evaluateParts } from "./constant-values.js";
import type { BodyContext } from "./context.js";
import type { ArithmeticOp, CompareOp, Expr } from "./program.js";
import { integerRange, isAnyFloat, isFloat, isInteger, roundToFloat, SCALAR_INFO, showType } from "./scalars.js";
import type { ScalarType, ValueType } from "./types.js";

export type ConstantValue = bigint | number | boolean;

/** A named constant. One declared without a type and made of literals is a literal by another name. */
export interface Constant {
    readonly name: string;
    /** Null where it takes the type that its place demands. */
    readonly type: ValueType | null;
    /** Of a type of several scalars: all of them, in order. */
    readonly value: ConstantValue | readonly ConstantValue[];
}

/** What evaluation needs of where the expression stands. */
export type Evaluator = Pick<BodyContext, "report" | "calls" | "constantCalls">;

/** The value of an expression, or null where it has none; that was reported. `what` must be constant. */
export function evaluate(ctx: Evaluator, expr: Expr, what: string): ConstantValue | null {
    if (expr.type.kind === "error") return null;
    if (expr.kind === "construct" && expr.type.kind === "enum") return evaluate(ctx, expr.parts[0] as Expr, what);
    const type = expr.type.kind === "enum" ? expr.type.base : expr.type;
    if (type.kind !== "scalar") {
        ctx.report(diagnose(notConstant, expr.span, { what }));
        return null;
    }
    switch (expr.kind) {
        case "field":
        case "swizzle":
        case "item":
            return evaluateParts(ctx, expr, what)?.[0] ?? null;
        case "literal":
            return expr.value;
        case "unary": {
            const operand = evaluate(ctx, expr.operand, what);
            if (operand === null) return null;
            if (expr.op === "!") return !operand;
            if (expr.op === "~") return wrap(type, ~(operand as bigint));
            return typeof operand === "bigint" ? checked(expr, "-", -operand, ctx.report) : -operand;
        }
        case "binary": {
            const left = evaluate(ctx, expr.left, what);
            const right = left === null ? null : evaluate(ctx, expr.right, what);
            if (left === null || right === null) return null;
            if (isFloat(type)) return roundResult(type, floatOp(expr.op, left as number, right as number));
            if ((expr.op === "/" || expr.op === "%") && right === 0n) {
                ctx.report(diagnose(constantDivisionByZero, expr.span, null));
                return null;
            }
            return checked(expr, expr.op, integerOp(type, expr.op, left as bigint, right as bigint), ctx.report);
        }
        case "compare": {
            const left = evaluate(ctx, expr.left, what);
            const right = left === null ? null : evaluate(ctx, expr.right, what);
            return left === null || right === null ? null : compare(expr.op, left, right);
        }
        case "logical": {
            const left = evaluate(ctx, expr.left, what);
            if (left === null || left === (expr.op === "||")) return left;
            return evaluate(ctx, expr.right, what);
        }
        case "convert": {
            const operand = evaluate(ctx, expr.operand, what);
            return operand === null ? null : convert(type, operand);
        }
        case "builtin": {
            const args = expr.args.every((arg) => arg.type.kind === "scalar")
                ? expr.args.map((arg) => evaluate(ctx, arg, what))
                : [];
            if (args.includes(null)) return null;
            const value = evaluateBuiltin(expr.name, type, args as ConstantValue[]);
            if (value === undefined) break;
            return typeof value === "bigint" ? checked(expr, expr.name, value, ctx.report) : value;
        }
        case "call": {
            const values = evaluateCall(ctx, expr, what);
            if (values !== undefined) return values?.[0] ?? null;
            break;
        }
        case "if": {
            const condition = evaluate(ctx, expr.condition, what);
            if (condition === null) return null;
            const { statements, value } = condition ? expr.then : expr.otherwise;
            if (statements.length === 0 && value !== null) return evaluate(ctx, value, what);
            break;
        }
    }
    ctx.report(diagnose(notConstant, expr.span, { what }));
    return null;
}

function checked(expr: Expr, op: string, value: bigint, report: (d: Diagnostic) => void): bigint | null {
    const type = expr.type as ScalarType;
    const { least, greatest } = integerRange(type);
    if (value >= least && value <= greatest) return value;
    report(diagnose(constantOverflow, expr.span, { op, type: showType(type) }));
    return null;
}

/** A value as it is after a conversion: integers wrap, floats are truncated and saturate, NaN gives 0. */
export function convert(type: ScalarType, value: ConstantValue): ConstantValue {
    const number = typeof value === "boolean" ? BigInt(value) : value;
    if (isAnyFloat(type)) return roundToFloat(type, Number(number));
    if (typeof number === "bigint") return wrap(type, number);
    const { least, greatest } = integerRange(type);
    if (Number.isNaN(number)) return 0n;
    if (number <= Number(least)) return least;
    return number >= Number(greatest) ? greatest : BigInt(Math.trunc(number));
}

export function wrap(type: ScalarType, value: bigint): bigint {
    const { family, bits } = SCALAR_INFO[type.name];
    return family === "signed" ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value);
}

/** Shifts wrap as at run time and take their count modulo the width; all else is exact. */
function integerOp(type: ScalarType, op: ArithmeticOp, left: bigint, right: bigint): bigint {
    const count = right & BigInt(SCALAR_INFO[type.name].bits - 1);
    switch (op) {
        case "&":
            return left & right;
        case "|":
            return left | right;
        case "^":
            return left ^ right;
        case "<<":
            return wrap(type, left << count);
        case ">>":
            return left >> count;
        default:
            return exactly(op, left, right);
    }
}

/** Without a width, for constants and extents; a divisor is not zero. */
export function exactly(op: "+" | "-" | "*" | "/" | "%", left: bigint, right: bigint): bigint {
    switch (op) {
        case "+":
            return left + right;
        case "-":
            return left - right;
        case "*":
            return left * right;
        case "/":
            return left / right;
        case "%":
            return left % right;
    }
}

/** Small floats compute in f32. */
function roundResult(type: ScalarType, result: number): number {
    return roundToFloat(type, isSmallFloat(type.name) ? Math.fround(result) : result);
}

function floatOp(op: ArithmeticOp, left: number, right: number): number {
    switch (op) {
        case "+":
            return left + right;
        case "-":
            return left - right;
        case "*":
            return left * right;
        case "/":
            return left / right;
        default:
            throw new Error(`operator ${op} on floats passed the checker`);
    }
}

function compare(op: CompareOp, left: ConstantValue, right: ConstantValue): boolean {
    switch (op) {
        case "==":
            return left === right;
        case "!=":
            return left !== right;
        case "<":
            return left < right;
        case "<=":
            return left <= right;
        case ">":
            return left > right;
        case ">=":
            return left >= right;
    }
}

/** Whether an expression's value is an integer that is known here; nothing is reported. */
export function knownInteger(expr: Expr): bigint | undefined {
    if (expr.kind === "literal") return typeof expr.value === "bigint" ? expr.value : undefined;
    if (expr.kind === "splat") return knownInteger(expr.operand);
    if (expr.kind === "unary" && expr.op === "-" && isInteger(expr.type)) {
        const operand = knownInteger(expr.operand);
        return operand === undefined ? undefined : -operand;
    }
    return undefined;
}
