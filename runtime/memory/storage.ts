// The memory of a tensor and of its views: a block of device memory, with what is known of its contents and who uses it.

import type { NativeBuffer } from "../hip/binding.js";
import type { Uses } from "../lanes.js";
import type { MemoryKind } from "./memory.js";

/** A part of an allocation, in use by one storage. */
export interface Block {
    readonly buffer: NativeBuffer;
    /** In bytes, from the start of the buffer. */
    readonly offset: number;
    /** What was asked for. */
    readonly bytes: number;
    readonly uses: Uses;
    freed: boolean;
    /** The device was reset: the memory was freed with everything else. */
    wasReset?: boolean;
    /** Called once, when nobody may use it any more. */
    release(): void;
}

export class Storage {
    /** Why its contents are lost, until they are written again. */
    lost: unknown;
    readonly uses: Uses;
    /** The address as a number; NaN where a double does not hold it exactly. */
    readonly numericAddress: number;
    private holders = 1;

    constructor(
        readonly block: Block,
        readonly kind: MemoryKind = "device",
    ) {
        this.uses = block.uses;
        const address = block.buffer.address + BigInt(block.offset);
        this.numericAddress = address <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(address) : Number.NaN;
    }

    get buffer(): NativeBuffer {
        return this.block.buffer;
    }

    get address(): bigint {
        return this.block.buffer.address + BigInt(this.block.offset);
    }

    get disposed(): boolean {
        return this.block.freed || this.holders === 0;
    }

    /** Whether kernels may use it: it is there, and has what was written to it. */
    get isUsable(): boolean {
        return this.lost === undefined && !this.disposed;
    }

    /** Keeps the memory, whatever its tensor does. */
    retain(): void {
        this.holders++;
    }

    /** Gives up one hold; the last frees the memory, after what was called before. */
    release(): void {
        if (this.disposed) return;
        this.holders--;
        if (this.holders === 0) this.block.release();
    }
}
