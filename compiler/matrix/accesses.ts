// The accesses of one tile to global memory: what they share, and what each has. A base is the same for all work-items; each
// has an offset of 32 bits of its own, and what is left of places that are known is a constant.

import type { ValueId } from "../ir/module.js";
import { bytesOf, type TileType } from "../ir/types.js";
import { apply, coordinates, type Layout } from "./layout.js";
import type { Work } from "./work.js";

/** Where a tile lies, in values of the new function. */
export interface Place {
    readonly buffer: ValueId;
    readonly offset: ValueId;
    readonly strides: readonly ValueId[];
    readonly counts: readonly ValueId[];
}

export function placeOf(operands: readonly ValueId[], dims: number): Place {
    const [buffer, offset] = operands as [ValueId, ValueId];
    const rest = operands.slice(dims);
    return {
        buffer,
        offset,
        strides: rest.filter((_, at) => at % 2 === 0),
        counts: rest.filter((_, at) => at % 2 === 1),
    };
}

/** Accesses of one tile: what they share, and what each has. */
export class Accesses {
    readonly size: number;
    /** Bits of a register's number that are neighbours in memory, lowest first. */
    readonly vector: number;
    /** The work-item's place along each dimension, which registers add to. */
    readonly own: readonly ValueId[];
    /** What stands for offsets in bytes where a loop hands them on. */
    held: ReadonlyMap<ValueId, ValueId> = new Map();
    /** Bits that places of work-items have along each dimension. */
    readonly #taken: readonly number[];

    constructor(
        readonly work: Work,
        readonly type: TileType,
        readonly layout: Layout,
        readonly place: Place,
    ) {
        this.size = bytesOf(type.tile);
        const { shape } = type;
        this.own = shape.map((_, axis) => work.placeAlong(layout, axis));
        this.#taken = shape.map((_, axis) =>
            [...layout.lanes, ...layout.waves].reduce(
                (bits, basis) => bits | (coordinates(shape, basis)[axis] ?? 0),
                0,
            ),
        );
        const isDense = work.known(place.strides.at(-1) as ValueId) === 1n && type.tile !== "bool";
        this.vector = isDense ? vectorBits(type, layout) : 0;
    }

    /** Registers of each access. */
    list(vector: number): number[][] {
        const width = 1 << vector;
        return Array.from({ length: (1 << this.layout.registers.length) / width }, (_, access) =>
            Array.from({ length: width }, (_, at) => access * width + at),
        );
    }

    /**
     * Along each dimension where a register's element is for each work-item, and what is to be added to that: bits which the work-items'
     * own places have as well are flipped in these.
     */
    places(register: number): readonly { readonly own: ValueId; readonly more: number }[] {
        const { work, layout, type } = this;
        return coordinates(type.shape, apply(layout.registers, register)).map((at, axis) => {
            const own = this.own[axis] as ValueId;
            const flipped = at & (this.#taken[axis] ?? 0);
            return { own: flipped === 0 ? own : work.op("xor", [own, work.word(flipped)]), more: at ^ flipped };
        });
    }

    /** A work-item's offset in elements. */
    #start(places: readonly ValueId[]): ValueId {
        const { work, place } = this;
        const terms = places.map((own, axis) => {
            const stride = place.strides[axis] as ValueId;
            return work.known(stride) === 1n ? own : work.op("mul", [own, work.convert(stride, "u32")]);
        });
        return terms.reduce((sum, term) => work.op("add", [sum, term]));
    }

    /** Where a register's element is: a base that work-items share, elements from there, and a constant. */
    at(register: number) {
        const { work, place } = this;
        const places = this.places(register);
        let offset = place.offset;
        let start = this.#start(places.map(({ own }) => own));
        let constant = 0;
        for (const [axis, { more: at }] of places.entries()) {
            const stride = place.strides[axis] as ValueId;
            if (at === 0) continue;
            const known = work.known(stride);
            if (known !== undefined && Number(known) * at * this.size < MOST_CONSTANT) constant += Number(known) * at;
            else if (this.#areFew) {
                start = work.op("add", [start, work.op("mul", [work.convert(stride, "u32"), work.word(at)])]);
            } else offset = work.op("add", [offset, work.op("mul", [stride, work.index(at)])]);
        }
        const base = work.op("offset", [place.buffer, offset], work.typeOf(place.buffer));
        return { base, start, constant };
    }

    /** The offsets in bytes of whole accesses, where each has a register for its own. */
    get offsets(): readonly ValueId[] {
        if (!this.#areFew || this.size << this.vector < 4) return [];
        return [...new Set(this.list(this.vector).map(([first = 0]) => this.bytes(this.at(first).start)))];
    }

    bytes(elements: ValueId): ValueId {
        const { work, size } = this;
        return size === 1 ? elements : work.op("mul", [elements, work.word(size)]);
    }

    /** Whether each access has a register for its offset, so that all have one base: loops then change that alone. */
    get #areFew(): boolean {
        return 1 << (this.layout.registers.length - this.vector) <= MOST_OFFSETS;
    }

    /** Whether a register's element is inside along a dimension, for each work-item. */
    inside(register: number, axis: number): ValueId {
        const { work, type } = this;
        const { own, more } = this.places(register)[axis] as { own: ValueId; more: number };
        return isBelow(work, own, more, this.place.counts[axis] as ValueId, type.shape[axis] ?? 1);
    }

    /** The same of a place that is known at run time only. */
    isInside(place: ValueId, axis: number): ValueId {
        const { counts } = this.place;
        return isBelow(this.work, place, 0, counts[axis] as ValueId, this.type.shape[axis] ?? 1);
    }

    /** Whether each access along the last dimension is inside as a whole or not at all. */
    wholeAccesses(): ValueId {
        const { work, vector, place, type } = this;
        const last = type.shape.length - 1;
        const count = work.convert(place.counts[last] as ValueId, "u32");
        const rest = work.op("and", [count, work.word((1 << vector) - 1)]);
        return work.op("or", [this.whole([last]), work.op("eq", [rest, work.word(0)], "bool")]);
    }

    /** The dimensions that may run past their end. */
    get partial(): number[] {
        return this.type.shape.flatMap((extent, axis) => {
            const count = this.work.known(this.place.counts[axis] as ValueId);
            return typeof count === "bigint" && count >= BigInt(extent) ? [] : [axis];
        });
    }

    /** Whether the tile is inside along these dimensions: the same for all work-items. */
    whole(axes: readonly number[]): ValueId {
        const { work, place, type } = this;
        return axes
            .map((axis) => work.op("ge", [place.counts[axis] as ValueId, work.index(type.shape[axis] ?? 1)], "bool"))
            .reduce((all, one) => work.op("and", [all, one]));
    }
}

/** Accesses of a tile that have a register each for their offsets. */
const MOST_OFFSETS = 8;

/** Offsets that an access has beside its registers: 12 bits and a sign on RDNA and CDNA. */
export const MOST_CONSTANT = 2048;

/** Whether a place, the work-item's own plus a constant, is below a count of which only what is below an extent matters. */
export function isBelow(work: Work, own: ValueId, at: number, count: ValueId, extent: number): ValueId {
    const most = work.convert(work.op("min", [count, work.index(extent)]), "i32");
    const left = at === 0 ? most : work.op("sub", [most, work.constant(BigInt(at), "i32")]);
    return work.op("lt", [work.convert(own, "i32"), left], "bool");
}

/** Bits of a register's number that are neighbours in memory, lowest first: what one access has, at least a word. */
function vectorBits({ tile, shape }: TileType, { registers }: Layout): number {
    const size = bytesOf(tile);
    const most = Math.log2(Math.min(16 / size, shape.at(-1) ?? 1));
    let vector = 0;
    while (vector < most && registers[vector] === 2 ** vector) vector++;
    return size << vector >= 4 ? vector : 0;
}
