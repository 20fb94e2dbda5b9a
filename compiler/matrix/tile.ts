// A tile in the hands of a workgroup: what each work-item has in its registers, or how to compute that where it is
// wanted, which is how constants and indices go.

import type { ValueId } from "../ir/module.js";
import { bytesOf, type IrScalar, type TileType } from "../ir/types.js";
import type { Layout } from "./layout.js";
import type { Work } from "./work.js";

export type Tile = Held | Lazy;

export interface Held {
    readonly type: TileType;
    readonly layout: Layout;
    readonly registers: Registers;
}

/** A value for each register, or of elements of 8 and 16 bits a word for neighbouring ones. */
export type Registers =
    | { readonly form: "scalars"; readonly values: readonly ValueId[] }
    | { readonly form: "words"; readonly words: readonly ValueId[] };

export interface Lazy {
    readonly type: TileType;
    readonly layout: null;
    /** The elements that a work-item holds in that layout. */
    readonly at: (layout: Layout) => readonly ValueId[];
}

/** How an element is held in words; a bool has none. */
export function perWord(type: IrScalar): number {
    return Math.max(1, 4 / bytesOf(type));
}

/** Whether neighbours share words. */
export function isPacked(type: IrScalar): boolean {
    return type !== "bool" && bytesOf(type) < 4;
}

export function scalarsOf(work: Work, { type, registers }: Held): readonly ValueId[] {
    return registers.form === "scalars" ? registers.values : fromWords(work, registers.words, type.tile);
}

/** The elements that words consist of. */
export function fromWords(work: Work, words: readonly ValueId[], type: IrScalar): readonly ValueId[] {
    const { builder, span } = work;
    if (isPacked(type)) {
        const types = new Array<IrScalar>(perWord(type)).fill(type);
        return words.flatMap((word) => builder.values("unpack", [word], types, span));
    }
    if (bytesOf(type) === 4) return words.map((word) => work.bits(word, type));
    return words.flatMap((low, at) => {
        const high = words[at + 1];
        if (at % 2 === 1 || high === undefined) return [];
        const [wideLow, wideHigh] = [low, high].map((word) => work.op("convert", [word], "u64")) as [ValueId, ValueId];
        const shifted = work.op("shl", [wideHigh, work.constant(32n, "u64")]);
        return [work.bits(work.op("or", [shifted, wideLow]), type)];
    });
}

/** Elements one behind the other in words. */
export function toWords(work: Work, values: readonly ValueId[], type: IrScalar): readonly ValueId[] {
    if (isPacked(type)) {
        const count = perWord(type);
        return Array.from({ length: values.length / count }, (_, word) =>
            work.op("pack", values.slice(word * count, word * count + count), "u32"),
        );
    }
    if (bytesOf(type) === 4) return values.map((value) => work.bits(value, "u32"));
    return values.flatMap((value) => {
        const wide = work.bits(value, "u64");
        const high = work.op("shr", [wide, work.constant(32n, "u64")]);
        return [wide, high].map((half) => work.op("convert", [half], "u32"));
    });
}

/** The words of so many registers, each with its neighbours: whole words that are there already stay as they are. */
export function wordsAt(work: Work, tile: Held, registers: readonly number[]): readonly ValueId[] {
    const { type, registers: held } = tile;
    const count = perWord(type.tile);
    if (held.form === "words") {
        const first = registers.filter((_, at) => at % count === 0);
        const whole = first.every((register, at) =>
            Array.from({ length: count }, (_, next) => registers[at * count + next] === register + next).every(Boolean),
        );
        if (whole && first.every((register) => register % count === 0)) {
            return first.map((register) => held.words[register / count] as ValueId);
        }
        if (count === 4) return first.map((_, at) => fourBytes(work, held.words, registers.slice(4 * at, 4 * at + 4)));
    }
    const values = scalarsOf(work, tile);
    return toWords(
        work,
        registers.map((register) => values[register] as ValueId),
        type.tile,
    );
}

/** A word of four bytes of others: two by two, so that words that are turned round share half of it. */
function fourBytes(work: Work, words: readonly ValueId[], registers: readonly number[]): ValueId {
    const at = registers.map((register) => ({ word: words[register >> 2] as ValueId, byte: register & 3 }));
    const [a, b, c, d] = at as [Byte, Byte, Byte, Byte];
    const bytes = (first: ValueId, second: ValueId, format: string) =>
        work.op("bytes", [first, second], "u32", { format });
    // Of both words the bytes of the pair that each is in.
    const pair = (low: Byte, high: Byte) => {
        const [from, to] = [low.byte & 2, high.byte & 2];
        return bytes(low.word, high.word, `${from}${4 + to}${from + 1}${5 + to}`);
    };
    const [low, high] = [pair(a, b), pair(c, d)];
    const digits = [2 * (a.byte & 1), 1 + 2 * (b.byte & 1), 4 + 2 * (c.byte & 1), 5 + 2 * (d.byte & 1)];
    return bytes(low, high, digits.join(""));
}

interface Byte {
    readonly word: ValueId;
    readonly byte: number;
}
