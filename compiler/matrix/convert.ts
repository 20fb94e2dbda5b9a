// A tile from one layout to another: by renaming registers where every lane has already what it shall have, else through
// LDS, where it lies so that neighbouring lanes hit other banks.

import type { ValueId } from "../ir/module.js";
import { bytesOf, type IrScalar } from "../ir/types.js";
import type { Target } from "../targets/targets.js";
import { type WaveAccess, widestWithoutConflicts } from "./banks.js";
import {
    apply,
    type Bases,
    compose,
    type Layout,
    log2,
    mapElements,
    registerElements,
    reshaped,
    sameLayout,
    sizeOf,
} from "./layout.js";
import type { Part } from "./lds.js";
import { fromWords, type Held, isPacked, scalarsOf, type Tile, wordsAt } from "./tile.js";
import type { Work } from "./work.js";

/** The tile in a layout. */
export function inLayout(work: Work, tile: Tile, layout: Layout): Held {
    if (tile.layout === null) {
        return { type: tile.type, layout, registers: { form: "scalars", values: tile.at(layout) } };
    }
    const held = inRegisters(work, tile, layout) ?? inHalves(work, tile, layout);
    if (held) return held;
    const mark = work.lds.mark;
    const stored = store(work, tile, storageFor(work.target, tile.type.tile, tile.layout, layout));
    const result = readStored(work, stored, layout);
    // Halves that a loop's rounds use in turn are written without a look at what else lies there.
    if (work.round === null) work.lds.giveBack(mark);
    return result;
}

/** The tile in a layout where every lane has already what it shall have; null where it hasn't. */
export function inRegisters(work: Work, tile: Held, layout: Layout): Held | null {
    return sameLayout(tile.layout, layout) ? { ...tile, layout } : renameRegisters(work, tile, layout);
}

/** Where lanes and waves hold the same already, maybe in other registers, or more than they shall. */
function renameRegisters(work: Work, tile: Held, layout: Layout): Held | null {
    const { layout: from, type } = tile;
    if (from.lanes.join() !== layout.lanes.join() || from.waves.join() !== layout.waves.join()) return null;
    const held = new Map(registerElements(from).map((element, register) => [element, register]));
    const wanted = registerElements(layout).map((element) => held.get(element));
    if (wanted.includes(undefined)) return null;
    const values = scalarsOf(work, tile);
    return {
        type,
        layout,
        registers: { form: "scalars", values: wanted.map((register) => values[register as number] as ValueId) },
    };
}

/** A tile that takes more LDS than this, and than the kernel has anyway, goes through it in parts. */
const MOST_AT_ONCE = 32768;

/**
 * One half of a tile after the other, so that both take the same LDS: less of it lets a compute unit hold more workgroups. Null where
 * a tile is small, or no bit of an element's number is told by registers alone in both layouts, and in loops, whose rounds don't share LDS.
 */
function inHalves(work: Work, tile: Held, layout: Layout): Held | null {
    const { lds } = work;
    const isLittle = lds.mark + storedBytes(tile) <= Math.max(MOST_AT_ONCE, lds.most);
    const apart = isLittle || work.round !== null ? null : halving(tile.layout, layout);
    if (apart === null) return null;
    const values = scalarsOf(work, tile);
    const from = halfOfLayout(tile.layout, apart);
    const to = halfOfLayout(layout, apart);
    const type = { ...tile.type, shape: from.shape };
    const halves = [0, 1].map((side) => {
        const own = values.filter((_, register) => ((register >> tile.layout.registers.indexOf(apart)) & 1) === side);
        return scalarsOf(work, inLayout(work, { type, layout: from, registers: { form: "scalars", values: own } }, to));
    });
    const bit = layout.registers.indexOf(apart);
    const all = Array.from({ length: 2 * (halves[0]?.length ?? 0) }, (_, register) => {
        const within = (register & (2 ** bit - 1)) | ((register >> (bit + 1)) << bit);
        return halves[(register >> bit) & 1]?.[within] as ValueId;
    });
    return { type: tile.type, layout, registers: { form: "scalars", values: all } };
}

/** The highest bit of an element's number, as a basis, that registers of both layouts tell, and nothing else; null for none. */
function halving(a: Layout, b: Layout): number | null {
    const tellsAlone = ({ registers, lanes, waves }: Layout, basis: number) =>
        registers.includes(basis) &&
        [...registers, ...lanes, ...waves].every((each) => each === basis || !(each & basis));
    const found = a.registers.filter(
        (basis) => basis === 2 ** log2(basis) && [a, b].every((each) => tellsAlone(each, basis)),
    );
    return found.length === 0 ? null : Math.max(...found);
}

/** Of the elements of which that bit is 0, or of those of which it is 1. */
function halfOfLayout(layout: Layout, basis: number): Layout {
    let below = basis;
    const shape = [...layout.shape].reverse().map((extent) => {
        const isHere = below >= 1 && below < extent;
        below /= extent;
        return isHere ? extent / 2 : extent;
    });
    const registers = layout.registers.filter((each) => each !== basis);
    return mapElements({ ...layout, registers }, shape.reverse(), (each) => {
        const low = each & (basis - 1);
        return ((each ^ low) >> 1) | low;
    });
}

/** How a tile lies in LDS: a basis in bytes for each bit of an element's number. */
export type Storage = Bases;

/** Bytes that the banks of LDS give at once. */
const LINE = 128;
const WIDEST = 16;

/**
 * Elements lie along the last dimension, or with `isTransposed` along the one before it. Bits above a line are added to
 * those that choose the banks within a row, so that accesses of so many bytes at the same place of neighbouring rows
 * are spread over all of them.
 */
export function storageOf(type: IrScalar, shape: readonly number[], granule: number, isTransposed: boolean): Storage {
    const size = bytesOf(type);
    const bits = log2(shape.reduce((product, extent) => product * extent, 1));
    const columns = log2(shape.at(-1) ?? 1);
    const rows = log2(shape.at(-2) ?? 1);
    const along = isTransposed ? rows : columns;
    const position = (bit: number) => {
        if (!isTransposed || bit >= columns + rows) return bit;
        return bit < columns ? bit + rows : bit - columns;
    };
    const low = log2(granule);
    const rowBytes = log2(size) + along;
    // Where rows are shorter than a line, one bit more: it tells apart lanes that turn rows and columns round.
    const spread = Math.max(0, Math.min(log2(LINE), rowBytes + 1) - low);
    const first = Math.max(log2(LINE), rowBytes);
    return Array.from({ length: bits }, (_, bit) => {
        const byte = position(bit) + log2(size);
        const swizzle = byte >= first && byte < first + spread ? 2 ** (low + byte - first) : 0;
        return (2 ** byte) ^ swizzle;
    });
}

/** Elements in their order, moved to other banks where that serves those who write and read better. */
function storageFor(target: Target, type: IrScalar, from: Layout, to: Layout): Storage {
    const size = bytesOf(type);
    const plain = Array.from({ length: log2(sizeOf(to.shape)) }, (_, bit) => size * 2 ** bit);
    const accesses = [accessBy(plain, from, size, false), accessBy(plain, to, size, true)];
    const widest = Math.max(4, ...accesses.map(({ bytes }) => bytes));
    return widestWithoutConflicts(target, widest, () => ({ storage: plain, accesses }));
}

/** How a layout's waves go to LDS. */
export function accessBy(storage: Storage, layout: Layout, size: number, isRead: boolean): WaveAccess {
    return { lanes: layout.lanes, bytes: size << accessOf(storage, layout, size).length, isRead };
}

/** A tile that lies in LDS. */
export interface Stored {
    readonly type: Held["type"];
    readonly storage: Storage;
    readonly part: Part;
    /** Bytes from the part's start, where they are known at run time only. */
    readonly move: ValueId | null;
    /** Reading turns it round. */
    readonly isTurned?: true;
}

/** Bits of a register's number that make neighbouring bytes, lowest first: as many as one access can have. */
function accessOf(storage: Storage, { registers, lanes, waves }: Layout, size: number): number[] {
    const offsets = compose(storage, registers);
    const others = compose(storage, [...lanes, ...waves]);
    const chosen: number[] = [];
    for (let bytes = size; bytes < WIDEST; bytes *= 2) {
        const bit = offsets.indexOf(bytes);
        const isClear = (offset: number, at: number) => at === bit || (offset & bytes) === 0;
        if (bit < 0 || !offsets.every(isClear) || !others.every((offset) => (offset & bytes) === 0)) break;
        chosen.push(bit);
    }
    return size << chosen.length < 4 ? [] : chosen;
}

/** Registers of each access, and where it goes from the work-item's own offset. */
function accesses(storage: Storage, layout: Layout, size: number): { registers: number[]; offset: number }[] {
    const bits = accessOf(storage, layout, size);
    const count = 1 << layout.registers.length;
    const found: { registers: number[]; offset: number }[] = [];
    for (let register = 0; register < count; register++) {
        if (bits.some((bit) => (register >> bit) & 1)) continue;
        const registers = Array.from({ length: 1 << bits.length }, (_, at) =>
            bits.reduce((sum, bit, order) => sum | (((at >> order) & 1) << bit), register),
        );
        found.push({ registers, offset: apply(storage, apply(layout.registers, register)) });
    }
    return found;
}

/** Which bytes each wave touches, where that is all that matters. */
function ownerOf(storage: Storage, { waves, lanes, registers }: Layout): string {
    const own = compose(storage, waves);
    const inner = compose(storage, [...lanes, ...registers]);
    // Waves are apart where no byte of one is another's: their bases lie outside of what the others span.
    return `${own.join()} ${span(inner).join()}`;
}

/** A basis of all that some numbers span, in a form that equal spans share. */
function span(bases: Bases): number[] {
    const reduced: number[] = [];
    for (const basis of bases) {
        let rest = basis;
        for (const known of reduced) rest = Math.min(rest, rest ^ known);
        if (rest === 0) continue;
        for (const [at, known] of reduced.entries()) reduced[at] = Math.min(known, known ^ rest);
        reduced.push(rest);
    }
    return reduced.sort((a, b) => b - a);
}

/** Whether a wave has a part of LDS for itself. */
function isApart(storage: Storage, { waves, lanes, registers }: Layout): boolean {
    const all = span(compose(storage, [...lanes, ...registers, ...waves])).length;
    const inner = span(compose(storage, [...lanes, ...registers])).length;
    return all === inner + waves.length;
}

/** Bytes of a tile in LDS. */
export function storedBytes({ type: { tile, shape } }: Pick<Held, "type">): number {
    return bytesOf(tile) * shape.reduce((product, extent) => product * extent, 1);
}

/** Writes a tile to LDS, in a part of its own unless one is given. */
export function store(work: Work, tile: Held, storage: Storage, into?: Pick<Stored, "part" | "move">): Stored {
    const owner = isApart(storage, tile.layout) ? ownerOf(storage, tile.layout) : null;
    const part = into?.part ?? work.lds.take(storedBytes(tile), owner);
    const move = into?.move ?? null;
    work.lds.beforeWriting(part);
    const stored: Stored = { type: tile.type, storage, part, move };
    const distinct = { ...tile.layout, registers: tile.layout.registers };
    const address = addresses(work, stored, distinct);
    const size = bytesOf(tile.type.tile);
    const seen = new Set<number>();
    for (const { registers, offset } of accesses(storage, distinct, size)) {
        if (seen.has(offset)) continue;
        seen.add(offset);
        const { base, constant } = address(offset);
        if (registers.length * size >= 4) {
            const words = wordsAt(work, tile, registers);
            const attributes = { align: Math.min(WIDEST, registers.length * size), offset: constant };
            work.builder.effect("store_words", [work.lds.array, base, ...words], work.span, attributes);
        } else {
            const value = asStored(work, scalarsOf(work, tile)[registers[0] ?? 0] as ValueId, tile.type.tile);
            const index = elementIndex(work, base, constant, size);
            work.builder.effect("store", [work.lds.array, index, value], work.span);
        }
    }
    return stored;
}

/** A bool is a byte in memory. */
function asStored(work: Work, value: ValueId, type: IrScalar): ValueId {
    return type === "bool" ? work.convert(value, "u8") : value;
}

/** Of offsets that are multiples of an element's bytes both: the constant stays apart, for instructions to add. */
function elementIndex(work: Work, base: ValueId, constant: number, size: number): ValueId {
    const own = size === 1 ? base : work.op("shr", [base, work.word(Math.log2(size))]);
    return work.op("add", [work.op("convert", [own], "index"), work.index(constant / size)]);
}

/** Reads a tile from LDS. `reverse` reads it as its transpose. */
export function readStored(work: Work, stored: Stored, layout: Layout): Held {
    const { type, storage, part } = stored;
    const owner = isApart(storage, layout) ? ownerOf(storage, layout) : null;
    work.lds.beforeReading(part.alternates ? part : { ...part, owner });
    const address = addresses(work, stored, layout);
    const size = bytesOf(type.tile);
    const { builder, span } = work;
    const list = accesses(storage, layout, size);
    const bits = accessOf(storage, layout, size);
    const inOrder = bits.every((bit, at) => bit === at);
    if (bits.length > 0 && inOrder && isPacked(type.tile) && size << bits.length >= 4) {
        const words = list.flatMap(({ registers, offset }) => {
            const { base, constant } = address(offset);
            return readWords(work, base, constant, registers.length * size);
        });
        return { type, layout: reshaped(layout, type.shape), registers: { form: "words", words } };
    }
    const values: ValueId[] = [];
    for (const { registers, offset } of list) {
        const { base, constant } = address(offset);
        if (registers.length * size >= 4) {
            const words = readWords(work, base, constant, registers.length * size);
            fromWords(work, words, type.tile).forEach((value, at) => {
                values[registers[at] ?? 0] = value;
            });
        } else {
            const index = elementIndex(work, base, constant, size);
            const as = type.tile === "bool" ? "u8" : type.tile;
            const value = builder.value("load", [work.lds.array, index], span, {}, as);
            const zero = type.tile === "bool" ? work.constant(0n, "u8") : null;
            values[registers[0] ?? 0] = zero === null ? value : work.op("ne", [value, zero], "bool");
        }
    }
    return { type, layout: reshaped(layout, type.shape), registers: { form: "scalars", values } };
}

/** Reads a tile that LDS turns round: `by` is how lanes read it, `layout` how they get it. */
export function readTurned(work: Work, stored: Stored, layout: Layout, by: Layout): Held {
    const { type, storage, part } = stored;
    work.lds.beforeReading(part.alternates ? part : { ...part, owner: null });
    const address = addresses(work, stored, by);
    const size = bytesOf(type.tile);
    const places = new Map(registerElements(layout).map((element, register) => [element, register]));
    const words: ValueId[] = [];
    for (const { registers, offset } of accesses(storage, by, size)) {
        const { base, constant } = address(offset);
        const attributes = { offset: constant, count: 8 * size };
        const types = ["u32", "u32"] as const;
        const read = work.builder.values("load_turned", [work.lds.array, base], types, work.span, attributes);
        const first = places.get(apply(by.registers, registers[0] ?? 0)) ?? 0;
        read.forEach((word, at) => {
            words[(first * size) / 4 + at] = word;
        });
    }
    return { type, layout: reshaped(layout, type.shape), registers: { form: "words", words } };
}

function readWords(work: Work, base: ValueId, offset: number, bytes: number): readonly ValueId[] {
    const types = new Array<"u32">(bytes / 4).fill("u32");
    const attributes = { align: Math.min(WIDEST, bytes), offset };
    return work.builder.values("load_words", [work.lds.array, base], types, work.span, attributes);
}

/**
 * Where accesses go: the work-item's own offset, with which an access's bits are combined. Bits that no work-item's offset
 * has are a constant that instructions add by themselves; the others are flipped.
 */
function addresses(work: Work, { storage, part, move }: Stored, { lanes, waves }: Layout) {
    const bases = compose(storage, [...lanes, ...waves]);
    const still = work.linear(bases);
    // What it is moved by is a multiple of a power of two above all of its bits.
    const own = move === null ? still : work.op("add", [still, move]);
    const taken = bases.reduce((all, basis) => all | basis, 0);
    return (offset: number) => {
        const flipped = offset & taken;
        const base = flipped === 0 ? own : work.op("xor", [own, work.word(flipped)]);
        return { base, constant: (offset ^ flipped) + part.start };
    };
}
