// A stream with the count of what was called on it, and what an operation must wait for before it may touch memory.
// Invariant: operations of a lane run in order; `submitted` counts all that were called, those in the command buffer too.

import type { NativeEvent, NativeStream } from "./hip/binding.js";
import { native } from "./hip/failure.js";

/** So many events of a lane are in use by turns: another lane may wait for an older one still. */
const EVENTS = 16;

export class Lane {
    slot: number;
    /** Operations called so far; the number of the latest. */
    submitted = 0;
    /** By lane: the latest of its operations that this one waits for already. */
    readonly waited: number[] = [];
    /** The operation behind which `event` was recorded. */
    recorded = 0;
    event: NativeEvent | undefined;
    private known = 0;
    private readonly events: NativeEvent[] = [];
    private nextEvent = 0;

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
        this.recorded = 0;
        this.nextEvent = 0;
        this.event = undefined;
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

    /** An event to record next. */
    takeEvent(): NativeEvent {
        const at = this.nextEvent;
        this.nextEvent = (at + 1) % EVENTS;
        let event = this.events[at];
        if (event === undefined) {
            event = native(() => this.native.device.createEvent());
            this.events[at] = event;
        }
        this.event = event;
        return event;
    }

    dispose(): void {
        for (const event of this.events.splice(0)) event.dispose();
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
