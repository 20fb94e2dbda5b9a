// Literals take the type that their place demands, if it has their value. An expression that is made of literals only
// is "flexible": it takes a type as a whole, so that `2 * x` and `x * 2` mean the same.

import { floatAsInteger, literalRange, lossyConstant } from "../diagnostics/catalogue/types.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type { BodyContext, Report } from "./context.js";
import { errorExpr } from "./nodes.js";
import type { Expr } from "./program.js";
import {
    F32,
    I32,
    integerRange,
    isAnyFloat,
    isInteger,
    isNumber,
    isStorage,
    roundToFloat,
    showType,
} from "./scalars.js";
import type { ScalarType, Type } from "./types.js";

export type Flexibility = "integer" | "float" | null;

/** What an expression is made of, if it is literals only. */
export function flexibility(ctx: BodyContext, expr: ast.Expr): Flexibility {
    switch (expr.kind) {
        case "integer":
            return "integer";
        case "float":
            return "float";
        case "name": {
            const symbol = ctx.scope.find(expr.text) ?? ctx.module.symbols.get(expr.text);
            if (symbol?.kind !== "constant" || symbol.constant.type !== null) return null;
            return typeof symbol.constant.value === "bigint" ? "integer" : "float";
        }
        case "unary":
            return expr.op === "!" ? null : flexibility(ctx, expr.operand);
        case "binary": {
            if (!/^([-+*/%&|^]|<<|>>)$/.test(expr.op)) return null;
            const right = flexibility(ctx, expr.right);
            const left = right === null ? null : flexibility(ctx, expr.left);
            return left === "float" ? left : left && right;
        }
        case "if": {
            const then = flexibilityOfBlock(ctx, expr.then);
            const otherwise = then === null || expr.otherwise === null ? null : flexibility(ctx, expr.otherwise);
            return then === "float" ? otherwise && then : then && otherwise;
        }
        case "block":
            return flexibilityOfBlock(ctx, expr.block);
        default:
            return null;
    }
}

export function flexibilityOfBlock(ctx: BodyContext, block: ast.Block): Flexibility {
    const [only] = block.statements;
    return block.statements.length === 1 && only?.kind === "expr" ? flexibility(ctx, only.expr) : null;
}

/** The type that a flexible expression takes where `want` is demanded, or nothing is. */
export function literalType(flexible: "integer" | "float", want: Type | null): ScalarType {
    if (want !== null && (isNumber(want) || isStorage(want)) && (flexible === "integer" || isAnyFloat(want)))
        return want;
    return flexible === "integer" ? I32 : F32;
}

export function integerLiteral(span: Span, value: bigint, want: Type | null, report: Report): Expr {
    const type = literalType("integer", want);
    if (isInteger(type)) {
        const { least, greatest } = integerRange(type);
        if (value >= least && value <= greatest) return { kind: "literal", span, type, value };
        const unconstrained = want === null || !isNumber(want);
        const help = unconstrained ? "give it a wider type, such as `as i64`" : rangeHelp(type, least, greatest);
        report(diagnose(literalRange, span, { shown: String(value), type: showType(type), help }));
        return errorExpr(span);
    }
    const number = Number(value);
    if (roundToFloat(type, number) === number && Number.isFinite(number) && BigInt(number) === value) {
        return { kind: "literal", span, type, value: number };
    }
    const help = "write it with a point to have it rounded";
    report(diagnose(literalRange, span, { shown: String(value), type: showType(type), help }));
    return errorExpr(span);
}

function rangeHelp(type: ScalarType, least: bigint, greatest: bigint): string {
    return `${showType(type)} goes from ${least} to ${greatest}`;
}

export function floatLiteral(span: Span, value: number, want: Type | null, report: Report): Expr {
    if (want !== null && isInteger(want)) {
        report(
            diagnose(floatAsInteger, span, { shown: span.file.text.slice(span.start, span.end), type: showType(want) }),
        );
        return errorExpr(span);
    }
    const type = literalType("float", want);
    const rounded = roundToFloat(type, value);
    const hasInfinity = !Number.isNaN(roundToFloat(type, Infinity));
    if (Number.isFinite(value) ? !Number.isFinite(rounded) : Number.isNaN(rounded) && !Number.isNaN(value)) {
        const shown = span.file.text.slice(span.start, span.end);
        const help = hasInfinity ? "write `inf` if you mean infinity" : `${showType(type)} has no infinity`;
        report(diagnose(literalRange, span, { shown, type: showType(type), help }));
        return errorExpr(span);
    }
    const literal: Expr = { kind: "literal", span, type, value: rounded };
    if (rounded !== value && losesValue(span, value, rounded)) {
        const shown = span.file.text.slice(span.start, span.end);
        report(diagnose(lossyConstant, span, { shown, type: showType(type), becomes: String(rounded) }));
    }
    return literal;
}

/** Whether rounding a literal is more than rounding: it becomes 0, or loses whole units that are written out. */
function losesValue({ file, start, end }: Span, value: number, rounded: number): boolean {
    if (rounded === 0) return value !== 0;
    return Number.isInteger(value) && /^\d[\d_]*\.0*$/.test(file.text.slice(start, end));
}
