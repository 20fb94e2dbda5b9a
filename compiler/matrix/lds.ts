// A workgroup's LDS as lowering uses it: one array, of which parts are taken and given back, and the barriers between
// writing and reading them. A part whose every byte one wave writes and reads needs none: LDS serves a wave in order.

import { altered, type OpId, operation, type ValueId } from "../ir/module.js";
import type { Work } from "./work.js";

/** Where a tile lies. Accesses with one `owner` touch in each wave the same bytes; null where waves exchange. */
export interface Part {
    readonly start: number;
    readonly bytes: number;
    readonly owner: string | null;
    /** Two halves that the rounds of a loop write in turn, with a barrier in each: nobody reads any more what is written. */
    readonly alternates?: true;
    /** What is written is of the next round, which begins with a barrier. */
    readonly isAhead?: true;
}

const ALIGNMENT = 128;

export class Lds {
    #array: ValueId | null = null;
    #op: OpId | null = null;
    #top = 0;
    #most = 0;
    #written: Part[] = [];
    #read: Part[] = [];

    constructor(readonly work: Work) {}

    /** Makes the array, at the function's start, so that all can use it. */
    begin(): void {
        const { builder, span } = this.work;
        this.#array = builder.value(
            "alloc",
            [],
            span,
            { count: 1, name: "tiles" },
            { element: "bytes", space: "shared" },
        );
        this.#op = (builder.function.operations.length - 1) as OpId;
    }

    /** Gives the array its size; where there is none, it goes. */
    finish(): void {
        const { builder } = this.work;
        const { function: fn } = builder;
        if (this.#op === null) return;
        const alloc = operation(fn, this.#op);
        fn.operations[this.#op] = altered(alloc, {
            attributes: { ...alloc.attributes, count: Math.max(1, this.#most) },
        });
        if (this.#most > 0) return;
        for (const { operations } of fn.regions) {
            const at = operations.indexOf(this.#op);
            if (at >= 0) operations.splice(at, 1);
        }
    }

    get array(): ValueId {
        if (this.#array === null) throw new Error("LDS before its start");
        return this.#array;
    }

    take(bytes: number, owner: string | null): Part {
        const start = this.#top;
        this.#top = Math.ceil((start + bytes) / ALIGNMENT) * ALIGNMENT;
        this.#most = Math.max(this.#most, this.#top);
        return { start, bytes, owner };
    }

    /** So many bytes twice, of which rounds of a loop use one and the other. */
    takeAlternating(bytes: number): Part {
        return { ...this.take(2 * bytes, null), alternates: true };
    }

    /** The most bytes that were taken at once. */
    get most(): number {
        return this.#most;
    }

    /** What has been taken since is given back. */
    get mark(): number {
        return this.#top;
    }

    giveBack(mark: number): void {
        this.#top = mark;
    }

    /** Before bytes are written that somebody may still read, or has written. */
    beforeWriting(part: Part): void {
        if (part.isAhead) return;
        if (!part.alternates) this.#meet([...this.#read, ...this.#written], part);
        this.#written.push(part);
    }

    beforeReading(part: Part): void {
        this.#meet(this.#written, part);
        this.#read.push(part);
    }

    #meet(earlier: readonly Part[], part: Part): void {
        const touching = earlier.filter((other) => overlap(other, part));
        if (touching.length === 0) return;
        const { builder, span } = this.work;
        if (touching.every(({ owner, start }) => owner !== null && owner === part.owner && start === part.start)) {
            builder.effect("wave_barrier", [], span);
            return;
        }
        this.barrier();
    }

    /** Where global memory is written and read again as well. */
    wholeBarrier(): void {
        this.work.builder.effect("barrier", [], this.work.span);
        this.#written = [];
        this.#read = [];
    }

    barrier(): void {
        this.work.builder.effect("lds_barrier", [], this.work.span);
        this.#written = [];
        this.#read = [];
    }

    /** All have read what they read, and see what was written. */
    settle(): void {
        if (this.#read.length + this.#written.length > 0) this.barrier();
    }

    /** At the start of a loop's body, which may be reached from its end: anything may have been touched. */
    enterLoop(): void {
        const all: Part = { start: 0, bytes: Number.MAX_SAFE_INTEGER, owner: null };
        this.#written = [all];
        this.#read = [all];
    }
}

function overlap(a: Part, b: Part): boolean {
    return a.start < b.start + b.bytes && b.start < a.start + a.bytes;
}
