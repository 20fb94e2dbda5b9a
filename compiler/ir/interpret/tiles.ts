// Operations on tiles, each on all elements in row-major order: what compiler/matrix makes of them computes the same. The
// order of sums is a target's own, so products are summed as exactly as a double can, and rounded once at the end.

import { decodeSmallFloat, isSmallFloat } from "../../../codeobject/small-floats.js";
import { wrap } from "../arithmetic.js";
import { attribute, type ConstantValue, type IrFunction, type Operation, typeOf } from "../module.js";
import { OPS } from "../ops.js";
import { type IrScalar, isTile, type TileType } from "../types.js";
import type { Argument } from "./frame.js";
import { load, type Memory, store, zeroOf } from "./memory.js";

/** Elements in row-major order. */
export interface TileValue {
    readonly tile: readonly ConstantValue[];
    readonly shape: readonly number[];
}

export function isMemory(value: Argument): value is Memory {
    return typeof value === "object" && "element" in value;
}

export function scalarOfCarried(value: Argument | undefined): ConstantValue {
    if (value === undefined || typeof value === "object") throw new Error("a scalar was expected");
    return value;
}

export function elementCount(shape: readonly number[]): number {
    return shape.reduce((product, extent) => product * extent, 1);
}

/** An operand's element for one of the result's: extents of 1 are repeated, scalars are the same for all. */
export function elementOf(operand: Argument, shape: readonly number[], element: number): ConstantValue {
    if (typeof operand !== "object") return operand;
    const { tile, shape: own } = tileOf(operand);
    const places = placesOf(shape, element).map((place, axis) => (own[axis] === 1 ? 0 : place));
    return tile[elementAt(own, places)] as ConstantValue;
}

/** The tile that an operation gives; null where it gives none. */
export function tileOperation(fn: IrFunction, op: Operation, operand: (at: number) => Argument): Argument | null {
    const [result] = op.results;
    const type = result === undefined ? null : typeOf(fn, result);
    const shape = type !== null && isTile(type) ? type.shape : [];
    const first = () => tileOf(operand(0));
    const of = (elements: readonly ConstantValue[]): TileValue => ({ tile: elements, shape });
    const each = (make: (places: readonly number[], element: number) => ConstantValue) =>
        of(Array.from({ length: elementCount(shape) }, (_, element) => make(placesOf(shape, element), element)));
    switch (op.op) {
        case "tile_load": {
            const place = placeOf(op, operand, 2);
            return each((places) => read(op, place, places, type as TileType));
        }
        case "tile_gather": {
            const place = placeOf(op, operand, 3);
            const { tile: rows } = tileOf(operand(2));
            const axis = attribute(op, "axis");
            return each((places) => {
                const row = Number(rows[places[axis] ?? 0]);
                return read(op, place, moved(places, axis, row), type as TileType);
            });
        }
        case "tile_store": {
            const stored = tileOf(operand(2));
            const { tile: element } = typeOf(fn, op.operands[2] as never) as TileType;
            const place = placeOf(op, operand, 3);
            stored.tile.forEach((value, at) => {
                const index = indexOf(place, placesOf(stored.shape, at));
                if (index !== null) store(place.buffer, index, value, element, op.span);
            });
            return null;
        }
        case "tile_mask": {
            const { tile } = first();
            const [count, scalar] = [Number(operand(1)), scalarOfCarried(operand(2))];
            const axis = attribute(op, "axis");
            return each((places, at) => ((places[axis] ?? 0) < count ? (tile[at] as ConstantValue) : scalar));
        }
        case "tile_dot":
            return product(op, first(), tileOf(operand(1)), tileOf(operand(2)), (type as TileType).tile);
        case "tile_reduce":
        case "tile_scan": {
            const element = type !== null && isTile(type) ? type.tile : (type as IrScalar);
            const { tile, shape: from } = first();
            const axis = attribute(op, "axis");
            const fold = OPS[attribute(op, "combine")].fold;
            const at = new Map<number, ConstantValue>();
            const scanned = tile.map((value, index) => {
                const places = placesOf(from, index);
                const kept = elementAt(from, moved(places, axis, 0));
                const before = at.get(kept);
                const sum = before === undefined ? value : (fold?.([before, value], element, element) as ConstantValue);
                at.set(kept, sum);
                return sum;
            });
            if (op.op === "tile_scan") return of(scanned);
            const sums = [...at.entries()].sort(([a], [b]) => a - b).map(([, sum]) => sum);
            return shape.length === 0 ? (sums[0] as ConstantValue) : of(sums);
        }
        case "tile_reshape":
        case "tile_layout":
            return of(first().tile);
        case "tile_part": {
            const { tile, shape: from } = first();
            const [axis, offset] = [attribute(op, "axis"), attribute(op, "offset")];
            return each(
                (places) => tile[elementAt(from, moved(places, axis, (places[axis] ?? 0) + offset))] as ConstantValue,
            );
        }
        case "tile_transpose": {
            const { tile, shape: from } = first();
            return each((places) => tile[elementAt(from, exchanged(places))] as ConstantValue);
        }
        case "tile_indices": {
            const start = operand(0) as bigint;
            return each(([place = 0]) => start + BigInt(place));
        }
        default:
            throw new Error(`${op.op} is no operation on tiles`);
    }
}

function tileOf(value: Argument): TileValue {
    if (typeof value !== "object" || !("tile" in value)) throw new Error("a tile was expected");
    return value;
}

interface Place {
    readonly buffer: Memory;
    readonly offset: bigint;
    readonly strides: readonly bigint[];
    readonly counts: readonly bigint[];
}

/** `from` is the first operand of the dimensions. */
function placeOf({ operands }: Operation, operand: (at: number) => Argument, from: number): Place {
    const dims = operands.slice(from).map((_, at) => operand(from + at) as bigint);
    const buffer = operand(0);
    if (!isMemory(buffer)) throw new Error("a buffer was expected");
    return {
        buffer,
        offset: operand(1) as bigint,
        strides: dims.filter((_, at) => at % 2 === 0),
        counts: dims.filter((_, at) => at % 2 === 1),
    };
}

/** Null for what is not there. */
function indexOf({ offset, strides, counts }: Place, places: readonly number[]): bigint | null {
    if (places.some((place, axis) => place < 0 || BigInt(place) >= (counts[axis] ?? 0n))) return null;
    return places.reduce((index, place, axis) => index + BigInt(place) * (strides[axis] ?? 0n), offset);
}

function read({ span }: Operation, place: Place, places: readonly number[], { tile }: TileType): ConstantValue {
    const index = indexOf(place, places);
    return index === null ? zeroOf(tile) : load(place.buffer, index, tile, span);
}

function product(op: Operation, a: TileValue, b: TileValue, c: TileValue, type: IrScalar): TileValue {
    const [left = "", right = ""] = attribute(op, "format").split(" ");
    const [m = 1, k = 1] = a.shape.slice(-2);
    const n = b.shape.at(-1) ?? 1;
    const [rows, columns] = [decoded(a, left), decoded(b, right)];
    const tile = c.tile.map((start, element) => {
        const matrix = Math.floor(element / (m * n));
        const row = Math.floor(element / n) % m;
        const column = element % n;
        let sum = Number(start);
        for (let p = 0; p < k; p++) {
            const [x, y] = [rows[(matrix * m + row) * k + p] ?? [], columns[(matrix * k + p) * n + column] ?? []];
            for (const [part, factor] of x.entries()) sum += factor * (y[part] ?? 0);
        }
        if (type === "f64") return sum;
        return type === "f32" ? Math.fround(sum) : wrap(BigInt(sum), type);
    });
    return { tile, shape: c.shape };
}

/** The numbers of each element: of a pair two, of others one. */
function decoded({ tile }: TileValue, format: string): readonly (readonly number[])[] {
    return tile.map((value) => {
        const bits = Number(value);
        if (format === "i4x2") return [(bits << 28) >> 28, (bits << 24) >> 28];
        return [isSmallFloat(format) ? decodeSmallFloat(format, bits) : bits];
    });
}

function placesOf(shape: readonly number[], element: number): number[] {
    let rest = element;
    return shape.map((_, axis) => {
        const below = elementCount(shape.slice(axis + 1));
        const place = Math.floor(rest / below);
        rest %= below;
        return place;
    });
}

function elementAt(shape: readonly number[], places: readonly number[]): number {
    return shape.reduce((element, extent, axis) => element * extent + (places[axis] ?? 0), 0);
}

function moved(places: readonly number[], axis: number, place: number): readonly number[] {
    return places.map((each, at) => (at === axis ? place : each));
}

function exchanged(places: readonly number[]): readonly number[] {
    return [...places.slice(0, -2), ...places.slice(-2).reverse()];
}
