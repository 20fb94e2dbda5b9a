// Copies and fills as events, where somebody listens.

import type { NativeStream } from "../hip/binding.js";
import type { CopyDirection } from "./events.js";
import { emitFault } from "./fault.js";
import { telemetry } from "./telemetry.js";
import { streamNumber, timed } from "./timing.js";

/** Where something was copied: `device` as events name it. */
export interface CopyPlace {
    readonly id: string;
    readonly stream: NativeStream;
}

/** Runs an operation of the stream that copies or fills so many bytes. */
export function copying<T>(
    place: CopyPlace,
    direction: CopyDirection,
    bytes: number,
    operation: () => Promise<T>,
): Promise<T> {
    return telemetry.listening ? tell(place, direction, bytes, operation) : operation();
}

async function tell<T>(
    { id: device, stream }: CopyPlace,
    direction: CopyDirection,
    bytes: number,
    operation: () => Promise<T>,
): Promise<T> {
    const called = performance.now();
    try {
        const { value, interval } = await timed(stream, operation);
        telemetry.emit({
            kind: "copy",
            device,
            direction,
            bytes,
            stream: streamNumber(stream),
            milliseconds: performance.now() - called,
            interval,
        });
        return value;
    } catch (error) {
        emitFault({ device, stream: streamNumber(stream), id: undefined, kernel: undefined }, error);
        throw error;
    }
}
