// Built-ins that are written in terms of others.

import type { Span } from "../diagnostics/diagnostic.js";
import { builtinCall } from "./nodes.js";
import type { Block, Expr, Local } from "./program.js";
import { BOOL, isFloat } from "./scalars.js";
import type { ScalarType } from "./types.js";

/** min(max(x, lo), hi) */
export function expandClamp(span: Span, type: ScalarType, [x, lo, hi]: readonly Expr[]): Expr {
    return builtinCall(span, type, "min", builtinCall(span, type, "max", x as Expr, lo as Expr), hi as Expr);
}

/** { let x = …; if x > 0 { 1 } else if x < 0 { -1 } else { x } }: zeros keep their sign, and NaN stays. */
export function expandSign(span: Span, type: ScalarType, [argument]: readonly Expr[]): Expr {
    const local: Local = { name: "x", type, mutable: false, space: "private", span };
    const x: Expr = { kind: "local", span, type, local };
    const literal = (value: number): Expr => ({
        kind: "literal",
        span,
        type,
        value: isFloat(type) ? value : BigInt(value),
    });
    const block = (value: Expr): Block => ({ span, statements: [], value });
    const choose = (op: "<" | ">", value: Expr, otherwise: Expr): Expr => ({
        kind: "if",
        span,
        type,
        condition: { kind: "compare", span, type: BOOL, op, left: x, right: literal(0) },
        then: block(value),
        otherwise: block(otherwise),
    });
    const value = choose(">", literal(1), choose("<", literal(-1), x));
    const declare = { kind: "declare", span, local, value: argument as Expr } as const;
    return { kind: "block", span, type, block: { span, statements: [declare], value } };
}
