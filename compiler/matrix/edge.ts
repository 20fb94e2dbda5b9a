// Tiles that run past the end of their view in other places than whole accesses: a loop goes over a work-item's registers
// one element at a time, by way of words of LDS that are its own. So the code for edges, which few workgroups need, is short.

import type { ValueId } from "../ir/module.js";
import { bytesOf, type IrType } from "../ir/types.js";
import type { Accesses } from "./accesses.js";
import { type Bases, coordinates, log2 } from "./layout.js";
import { when } from "./memory.js";
import { type Held, scalarsOf, wordsAt } from "./tile.js";

/** Bytes of LDS that all work-items together have for it at once. */
const MOST_SLOTS = 16 * 1024;

/** The registers of a work-item that pass through LDS together. */
class Slots {
    readonly #size: number;
    /** Registers of one round through LDS; a power of two. */
    readonly together: number;
    readonly #start: number;
    /** Added to where they start, where that is known at run time only. */
    readonly #move: ValueId | null;

    constructor(readonly accesses: Accesses) {
        const { work, type, layout } = accesses;
        const count = 1 << layout.registers.length;
        this.#size = type.tile === "bool" ? 1 : bytesOf(type.tile);
        const most = MOST_SLOTS / work.workgroup / this.#size;
        this.together = Math.min(count, 2 ** Math.floor(Math.log2(most)));
        const bytes = Math.max(4, this.together * this.#size) * work.workgroup;
        const { spare } = work;
        this.#move = spare !== null && bytes <= spare.bytes ? spare.move : null;
        if (this.#move !== null) this.#start = spare?.start ?? 0;
        else {
            const mark = work.lds.mark;
            this.#start = work.lds.take(bytes, null).start;
            work.lds.giveBack(mark);
        }
    }

    /** Others may have used these bytes, and may again: all wait before and after, which lowering takes no account of. */
    meet(): void {
        const { work } = this.accesses;
        work.builder.effect("lds_barrier", [], work.span);
    }

    /** The index of a register's element in LDS, of which the first of the round has number 0. */
    index(register: ValueId): ValueId {
        const { work } = this.accesses;
        const size = this.#size;
        const bytes = work.op("mul", [register, work.word(size)]);
        const word = size >= 4 ? bytes : work.op("and", [bytes, work.word(0xffff_fffc)]);
        const row = work.op("mul", [word, work.word(work.workgroup)]);
        const within = size >= 4 ? row : work.op("add", [row, work.op("and", [bytes, work.word(3)])]);
        const place = work.op("add", [work.op("add", [within, this.#own()]), work.word(this.#start)]);
        return work.convert(size === 1 ? place : work.op("shr", [place, work.word(log2(size))]), "index");
    }

    /** The bytes of a word of the work-item: an offset that it has, and a constant. */
    word(register: number): { base: ValueId; constant: number } {
        return { base: this.#own(), constant: register * this.#size * this.accesses.work.workgroup + this.#start };
    }

    #own(): ValueId {
        const { work } = this.accesses;
        const own = work.op("mul", [work.item, work.word(Math.max(4, this.#size))]);
        return this.#move === null ? own : work.op("add", [own, this.#move]);
    }

    get memoryType(): IrType {
        const { type } = this.accesses;
        return type.tile === "bool" ? "u8" : type.tile;
    }
}

/** The places of a register's element along each dimension, for a register of which the number is known at run time only. */
function placesOf(accesses: Accesses, register: ValueId): ValueId[] {
    const { work, layout, type, own } = accesses;
    return type.shape.map((_, axis) => {
        const along = layout.registers.map((basis) => coordinates(type.shape, basis)[axis] ?? 0);
        const moved = combination(accesses, register, along);
        return moved === null ? (own[axis] as ValueId) : work.op("xor", [own[axis] as ValueId, moved]);
    });
}

/** What a number's bits add up to, run by run; null for nothing. */
function combination({ work }: Accesses, number: ValueId, bases: Bases): ValueId | null {
    let sum: ValueId | null = null;
    for (let bit = 0; bit < bases.length; ) {
        const basis = bases[bit] ?? 0;
        let run = 1;
        while (basis !== 0 && bases[bit + run] === basis * 2 ** run) run++;
        if (basis !== 0) {
            const shifted = work.op("shr", [number, work.word(bit)]);
            const field = work.op("and", [shifted, work.word(2 ** run - 1)]);
            const part = work.op("mul", [field, work.word(basis)]);
            sum = sum === null ? part : work.op("xor", [sum, part]);
        }
        bit += run;
    }
    return sum;
}

/** A register of a round through LDS, by its number there. */
interface Element {
    readonly register: ValueId;
    /** Whether its element is inside. */
    readonly valid: ValueId;
    readonly base: ValueId;
    readonly index: ValueId;
}

/** Does something for every register of a round. */
function forEach(accesses: Accesses, first: number, count: number, act: (element: Element) => void): void {
    const { work, partial, place } = accesses;
    const { builder, span } = work;
    const open = builder.begin([{ type: "index", span }]);
    work.enter();
    const register = work.convert(open.parameters[0] as ValueId, "u32");
    const places = placesOf(accesses, work.op("add", [register, work.word(first)]));
    const valid = partial
        .map((axis) => accesses.isInside(places[axis] as ValueId, axis))
        .reduce((all, one) => work.op("and", [all, one]));
    const terms = places.map((at, axis) => {
        const stride = place.strides[axis] as ValueId;
        return work.known(stride) === 1n ? at : work.op("mul", [at, work.convert(stride, "u32")]);
    });
    const sum = terms.reduce((all, term) => work.op("add", [all, term]));
    const base = work.op("offset", [place.buffer, place.offset], work.typeOf(place.buffer));
    act({ register, valid, base, index: work.convert(sum, "index") });
    builder.terminate("yield", [], span);
    work.leave();
    const body = builder.end(open);
    const bounds = [work.index(0), work.index(count), work.index(1)];
    builder.structured("for", bounds, [], [body], span, undefined, { unroll: 1 });
}

/** A tile's registers, or the words that they are in; what is outside is zero. */
export function loadEdge(accesses: Accesses, isWords: boolean): readonly ValueId[] {
    const { work, type, layout, size } = accesses;
    const { builder, span } = work;
    const slots = new Slots(accesses);
    const count = 1 << layout.registers.length;
    const memory = slots.memoryType;
    const values: ValueId[] = [];
    for (let first = 0; first < count; first += slots.together) {
        slots.meet();
        // No branch: what all work-items go through together needs no masks, around it neither.
        forEach(accesses, first, slots.together, ({ register, valid, base, index }) => {
            const safe = work.op("select", [valid, index, work.index(0)]);
            const loaded = builder.value("load", [base, safe], span, {}, type.tile);
            const value = work.op("select", [valid, loaded, work.zero(type.tile)]);
            const stored = type.tile === "bool" ? work.convert(value, "u8") : value;
            builder.effect("store", [work.lds.array, slots.index(register), stored], span);
        });
        const step = isWords ? 4 / size : 1;
        for (let register = 0; register < slots.together; register += step) {
            if (isWords) {
                const { base, constant } = slots.word(register);
                const attributes = { align: 4, offset: constant };
                values.push(...builder.values("load_words", [work.lds.array, base], ["u32"], span, attributes));
                continue;
            }
            const index = slots.index(work.word(register));
            const value = builder.value("load", [work.lds.array, index], span, {}, memory);
            values.push(type.tile === "bool" ? work.op("ne", [value, work.zero("u8")], "bool") : value);
        }
        slots.meet();
    }
    return values;
}

/** Stores what is inside, in work-items that conditions choose. */
export function storeEdge(accesses: Accesses, tile: Held, conditions: readonly ValueId[]): void {
    const { work, type, layout, size } = accesses;
    const { builder, span } = work;
    const slots = new Slots(accesses);
    const count = 1 << layout.registers.length;
    const memory = slots.memoryType;
    const perWord = type.tile === "bool" ? 1 : Math.max(1, 4 / size);
    for (let first = 0; first < count; first += slots.together) {
        slots.meet();
        const isWords = perWord > 1 && slots.together >= perWord;
        for (let register = 0; register < slots.together; register += isWords ? perWord : 1) {
            if (isWords) {
                const own = Array.from({ length: perWord }, (_, at) => first + register + at);
                const { base, constant } = slots.word(register);
                const words = wordsAt(work, tile, own);
                builder.effect("store_words", [work.lds.array, base, ...words], span, { align: 4, offset: constant });
                continue;
            }
            const value = scalarsOf(work, tile)[first + register] as ValueId;
            const stored = type.tile === "bool" ? work.convert(value, "u8") : value;
            builder.effect("store", [work.lds.array, slots.index(work.word(register)), stored], span);
        }
        forEach(accesses, first, slots.together, ({ register, valid, base, index }) => {
            when(work, [...conditions, valid], () => {
                const value = builder.value("load", [work.lds.array, slots.index(register)], span, {}, memory);
                const stored = type.tile === "bool" ? work.op("ne", [value, work.zero("u8")], "bool") : value;
                builder.effect("store", [base, index, stored], span);
            });
        });
        slots.meet();
    }
}
