// Element-wise operations: the region of a map once for each register; masks; indices; reductions and scans.

import {
    attribute,
    type Combine,
    type Operation,
    operation,
    type RegionId,
    region,
    typeOf,
    type ValueId,
} from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import { isTile, type TileType } from "../ir/types.js";
import { isBelow } from "./accesses.js";
import { inLayout } from "./convert.js";
import {
    coordinates,
    distinct,
    type Layout,
    projected,
    registerElements,
    reshaped,
    transposed,
    wholeOf,
    without,
} from "./layout.js";
import { type Held, scalarsOf, type Tile } from "./tile.js";
import type { Work } from "./work.js";

/** Lowers a region's operations with its parameters bound, and gives what it yields. */
export type Inline = (region: RegionId, operands: readonly ValueId[]) => readonly ValueId[];

/** A `tile_map`. Of what can be computed anywhere, the result can be as well. */
export function map(work: Work, op: Operation, type: TileType, layout: Layout | null, inline: Inline): Tile {
    const element = op.regions[0] as RegionId;
    const elements = (at: Layout): readonly ValueId[] => {
        const operands = op.operands.map((operand) => {
            const tile = work.tiles.get(operand);
            if (!tile) return work.scalars.get(operand) as ValueId;
            return scalarsOf(work, inLayout(work, tile, operandOf(at, tile.type)));
        });
        return registerElements(at).map((_, register) => {
            const each = operands.map((operand, which) =>
                typeof operand === "number"
                    ? operand
                    : elementFor(at, register, operand, op.operands[which] as ValueId, work),
            );
            return inline(element, each)[0] as ValueId;
        });
    };
    if (layout === null) return { type, layout: null, at: elements };
    return { type, layout, registers: { form: "scalars", values: elements(layout) } };
}

/** An operand's layout for a result's: registers that differ only where it repeats hold the same. */
function operandOf(layout: Layout, { shape }: TileType): Layout {
    return distinct(projected(layout, shape));
}

function elementFor(
    layout: Layout,
    register: number,
    values: readonly ValueId[],
    operand: ValueId,
    work: Work,
): ValueId {
    const tile = work.tiles.get(operand) as Tile;
    const all = projected(layout, tile.type.shape).registers;
    let at = 0;
    let next = 0;
    for (const [bit, basis] of all.entries()) {
        if (basis === 0) continue;
        if ((register >> bit) & 1) at |= 1 << next;
        next++;
    }
    return values[at] as ValueId;
}

/** Where the place along an axis is not below a count, a scalar. Of a tile that is whole, which most are, nothing. */
export function mask(work: Work, tile: Tile, axis: number, count: ValueId, scalar: ValueId): Tile {
    const { type } = tile;
    const extent = type.shape[axis] ?? 1;
    const known = work.known(count);
    if (typeof known === "bigint" && known >= BigInt(extent)) return tile;
    const masked = (layout: Layout, values: readonly ValueId[]) => {
        const own = work.placeAlong(layout, axis);
        return registerElements(layout).map((element, register) => {
            const at = coordinates(type.shape, element)[axis] ?? 0;
            return work.op("select", [isBelow(work, own, at, count, extent), values[register] as ValueId, scalar]);
        });
    };
    if (tile.layout === null) return { type, layout: null, at: (layout) => masked(layout, tile.at(layout)) };
    const values = scalarsOf(work, tile);
    const whole = work.op("ge", [count, work.index(extent)], "bool");
    const types = values.map((value) => work.typeOf(value));
    const results = work.choose(
        whole,
        types,
        () => values,
        () => masked(tile.layout, values),
    );
    return { ...tile, registers: { form: "scalars", values: results } };
}

/** A scalar plus the places along the one dimension. */
export function indices(work: Work, type: TileType, start: ValueId): Tile {
    const at = (layout: Layout) => {
        const own = work.op("add", [start, work.convert(work.placeAlong(layout, 0), "index")]);
        return registerElements(layout).map((element) =>
            element === 0 ? own : work.op("add", [own, work.index(element)]),
        );
    };
    return { type, layout: null, at };
}

/** The places along an axis from one on, which lie in registers of their own once every work-item has all of them. */
export function part(work: Work, tile: Tile, type: TileType, axis: number, start: number, layout: Layout | null): Tile {
    const which = start / (type.shape[axis] ?? 1);
    const chosen = (at: Layout, values: readonly ValueId[]) => {
        const count = 1 << at.registers.length;
        return values.slice(which * count, (which + 1) * count);
    };
    const { shape } = tile.type;
    if (tile.layout === null) {
        return { type, layout: null, at: (at) => chosen(at, tile.at(wholeOf(at, shape, axis))) };
    }
    if (layout === null) throw new Error("a part of a tile that is somewhere is somewhere");
    const values = scalarsOf(work, inLayout(work, tile, wholeOf(layout, shape, axis)));
    return { type, layout, registers: { form: "scalars", values: chosen(layout, values) } };
}

export function reshape(tile: Tile, type: TileType): Tile {
    if (tile.layout !== null) return { type, layout: reshaped(tile.layout, type.shape), registers: tile.registers };
    return { type, layout: null, at: (layout) => tile.at(reshaped(layout, tile.type.shape)) };
}

export function transpose(tile: Tile, type: TileType): Tile {
    if (tile.layout !== null) return { type, layout: transposed(tile.layout), registers: tile.registers };
    return { type, layout: null, at: (layout) => tile.at(transposed(layout)) };
}

const COMBINES: Readonly<Partial<Record<Combine, OpName>>> = { add: "add", min: "min", max: "max" };

/** Two values combined. */
function combined(work: Work, op: Operation, a: ValueId, b: ValueId): ValueId {
    const name = COMBINES[attribute(op, "combine")];
    if (name === undefined) throw new Error(`tiles are not combined by ${op.attributes.combine}`);
    return work.builder.value(name, [a, b], work.span);
}

/**
 * Along an axis: within a work-item's registers, as a balanced tree; then with lanes that differ only along it, bit by
 * bit; then with waves, through LDS. Every work-item that held a part has the result.
 */
export function reduce(work: Work, op: Operation, operand: Tile, plain: (type: TileType) => Layout): Tile | ValueId {
    const axis = attribute(op, "axis");
    const held = operand.layout === null ? inLayout(work, operand, plain(operand.type)) : operand;
    const { layout } = held;
    const shape = held.type.shape.filter((_, at) => at !== axis);
    const type: TileType = { tile: held.type.tile, shape };
    const kept = without(layout, axis);
    const groups = new Map<number, ValueId[]>();
    const values = scalarsOf(work, held);
    registerElements(kept).forEach((element, register) => {
        groups.set(element, [...(groups.get(element) ?? []), values[register] as ValueId]);
    });
    let results = [...groups.values()].map((group) => balanced(work, op, group));
    for (const [bit, basis] of layout.lanes.entries()) {
        if (basis === 0 || kept.lanes[bit] !== 0) continue;
        results = results.map((value) => {
            const other = work.builder.value("wave_shuffle", [value, work.index(1 << bit)], work.span, { from: "xor" });
            return combined(work, op, value, other);
        });
    }
    const across = layout.waves.flatMap((basis, bit) => (basis !== 0 && kept.waves[bit] === 0 ? [bit] : []));
    const own: Held = { type, layout: distinct(kept), registers: { form: "scalars", values: results } };
    const whole = across.length === 0 ? own : overWaves(work, op, own, across);
    if (shape.length > 0) return whole;
    return scalarsOf(work, whole)[0] as ValueId;
}

function balanced(work: Work, op: Operation, values: readonly ValueId[]): ValueId {
    let level = values;
    while (level.length > 1) {
        level = Array.from({ length: Math.ceil(level.length / 2) }, (_, at) => {
            const [a, b] = [level[2 * at] as ValueId, level[2 * at + 1]];
            return b === undefined ? a : combined(work, op, a, b);
        });
    }
    return level[0] as ValueId;
}

/** What waves have of the same elements, combined: as a tile with a further dimension, which then goes to registers. */
function overWaves(work: Work, op: Operation, part: Held, across: readonly number[]): Held {
    const count = 1 << across.length;
    const shape = [...part.type.shape, count];
    const type: TileType = { tile: part.type.tile, shape };
    const spread = (basis: number) => basis * count;
    const { registers, lanes, waves } = part.layout;
    const from: Layout = {
        shape,
        registers: registers.map(spread),
        lanes: lanes.map(spread),
        waves: waves.map((basis, bit) => (across.includes(bit) ? 2 ** across.indexOf(bit) : spread(basis))),
        isFragment: false,
    };
    const to: Layout = {
        shape,
        registers: [...across.map((_, at) => 2 ** at), ...registers.map(spread)],
        lanes: from.lanes,
        waves: waves.map((basis, bit) => (across.includes(bit) ? 0 : spread(basis))),
        isFragment: false,
    };
    const values = scalarsOf(work, inLayout(work, { type, layout: from, registers: part.registers }, to));
    const results = Array.from({ length: values.length / count }, (_, at) =>
        balanced(work, op, values.slice(at * count, at * count + count)),
    );
    const layout: Layout = { ...part.layout, waves: waves.map((basis, bit) => (across.includes(bit) ? 0 : basis)) };
    return { type: part.type, layout, registers: { form: "scalars", values: results } };
}

/** Every work-item has all of the axis in its registers. */
export function scan(work: Work, op: Operation, operand: Tile, layout: Layout): Tile {
    const axis = attribute(op, "axis");
    const held = inLayout(work, operand, layout);
    const values = scalarsOf(work, held);
    const elements = registerElements(layout);
    const results: ValueId[] = [];
    const order = elements.map((_, register) => register).sort((a, b) => (elements[a] ?? 0) - (elements[b] ?? 0));
    const last = new Map<string, ValueId>();
    for (const register of order) {
        const places = coordinates(layout.shape, elements[register] ?? 0);
        const key = places.filter((_, at) => at !== axis).join();
        const before = last.get(key);
        const value = values[register] as ValueId;
        const sum = before === undefined ? value : combined(work, op, before, value);
        last.set(key, sum);
        results[register] = sum;
    }
    return { ...held, registers: { form: "scalars", values: results } };
}

export function tileTypeOf(work: Work, value: ValueId): TileType {
    const type = typeOf(work.source, value);
    if (!isTile(type)) throw new Error(`%${value} is no tile`);
    return type;
}

/** What an operation of a region with one yield gives. */
export function yielded(work: Work, id: RegionId): Operation {
    const last = region(work.source, id).operations.at(-1);
    if (last === undefined) throw new Error("an empty region");
    return operation(work.source, last);
}
