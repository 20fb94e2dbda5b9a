// When the device worked on something, as the addon tells it (hip/binding.ts).

import type { DeviceInterval } from "./events.js";

/** Undefined where the device could not measure it, which the start says by NaN. */
export function intervalOf(start: number, milliseconds: number): DeviceInterval | undefined {
    return Number.isNaN(start) ? undefined : { start, milliseconds };
}
