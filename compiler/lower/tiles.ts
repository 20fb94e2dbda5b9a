// Matrix kernels: expressions on tiles become tile operations of the IR, ranges their first and last index.

import type { Span } from "../diagnostics/diagnostic.js";
import type { Axis, ConstantValue, ValueId } from "../ir/module.js";
import { neutral } from "../ir/neutral.js";
import { type IrScalar, type TileType as IrTile, type IrType, isTile } from "../ir/types.js";
import type { Expr, Kernel, MapInput, Statement, TileExpr, TilePlace } from "../sema/program.js";
import { type Extent, rangesOf } from "../sema/tile-extents.js";
import type { TileType, Type, ValueType } from "../sema/types.js";
import { bind, type Context, known, viewOfLocal } from "./context.js";
import { mostOf } from "./dim-ranges.js";
import { lowerDim } from "./dims.js";
import { lowerValue } from "./expression.js";
import { scalarsOf, storedAs } from "./layout.js";
import { rowMajorStrides } from "./views.js";
import { blocksOf } from "./workgroup.js";

/** What the IR has for a value: its scalars, or a tile as a whole. */
export function typesOfValue(type: ValueType): readonly IrType[] {
    return type.kind === "tile" ? [irTile(type)] : scalarsOf(type);
}

function irTile({ element, extents }: TileType): IrTile {
    return { tile: storedAs(element.name), shape: extents.map(({ size }) => size) };
}

function tileTypeOf(type: Type): IrTile {
    if (type.kind !== "tile") throw new Error(`a ${type.kind} where a tile belongs`);
    return irTile(type);
}

/** Blocks of a kernel's domain along its dimensions, and the place of one of them among these, as written. */
interface Turn {
    readonly blocks: readonly ValueId[];
    readonly place: readonly ValueId[];
}

/** Does the body of a matrix kernel for the blocks of its domain: the workgroup's own, or of a persistent kernel every so many. */
export function lowerBlocks(context: Context, kernel: Kernel, body: () => void): void {
    const { builder } = context;
    const { launch, options, span } = kernel;
    if (launch.kind !== "tiles") throw new Error(`${kernel.name} is no matrix kernel`);
    const counts = blocksOf(launch);
    const blocks = counts.map((count) => lowerDim(context, count, span));
    if (!options.persistent) {
        const place = blocks.map((_, written) => groupId(context, kernel, (blocks.length - 1 - written) as Axis));
        bindDomain(context, kernel, { blocks, place });
        body();
        return;
    }
    const all = blocks.reduce((left, right) => builder.value("mul", [left, right], span));
    const step = builder.value("group_count", [], span, { axis: 0 });
    const bounds = [groupId(context, kernel, 0), all, step];
    const id = builder.reserve();
    const round = builder.begin([{ type: "index", span }]);
    bindDomain(context, kernel, { blocks, place: placeOf(context, round.parameters[0] as ValueId, blocks, span) });
    context.loops.push({ id, carried: [] });
    body();
    context.loops.pop();
    if (builder.reachable) builder.terminate("yield", [], kernel.body.span);
    // Loads of the next block would take registers that this one's sums need.
    builder.structured("for", bounds, [], [builder.end(round)], span, id, { stages: 1 });
}

/** Where the block of a number is, row-major: a launch has less than 2^32 of them. */
function placeOf({ builder }: Context, number: ValueId, blocks: readonly ValueId[], span: Span): readonly ValueId[] {
    const word = (value: ValueId) => builder.value("convert", [value], span, {}, "u32");
    const index = (value: ValueId) => builder.value("convert", [value], span, {}, "index");
    if (blocks.length === 1) return [number];
    let rest = word(number);
    const inner = blocks
        .slice(1)
        .reverse()
        .map((count) => {
            const each = [rest, word(count)];
            rest = builder.value("div", each, span);
            return index(builder.value("rem", each, span));
        });
    return [index(rest), ...inner.reverse()];
}

function groupId({ builder }: Context, { span }: Kernel, axis: Axis): ValueId {
    return builder.value("group_id", [], span, { axis });
}

/** Binds the variables of a matrix kernel's domain to the point or block of a turn. */
function bindDomain(context: Context, kernel: Kernel, { blocks, place }: Turn): void {
    const { builder } = context;
    const { launch, options, span } = kernel;
    if (launch.kind !== "tiles") throw new Error(`${kernel.name} is no matrix kernel`);
    const most = options.persistent ? mostOf(kernel, blocksOf(launch)) : null;
    const [rows, columns] = blocks.slice(-2);
    const [row, column] = place.slice(-2);
    // Of a row of blocks and a row of points, blocks of one point share what belongs to that.
    const count = launch.domain.slice(-2).filter(({ step }) => step !== null).length;
    launch.domain.forEach(({ variable, extent, step }, written) => {
        const axis = (launch.domain.length - 1 - written) as Axis;
        const isDealt = blocks.length > 1 && axis < 2 && count > 0;
        const dealt = isDealt
            ? builder.value(
                  "block_id",
                  [columns, rows, column, row].map((each) => known(each, "a block")),
                  span,
                  { axis, count },
              )
            : known(place[written], variable.name);
        // Passes know the bounds of a workgroup's place, but not of what was divided.
        const last = most?.[written];
        const block =
            last === undefined
                ? dealt
                : builder.value("min", [dealt, builder.constant(last - 1n, "index", span)], span);
        if (step === null) {
            bind(context, [variable], [block]);
            return;
        }
        const start = builder.value("mul", [block, builder.constant(BigInt(step), "index", span)], span);
        context.ranges.set(variable, { start, end: lowerDim(context, extent, span) });
    });
}

export function lowerTile(context: Context, expr: TileExpr & Pick<Expr, "span" | "type">): ValueId {
    const { builder } = context;
    const { span } = expr;
    switch (expr.kind) {
        case "tile-load": {
            const { buffer, offset, dims, gathered } = lowerPlace(context, expr.place);
            if (gathered !== null) {
                const { axis, indices } = gathered;
                return builder.value(
                    "tile_gather",
                    [buffer, offset, indices, ...dims],
                    span,
                    { axis },
                    irTile(expr.type),
                );
            }
            return builder.value("tile_load", [buffer, offset, ...dims], span, {}, irTile(expr.type));
        }
        case "map":
            return lowerMap(context, expr.inputs, expr.body, irTile(expr.type), span);
        case "product":
            return lowerProduct(context, expr, span);
        case "reduce": {
            const { combine } = expr;
            const axis = expr.axis as Axis;
            const operand = masked(context, expr.operand, axis, (type) => neutral(combine, type));
            const type = expr.type.kind === "tile" ? irTile(expr.type) : scalarOfType(expr.type);
            return builder.value("tile_reduce", [operand], span, { combine, axis }, type);
        }
        case "scan": {
            const { combine } = expr;
            const operand = lowerValue(context, expr.operand);
            const attributes = { combine, axis: expr.axis as Axis };
            return builder.value("tile_scan", [operand], span, attributes, irTile(expr.type));
        }
        case "reshape":
            return builder.value("tile_reshape", [lowerValue(context, expr.operand)], span, {}, irTile(expr.type));
        case "part": {
            const attributes = { axis: expr.axis as Axis, offset: expr.start };
            return builder.value("tile_part", [lowerValue(context, expr.operand)], span, attributes, irTile(expr.type));
        }
        case "layout": {
            const format = expr.block.join(" ");
            return builder.value(
                "tile_layout",
                [lowerValue(context, expr.operand)],
                span,
                { format },
                irTile(expr.type),
            );
        }
        case "transpose":
            return builder.value("tile_transpose", [lowerValue(context, expr.operand)], span, {}, irTile(expr.type));
        case "indices": {
            const { start } = known(context.ranges.get(expr.range), expr.range.name);
            return builder.value("tile_indices", [start], span, {}, irTile(expr.type));
        }
    }
}

function scalarOfType(type: Type): IrScalar {
    if (type.kind !== "scalar") throw new Error(`a ${type.kind} where a scalar belongs`);
    return storedAs(type.name);
}

export function lowerTileStore(
    context: Context,
    { place, value, span }: Extract<Statement, { kind: "tile-store" }>,
): void {
    const tile = lowerValue(context, value);
    const { buffer, offset, dims } = lowerPlace(context, place);
    context.builder.effect("tile_store", [buffer, offset, tile, ...dims], span);
}

/** Where a tile lies in memory, as the operations on it take it. */
function lowerPlace(context: Context, { base, baseType, parts, span }: TilePlace) {
    const { builder } = context;
    const view = viewOfLocal(context, base);
    const strides = view.strides ?? rowMajorStrides(context, baseType, span);
    const dims: ValueId[] = [];
    let gathered: { readonly axis: Axis; readonly indices: ValueId } | null = null;
    let offset = view.offset ?? builder.constant(0n, "index", span);
    const move = (index: ValueId, stride: ValueId) => {
        offset = builder.value("add", [offset, builder.value("mul", [index, stride], span)], span);
    };
    for (const [axis, part] of parts.entries()) {
        const stride = known(strides[axis], "a stride");
        switch (part.kind) {
            case "point":
                move(lowerValue(context, part.index), stride);
                break;
            case "all":
                if (part.start > 0) move(builder.constant(BigInt(part.start), "index", span), stride);
                dims.push(stride, builder.constant(BigInt(part.size), "index", span));
                break;
            case "gather":
                gathered = { axis: (dims.length / 2) as Axis, indices: lowerIndices(context, part.indices) };
                dims.push(stride, lowerDim(context, known(baseType.dims[axis], "an extent"), span));
                break;
            case "over": {
                const { start, end } = known(context.ranges.get(part.range), part.range.name);
                move(start, stride);
                dims.push(stride, builder.value("sub", [end, start], span));
            }
        }
    }
    return { buffer: view.buffer, offset, dims, gathered };
}

/** A tile of integers, each an `index`. */
function lowerIndices(context: Context, indices: Expr): ValueId {
    const { builder } = context;
    const { span } = indices;
    const { tile, shape } = tileTypeOf(indices.type);
    const value = lowerValue(context, indices);
    if (tile === "index") return value;
    const region = builder.begin([{ type: tile, span }]);
    const converted = builder.value("convert", [region.parameters[0] as ValueId], span, {}, "index");
    builder.terminate("yield", [converted], span);
    return builder.map([value], builder.end(region), { tile: "index", shape }, span);
}

function lowerMap(context: Context, inputs: readonly MapInput[], body: Expr, type: IrTile, span: Span): ValueId {
    const { builder } = context;
    const operands = inputs.map(({ value }) => lowerValue(context, value));
    const region = builder.begin(
        operands.map((operand) => {
            const each = builder.function.values[operand]?.type ?? "bool";
            return { type: isTile(each) ? each.tile : each, span };
        }),
    );
    inputs.forEach(({ local }, at) => {
        context.values.set(local, region.parameters.slice(at, at + 1));
    });
    builder.terminate("yield", [lowerValue(context, body)], span);
    return builder.map(operands, builder.end(region), type, span);
}

/** A tile of which every element is one constant. */
function filledWith(context: Context, value: ConstantValue, type: IrTile, span: Span): ValueId {
    const { builder } = context;
    const region = builder.begin([]);
    builder.terminate("yield", [builder.constant(value, type.tile, span)], span);
    return builder.map([], builder.end(region), type, span);
}

function lowerProduct(
    context: Context,
    product: Extract<TileExpr, { kind: "product" }> & { span: Span },
    span: Span,
): ValueId {
    const rank = tileTypeOf(product.left.type).shape.length;
    const [left, right] = [product.left, product.right].map((side, at) =>
        masked(context, side, (rank - 1 - at) as Axis, (type) => (type.startsWith("f") ? 0 : 0n)),
    ) as [ValueId, ValueId];
    const type = irTile(product.type);
    const sum = product.accumulator
        ? lowerValue(context, product.accumulator)
        : filledWith(context, type.tile.startsWith("f") ? 0 : 0n, type, span);
    const format = [product.left, product.right]
        .map(({ type }) => (type.kind === "tile" ? type.element.name : ""))
        .join(" ");
    return context.builder.value("tile_dot", [left, right, sum], span, { format }, type);
}

/** The tile with a value that changes nothing where its dimension runs past the end of a range. */
function masked(context: Context, operand: Expr, axis: Axis, value: (type: IrScalar) => ConstantValue): ValueId {
    const { builder } = context;
    const { span } = operand;
    let tile = lowerValue(context, operand);
    const type = tileTypeOf(operand.type);
    const extent = operand.type.kind === "tile" ? operand.type.extents[axis] : undefined;
    for (const { range, from } of rangesOf(extent as Extent)) {
        const { start, end } = known(context.ranges.get(range), range.name);
        const first =
            from === 0 ? start : builder.value("add", [start, builder.constant(BigInt(from), "index", span)], span);
        const count = builder.value("sub", [end, first], span);
        const neutral = builder.constant(value(type.tile), type.tile, span);
        tile = builder.value("tile_mask", [tile, count, neutral], span, { axis }, type);
    }
    return tile;
}

/** The first index and the end of a range. */
export interface RangeValue {
    readonly start: ValueId;
    readonly end: ValueId;
}
