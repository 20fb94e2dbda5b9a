// Tiles of views: `a[i, p]`, `q[head, i, :]`; and dimensions added to tiles: `top[:, none]`.

import { notMutable } from "../diagnostics/catalogue/kernels.js";
import { rangeOutlives, tileExtent, tileIndex, tileShapes } from "../diagnostics/catalogue/tiles.js";
import { typeMismatch, wrongRank } from "../diagnostics/catalogue/types.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type { BodyContext } from "./context.js";
import { constantInteger } from "./declarations.js";
import { checkExpr, checkIndex } from "./expressions.js";
import { conversionHelp, errorExpr, requireValue } from "./nodes.js";
import type { Expr, Local, Statement, TilePart, TilePlace } from "./program.js";
import { agree, describeType, ERROR, isInteger, sameShape, showType } from "./scalars.js";
import { type Extent, extent, rangesOf } from "./tile-extents.js";
import { elementsOf, filled, isTiled, tileOf } from "./tiles.js";
import { elementType, typesOf } from "./type-names.js";
import type { DimExpr, TileType, Type } from "./types.js";

type IndexExpr = Extract<ast.Expr, { kind: "index" }>;

/** Elements of one tile: 256 work-items hold as many in all of their registers. */
const MAX_ELEMENTS = 65536;

/** Whether a size can be an extent, which is reported else. */
export function isExtent(ctx: BodyContext, span: Span, what: string, size: bigint): boolean {
    if (size >= 1n && size <= BigInt(MAX_ELEMENTS) && (size & (size - 1n)) === 0n) return true;
    ctx.report(diagnose(tileExtent, span, { what, extent: `${size}, no power of two up to ${MAX_ELEMENTS}` }));
    return false;
}

function isBelowMost(ctx: BodyContext, span: Span, type: TileType): boolean {
    if (elementsOf(type) <= MAX_ELEMENTS) return true;
    const what = `a ${showType(type)} has ${elementsOf(type)} elements: the most`;
    ctx.report(diagnose(tileExtent, span, { what, extent: String(MAX_ELEMENTS) }));
    return false;
}

/** `tile f32[BM, BN]`, of a variable. */
export function tileType(ctx: BodyContext, type: ast.TypeExpr): Type {
    const element = elementType({ ...type, tile: null }, typesOf(ctx), ctx.report);
    if (element === null) return ERROR;
    if (element.kind !== "scalar" || type.extents === null || type.extents.length === 0) {
        const help = "write its extents: `tile f32[64, 64]`";
        ctx.report(diagnose(tileIndex, type.span, { what: "a tile has scalars and constant extents", help }));
        return ERROR;
    }
    const extents = type.extents.map((expr) => {
        const size = constantInteger(ctx, expr, "an extent of a tile");
        return size !== null && isExtent(ctx, expr.span, "an extent of a tile", size)
            ? variableExtent(Number(size))
            : null;
    });
    if (extents.includes(null)) return ERROR;
    const tile = tileOf(element, extents as Extent[]);
    return isBelowMost(ctx, type.span, tile) ? tile : ERROR;
}

/** A dimension that takes up the ranges of what is assigned. */
function variableExtent(size: number): Extent {
    return extent(size, null, []);
}

/** The type of a variable without a written one: its dimensions learn more ranges with every assignment. */
export function variableTile({ element, extents }: TileType): TileType {
    return tileOf(
        element,
        extents.map((each) => extent(each.size, null, [each])),
    );
}

/** What a variable is given: a tile of its shape, or a scalar for all of its elements. */
export function checkTileValue(ctx: BodyContext, local: Local, depth: number, source: ast.Expr): Expr {
    const { type } = local;
    if (type.kind !== "tile") throw new Error(`${local.name} is no tile`);
    const value = fitting(ctx, requireValue(checkExpr(ctx, source, type.element), ctx.report), type);
    if (value.type.kind === "tile") learn(ctx, local, type, value.type, depth, source.span);
    return value;
}

/** A tile of the type's shape and elements; a scalar is repeated. */
export function fitting(ctx: BodyContext, value: Expr, type: TileType): Expr {
    if (value.type.kind === "error") return value;
    if (value.type.kind === "scalar" && agree(value.type, type.element)) return filled(value, type);
    if (agree(value.type, type)) return value;
    const found = value.type.kind === "tile" ? value.type.element : value.type;
    if (agree(found, type.element)) {
        const args = { what: "another shape", left: showType(type), right: showType(value.type) };
        ctx.report(diagnose(tileShapes, value.span, args));
    } else {
        const help = conversionHelp(found, type.element);
        ctx.report(diagnose(typeMismatch, value.span, { expected: showType(type), found: showType(value.type), help }));
    }
    return errorExpr(value.span);
}

function learn(ctx: BodyContext, local: Local, type: TileType, given: TileType, depth: number, span: Span): void {
    for (const [axis, own] of type.extents.entries()) {
        const source = given.extents[axis] as Extent;
        for (const { range } of rangesOf(source)) {
            if (range.type.kind !== "range" || range.type.depth <= depth) continue;
            ctx.report(diagnose(rangeOutlives, span, { range: range.name, name: local.name }));
        }
        if (source !== own) (own.sources as Extent[]).push(source);
    }
}

/** `view[…]` with a range or `:`, which in a matrix kernel is a tile. */
export function isTileIndex(ctx: BodyContext, { base, indices }: IndexExpr): boolean {
    const symbol = base.kind === "name" ? ctx.scope.find(base.text) : undefined;
    if (symbol?.kind !== "local" || symbol.local.type.kind !== "view") return false;
    const isTile = (index: ast.Expr) =>
        rangeNamed(ctx, index) !== null || (index.kind === "slice" && index.start === null) || isGathered(ctx, index);
    return indices.some(isTile);
}

function rangeNamed(ctx: BodyContext, expr: ast.Expr): Local | null {
    const symbol = expr.kind === "name" ? ctx.scope.find(expr.text) : undefined;
    return symbol?.kind === "local" && symbol.local.type.kind === "range" ? symbol.local : null;
}

/** Places that a tile says, one by one. */
function isGathered(ctx: BodyContext, index: ast.Expr): boolean {
    return index.kind !== "slice" && isTiled(ctx, index) && quietType(ctx, index).kind === "tile";
}

/** The type of an expression that is checked again where it belongs. */
function quietType(ctx: BodyContext, expr: ast.Expr): Type {
    const quiet: BodyContext = { ...ctx, report: () => undefined, calls: [] };
    return checkExpr(quiet, expr, null).type;
}

export function checkTileIndex(ctx: BodyContext, expr: IndexExpr): Expr {
    if (isTileIndex(ctx, expr)) {
        const place = checkTilePlace(ctx, expr);
        return place === null ? errorExpr(expr.span) : { kind: "tile-load", span: expr.span, ...place };
    }
    const operand = requireValue(checkExpr(ctx, expr.base, null), ctx.report);
    if (operand.type.kind === "error") return errorExpr(expr.span);
    const kept = operand.type.kind === "tile" ? [...operand.type.extents] : [];
    const rank = kept.length;
    const parts: (Part & { readonly axis: number })[] = [];
    const extents: Extent[] = [];
    for (const index of expr.indices) {
        const isNone = index.kind === "name" && index.text === "none" && ctx.scope.find("none") === undefined;
        if (isNone) {
            extents.push(extent(1));
            continue;
        }
        const from = index.kind === "slice" ? kept.shift() : undefined;
        const next = index.kind === "slice" && from !== undefined ? checkTilePart(ctx, index, from) : undefined;
        if (next === null) return errorExpr(expr.span);
        if (next === undefined) {
            const help = "write `:` for a dimension, `0 .. 16` for a part of it and `none` for a new one of extent 1";
            const what = "an element of a tile can't be taken out";
            ctx.report(diagnose(tileIndex, index.span, { what, help }));
            return errorExpr(expr.span);
        }
        extents.push(next.extent);
        if (next.part !== null) parts.push({ ...next.part, axis: rank - kept.length - 1 });
    }
    if (operand.type.kind !== "tile" || kept.length > 0) {
        const args = { name: "the tile", rank: extents.length + kept.length, found: expr.indices.length };
        ctx.report(diagnose(wrongRank, expr.span, args));
        return errorExpr(expr.span);
    }
    const { element } = operand.type;
    let part: Expr = operand;
    for (const { axis, start, extent } of parts) {
        const extents = (part.type as TileType).extents.map((each, at) => (at === axis ? extent : each));
        const type = tileOf(element, extents);
        part = { kind: "part", span: expr.span, operand: part, axis, start, type };
    }
    const type = tileOf(element, extents);
    return part !== operand && sameShape(type, part.type as TileType)
        ? part
        : { kind: "reshape", span: expr.span, operand: part, type };
}

interface Part {
    readonly start: number;
    readonly extent: Extent;
}

/** `:` or `16 .. 32` along a dimension of a tile; null where it was reported. */
function checkTilePart(
    ctx: BodyContext,
    { start, end, span }: Extract<ast.Expr, { kind: "slice" }>,
    from: Extent,
): { readonly extent: Extent; readonly part: Part | null } | null {
    if (start === null || end === null) return { extent: from, part: null };
    const [first, last] = [start, end].map((bound) => constantInteger(ctx, bound, "the bound of a part"));
    if (first == null || last == null) return null;
    const size = last - first;
    if (!isExtent(ctx, span, "the extent of this part", size)) return null;
    if (first < 0n || last > BigInt(from.size) || first % size !== 0n) {
        const what = `a part of ${size} begins at a multiple of ${size} within the ${from.size} of its tile, not at ${first}`;
        ctx.report(diagnose(tileIndex, span, { what }));
        return null;
    }
    const own = extent(Number(size), null, [from], Number(first));
    return { extent: own, part: { start: Number(first), extent: own } };
}

/** Null where it was reported. */
function checkTilePlace(
    ctx: BodyContext,
    { base: name, indices, span }: IndexExpr,
): { readonly place: TilePlace; readonly type: TileType } | null {
    const symbol = name.kind === "name" ? ctx.scope.find(name.text) : undefined;
    if (symbol?.kind !== "local" || symbol.local.type.kind !== "view") return null;
    const base = symbol.local;
    symbol.read = true;
    const baseType = symbol.local.type;
    if (baseType.dims.length !== indices.length) {
        const labels = [{ span: base.span, message: `${describeType(baseType)} is declared here` }];
        const args = { name: base.name, rank: baseType.dims.length, found: indices.length };
        ctx.report(diagnose(wrongRank, span, args, { labels }));
        return null;
    }
    if (baseType.element.kind !== "scalar") {
        ctx.report(diagnose(tileIndex, span, { what: `a tile has scalars, not ${showType(baseType.element)}` }));
        return null;
    }
    const parts = indices.map((index, axis) => checkPart(ctx, index, baseType.dims[axis] as DimExpr));
    if (parts.includes(null)) return null;
    const gathered = (parts as TilePart[]).filter(({ kind }) => kind === "gather");
    if (gathered.length > 1) {
        ctx.report(diagnose(tileIndex, span, { what: "one dimension of a view is indexed with a tile, not several" }));
        return null;
    }
    const extents = (parts as TilePart[]).flatMap((part) => {
        if (part.kind === "gather") return part.indices.type.kind === "tile" ? part.indices.type.extents : [];
        if (part.kind === "all") return [extent(part.size)];
        return part.kind === "over" && part.range.type.kind === "range"
            ? [extent(part.range.type.size, part.range)]
            : [];
    });
    const type = tileOf(baseType.element, extents);
    if (!isBelowMost(ctx, span, type)) return null;
    return { place: { base, baseType, parts: parts as TilePart[], span }, type };
}

/** Null where it was reported. */
function checkPart(ctx: BodyContext, index: ast.Expr, dim: DimExpr): TilePart | null {
    if (rangeNamed(ctx, index) !== null) {
        const range = checkExpr(ctx, index, null);
        return range.kind === "local" ? { kind: "over", range: range.local } : null;
    }
    if (isGathered(ctx, index)) {
        const indices = checkExpr(ctx, index, null);
        if (indices.type.kind !== "tile") return null;
        if (isInteger(indices.type.element) && indices.type.extents.length === 1) return { kind: "gather", indices };
        const what = `a view is indexed with integers in one dimension, not with a ${showType(indices.type)}`;
        ctx.report(diagnose(tileIndex, index.span, { what }));
        return null;
    }
    if (index.kind !== "slice") {
        const point = checkIndex(ctx, index);
        return point.type.kind === "error" ? null : { kind: "point", index: point };
    }
    if (dim.kind === "const" && index.start !== null) {
        const part = checkTilePart(ctx, index, extent(dim.value));
        return part?.part ? { kind: "all", size: part.extent.size, start: part.part.start } : null;
    }
    if (dim.kind !== "const") {
        const help = "run over it: `for p in k by BK`";
        const what = "`:` in a tile's index takes a dimension of constant extent";
        ctx.report(diagnose(tileIndex, index.span, { what, help }));
        return null;
    }
    if (!isExtent(ctx, index.span, "this extent", BigInt(dim.value))) return null;
    return { kind: "all", size: dim.value, start: 0 };
}

/** `view[…] = value`; null where it was reported. */
export function checkTileStore(ctx: BodyContext, target: IndexExpr, source: ast.Expr, span: Span): Statement | null {
    const place = checkTilePlace(ctx, target);
    const given = requireValue(checkExpr(ctx, source, place?.type.element ?? null), ctx.report);
    if (place === null) return null;
    const { base, baseType, parts } = place.place;
    if (parts.some(({ kind }) => kind === "gather")) {
        const what = "a tile is stored to ranges, not to places that a tile says";
        ctx.report(diagnose(tileIndex, target.span, { what, help: "two of them could be the same place" }));
        return null;
    }
    if (!baseType.mutable) {
        const args = {
            name: base.name,
            what: "a view that may only be read",
            help: `declare it as \`${base.name}: mut ${showType(baseType)}\``,
        };
        ctx.report(
            diagnose(notMutable, target.span, args, { labels: [{ span: base.span, message: "declared here" }] }),
        );
        return null;
    }
    const value = fitting(ctx, given, place.type);
    return value.type.kind === "error" ? null : { kind: "tile-store", span, place: place.place, value };
}
