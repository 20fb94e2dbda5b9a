// Copies and fills as events, where somebody listens.

import type { NativeRan, NativeStream } from "../hip/binding.js";
import type { CopyDirection } from "./events.js";
import { emitFault } from "./fault.js";
import { intervalOf } from "./interval.js";
import { streamNumber } from "./streams.js";
import { telemetry } from "./telemetry.js";

/** Where something was copied: `device` as events name it. */
export interface CopyPlace {
    readonly id: string;
    readonly stream: NativeStream;
}

/** Runs an operation of the stream that copies or fills so many bytes, and puts when it did there if it is given a place for that. */
export function copying<T>(
    place: CopyPlace,
    direction: CopyDirection,
    bytes: number,
    operation: (ran?: NativeRan) => Promise<T>,
): Promise<T> {
    return telemetry.listening ? tell(place, direction, bytes, operation) : operation();
}

async function tell<T>(
    { id: device, stream }: CopyPlace,
    direction: CopyDirection,
    bytes: number,
    operation: (ran: NativeRan) => Promise<T>,
): Promise<T> {
    const called = performance.now();
    const ran = new Float64Array(2);
    try {
        const value = await operation(ran);
        telemetry.emit({
            kind: "copy",
            device,
            direction,
            bytes,
            stream: streamNumber(stream),
            milliseconds: performance.now() - called,
            interval: intervalOf(ran[0] as number, ran[1] as number),
        });
        return value;
    } catch (error) {
        emitFault({ device, stream: streamNumber(stream), id: undefined, kernel: undefined }, error);
        throw error;
    }
}
