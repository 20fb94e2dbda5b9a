// Launches and orderings of streams on their way to the device: written one behind the other into a buffer, which goes to
// the addon in one call. native/hip/commands.h has the same layout; all words are little-endian u32 but where it says so:
//
//     bytes of the command, kind, stream, kernel or event or graph, ticket, heard          (every command)
//     grid x y z, block x y z, bytes of dynamic LDS, bytes of arguments, cooperative, offsets (launches)
//     the arguments, padded to 8 bytes, then the offset of each argument where it is cooperative
//     target, source, bytes as u64                                                          (copies)
//     node, 0, then the command that the node of the graph becomes                          (updates of graphs)
//
// A ticket (hip/tickets.ts) is for who waits for the command; 0 is nobody. It is heard where they want to know when it ran as well.
// Invariant: what is in the buffer is submitted at the end of the current task of JavaScript's at the latest, and before
// anything else that is given to a stream.

import type { NativeDevice, NativeEvent } from "./hip/binding.js";
import { tickets, type Waiter } from "./hip/tickets.js";
import type { Lane } from "./lanes.js";

export const COMMAND = { launch: 1, record: 2, wait: 3, copy: 4, replay: 5, update: 6 } as const;

/** Bytes before what a command is about. */
export const HEADER_BYTES = 24;
/** Bytes before the arguments of a launch. */
export const LAUNCH_HEADER_BYTES = HEADER_BYTES + 40;

/** Words of a launch from its first. */
export const LAUNCH_WORD = {
    bytes: 0,
    kind: 1,
    stream: 2,
    kernel: 3,
    ticket: 4,
    heard: 5,
    grid: 6,
    block: 9,
    shared: 12,
    argumentBytes: 13,
    cooperative: 14,
    offsets: 15,
} as const;

const COPY_BYTES = HEADER_BYTES + 24;
const FIRST_BYTES = 1 << 16;
/** So many commands are submitted at once, so that a device has something to do while more are written. */
const MOST_WAITING = 32;

/** A launch that was checked and encoded by the general way. */
export interface EncodedLaunch {
    readonly grid: readonly [number, number, number];
    readonly block: readonly [number, number, number];
    readonly dynamicSharedBytes: number;
    readonly arguments: Uint8Array;
    /** For a cooperative launch, which passes each argument by itself. */
    readonly offsets: readonly number[] | undefined;
}

/** One of COMMAND. */
export function kindOf(command: Uint8Array): number {
    return new DataView(command.buffer, command.byteOffset).getUint32(4 * LAUNCH_WORD.kind, true);
}

export class CommandBuffer {
    u8!: Uint8Array;
    u16!: Uint16Array;
    u32!: Uint32Array;
    f32!: Float32Array;
    f64!: Float64Array;
    /** Bytes that are written. */
    used = 0;
    /** Where the last command begins, in bytes. */
    last = 0;
    private buffer!: ArrayBuffer;
    private waiting = 0;
    /** The tickets of what is written. */
    private readonly ticketed: number[] = [];
    private failure: { readonly error: unknown } | undefined;
    /** Whether what is written will be submitted at the end of the task. */
    private isExpected = false;
    private readonly atEndOfTask = (): void => {
        this.isExpected = false;
        this.flushQuietly();
    };

    /** @param device undefined for a buffer that is only written */
    constructor(private readonly device: NativeDevice | undefined) {
        this.allocate(FIRST_BYTES);
    }

    /** Room for a command; gives where it begins in bytes, a multiple of 8. Its views may be others afterwards. */
    reserve(bytes: number): number {
        if (this.waiting >= MOST_WAITING && this.device !== undefined) this.flush();
        if (this.used + bytes > this.buffer.byteLength) this.grow(this.used + bytes);
        this.waiting++;
        if (!this.isExpected && this.device !== undefined) {
            this.isExpected = true;
            queueMicrotask(this.atEndOfTask);
        }
        const at = this.used;
        this.last = at;
        this.used = at + bytes;
        return at;
    }

    launch({ slot }: Pick<Lane, "slot">, kernelSlot: number, launch: EncodedLaunch): void {
        const { arguments: args, offsets = [] } = launch;
        const padded = Math.ceil(args.length / 8) * 8;
        const bytes = LAUNCH_HEADER_BYTES + padded + Math.ceil(offsets.length / 2) * 8;
        const at = this.reserve(bytes);
        const first = at / 4;
        this.u32.set(
            [
                bytes,
                COMMAND.launch,
                slot,
                kernelSlot,
                0,
                0,
                ...launch.grid,
                ...launch.block,
                launch.dynamicSharedBytes,
                args.length,
                launch.offsets === undefined ? 0 : 1,
                offsets.length,
            ],
            first,
        );
        this.u8.set(args, at + LAUNCH_HEADER_BYTES);
        this.u8.fill(0, at + LAUNCH_HEADER_BYTES + args.length, at + LAUNCH_HEADER_BYTES + padded);
        this.u32.set(offsets, (at + LAUNCH_HEADER_BYTES + padded) / 4);
    }

    /**
     * Commands that were written before, now for a lane.
     * @param starts where each of them begins in `bytes`
     */
    append(lane: Lane, bytes: Uint8Array, starts: readonly number[]): void {
        const at = this.reserve(bytes.length);
        this.u8.set(bytes, at);
        for (const start of starts) this.u32[(at + start) / 4 + LAUNCH_WORD.stream] = lane.slot;
        this.last = at + (starts[starts.length - 1] ?? 0);
    }

    /**
     * Tells `waiter` when the last command (a launch, a copy or a replay) has ended. Gives its ticket.
     * @param isHeard whether the waiter is to be told when it began
     */
    track(waiter: Waiter, isHeard = false): number {
        const ticket = tickets.issue(waiter);
        const first = this.last / 4;
        this.u32[first + LAUNCH_WORD.ticket] = ticket;
        this.u32[first + LAUNCH_WORD.heard] = isHeard ? 1 : 0;
        this.ticketed.push(ticket);
        return ticket;
    }

    /** The milliseconds that the last command took on the device, when it has ended. */
    tracked(): Promise<number> {
        return new Promise((finished, failed) => this.track({ finished, failed }));
    }

    /** The same, and when it began on the device's clock: NaN where that is not heard. */
    trackedFrom(isHeard: boolean): Promise<{ readonly start: number; readonly milliseconds: number }> {
        return new Promise((resolve, failed) => {
            this.track({ finished: (milliseconds, start) => resolve({ start, milliseconds }), failed }, isHeard);
        });
    }

    /** A copy on the device, of a lane that `append` sets. */
    copy(target: bigint, source: bigint, bytes: number): void {
        const at = this.reserve(COPY_BYTES);
        this.u32.set([COPY_BYTES, COMMAND.copy, 0, 0, 0, 0], at / 4);
        new DataView(this.buffer).setBigUint64(at + HEADER_BYTES, target, true);
        new DataView(this.buffer).setBigUint64(at + HEADER_BYTES + 8, source, true);
        new DataView(this.buffer).setBigUint64(at + HEADER_BYTES + 16, BigInt(bytes), true);
    }

    record(lane: Lane, event: NativeEvent): void {
        this.ordering(COMMAND.record, lane, event);
    }

    /** What comes behind it on the lane waits for the latest record of the event that was written before. */
    wait(lane: Lane, event: NativeEvent): void {
        this.ordering(COMMAND.wait, lane, event);
    }

    private ordering(kind: number, lane: Lane, event: NativeEvent): void {
        const first = this.reserve(HEADER_BYTES) / 4;
        this.u32[first] = HEADER_BYTES;
        this.u32[first + 1] = kind;
        this.u32[first + 2] = lane.slot;
        this.u32[first + 3] = event.slot;
        this.u32[first + 4] = 0;
        this.u32[first + 5] = 0;
    }

    /**
     * Submits what is written. Those who wait for a part of it are told where that fails.
     * @throws what went wrong with this submission, or with an earlier one, and nobody was told of
     */
    flush(): void {
        if (this.used > 0 && this.device !== undefined) this.submit(this.device);
        if (this.failure !== undefined) {
            const { error } = this.failure;
            this.failure = undefined;
            throw error;
        }
    }

    private submit(device: NativeDevice): void {
        const { used } = this;
        const isLastAwaited = this.u32[this.last / 4 + LAUNCH_WORD.ticket] !== 0;
        this.clear();
        try {
            device.submit(this.buffer, used, tickets.channel);
            this.ticketed.length = 0;
        } catch (error) {
            for (const ticket of this.ticketed.splice(0)) tickets.failed(ticket, error);
            // Who waits for the last command is told of what comes before it.
            if (!isLastAwaited) this.failure ??= { error };
        }
    }

    /** The same, where nobody can be told: whoever uses the device next is. */
    flushQuietly(): void {
        if (this.used > 0 && this.device !== undefined) this.submit(this.device);
    }

    /** Submits what is written, and forgets what went wrong. */
    forget(): void {
        this.flushQuietly();
        this.failure = undefined;
    }

    /** A copy of what is written. */
    written(): Uint8Array<ArrayBuffer> {
        return this.u8.slice(0, this.used) as Uint8Array<ArrayBuffer>;
    }

    /** Drops what is written: of a buffer of no device, where nobody waits for it. */
    clear(): void {
        this.used = 0;
        this.waiting = 0;
    }

    private grow(bytes: number): void {
        const old = this.u8.subarray(0, this.used);
        this.allocate(2 ** Math.ceil(Math.log2(bytes)));
        this.u8.set(old);
    }

    private allocate(bytes: number): void {
        this.buffer = new ArrayBuffer(bytes);
        this.u8 = new Uint8Array(this.buffer);
        this.u16 = new Uint16Array(this.buffer);
        this.u32 = new Uint32Array(this.buffer);
        this.f32 = new Float32Array(this.buffer);
        this.f64 = new Float64Array(this.buffer);
    }
}
