// Launches as events, where somebody listens.

import type { KernelManifest, TilesManifest } from "../../codeobject/manifest.js";
import { type Dims, evaluateDim } from "../dims.js";
import type { Extent3 } from "../grid.js";
import type { Counters } from "../kernel.js";
import type { CopyPlace } from "./copies.js";
import { emitFault } from "./fault.js";
import { intervalOf } from "./interval.js";
import { streamNumber } from "./streams.js";
import { telemetry } from "./telemetry.js";

/** A launch that was told of, whose end is to be told as well. */
export interface ToldLaunch {
    /** @param start on the device's clock, NaN where that is unknown */
    finished(start: number, milliseconds: number, counters: Counters | "unavailable"): void;
    failed(error: unknown): void;
}

let lastLaunch = 0;

/**
 * Tells of a launch; undefined where nobody listens.
 * @param dims may be left out for kernels without products
 */
export function beginLaunch(
    { id: device, stream }: CopyPlace,
    { name: kernel, tiles }: KernelManifest,
    dims: Dims | undefined,
    geometry: { readonly grid: Extent3; readonly block: Extent3 },
): ToldLaunch | undefined {
    if (!telemetry.listening) return undefined;
    const { grid, block } = geometry;
    const what = { device, id: ++lastLaunch, kernel, stream: streamNumber(stream) };
    telemetry.emit({ kind: "launch", ...what, grid, block });
    if (tiles !== undefined && dims !== undefined) {
        const of = { device, id: what.id, kernel, dims: Object.fromEntries([...dims].map(([n, v]) => [n, Number(v)])) };
        const utilisation = utilisationOf(tiles, dims);
        for (const { operands, shape: tile, instruction: algorithm } of tiles.products) {
            telemetry.emit({ kind: "product", ...of, algorithm, operands, tile, utilisation });
        }
    }
    return {
        finished: (start, milliseconds, counters) =>
            telemetry.emit({ kind: "finish", ...what, interval: intervalOf(start, milliseconds), counters }),
        failed: (error) => emitFault(what, error),
    };
}

/** The domain's elements over those of the tiles that cover it. */
function utilisationOf({ domain }: TilesManifest, dims: Dims): number {
    return domain.reduce((share, { extent, step }) => {
        const size = Number(evaluateDim(extent, dims, (reason) => new Error(reason)));
        return size === 0 ? share : (share * size) / (Math.ceil(size / step) * step);
    }, 1);
}
