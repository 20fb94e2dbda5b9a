// A stream with the count of what was called on it, and what an operation must wait for before it may touch memory.
// Invariant: operations of a lane run in order; `submitted` counts all that were called, those in the command buffer too.

import type { NativeEvent, NativeStream } from "./hip/binding.js";
import { native } from "./hip/failure.js";

/** So many events of a lane are in use by turns. */
const EVENTS = 16;

/** An event that was recorded on a lane. */
export interface Recorded {
    readonly event: NativeEvent;
    /** The number of the recording among the lane's operations: those up to it are done when the event has happened. */
    readonly operation: number;
}

export class Lane {
    slot: number;
    /** Operations called so far; the number of the latest. */
    submitted = 0;
    /** By lane: the latest of its operations that this one waits for already. */
    readonly waited: number[] = [];
    private known = 0;
    /** The oldest first. */
    private readonly records: Recorded[] = [];

    constructor(
        public native: NativeStream,
        /** Among the lanes of its device. */
        readonly index: number,
        readonly priority: number,
    ) {
        this.slot = native.slot;
    }

    /** Goes on with another stream, on which nothing was called yet, in place of one that a reset ended. */
    renew(stream: NativeStream): void {
        this.dispose();
        this.native = stream;
        this.slot = stream.slot;
        this.submitted = 0;
        this.known = 0;
        this.waited.length = 0;
    }

    /** Whether the operation of that number has ended. */
    isDone(operation: number): boolean {
        if (operation <= this.known) return true;
        this.known = this.native.completed;
        return operation <= this.known;
    }

    get isIdle(): boolean {
        return this.isDone(this.submitted);
    }

    get waiting(): number {
        return this.submitted - this.known;
    }

    /** The earliest record behind an operation: what was called later is not waited for with it. */
    recordBehind(operation: number): Recorded | undefined {
        return this.records.find((record) => record.operation >= operation);
    }

    /** Counts the recording of an event, which it gives, as the next operation. */
    record(): Recorded {
        const event =
            this.records.length < EVENTS
                ? native(() => this.native.device.createEvent())
                : (this.records.shift() as Recorded).event;
        const record = { event, operation: ++this.submitted };
        this.records.push(record);
        return record;
    }

    dispose(): void {
        for (const { event } of this.records.splice(0)) event.dispose();
        this.native.dispose();
    }
}

/** Which operations used memory last. */
export class Uses {
    private writer: Lane | undefined;
    private written = 0;
    /** By lane: the latest of its operations that reads the memory since it was written. */
    private readonly readers: number[] = [];

    /** Whether nothing was written yet. */
    get isFresh(): boolean {
        return this.writer === undefined;
    }

    /** Calls `need` for what an operation that reads must wait for. */
    beforeRead(scheduler: Needs): void {
        if (this.writer !== undefined && !this.writer.isDone(this.written)) scheduler.need(this.writer, this.written);
    }

    /** Calls `need` for what an operation that writes must wait for. */
    beforeWrite(scheduler: Needs): void {
        this.beforeRead(scheduler);
        for (let index = 0; index < this.readers.length; index++) {
            const operation = this.readers[index] as number;
            if (operation > 0) scheduler.needOf(index, operation);
        }
    }

    didRead(lane: Lane): void {
        while (this.readers.length <= lane.index) this.readers.push(0);
        this.readers[lane.index] = lane.submitted;
    }

    didWrite(lane: Lane): void {
        this.writer = lane;
        this.written = lane.submitted;
        for (let index = 0; index < this.readers.length; index++) this.readers[index] = 0;
    }

    /** Takes over what has to be waited for before memory is written that was `other`'s. */
    follow(other: Uses): void {
        if (other.writer !== undefined) this.includeReader(other.writer, other.written);
        for (const [index, operation] of other.readers.entries()) this.includeReaderAt(index, operation);
    }

    private includeReader(lane: Lane, operation: number): void {
        this.includeReaderAt(lane.index, operation);
    }

    private includeReaderAt(index: number, operation: number): void {
        while (this.readers.length <= index) this.readers.push(0);
        this.readers[index] = Math.max(this.readers[index] as number, operation);
    }
}

/** Who collects what an operation must wait for. */
export interface Needs {
    need(lane: Lane, operation: number): void;
    /** Of the lane of that index. */
    needOf(index: number, operation: number): void;
}
