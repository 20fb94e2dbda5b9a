// Vectors: making them, naming their lanes, and doing with each lane what a scalar operation does with one value.

import { badSwizzle, indexOutOfBounds, indexType, vectorParts } from "../diagnostics/catalogue/types.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import { knownInteger } from "./constants.js";
import type { BodyContext } from "./context.js";
import { checkExpr, checkIndex } from "./expressions.js";
import { flexibility } from "./literals.js";
import { errorExpr, require, requireValue } from "./nodes.js";
import type { Expr, Local, Statement } from "./program.js";
import { agree, INDEX, laneOf, showType, vector, withLane } from "./scalars.js";
import { type ScalarType, type Type, VECTOR_LENGTHS, type VectorLength, type VectorType } from "./types.js";

/** `f32x3(x, y, z)`, `f32x4(v.xyz, 1.0)`, or with one scalar a vector of it. */
export function constructVector(ctx: BodyContext, span: Span, type: VectorType, args: readonly ast.Expr[]): Expr {
    const parts = args.map((arg) => {
        const part = requireValue(checkExpr(ctx, arg, type.element), ctx.report);
        if (part.type.kind !== "vector") return require(part, type.element, ctx.report);
        return agree(part.type.element, type.element) ? part : require(part, type, ctx.report);
    });
    if (parts.some((part) => part.type.kind === "error")) return errorExpr(span);
    const [only] = parts;
    if (only !== undefined && parts.length === 1 && only.type.kind === "scalar") {
        return { kind: "splat", span, type, operand: only };
    }
    const found = parts.reduce((sum, part) => sum + (part.type.kind === "vector" ? part.type.length : 1), 0);
    if (found === type.length) return { kind: "construct", span, type, parts };
    ctx.report(diagnose(vectorParts, span, { type: showType(type), length: type.length, found }));
    return errorExpr(span);
}

const LETTERS = "xyzw";

/** `v.x`, `v.zyx`: the first four lanes by letters. */
export function checkSwizzle(ctx: BodyContext, base: Expr, type: VectorType, member: ast.Name): Expr {
    const span = { ...member.span, start: base.span.start };
    const lanes = [...member.text].map((letter) => LETTERS.indexOf(letter));
    const length = VECTOR_LENGTHS.find((each) => each === lanes.length);
    const fits = lanes.every((lane) => lane >= 0 && lane < type.length);
    if (fits && lanes.length === 1) return swizzle(span, base, lanes, type.element);
    if (fits && lanes.length <= 4 && length !== undefined) {
        return swizzle(span, base, lanes, vector(type.element, length));
    }
    const letters = LETTERS.slice(0, type.length);
    ctx.report(diagnose(badSwizzle, member.span, { name: member.text, type: showType(type), letters }));
    return errorExpr(span);
}

/** `v[i]` */
export function checkItem(ctx: BodyContext, span: Span, base: Expr, type: VectorType, expr: ast.Expr): Expr {
    const index = checkIndex(ctx, expr);
    if (index.type.kind === "error") return errorExpr(span);
    if (!agree(index.type, INDEX)) {
        ctx.report(diagnose(indexType, expr.span, { type: showType(index.type) }));
        return errorExpr(span);
    }
    const known = knownInteger(index);
    if (known !== undefined && (known < 0n || known >= BigInt(type.length))) {
        const outside = { index: String(known), extent: known < 0n ? null : type.length };
        ctx.report(diagnose(indexOutOfBounds, index.span, outside));
        return errorExpr(span);
    }
    if (known !== undefined) return swizzle(span, base, [Number(known)], type.element);
    return { kind: "item", span, base, indices: [index], type: type.element };
}

function swizzle(span: Span, base: Expr, lanes: readonly number[], type: ScalarType | VectorType): Expr {
    return { kind: "swizzle", span, base, lanes, type };
}

/** One lane of a vector; a scalar itself. */
export function lane(value: Expr, at: number): Expr {
    return value.type.kind === "vector" ? swizzle(value.span, value, [at], value.type.element) : value;
}

/** What an operand of literals only takes beside one of that type: the lanes' type. */
export function wantBeside(ctx: BodyContext, expr: ast.Expr, type: Type): Type {
    return type.kind === "vector" && flexibility(ctx, expr) !== null ? type.element : type;
}

/** The operands with a scalar repeated beside a vector of its type; as they are where that doesn't make them agree. */
export function broadcast(left: Expr, right: Expr): readonly [Expr, Expr] {
    return [repeated(left, right.type), repeated(right, left.type)];
}

/** A scalar repeated, where a vector of its type is wanted. */
export function repeated(value: Expr, wanted: Type): Expr {
    if (wanted.kind !== "vector" || value.type.kind !== "scalar" || !agree(value.type, wanted.element)) return value;
    return { kind: "splat", span: value.span, type: wanted, operand: value };
}

/** What `each` makes of the lanes of the arguments, of which those that are scalars take part in every lane. */
export function laneByLane(
    span: Span,
    length: VectorLength,
    args: readonly Expr[],
    each: (lanes: Expr[], at: number) => Expr,
): Expr {
    return withNames(span, args, (values) => {
        const parts = Array.from({ length }, (_, at) =>
            each(
                values.map((value) => lane(value, at)),
                at,
            ),
        );
        const type = withLane(vector(INDEX, length), laneOf((parts[0] as Expr).type as ScalarType)) as VectorType;
        return { kind: "construct", span, type, parts };
    });
}

/** `{ let a = …; let b = …; value of a and b }`, so that each argument is evaluated once. */
export function withNames(span: Span, args: readonly Expr[], value: (names: Expr[]) => Expr): Expr {
    const statements: Statement[] = [];
    const names = args.map((arg, at): Expr => {
        if (arg.kind === "literal" || arg.kind === "local") return arg;
        const { type } = arg;
        const local: Local = { name: `a${at}`, type, mutable: false, space: "private", span: arg.span };
        statements.push({ kind: "declare", span: arg.span, local, value: arg });
        return { kind: "local", span: arg.span, type, local };
    });
    const result = value(names);
    if (statements.length === 0) return result;
    return { kind: "block", span, type: result.type, block: { span, statements, value: result } };
}
