// Replays of graphs as events, where somebody listens.

import type { CopyPlace } from "./copies.js";
import { emitFault } from "./fault.js";
import { intervalOf } from "./interval.js";
import { streamNumber } from "./streams.js";
import { telemetry } from "./telemetry.js";

/** What a replay runs. */
export interface ReplayedWork {
    readonly kernels: number;
    readonly copies: number;
    /** Whether the device runs it as one operation, whose time is the replay's. */
    readonly isOne: boolean;
}

/** A replay whose end is to be told. */
export interface ToldReplay {
    /** @param start on the device's clock, NaN where that is unknown */
    finished(start: number, milliseconds: number): void;
    /** @param kernel that is at fault, where that is known */
    failed(error: unknown, kernel: string | undefined): void;
}

/** Begins to measure a replay; undefined where nobody listens. */
export function beginReplay(
    { id: device, stream }: CopyPlace,
    { kernels, copies, isOne }: ReplayedWork,
): ToldReplay | undefined {
    if (!telemetry.listening) return undefined;
    const called = performance.now();
    const where = { device, stream: streamNumber(stream) };
    return {
        finished: (start, milliseconds) =>
            telemetry.emit({
                kind: "replay",
                ...where,
                kernels,
                copies,
                milliseconds: performance.now() - called,
                interval: isOne ? intervalOf(start, milliseconds) : undefined,
            }),
        failed: (error, kernel) => emitFault({ ...where, id: undefined, kernel }, error),
    };
}
