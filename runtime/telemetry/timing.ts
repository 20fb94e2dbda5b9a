// When operations ran on a device, for listeners. A device's clock begins with an event that has happened: that before the
// first operation which was measured.

import type { NativeDevice, NativeEvent, NativeStream } from "../hip/binding.js";
import type { DeviceInterval } from "./events.js";

const streams = new WeakMap<NativeStream, number>();
let lastStream = 0;

/** The number of a stream in events: those of a thread are counted from 1. */
export function streamNumber(stream: NativeStream): number {
    let number = streams.get(stream);
    if (number === undefined) {
        number = ++lastStream;
        streams.set(stream, number);
    }
    return number;
}

/** Where a device's clock stands at an event. */
interface Mark {
    readonly event: NativeEvent;
    readonly milliseconds: number;
}

const marks = new WeakMap<NativeDevice, Mark>();

/** HIP gives times as f32: within this distance they are exact to 0.1 µs. */
const EXACT_MILLISECONDS = 1000;

/**
 * When the device worked between two events that have happened; undefined where it could not measure that. The first may be
 * kept as the clock's mark: whoever made it gives it to `release`.
 */
export function intervalBetween(
    device: NativeDevice,
    start: NativeEvent,
    end: NativeEvent,
): DeviceInterval | undefined {
    try {
        const mark = marks.get(device);
        const since = mark === undefined ? 0 : start.elapsedSince(mark.event);
        const at = (mark?.milliseconds ?? 0) + since;
        const interval = { start: at, milliseconds: end.elapsedSince(start) };
        if (mark === undefined || since > EXACT_MILLISECONDS) {
            mark?.event.dispose();
            marks.set(device, { event: start, milliseconds: at });
        }
        return interval;
    } catch {
        return undefined;
    }
}

/** The device was reset: its clock begins anew. */
export function forgetClock(device: NativeDevice): void {
    marks.get(device)?.event.dispose();
    marks.delete(device);
}

/** Disposes of an event, unless it is the mark of its device's clock. */
export function release(device: NativeDevice, event: NativeEvent): void {
    if (marks.get(device)?.event !== event) event.dispose();
}

/**
 * Queues an operation between two events. What goes wrong with measuring is not the operation's failure.
 * @returns the interval is undefined where the device could not measure it
 */
export async function timed<T>(
    stream: NativeStream,
    operation: () => Promise<T>,
): Promise<{ readonly value: T; readonly interval: DeviceInterval | undefined }> {
    const before = recorded(stream);
    const value = operation();
    const after = recorded(stream);
    const [start, end] = await Promise.all([before, after, value.catch(() => undefined)]);
    try {
        return { value: await value, interval: start && end && intervalBetween(stream.device, start, end) };
    } finally {
        if (start !== undefined) release(stream.device, start);
        end?.dispose();
    }
}

/** An event that has happened, or undefined where that failed. */
async function recorded(stream: NativeStream): Promise<NativeEvent | undefined> {
    let event: NativeEvent | undefined;
    try {
        event = stream.device.createEvent();
        await stream.record(event);
        return event;
    } catch {
        event?.dispose();
        return undefined;
    }
}
