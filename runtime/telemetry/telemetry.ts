// The one stream of events of this thread. It is a channel of Node's `diagnostics_channel`, so that tools that know nothing of
// Soma can listen as well. Invariant: nothing is measured or made for an event unless `telemetry.listening`.

import { channel } from "node:diagnostics_channel";
import { describeValue } from "../elements.js";
import { ArgumentError } from "../errors.js";
import type { TelemetryEvent } from "./events.js";

/** Under which name of `diagnostics_channel` the events are published. */
export const TELEMETRY_CHANNEL = "soma-lang:telemetry";

export type TelemetryListener = (event: TelemetryEvent) => void;

/** Ends what it is of: by `stop()`, or `using`. */
export interface Subscription {
    stop(): void;
    [Symbol.dispose](): void;
}

/** An event before it is given its time. */
export type UntimedEvent = TelemetryEvent extends infer E
    ? E extends TelemetryEvent
        ? Omit<E, "time">
        : never
    : never;

const events = channel(TELEMETRY_CHANNEL);

/** What happens on all devices of this thread, and in its compiler. */
export const telemetry = {
    /** Whether anybody listens. */
    get listening(): boolean {
        return events.hasSubscribers;
    },

    /**
     * From now on calls `listener` for each event, in the order in which they happen, within the operation that it is about:
     * a listener should be quick. What it throws is an uncaught exception, and changes nothing for the operation.
     * @throws ArgumentError
     */
    subscribe(listener: TelemetryListener): Subscription {
        if (typeof listener !== "function") {
            throw new ArgumentError(
                `subscribe takes a function that is called with each event, not ${describeValue(listener)}`,
            );
        }
        const receive = (message: unknown): void => listener(message as TelemetryEvent);
        events.subscribe(receive);
        const stop = (): void => {
            events.unsubscribe(receive);
        };
        return { stop, [Symbol.dispose]: stop };
    },

    /** @internal To be called only where `listening`. */
    emit(event: UntimedEvent): void {
        events.publish({ time: performance.timeOrigin + performance.now(), ...event });
    },
};
