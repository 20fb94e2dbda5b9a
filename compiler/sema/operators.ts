// Unary and binary operators. Both operands have one type, which literals take from the other side.

import { constantDivisionByZero } from "../diagnostics/catalogue/constants.js";
import { elsewhere } from "../diagnostics/catalogue/syntax.js";
import { badOperand, operandMismatch } from "../diagnostics/catalogue/types.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { conversion } from "../diagnostics/fixes.js";
import type * as ast from "../syntax/ast.js";
import { knownInteger } from "./constants.js";
import type { BodyContext } from "./context.js";
import { checkExpr } from "./expressions.js";
import { flexibility, floatLiteral, integerLiteral } from "./literals.js";
import { namesType } from "./names.js";
import { errorExpr, require, requireValue } from "./nodes.js";
import type { ArithmeticOp, AssignOp, CompareOp, Expr } from "./program.js";
import {
    agree,
    BOOL,
    F32,
    isArithmetic,
    isBool,
    isFloat,
    isInteger,
    isNumber,
    isPair,
    isSigned,
    isStorage,
    isValue,
    laneOf,
    showType,
    withLane,
} from "./scalars.js";
import type { ScalarType, Type, ValueType } from "./types.js";
import { broadcast, wantBeside } from "./vectors.js";

type Unary = Extract<ast.Expr, { kind: "unary" }>;
type Binary = Extract<ast.Expr, { kind: "binary" }>;

export function checkUnary(ctx: BodyContext, expr: Unary, want: Type | null): Expr {
    const { op, span } = expr;
    if (op === "!") {
        const operand = requireValue(checkExpr(ctx, expr.operand, BOOL), ctx.report);
        if (operand.type.kind === "error") return errorExpr(span);
        if (!isArithmetic(operand.type)) return refuse(ctx, span, "!", operand.type, "bool");
        if (isBool(laneOf(operand.type))) return { kind: "unary", span, type: operand.type, op, operand };
        const help = isInteger(operand.type) ? "`~x` flips bits; `x == 0` asks for zero" : undefined;
        return refuse(ctx, span, "!", operand.type, "bool", help);
    }
    if (op === "-" && expr.operand.kind === "integer") {
        return integerLiteral(span, -expr.operand.value, want, ctx.report);
    }
    if (op === "-" && expr.operand.kind === "float") return floatLiteral(span, -expr.operand.value, want, ctx.report);
    const operand = requireValue(checkExpr(ctx, expr.operand, want), ctx.report);
    const { type } = operand;
    if (type.kind === "error") return errorExpr(span);
    if (!isArithmetic(type)) return refuse(ctx, span, op, type, "numbers");
    const lane = laneOf(type);
    if (op === "~" && !isInteger(lane))
        return refuse(ctx, span, op, type, "integers", isBool(lane) ? "write `!`" : undefined);
    if (op === "-" && !isSigned(lane)) {
        const help = isInteger(lane)
            ? "write `0 - x` if it shall wrap, or convert it to a signed type"
            : isStorage(lane) || isPair(lane)
              ? storageHelp(lane)
              : undefined;
        return refuse(ctx, span, op, type, "signed numbers", help);
    }
    return { kind: "unary", span, type, op, operand };
}

function refuse(ctx: BodyContext, span: Span, op: string, type: Type, wants: string, help?: string): Expr {
    ctx.report(diagnose(badOperand, span, { op, type: showType(type), wants, help }));
    return errorExpr(span);
}

export function checkBinary(ctx: BodyContext, expr: Binary, want: Type | null): Expr {
    const { op, span } = expr;
    switch (op) {
        case "@":
            ctx.report(
                diagnose(elsewhere, expr.opSpan, { what: "the matrix product `@` belongs", where: "matrix kernels" }),
            );
            return errorExpr(span);
        case "&&":
        case "||": {
            const given = [checkExpr(ctx, expr.left, BOOL), checkExpr(ctx, expr.right, BOOL)] as const;
            const vector = given.find(({ type }) => type.kind === "vector" && isBool(type.element));
            if (vector !== undefined) {
                return refuse(ctx, span, op, vector.type, "bool", `write \`${op[0]}\`, which works lane by lane`);
            }
            const left = require(given[0], BOOL, ctx.report);
            const right = require(given[1], BOOL, ctx.report);
            return { kind: "logical", span, type: BOOL, op, left, right };
        }
        case "==":
        case "!=":
        case "<":
        case "<=":
        case ">":
        case ">=":
            return checkComparison(ctx, expr, op);
        default: {
            const operands = checkOperands(
                ctx,
                expr,
                want !== null && (isNumber(want) || want.kind === "vector") ? want : null,
            );
            return operands === null ? errorExpr(span) : arithmetic(ctx, span, op, operands[0], operands[1]);
        }
    }
}

function checkComparison(ctx: BodyContext, expr: Binary, op: CompareOp): Expr {
    const { span } = expr;
    if (namesType(ctx, expr.left) && namesType(ctx, expr.right)) {
        const help = "write a function for each type, or tell them apart by a constant: `<T, const WIDE: bool>`";
        ctx.report(diagnose(badOperand, expr.opSpan, { op, type: "types", wants: "values", help }));
        return errorExpr(span);
    }
    const operands = checkOperands(ctx, expr, null);
    if (operands === null) return errorExpr(span);
    const [left, right] = operands;
    if (left.type.kind === "enum") return { kind: "compare", span, type: BOOL, op, left, right };
    if (!isArithmetic(left.type)) return refuse(ctx, span, op, left.type, "numbers", "compare its fields");
    const { type } = left;
    if (isStorage(laneOf(type)) || isPair(laneOf(type)))
        return refuse(ctx, span, op, type, "numbers", storageHelp(laneOf(type)));
    if (isBool(laneOf(type)) && op !== "==" && op !== "!=") {
        return refuse(ctx, span, op, left.type, "numbers", "convert both: `… as u32`");
    }
    return { kind: "compare", span, type: withLane(type, BOOL), op, left, right };
}

/** Both operands with one type, a scalar beside a vector repeated; null where they have not, which was reported. */
function checkOperands(ctx: BodyContext, expr: Binary, want: Type | null): readonly [Expr, Expr] | null {
    const flexibleLeft = flexibility(ctx, expr.left);
    const flexibleRight = flexibleLeft === null ? null : flexibility(ctx, expr.right);
    let left: Expr;
    let right: Expr;
    if (flexibleLeft !== null && flexibleRight === null) {
        right = requireValue(checkExpr(ctx, expr.right, want), ctx.report);
        left = requireValue(checkExpr(ctx, expr.left, wantBeside(ctx, expr.left, right.type)), ctx.report);
    } else {
        const anyFloat = flexibleLeft === "float" || flexibleRight === "float";
        const hint = flexibleLeft !== null && anyFloat && (want === null || !isFloat(want)) ? F32 : want;
        left = requireValue(checkExpr(ctx, expr.left, hint), ctx.report);
        right = checkExpr(ctx, expr.right, wantBeside(ctx, expr.right, left.type));
        if (left.type.kind !== "error") right = requireValue(right, ctx.report);
    }
    if (!isValue(left.type) || !isValue(right.type)) return null;
    const alike = broadcast(left, right);
    if (agree(alike[0].type, alike[1].type)) return alike;
    const [l, r] = [showType(left.type), showType(right.type)];
    const labels = [
        { span: left.span, message: l },
        { span: right.span, message: r },
    ];
    const to = commonType(left.type, right.type);
    const help = to === null ? helpBetween(left.type, right.type) : `convert one side: \`… as ${to.name}\``;
    const fixes = to === null ? [] : [conversion((to === left.type ? right : left).span, to.name)];
    ctx.report(diagnose(operandMismatch, expr.opSpan, { op: expr.op, left: l, right: r, help }, { labels, fixes }));
    return null;
}

/** What to do where one operand's type isn't a number's: an enum's, a bool, or a vector beside a scalar. */
function helpBetween(left: ValueType, right: ValueType): string | undefined {
    for (const [one, other] of [[left, right] as const, [right, left] as const]) {
        if (one.kind === "vector" && isNumber(other) && isNumber(one.element)) {
            return `convert the scalar: \`… as ${one.element.name}\``;
        }
        if (one.kind === "enum") return `convert it, \`… as ${one.base.name}\`, or name a value of \`${one.name}\``;
        if (isBool(one) && isNumber(other)) return `convert the bool: \`… as ${other.name}\``;
    }
    return undefined;
}

/** The one of two types that loses least: floats over integers, wider over narrower, `index` over integers. */
function commonType(left: Type, right: Type): ScalarType | null {
    if (!isNumber(left) || !isNumber(right)) return null;
    // Neither of the floats of 16 bits holds the other's values.
    if (new Set([left.name, right.name, "f16", "bf16"]).size === 2) return null;
    const rank = (type: ScalarType) => ["index", "bf16", "f16", "f32", "f64"].indexOf(type.name);
    return rank(left) > rank(right) || (rank(left) === rank(right) && left.name >= right.name) ? left : right;
}

/** An arithmetic operator on operands of one type, also as a part of `x += y`. */
export function arithmetic(ctx: BodyContext, span: Span, op: ArithmeticOp, left: Expr, right: Expr): Expr {
    const { type } = left;
    if (!isArithmetic(type)) {
        const help =
            type.kind === "enum"
                ? `convert it: \`… as ${type.base.name}\``
                : `write it for its ${type.kind === "array" ? "elements" : "fields"}`;
        return refuse(ctx, span, op, type, "numbers", help);
    }
    const lane = laneOf(type);
    const refused = type.kind === "vector" && isBool(lane) && "&|^".includes(op) ? null : refusedBy(op, lane);
    if (refused !== null) return refuse(ctx, span, op, type, refused.wants, refused.help);
    if ((op === "/" || op === "%") && isInteger(lane) && knownInteger(right) === 0n) {
        ctx.report(diagnose(constantDivisionByZero, span, null));
        return errorExpr(span);
    }
    return { kind: "binary", span, type, op, left, right };
}

/** What to do where a type that has no arithmetic is computed with. */
function storageHelp({ name }: ScalarType): string {
    if (name === "i4x2") return `${name} is two integers: take one, with \`low(x)\` or \`high(x)\` of std.int4`;
    return `${name} is stored and converted only: convert it first, \`… as f32\``;
}

function refusedBy(op: AssignOp, type: ScalarType): { readonly wants: string; readonly help?: string } | null {
    switch (op) {
        case "+":
        case "-":
        case "*":
        case "/":
            if (isNumber(type)) return null;
            if (isStorage(type) || isPair(type)) return { wants: "numbers", help: storageHelp(type) };
            return { wants: "numbers" };
        case "%":
            if (isInteger(type)) return null;
            return { wants: "integers", ...(isFloat(type) ? { help: "write `fmod(a, b)`" } : {}) };
        case "&":
        case "|":
        case "^": {
            if (isInteger(type)) return null;
            if (op === "^" && isFloat(type)) return { wants: "integers", help: "a power is `pow(x, y)`" };
            if (isFloat(type)) return { wants: "integers", help: "take its bits: `to_bits(x)`" };
            const logical = op === "^" ? "!=" : `${op}${op}`;
            return { wants: "integers", ...(isBool(type) ? { help: `write \`${logical}\`` } : {}) };
        }
        case "<<":
        case ">>":
            return isInteger(type) ? null : { wants: "integers" };
    }
}
