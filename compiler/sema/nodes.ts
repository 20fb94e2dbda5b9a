// Makers of typed expressions that several parts of the checker need.

import { arrayAsValue, notScalar, typeMismatch } from "../diagnostics/catalogue/types.js";
import type { Fix, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { conversion } from "../diagnostics/fixes.js";
import type { Report } from "./context.js";
import type { Expr } from "./program.js";
import {
    agree,
    describeType,
    ERROR,
    INDEX,
    isBool,
    isInteger,
    isNumber,
    isPair,
    isStorage,
    isValue,
    MOST_SCALARS,
    scalarCount,
    showType,
} from "./scalars.js";
import type { ArrayType, ScalarType, Type } from "./types.js";

/** Stands for an expression that was reported. It never leaves the checker. */
export function errorExpr(span: Span): Expr {
    return { kind: "builtin", span, type: ERROR, name: "error", args: [] };
}

export function indexLiteral(span: Span, value: bigint): Expr {
    return { kind: "literal", span, type: INDEX, value };
}

export function builtinCall(span: Span, type: Type, name: string, ...args: Expr[]): Expr {
    return { kind: "builtin", span, type, name, args };
}

/** The expression if it is of the type, else an error, which is reported. */
export function require(given: Expr, type: Type, report: Report): Expr {
    const expr = copied(given);
    if (agree(expr.type, type)) return sized(expr, report);
    if (!isValue(expr.type)) return requireValue(expr, report);
    const help = conversionHelp(expr.type, type);
    const fixes = conversionFixes(expr.type, type, expr.span);
    const args = { expected: showType(type), found: showType(expr.type), help };
    report(diagnose(typeMismatch, expr.span, args, { fixes }));
    return errorExpr(expr.span);
}

/** The expression if it is a value, else an error, which is reported. */
export function requireValue(given: Expr, report: Report): Expr {
    const expr = copied(given);
    if (isValue(expr.type) || expr.type.kind === "error") return sized(expr, report);
    if (expr.type.kind === "void") {
        report(
            diagnose(notScalar, expr.span, {
                what: "a call without a result",
                help: "let it stand by itself; a function gives what it declares: `-> f32`",
            }),
        );
    } else {
        const isSlice = expr.kind === "slice";
        const help = isSlice ? "name it by `let`, or pass it to a function" : "use one of its elements, such as `x[0]`";
        report(diagnose(notScalar, expr.span, { what: describeType(expr.type), help }));
    }
    return errorExpr(expr.span);
}

/** Of a view whose extents are all constants, an array of its elements. */
function copied(expr: Expr): Expr {
    if (expr.kind !== "local" || expr.type.kind !== "view") return expr;
    const { element, dims } = expr.type;
    const extents = dims.flatMap((dim) => (dim.kind === "const" ? [dim.value] : []));
    const type: ArrayType = { kind: "array", element, extents };
    const { span, local: base, type: baseType } = expr;
    if (extents.length < dims.length || scalarCount(type) > MOST_SCALARS) return expr;
    const count = extents.reduce((product, extent) => product * extent, 1);
    const parts = Array.from({ length: count }, (_, at): Expr => {
        let rest = at;
        const indices = extents.map((_, axis) => {
            const stride = extents.slice(axis + 1).reduce((product, extent) => product * extent, 1);
            const index = Math.floor(rest / stride);
            rest %= stride;
            return indexLiteral(span, BigInt(index));
        });
        return { kind: "element", span, type: element, base, baseType, indices };
    });
    return { kind: "construct", span, type, parts };
}

/** The expression if it is no array that is too large to be a value, else an error, which is reported. */
function sized(expr: Expr, report: Report): Expr {
    if (expr.type.kind !== "array") return expr;
    const scalars = scalarCount(expr.type);
    if (scalars <= MOST_SCALARS) return expr;
    report(diagnose(arrayAsValue, expr.span, { type: showType(expr.type), scalars, limit: MOST_SCALARS }));
    return errorExpr(expr.span);
}

/** How to make one type of another, if `as` or a comparison can. */
export function conversionHelp(from: Type, to: Type): string | undefined {
    if (to.kind === "vector" && agree(from, to.element)) return `repeat it: \`${showType(to)}(…)\``;
    if (from.kind === "vector" && isBool(from.element) && isBool(to)) return "write `any(…)` or `all(…)`";
    if (isPair(from)) return "take one of its integers: `low(x)` or `high(x)` of std.int4";
    if (isPair(to)) return "make it of two integers: `pair(a, b)` of std.int4";
    if (from.kind !== "scalar" || to.kind !== "scalar") return undefined;
    if (to.name === "bool") return isInteger(from) ? "write `… != 0`" : "write `… != 0.0`";
    return isConvertible(from, to) ? `convert it: \`… as ${to.name}\`` : undefined;
}

/** The same, done by an editor: `as` alone, as a comparison may be meant otherwise. */
export function conversionFixes(from: Type, to: Type, span: Span): readonly Fix[] {
    return from.kind === "scalar" && to.kind === "scalar" && isConvertible(from, to) ? [conversion(span, to.name)] : [];
}

function isConvertible(from: ScalarType, to: ScalarType): boolean {
    return to.name !== "bool" && !isPair(from) && !isPair(to) && (isNumber(from) || isStorage(from) || isInteger(to));
}
