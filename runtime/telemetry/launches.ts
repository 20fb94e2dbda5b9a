// Launches as events, where somebody listens.

import type { Extent3 } from "../grid.js";
import type { Counters } from "../launch.js";
import type { CopyPlace } from "./copies.js";
import type { DeviceInterval } from "./events.js";
import { emitFault } from "./fault.js";
import { telemetry } from "./telemetry.js";
import { streamNumber } from "./timing.js";

/** A launch that was told of, whose end is to be told as well. */
export interface ToldLaunch {
    finished(interval: DeviceInterval | undefined, counters: Counters | "unavailable"): void;
    failed(error: unknown): void;
}

let lastLaunch = 0;

/** Tells of a launch; undefined where nobody listens. */
export function beginLaunch(
    { id: device, stream }: CopyPlace,
    kernel: string,
    geometry: { readonly grid: Extent3; readonly block: Extent3 },
): ToldLaunch | undefined {
    if (!telemetry.listening) return undefined;
    const { grid, block } = geometry;
    const what = { device, id: ++lastLaunch, kernel, stream: streamNumber(stream) };
    telemetry.emit({ kind: "launch", ...what, grid, block });
    return {
        finished: (interval, counters) => telemetry.emit({ kind: "finish", ...what, interval, counters }),
        failed: (error) => emitFault(what, error),
    };
}
