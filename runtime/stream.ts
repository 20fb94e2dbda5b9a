// Streams that a program makes itself, and events in them. Without one, operations go to streams by what they depend on
// (scheduler.ts), and that goes on between these and those: what a named stream's operation needs of other streams' it waits
// for. A stream of one's own is for priorities, for times, and for what is to run beside everything else.

import { abortable } from "./abort.js";
import { ArgumentError, DisposedError } from "./errors.js";
import type { NativeEvent } from "./hip/binding.js";
import { completed, native } from "./hip/failure.js";
import type { Lane } from "./lanes.js";
import type { Scheduler } from "./scheduler.js";

/** What a stream needs of its device. */
export interface StreamOwner {
    readonly scheduler: Scheduler;
    /** @throws DisposedError after `close()` */
    requireOpen(place: string): void;
}

export interface StreamOptions {
    /** Lower numbers come first; 0 is the middle. What a device lacks is clamped to what it has. Default 0. */
    readonly priority?: number;
}

export class Stream {
    private isDisposed = false;

    /** @internal */
    constructor(
        readonly owner: StreamOwner,
        private readonly ownLane: Lane,
        readonly priority: number,
    ) {}

    /** @internal */
    get lane(): Lane {
        this.requireLive("stream");
        return this.ownLane;
    }

    get disposed(): boolean {
        return this.isDisposed;
    }

    /**
     * Resolves when everything that was called on this stream before has finished.
     * @throws HipError, KernelFault: the first failure that nobody was told of
     */
    async synchronize({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<void> {
        this.requireLive("synchronize");
        await abortable("synchronize", signal, () =>
            completed(() => this.owner.scheduler.give(this.ownLane, ({ native }) => native.synchronize())),
        );
    }

    /** Calls `callback` when everything that was called on this stream before has finished, or failed. */
    callback(callback: (error: unknown) => void): void {
        this.synchronize().then(
            () => callback(undefined),
            (error) => callback(error),
        );
    }

    /** Marks this place of the stream: for times, and for other streams to wait for. */
    record(): StreamEvent {
        this.requireLive("record");
        const event = native(() => this.ownLane.native.device.createEvent());
        const happened = completed(() => this.owner.scheduler.give(this.ownLane, ({ native }) => native.record(event)));
        return new StreamEvent(this.owner, event, happened);
    }

    /** What comes later on this stream waits, on the device, until the event has happened. */
    wait(event: StreamEvent): void {
        this.requireLive("wait");
        if (!(event instanceof StreamEvent) || event.owner !== this.owner) {
            throw new ArgumentError("wait takes an event that a stream of the same device recorded");
        }
        const handle = event.handle("wait");
        // A failure is that of what comes behind it, which is told.
        native(() => this.owner.scheduler.give(this.ownLane, ({ native }) => native.wait(handle))).catch(() => {});
    }

    /** Ends the stream after what was called on it. Disposing again does nothing. */
    dispose(): void {
        if (this.isDisposed) return;
        this.isDisposed = true;
        this.owner.scheduler.giveBack(this.ownLane, this.priority);
    }

    [Symbol.dispose](): void {
        this.dispose();
    }

    private requireLive(place: string): void {
        this.owner.requireOpen(place);
        if (this.isDisposed) throw new DisposedError(`${place}: the stream was disposed`);
    }
}

/** A place in a stream. */
export class StreamEvent {
    /** @internal */
    constructor(
        readonly owner: StreamOwner,
        private readonly event: NativeEvent,
        /** Resolves when the stream got there. */
        readonly happened: Promise<void>,
    ) {
        // Whoever doesn't wait for it isn't told: the operation that failed is.
        happened.catch(() => {});
    }

    /** Whether the stream got there. */
    query(): boolean {
        return native(() => this.handle("query").query());
    }

    /**
     * Milliseconds on the device from `start` to this event.
     * @throws HipError where one of them has not happened yet
     */
    elapsedSince(start: StreamEvent): number {
        if (!(start instanceof StreamEvent) || start.owner !== this.owner) {
            throw new ArgumentError("elapsedSince takes an event that a stream of the same device recorded");
        }
        return native(() => this.handle("elapsedSince").elapsedSince(start.handle("elapsedSince")));
    }

    dispose(): void {
        this.event.dispose();
    }

    [Symbol.dispose](): void {
        this.dispose();
    }

    /** @internal */
    handle(place: string): NativeEvent {
        this.owner.requireOpen(place);
        if (this.event.disposed) throw new DisposedError(`${place}: the event was disposed`);
        return this.event;
    }
}
