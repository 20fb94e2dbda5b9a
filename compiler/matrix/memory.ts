// Tiles of global memory. Where a whole tile is inside of its view, as all but those at the edges are, accesses are as
// wide as they can be, from a base that all work-items share and an offset of 32 bits that each has of its own. At an
// edge elements, or where only rows are missing whole accesses, are looked at one by one.

import type { Operation, ValueId } from "../ir/module.js";
import { bytesOf, type IrScalar, type IrType, type TileType } from "../ir/types.js";
import { inLayout } from "./convert.js";
import { apply, coordinates, type Layout, registerElements } from "./layout.js";
import { type Held, isPacked, scalarsOf, type Tile, wordsAt } from "./tile.js";
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
    readonly #own: readonly ValueId[];
    /** The work-item's offset in elements. */
    readonly #start: ValueId;

    constructor(
        readonly work: Work,
        readonly type: TileType,
        readonly layout: Layout,
        readonly place: Place,
    ) {
        this.size = bytesOf(type.tile);
        const { shape } = type;
        this.#own = shape.map((_, axis) => work.placeAlong(layout, axis));
        const terms = this.#own.map((own, axis) => {
            const stride = place.strides[axis] as ValueId;
            return work.known(stride) === 1n ? own : work.op("mul", [own, work.convert(stride, "u32")]);
        });
        this.#start = terms.reduce((sum, term) => work.op("add", [sum, term]));
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

    /** Where a register's element is: a base that work-items share, elements from there, and a constant. */
    at(register: number) {
        const { work, layout, place, type } = this;
        const places = coordinates(type.shape, apply(layout.registers, register));
        let offset = place.offset;
        let constant = 0;
        for (const [axis, at] of places.entries()) {
            const stride = place.strides[axis] as ValueId;
            if (at === 0) continue;
            const known = work.known(stride);
            if (known !== undefined && Number(known) * at * this.size < MOST_CONSTANT) constant += Number(known) * at;
            else offset = work.op("add", [offset, work.op("mul", [stride, work.index(at)])]);
        }
        const base = work.op("offset", [place.buffer, offset], work.typeOf(place.buffer));
        return { base, start: this.#start, constant };
    }

    /** Whether a register's element is inside along a dimension, for each work-item. */
    inside(register: number, axis: number): ValueId {
        const { work, layout, type } = this;
        const at = coordinates(type.shape, apply(layout.registers, register))[axis] ?? 0;
        return isBelow(work, this.#own[axis] as ValueId, at, this.place.counts[axis] as ValueId, type.shape[axis] ?? 1);
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

/** Offsets that an access has beside its registers: 12 bits and a sign on RDNA and CDNA. */
const MOST_CONSTANT = 2048;

/** Whether a place, the work-item's own plus a constant, is below a count of which only what is below an extent matters. */
export function isBelow(work: Work, own: ValueId, at: number, count: ValueId, extent: number): ValueId {
    const most = work.convert(work.op("min", [count, work.index(extent)]), "i32");
    const left = at === 0 ? most : work.op("sub", [most, work.constant(BigInt(at), "i32")]);
    return work.op("lt", [work.convert(own, "i32"), left], "bool");
}

export function load(work: Work, type: TileType, layout: Layout, place: Place): Held {
    const accesses = new Accesses(work, type, layout, place);
    const { vector, partial } = accesses;
    const isWords = isPacked(type.tile) && vector > 0;
    const results: IrType[] = isWords
        ? new Array<IrType>(((1 << layout.registers.length) * accesses.size) / 4).fill("u32")
        : new Array<IrType>(1 << layout.registers.length).fill(type.tile);
    const fast = () => wide(accesses, isWords, null);
    const last = type.shape.length - 1;
    const rows = partial.filter((axis) => axis !== last);
    const slow = () => edge(accesses, isWords);
    const middle = () => wide(accesses, isWords, rows);
    const byRows =
        vector === 0 || rows.length === 0
            ? slow
            : !partial.includes(last)
              ? middle
              : () => work.choose(accesses.whole([last]), results, middle, slow);
    const values = partial.length === 0 ? fast() : work.choose(accesses.whole(partial), results, fast, byRows);
    return { type, layout, registers: isWords ? { form: "words", words: values } : { form: "scalars", values } };
}

/** Whole accesses; where rows may be missing, those read the first element's and become zero. */
function wide(accesses: Accesses, isWords: boolean, rows: readonly number[] | null): readonly ValueId[] {
    const { work, type, size, vector } = accesses;
    const { builder, span } = work;
    return accesses.list(vector).flatMap((registers) => {
        const first = registers[0] ?? 0;
        const valid = rows
            ?.map((axis) => accesses.inside(first, axis))
            .reduce((all, one) => work.op("and", [all, one]));
        const { base, offset, constant } = byteOffset(accesses, first, valid);
        if (size << vector < 4) {
            const loaded = loadScalar(accesses, first, valid);
            return [loaded];
        }
        const types = new Array<IrScalar>((size << vector) / 4).fill("u32");
        const words = builder
            .values("load_words", [base, offset], types, span, { align: size, offset: constant })
            .map((word) => (valid === undefined ? word : work.op("select", [valid, word, work.word(0)])));
        return isWords ? words : unpacked(work, words, type.tile);
    });
}

export function unpacked(work: Work, words: readonly ValueId[], type: IrScalar): readonly ValueId[] {
    return scalarsOf(work, { type: { tile: type, shape: [] }, layout: NOWHERE, registers: { form: "words", words } });
}

const NOWHERE: Layout = { shape: [], registers: [], lanes: [], waves: [], isFragment: false };

/** A work-item's offset in bytes; the first element's where a condition does not hold. */
function byteOffset(accesses: Accesses, register: number, valid: ValueId | undefined) {
    const { work, size, place } = accesses;
    const { base, start, constant } = accesses.at(register);
    const bytes = size === 1 ? start : work.op("mul", [start, work.word(size)]);
    if (valid === undefined) return { base, offset: bytes, constant: constant * size };
    const moved = constant === 0 ? bytes : work.op("add", [bytes, work.word(constant * size)]);
    // The base has moved down by rows that may be missing: the first element of all is always there.
    const first = work.op("offset", [place.buffer, place.offset], work.typeOf(place.buffer));
    if (base === first) return { base, offset: work.op("select", [valid, moved, work.word(0)]), constant: 0 };
    const distance = distanceOf(accesses, register);
    const whole = work.op("add", [moved, distance]);
    return { base: first, offset: work.op("select", [valid, whole, work.word(0)]), constant: 0 };
}

/** Bytes from the tile's first element to a register's base. */
function distanceOf({ work, layout, place, type, size }: Accesses, register: number): ValueId {
    const places = coordinates(type.shape, apply(layout.registers, register));
    return places
        .flatMap((at, axis) => {
            const stride = place.strides[axis] as ValueId;
            const known = work.known(stride);
            if (at === 0 || (known !== undefined && Number(known) * at * size < MOST_CONSTANT)) return [];
            return [work.op("mul", [work.convert(stride, "u32"), work.word(at * size)])];
        })
        .reduce((sum, term) => work.op("add", [sum, term]), work.word(0));
}

function loadScalar(accesses: Accesses, register: number, valid: ValueId | undefined): ValueId {
    const { work, type, size } = accesses;
    const { base, offset, constant } = byteOffset(accesses, register, valid);
    const bytes = constant === 0 ? offset : work.op("add", [offset, work.word(constant)]);
    const index = size === 1 ? bytes : work.op("shr", [bytes, work.word(Math.log2(size))]);
    const { builder, span } = work;
    const loaded = builder.value("load", [base, work.convert(index, "index")], span, {}, type.tile);
    if (valid === undefined) return loaded;
    const zero = work.constant(type.tile === "bool" ? false : type.tile.startsWith("f") ? 0 : 0n, type.tile);
    return work.op("select", [valid, loaded, zero]);
}

/** Element by element. */
function edge(accesses: Accesses, isWords: boolean): readonly ValueId[] {
    const { work, type, layout, partial } = accesses;
    const values = registerElements(layout).map((_, register) => {
        const valid = partial
            .map((axis) => accesses.inside(register, axis))
            .reduce((all, one) => work.op("and", [all, one]));
        return loadScalar(accesses, register, valid);
    });
    if (!isWords) return values;
    const held: Held = { type, layout, registers: { form: "scalars", values } };
    return wordsAt(
        work,
        held,
        values.map((_, register) => register),
    );
}

export function store(work: Work, tile: Tile, layout: Layout, place: Place): void {
    const held = inLayout(work, tile, layout);
    const accesses = new Accesses(work, tile.type, layout, place);
    const { vector, partial } = accesses;
    const last = tile.type.shape.length - 1;
    const rows = partial.filter((axis) => axis !== last);
    const whole = (axes: readonly number[]) => () => {
        for (const registers of accesses.list(vector)) storeWide(accesses, held, registers, axes);
        return [];
    };
    const single = () => {
        for (const register of registerElements(layout).keys()) {
            const valid = partial.map((axis) => accesses.inside(register, axis));
            when(work, valid, () => storeScalar(accesses, held, register));
        }
        return [];
    };
    const byRows =
        vector === 0
            ? single
            : !partial.includes(last)
              ? whole(rows)
              : rows.length === 0
                ? single
                : () => work.choose(accesses.whole([last]), [], whole(rows), single);
    // Elements that more than one work-item holds are stored by the first.
    const bases = [...layout.lanes, ...layout.waves];
    const mask = bases.reduce((mask, basis, bit) => (basis === 0 ? mask | (1 << bit) : mask), 0);
    const all = () => {
        if (partial.length === 0) whole([])();
        else work.choose(accesses.whole(partial), [], whole([]), byRows);
    };
    if (mask === 0) all();
    else when(work, [work.op("eq", [work.op("and", [work.item, work.word(mask)]), work.word(0)], "bool")], all);
}

/** Does something where all conditions hold, which may differ from work-item to work-item. */
export function when(work: Work, conditions: readonly ValueId[], act: () => void): void {
    if (conditions.length === 0) {
        act();
        return;
    }
    const all = conditions.reduce((all, one) => work.op("and", [all, one]));
    work.choose(
        all,
        [],
        () => {
            act();
            return [];
        },
        () => [],
    );
}

function storeWide(accesses: Accesses, tile: Held, registers: readonly number[], rows: readonly number[]): void {
    const { work, size } = accesses;
    const [first = 0] = registers;
    const valid = rows.map((axis) => accesses.inside(first, axis));
    if (size * registers.length < 4) {
        when(work, valid, () => storeScalar(accesses, tile, first));
        return;
    }
    const words = wordsAt(work, tile, registers);
    when(work, valid, () => {
        const { base, offset, constant } = byteOffset(accesses, first, undefined);
        work.builder.effect("store_words", [base, offset, ...words], work.span, { align: size, offset: constant });
    });
}

function storeScalar(accesses: Accesses, tile: Held, register: number): void {
    const { work, size } = accesses;
    const { base, offset, constant } = byteOffset(accesses, register, undefined);
    const bytes = constant === 0 ? offset : work.op("add", [offset, work.word(constant)]);
    const index = size === 1 ? bytes : work.op("shr", [bytes, work.word(Math.log2(size))]);
    const value = scalarsOf(work, tile)[register] as ValueId;
    work.builder.effect("store", [base, work.convert(index, "index"), value], work.span);
}

const READS: ReadonlySet<string> = new Set(["tile_load", "tile_gather", "load"]);

/** The buffers that a kernel reads and writes both. */
export function readAndWritten(operations: readonly Operation[]): ReadonlySet<ValueId> {
    const read = new Set(operations.filter(({ op }) => READS.has(op)).map(({ operands }) => operands[0]));
    const written = operations
        .filter(({ op }) => op === "tile_store" || op === "store")
        .map(({ operands }) => operands[0]);
    return new Set(written.filter((buffer) => buffer !== undefined && read.has(buffer)) as ValueId[]);
}

/** Whether `load` gives a tile as words. */
export function isLoadedInWords(work: Work, { operands }: Operation, type: TileType, layout: Layout): boolean {
    const stride = work.source.operations.find(({ results }) => results[0] === operands.at(-2));
    return isPacked(type.tile) && stride?.attributes.value === 1n && vectorBits(type, layout) > 0;
}

/** Bits of a register's number that are neighbours in memory, lowest first: what one access has, at least a word. */
function vectorBits({ tile, shape }: TileType, { registers }: Layout): number {
    const size = bytesOf(tile);
    const most = Math.log2(Math.min(16 / size, shape.at(-1) ?? 1));
    let vector = 0;
    while (vector < most && registers[vector] === 2 ** vector) vector++;
    return size << vector >= 4 ? vector : 0;
}
