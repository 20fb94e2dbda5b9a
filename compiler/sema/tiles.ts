// Expressions on tiles. An element-wise expression is checked as the scalar expression that it is for every element:
// what in it is a tile is replaced by the name of a scalar, and the rules, literals, built-ins and functions of scalars
// hold as they stand. So one expression becomes one `map`, in which sums of products contract as everywhere.

import { tileShapes } from "../diagnostics/catalogue/tiles.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type { BodyContext } from "./context.js";
import { checkExpr } from "./expressions.js";
import { errorExpr, requireValue } from "./nodes.js";
import type { Expr, Local, MapInput, Statement } from "./program.js";
import { isArithmetic, showType } from "./scalars.js";
import { checkTileBuiltin, TILE_BUILTINS } from "./tile-builtins.js";
import { type Extent, extent } from "./tile-extents.js";
import { checkTileCall, tileFunctionOf } from "./tile-functions.js";
import { checkTileIndex, isTileIndex } from "./tile-places.js";
import { checkProduct, checkTranspose } from "./tile-products.js";
import type { ScalarType, TileType, Type } from "./types.js";

/** An expression of a matrix kernel that has tiles in it; null where it is to be checked as anywhere. */
export function checkTiled(ctx: BodyContext, expr: ast.Expr, want: Type | null): Expr | null {
    if (ctx.owner.kind !== "matrix" || expr.kind === "name" || !isTiled(ctx, expr)) return null;
    switch (expr.kind) {
        case "index":
            return checkTileIndex(ctx, expr);
        case "member":
            return checkTranspose(ctx, expr);
        case "binary":
            return expr.op === "@" ? checkProduct(ctx, expr) : checkElementwise(ctx, expr, want);
        case "call":
            return checkTiledCall(ctx, expr, want);
        case "unary":
        case "cast":
            return checkElementwise(ctx, expr, want);
        default:
            return null;
    }
}

/** Whether an expression is written with tiles. What has a block is looked at when its block is. */
export function isTiled(ctx: BodyContext, expr: ast.Expr): boolean {
    switch (expr.kind) {
        case "name": {
            const symbol = ctx.scope.find(expr.text);
            return symbol?.kind === "local" && symbol.local.type.kind === "tile";
        }
        case "index":
            return isTiled(ctx, expr.base) || isTileIndex(ctx, expr);
        case "member":
            return isTiled(ctx, expr.base);
        case "unary":
        case "cast":
            return isTiled(ctx, expr.operand);
        case "binary":
            return expr.op === "@" || isTiled(ctx, expr.left) || isTiled(ctx, expr.right);
        case "call":
            return isLeafCall(ctx, expr) || expr.args.some(({ value }) => isTiled(ctx, value));
        default:
            return false;
    }
}

function isTileBuiltin(ctx: BodyContext, { callee }: Extract<ast.Expr, { kind: "call" }>): boolean {
    if (callee.kind !== "name" || !TILE_BUILTINS.has(callee.text)) return false;
    return ctx.scope.find(callee.text) === undefined && !ctx.module.symbols.has(callee.text);
}

/** A call that takes tiles as they are. */
function isLeafCall(ctx: BodyContext, call: Extract<ast.Expr, { kind: "call" }>): boolean {
    return isTileBuiltin(ctx, call) || tileFunctionOf(ctx, call) !== null;
}

function checkTiledCall(ctx: BodyContext, call: Extract<ast.Expr, { kind: "call" }>, want: Type | null): Expr {
    if (isTileBuiltin(ctx, call)) return checkTileBuiltin(ctx, call);
    const template = tileFunctionOf(ctx, call);
    return template === null ? checkElementwise(ctx, call, want) : checkTileCall(ctx, call, template, want);
}

function isElementwise(ctx: BodyContext, expr: ast.Expr): boolean {
    if (expr.kind === "call") return !isLeafCall(ctx, expr);
    return expr.kind === "unary" || expr.kind === "cast" || (expr.kind === "binary" && expr.op !== "@");
}

/** Replaces what in an element-wise expression is no scalar expression by names of scalars. */
class Elements {
    readonly inputs: MapInput[] = [];
    isBroken = false;
    readonly #names = new Map<Local, string>();

    constructor(readonly ctx: BodyContext) {}

    image(expr: ast.Expr): ast.Expr {
        if (!isTiled(this.ctx, expr)) return expr;
        if (!isElementwise(this.ctx, expr)) return this.#leaf(expr);
        switch (expr.kind) {
            case "unary":
                return { ...expr, operand: this.image(expr.operand) };
            case "cast":
                return { ...expr, operand: this.image(expr.operand) };
            case "binary":
                return { ...expr, left: this.image(expr.left), right: this.image(expr.right) };
            case "call":
                return { ...expr, args: expr.args.map((arg) => ({ ...arg, value: this.image(arg.value) })) };
            default:
                return expr;
        }
    }

    #leaf(expr: ast.Expr): ast.Expr {
        const value = requireValue(checkExpr(this.ctx, expr, null), this.ctx.report);
        if (value.type.kind === "error") this.isBroken = true;
        const known = value.kind === "local" ? this.#names.get(value.local) : undefined;
        const text = known ?? this.#declare(value);
        if (value.kind === "local") this.#names.set(value.local, text);
        return { kind: "name", span: expr.span, height: 0, text };
    }

    /** A name that no source has. */
    #declare(value: Expr): string {
        const name = `${this.inputs.length}`;
        const type = value.type.kind === "tile" ? value.type.element : value.type;
        const local: Local = { name, type, mutable: false, space: "private", span: value.span };
        this.inputs.push({ local, value });
        return name;
    }
}

function checkElementwise(ctx: BodyContext, expr: ast.Expr, want: Type | null): Expr {
    const { span } = expr;
    const elements = new Elements(ctx);
    const image = elements.image(expr);
    if (elements.isBroken) return errorExpr(span);
    ctx.scope.enter();
    for (const { local } of elements.inputs) {
        ctx.scope.declare(local.name, { kind: "local", local, what: "let", read: true });
    }
    const wanted = want?.kind === "tile" ? want.element : want;
    const body = requireValue(checkExpr(ctx, image, wanted), ctx.report);
    ctx.scope.leave();
    if (body.type.kind === "error") return body;
    const { inputs } = elements;
    const tiles = inputs.filter(({ value }) => value.type.kind === "tile");
    if (tiles.length === 0) return withInputs(span, inputs, body);
    const extents = commonShape(ctx, span, tiles);
    if (extents === null || !isArithmetic(body.type) || body.type.kind !== "scalar") return errorExpr(span);
    return accumulated(span, inputs, body, { kind: "tile", element: body.type, extents });
}

/** Scalars that reductions gave, by their names. */
function withInputs(span: Span, inputs: readonly MapInput[], value: Expr): Expr {
    const statements = inputs.map(({ local, value }): Statement => ({ kind: "declare", span, local, value }));
    return { kind: "block", span, type: value.type, block: { span, statements, value } };
}

/** `x + a @ b` is a product that is summed onto x. */
function accumulated(span: Span, inputs: readonly MapInput[], body: Expr, type: TileType): Expr {
    const whole: Expr = { kind: "map", span, inputs, body, type };
    if (body.kind !== "binary" || body.op !== "+") return whole;
    for (const [side, other] of [
        [body.right, body.left],
        [body.left, body.right],
    ] as const) {
        const input = side.kind === "local" ? inputs.find(({ local }) => local === side.local) : undefined;
        const product = input?.value;
        if (product?.kind !== "product" || product.accumulator !== null || product.type.element !== type.element)
            continue;
        if (product.type.extents.some(({ size }, axis) => size !== type.extents[axis]?.size)) continue;
        const rest = inputs.filter((each) => each !== input);
        return { ...product, span, accumulator: mapped(span, rest, other, type), type };
    }
    return whole;
}

/** A tile of such elements; one that is there already as it is. */
function mapped(span: Span, inputs: readonly MapInput[], body: Expr, type: TileType): Expr {
    const only = body.kind === "local" ? inputs.find(({ local }) => local === body.local)?.value : undefined;
    if (only?.type.kind === "tile" && only.type.extents.every(({ size }, axis) => size === type.extents[axis]?.size)) {
        return only;
    }
    return { kind: "map", span, inputs, body, type };
}

/** The shape that tiles have together; null where they have none, which was reported. */
function commonShape(ctx: BodyContext, span: Span, inputs: readonly MapInput[]): readonly Extent[] | null {
    const types = inputs.map(({ value }) => value.type as TileType);
    const rank = (types[0] as TileType).extents.length;
    const first = types[0] as TileType;
    const largest = types.reduce((a, b) => (elementsOf(b) > elementsOf(a) ? b : a), first);
    const extents: Extent[] = [];
    for (let axis = 0; axis < rank; axis++) {
        const parts = types.map(({ extents }) => extents[axis]);
        const size = Math.max(...parts.map((part) => part?.size ?? 1));
        extents.push(extent(size, null, parts.filter((part) => part !== undefined && part.size === size) as Extent[]));
    }
    const other = types.find(
        (type) =>
            type.extents.length !== rank ||
            type.extents.some(({ size }, axis) => size !== 1 && size !== extents[axis]?.size),
    );
    if (other === undefined) return extents;
    const clash = other === largest ? first : largest;
    const labels = inputs.map(({ value }) => ({ span: value.span, message: showType(value.type) }));
    const [left, right] = types.indexOf(clash) < types.indexOf(other) ? [clash, other] : [other, clash];
    const what = "these tiles have no shape in common";
    ctx.report(diagnose(tileShapes, span, { what, left: showType(left), right: showType(right) }, { labels }));
    return null;
}

export function elementsOf({ extents }: TileType): number {
    return extents.reduce((product, { size }) => product * size, 1);
}

/** A scalar repeated where a tile is wanted. */
export function filled(value: Expr, type: TileType): Expr {
    return { kind: "map", span: value.span, inputs: [], body: value, type };
}

export function tileOf(element: ScalarType, extents: readonly Extent[]): TileType {
    return { kind: "tile", element, extents };
}
