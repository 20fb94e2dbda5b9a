// Tiles of global memory. Where a whole tile is inside of its view, as all but those at the edges are, accesses are as
// wide as they can be, from a base that all work-items share and an offset of 32 bits that each has of its own. At an
// edge elements, or where only rows are missing whole accesses, are looked at one by one.

import type { Operation, ValueId } from "../ir/module.js";
import type { IrScalar, IrType, TileType } from "../ir/types.js";
import { Accesses, MOST_CONSTANT, type Place } from "./accesses.js";
import { inLayout } from "./convert.js";
import { loadEdge, storeEdge } from "./edge.js";
import { type Layout, registerElements } from "./layout.js";
import { type Held, isPacked, scalarsOf, type Tile, toWords, wordsAt } from "./tile.js";
import { SQUARE, turnedLoad } from "./turned.js";
import type { Work } from "./work.js";

export function load(loading: Loading): Held {
    const { accesses, types } = loading;
    const values =
        accesses.partial.length === 0
            ? loading.whole()
            : accesses.work.choose(
                  accesses.whole(accesses.partial),
                  types,
                  () => loading.whole(),
                  () => loading.partly(),
              );
    return loading.held(values);
}

/** A tile that is loaded: its accesses, and what comes of them where all of it is inside or not. */
export class Loading {
    /** As lanes address memory. */
    readonly accesses: Accesses;
    /** Of what lanes get: the same, unless loads turn it round. */
    readonly #got: Accesses;
    readonly #isWords: boolean;

    constructor(work: Work, type: TileType, layout: Layout, place: Place) {
        this.#got = new Accesses(work, type, layout, place);
        const by = turnedLoad(work.target, work.team, layout, type);
        const turned = by && new Accesses(work, type, by, place);
        this.accesses = turned !== null && 1 << turned.vector === SQUARE ? turned : this.#got;
        this.#isWords = isPacked(type.tile) && this.accesses.vector > 0;
    }

    get #isTurned(): boolean {
        return this.accesses !== this.#got;
    }

    /** Of the values that stand for it. */
    get types(): readonly IrType[] {
        const { layout, type, size } = this.accesses;
        const count = 1 << layout.registers.length;
        return this.#isWords
            ? new Array<IrType>((count * size) / 4).fill("u32")
            : new Array<IrType>(count).fill(type.tile);
    }

    /** All of it is inside. */
    whole(): readonly ValueId[] {
        return this.#isTurned ? turnedWords(this.accesses, null) : wide(this.accesses, this.#isWords, null);
    }

    /** What is outside is zero. */
    partly(): readonly ValueId[] {
        const { accesses } = this;
        const { work, type, layout, vector, partial } = accesses;
        const got = this.#got;
        const single = () => (isFew(layout) ? edge(got, this.#isWords) : loadEdge(got, this.#isWords));
        if (vector === 0) return single();
        const byAccesses = () =>
            this.#isTurned ? within(got, turnedWords(accesses, partial)) : wide(accesses, this.#isWords, partial);
        if (!partial.includes(type.shape.length - 1)) return byAccesses();
        return work.choose(accesses.wholeAccesses(), this.types, byAccesses, single);
    }

    /** All of it is inside, and goes to LDS, so many bytes a lane at once, from the wave's start there on. */
    direct(bytes: number, start: ValueId): void {
        const { accesses } = this;
        const { work, size } = accesses;
        const { builder, span, lds, workgroup } = work;
        for (const [at, [register = 0]] of accesses.list(Math.log2(bytes / size)).entries()) {
            const { base, offset, constant } = byteOffset(accesses, register, undefined);
            const to = work.op("add", [start, work.word(at * bytes * workgroup)]);
            builder.effect("load_to_lds", [base, offset, lds.array, to], span, { offset: constant, count: bytes });
        }
    }

    held(values: readonly ValueId[]): Held {
        const { type, layout } = this.#got;
        return {
            type,
            layout,
            registers: this.#isWords ? { form: "words", words: values } : { form: "scalars", values },
        };
    }
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

/**
 * Whole accesses of which eight lanes get the columns of eight rows; where rows may be missing, those read the first
 * element's, so that what comes of them must not be looked at.
 */
function turnedWords(accesses: Accesses, rows: readonly number[] | null): readonly ValueId[] {
    const { work, size, vector } = accesses;
    return accesses.list(vector).flatMap(([first = 0]) => {
        const valid = rows
            ?.map((axis) => accesses.inside(first, axis))
            .reduce((all, one) => work.op("and", [all, one]));
        const { base, offset, constant } = byteOffset(accesses, first, valid);
        const types = new Array<IrScalar>((size << vector) / 4).fill("u32");
        const attributes = { offset: constant, count: 8 * size };
        return work.builder.values("load_turned", [base, offset], types, work.span, attributes);
    });
}

/** Words with zeros for the elements that are outside. */
function within(accesses: Accesses, words: readonly ValueId[]): readonly ValueId[] {
    const { work, type, partial } = accesses;
    const values = unpacked(work, words, type.tile).map((value, register) => {
        const valid = partial
            .map((axis) => accesses.inside(register, axis))
            .reduce((all, one) => work.op("and", [all, one]));
        return work.op("select", [valid, value, work.zero(type.tile)]);
    });
    return toWords(work, values, type.tile);
}

export function unpacked(work: Work, words: readonly ValueId[], type: IrScalar): readonly ValueId[] {
    return scalarsOf(work, { type: { tile: type, shape: [] }, layout: NOWHERE, registers: { form: "words", words } });
}

const NOWHERE: Layout = { shape: [], registers: [], lanes: [], waves: [], isFragment: false };

/** A work-item's offset in bytes; the first element's where a condition does not hold. */
function byteOffset(accesses: Accesses, register: number, valid: ValueId | undefined) {
    const { work, size, place } = accesses;
    const { base, start, constant } = accesses.at(register);
    const bytes = accesses.bytes(start);
    if (valid === undefined) return { base, offset: accesses.held.get(bytes) ?? bytes, constant: constant * size };
    const moved = constant === 0 ? bytes : work.op("add", [bytes, work.word(constant * size)]);
    // The base may have moved down by rows that are missing: the first element of all is always there.
    const first = work.op("offset", [place.buffer, place.offset], work.typeOf(place.buffer));
    if (base === first) return { base, offset: work.op("select", [valid, moved, work.word(0)]), constant: 0 };
    const distance = distanceOf(accesses, register);
    const whole = work.op("add", [moved, distance]);
    return { base: first, offset: work.op("select", [valid, whole, work.word(0)]), constant: 0 };
}

/** Bytes from the tile's first element to a register's base. */
function distanceOf(accesses: Accesses, register: number): ValueId {
    const { work, place, size } = accesses;
    return accesses
        .places(register)
        .flatMap(({ more: at }, axis) => {
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

/** Registers that are looked at one by one with less code than a loop over them takes. */
function isFew({ registers }: Layout): boolean {
    return registers.length <= 2;
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
    // Elements that more than one work-item holds are stored by the first.
    const repeated = [...layout.lanes, ...layout.waves].reduce(
        (mask, basis, bit) => (basis === 0 ? mask | (1 << bit) : mask),
        0,
    );
    const first =
        repeated === 0 ? [] : [work.op("eq", [work.op("and", [work.item, work.word(repeated)]), work.word(0)], "bool")];
    const accessed = (axes: readonly number[]) => () => {
        when(work, first, () => {
            for (const registers of accesses.list(vector)) storeWide(accesses, held, registers, axes);
        });
        return [];
    };
    const single = () => {
        if (isFew(layout)) {
            when(work, first, () => {
                for (const register of registerElements(layout).keys()) {
                    const valid = partial.map((axis) => accesses.inside(register, axis));
                    when(work, valid, () => storeScalar(accesses, held, register));
                }
            });
        } else storeEdge(accesses, held, first);
        return [];
    };
    const byAccesses =
        vector === 0
            ? single
            : !partial.includes(tile.type.shape.length - 1)
              ? accessed(partial)
              : () => work.choose(accesses.wholeAccesses(), [], accessed(partial), single);
    if (partial.length === 0) accessed([])();
    else work.choose(accesses.whole(partial), [], accessed([]), byAccesses);
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
