// Extents and launch sizes: from the syntax to DimExpr, to expressions, and compared.

import { badExtent } from "../diagnostics/catalogue/constants.js";
import { misplacedList } from "../diagnostics/catalogue/syntax.js";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import { exactly } from "./constants.js";
import type { Expr } from "./program.js";
import { INDEX } from "./scalars.js";
import type { DimExpr } from "./types.js";

/** What a name in an extent is: the value of a constant, or a dimension; null was reported. */
export type ResolveDim = (name: string, span: Span) => DimExpr | null;

const OPERATORS = new Set(["+", "-", "*", "/", "%"]);

/** Null where it is no extent; that was reported. `constant` evaluates calls and facts, where they may stand. */
export function dimExpr(
    expr: ast.Expr,
    resolve: ResolveDim,
    report: (d: Diagnostic) => void,
    constant?: (expr: ast.Expr) => bigint | null,
): DimExpr | null {
    if (expr.kind === "integer") return constantDim(expr, expr.value, report);
    if (expr.kind === "name") return resolve(expr.text, expr.span);
    if (constant !== undefined && (expr.kind === "call" || expr.kind === "member")) {
        const value = constant(expr);
        return value === null ? null : constantDim(expr, value, report);
    }
    if (expr.kind === "tuple") {
        report(diagnose(misplacedList, expr.span, null));
        return null;
    }
    if (expr.kind !== "binary" || !OPERATORS.has(expr.op)) {
        report(diagnose(badExtent, expr.span, { what: "this can't be an extent" }));
        return null;
    }
    const left = dimExpr(expr.left, resolve, report, constant);
    const right = dimExpr(expr.right, resolve, report, constant);
    if (left === null || right === null) return null;
    const op = expr.op as "+" | "-" | "*" | "/" | "%";
    if (right.kind === "const" && right.value === 0 && (op === "/" || op === "%")) {
        report(diagnose(badExtent, expr.right.span, { what: "this extent divides by zero" }));
        return null;
    }
    if (left.kind !== "const" || right.kind !== "const") return { kind: "binary", op, left, right };
    return constantDim(expr, exactly(op, BigInt(left.value), BigInt(right.value)), report);
}

function constantDim({ span }: ast.Expr, value: bigint, report: (d: Diagnostic) => void): DimExpr | null {
    if (value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)) {
        return { kind: "const", value: Number(value) };
    }
    report(diagnose(badExtent, span, { what: "this extent is too large" }));
    return null;
}

/** Puts other extents in the place of names. */
export function substitute(dim: DimExpr, values: ReadonlyMap<string, DimExpr>): DimExpr {
    if (dim.kind === "const" || dim.kind === "slice") return dim;
    if (dim.kind === "dim") return values.get(dim.name) ?? dim;
    return { ...dim, left: substitute(dim.left, values), right: substitute(dim.right, values) };
}

/** Whether two extents are the same by what is written: as sums of the same terms. Others may be equal at run time. */
export function sameDim(a: DimExpr, b: DimExpr): boolean {
    const terms = new Map<unknown, number>();
    addTerms(a, 1, terms);
    addTerms(b, -1, terms);
    return [...terms.values()].every((factor) => factor === 0);
}

/** The extent as a sum: how often each of its terms is in it, and under the key 1 its constant. */
function addTerms(dim: DimExpr, sign: 1 | -1, terms: Map<unknown, number>): void {
    const add = (key: unknown, count: number) => terms.set(key, (terms.get(key) ?? 0) + count);
    if (dim.kind === "const") add(1, sign * dim.value);
    else if (dim.kind === "slice") add(dim, sign);
    else if (dim.kind === "binary" && (dim.op === "+" || dim.op === "-")) {
        addTerms(dim.left, sign, terms);
        addTerms(dim.right, dim.op === "+" ? sign : (-sign as 1 | -1), terms);
    } else add(showDim(dim), sign);
}

/** The extent as a value in a body. */
export function dimValue(dim: DimExpr, span: Span): Expr {
    if (dim.kind === "const") return { kind: "literal", span, type: INDEX, value: BigInt(dim.value) };
    if (dim.kind === "dim") return { kind: "dim", span, type: INDEX, name: dim.name };
    if (dim.kind === "slice") return { kind: "extent", span, type: INDEX, extent: dim };
    const [left, right] = [dimValue(dim.left, span), dimValue(dim.right, span)];
    return { kind: "binary", span, type: INDEX, op: dim.op, left, right };
}

export function showDim(dim: DimExpr): string {
    if (dim.kind === "const") return String(dim.value);
    if (dim.kind === "dim") return dim.name;
    if (dim.kind === "slice") return dim.text;
    const side = (part: DimExpr) => (part.kind === "binary" ? `(${showDim(part)})` : showDim(part));
    return `${side(dim.left)} ${dim.op} ${side(dim.right)}`;
}

/** The extent that an expression is, if the host could compute it as well. */
export function dimOf(expr: Expr): DimExpr | null {
    if (expr.kind === "literal" && typeof expr.value === "bigint") return { kind: "const", value: Number(expr.value) };
    if (expr.kind === "dim") return { kind: "dim", name: expr.name };
    if (expr.kind === "extent") return expr.extent;
    if (expr.kind !== "binary" || !OPERATORS.has(expr.op)) return null;
    const [left, right] = [dimOf(expr.left), dimOf(expr.right)];
    return left && right && { kind: "binary", op: expr.op as "+" | "-" | "*" | "/" | "%", left, right };
}

/** The extent of a slice from `start` to `end`. */
export function distance(start: Expr, end: Expr, text: string): DimExpr {
    const [from, to] = [dimOf(start), dimOf(end)];
    if (from === null || to === null) return { kind: "slice", text };
    const terms = new Map<unknown, number>();
    addTerms(to, 1, terms);
    addTerms(from, -1, terms);
    const constant = terms.get(1) ?? 0;
    const left = [...terms].filter(([key, count]) => key !== 1 && count !== 0);
    if (left.length === 0) return { kind: "const", value: constant };
    if (from.kind === "const" && from.value === 0) return to;
    return { kind: "binary", op: "-", left: to, right: from };
}
