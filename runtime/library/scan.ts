// Prefix sums of whole arrays: the launches of std.scan.

import type { ElementType } from "../elements.js";
import { gpuOf } from "../embedded.js";
import type { Tensor } from "../tensor.js";
import { kernelsOf, requireLength, requireType } from "./kernels.js";

const NUMBERS = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64", "f16", "f32", "f64"] as const;

/** Elements of a tile, as std.scan has it. */
const TILE = 2048;

export interface ScanOptions {
    /** Each result leaves the element at its own place out. Default false. */
    readonly exclusive?: boolean;
}

/**
 * y ← the sums of x up to each element. Integers wrap; the order of additions is fixed by the length.
 * @param y of the type and length of x, and another tensor
 * @throws ArgumentError, ShapeError
 */
export async function scan<T extends ElementType>(
    x: Tensor<T>,
    y: Tensor<T>,
    { exclusive = false }: ScanOptions = {},
): Promise<void> {
    requireType("scan", x, NUMBERS);
    const length = requireLength("scan", x, y);
    if (length === 0) return;
    const { scan_tiles, scan_totals, scan_add } = kernelsOf("std.scan", {
        scan_tiles: `${x.type}, ${exclusive}`,
        scan_totals: x.type,
        scan_add: x.type,
    });
    using totals = gpuOf("scan", { x, y }).tensor(x.type, [Math.ceil(length / TILE)]);
    await scan_tiles({ x, y, totals });
    if (length > TILE) await Promise.all([scan_totals({ totals }), scan_add({ totals, y })]);
}
