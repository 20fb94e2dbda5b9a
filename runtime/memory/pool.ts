// Memory of a device in parts: chunks are split into blocks, neighbours that are free become one again. Free blocks are kept
// by size class, 16 classes to each power of two, and taken from the first class with one that is large enough (two-level
// segregated fit: Masmano, Ripoll, Crespo, Real, "TLSF", ECRTS 2004), so that both directions take constant time.
// A freed block remembers which operations used it, on which streams: whoever gets it next comes behind them, on the device.
// Invariants: blocks of a chunk lie one behind the other without gaps; no two neighbours are both free.

import type { NativeBuffer } from "../hip/binding.js";
import { Uses } from "../lanes.js";

/** Of addresses and sizes, in bytes: what hipMalloc gives. */
export const BLOCK_ALIGNMENT = 256;
/** Requests below this share chunks of that size. */
const SHARED_CHUNK_BYTES = 2 << 20;
const SMALL_BYTES = 1 << 20;
/** Large chunks are multiples of this. */
const CHUNK_ALIGNMENT = 64 << 10;
/** Without need, the pool keeps no more than this share above the most that was ever asked for. */
const SLACK = 1.045;
/**
 * A chunk of which nothing is in use is not split for a large request that is this many times smaller: what would be left of
 * it could not be given back.
 */
const LOOSE = 1.5;

interface Chunk {
    readonly buffer: NativeBuffer;
    readonly bytes: number;
}

/** A part of a chunk. */
export interface PoolBlock {
    readonly chunk: Chunk;
    readonly offset: number;
    /** A multiple of the alignment. */
    size: number;
    isFree: boolean;
    before: PoolBlock | undefined;
    after: PoolBlock | undefined;
    uses: Uses;
}

/** Where chunks come from; failing calls throw. */
export interface ChunkSource {
    allocate(bytes: number): NativeBuffer;
    free(buffer: NativeBuffer): void;
}

export class Pool {
    /** Bytes of all chunks. */
    reserved = 0;
    peakReserved = 0;
    /** Bytes of the blocks in use, rounded to the alignment. */
    inUse = 0;
    private peakInUse = 0;
    chunks = 0;
    /** Requests that found a free block. */
    hits = 0;
    private readonly free: Set<PoolBlock>[] = [];

    constructor(private readonly source: ChunkSource) {}

    allocate(bytes: number): PoolBlock {
        const size = Math.max(1, Math.ceil(bytes / BLOCK_ALIGNMENT)) * BLOCK_ALIGNMENT;
        const found = this.find(size);
        if (found !== undefined) this.hits++;
        const block = found ?? this.grow(size);
        this.split(block, size);
        block.isFree = false;
        this.inUse += size;
        this.peakInUse = Math.max(this.peakInUse, this.inUse);
        return block;
    }

    release(block: PoolBlock): void {
        this.inUse -= block.size;
        block.isFree = true;
        const { before, after } = block;
        if (after?.isFree) this.absorb(block, after);
        if (before?.isFree) {
            this.unlist(before);
            this.join(before, block);
            this.list(before);
        } else {
            this.list(block);
        }
    }

    /** Gives chunks back that nothing of is in use, largest first, until `reserved` is at most `bytes`; gives what that was. */
    trim(bytes = 0): number {
        const before = this.reserved;
        for (let index = this.free.length - 1; index >= 0 && this.reserved > bytes; index--) {
            for (const block of this.free[index] ?? []) {
                if (block.size !== block.chunk.bytes || this.reserved <= bytes) continue;
                this.unlist(block);
                this.reserved -= block.size;
                this.chunks--;
                this.source.free(block.chunk.buffer);
            }
        }
        return before - this.reserved;
    }

    private grow(size: number): PoolBlock {
        const bytes = size < SMALL_BYTES ? SHARED_CHUNK_BYTES : Math.ceil(size / CHUNK_ALIGNMENT) * CHUNK_ALIGNMENT;
        const most = Math.max(this.peakInUse, this.inUse + size) * SLACK;
        if (this.reserved + bytes > most) this.trim(Math.max(0, most - bytes));
        const chunk = { buffer: this.source.allocate(bytes), bytes };
        this.reserved += bytes;
        this.peakReserved = Math.max(this.peakReserved, this.reserved);
        this.chunks++;
        return { chunk, offset: 0, size: bytes, isFree: false, before: undefined, after: undefined, uses: new Uses() };
    }

    /** Unlists and gives a free block of at least that size. */
    private find(size: number): PoolBlock | undefined {
        for (let index = classOf(size); index < this.free.length; index++) {
            for (const block of this.free[index] ?? []) {
                if (block.size < size || isLoose(block, size)) continue;
                this.unlist(block);
                return block;
            }
        }
        return undefined;
    }

    private split(block: PoolBlock, size: number): void {
        if (block.size === size) return;
        const { chunk, after } = block;
        const uses = new Uses();
        uses.follow(block.uses);
        const rest: PoolBlock = {
            chunk,
            offset: block.offset + size,
            size: block.size - size,
            isFree: true,
            before: block,
            after,
            uses,
        };
        if (after !== undefined) after.before = rest;
        block.after = rest;
        block.size = size;
        this.list(rest);
    }

    /** Makes a free neighbour behind a block part of it. */
    private absorb(block: PoolBlock, after: PoolBlock): void {
        this.unlist(after);
        this.join(block, after);
    }

    private join(block: PoolBlock, after: PoolBlock): void {
        block.size += after.size;
        block.after = after.after;
        if (block.after !== undefined) block.after.before = block;
        const uses = new Uses();
        uses.follow(block.uses);
        uses.follow(after.uses);
        block.uses = uses;
    }

    private list(block: PoolBlock): void {
        const index = classOf(block.size);
        while (this.free.length <= index) this.free.push(new Set());
        this.free[index]?.add(block);
    }

    private unlist(block: PoolBlock): void {
        this.free[classOf(block.size)]?.delete(block);
    }
}

function isLoose(block: PoolBlock, size: number): boolean {
    return size >= SMALL_BYTES && block.size === block.chunk.bytes && block.size > size * LOOSE;
}

/** Sixteen classes between a power of two and the next. */
function classOf(size: number): number {
    const units = size / BLOCK_ALIGNMENT;
    const power = Math.floor(Math.log2(units));
    return power * 16 + Math.floor((units / 2 ** power - 1) * 16);
}
