// Mean and variance of whole arrays: the launches of std.stats.

import { gpuOf } from "../embedded.js";
import type { Tensor } from "../tensor.js";
import { kernelsOf, requireLength, requireType } from "./kernels.js";

const GROUPS = 256;

export interface Moments {
    readonly count: number;
    /** 0 for no elements. */
    readonly mean: number;
    /** Of the sample: the sum of squared distances from the mean, by count − 1; NaN for less than two elements. */
    readonly variance: number;
}

/**
 * Mean and variance of floats, computed in their type; the order of operations is the same on every device.
 * @throws ArgumentError, ShapeError
 */
export async function moments(x: Tensor): Promise<Moments> {
    requireType("moments", x, ["f16", "f32", "f64"]);
    const count = requireLength("moments", x);
    const gpu = gpuOf("moments", { x });
    const kernels = kernelsOf("std.stats", { moments: x.type, merge_moments: x.type });
    using counts = gpu.tensor("u32", [GROUPS]);
    using means = gpu.tensor(x.type, [GROUPS]);
    using squares = gpu.tensor(x.type, [GROUPS]);
    using out = gpu.tensor(x.type, [2]);
    await kernels.moments({ x, count: counts, mean: means, m2: squares });
    await kernels.merge_moments({ count: counts, mean: means, m2: squares, out });
    const [mean, m2] = Array.from(await out.read(), Number) as [number, number];
    return { count, mean, variance: count < 2 ? Number.NaN : m2 / (count - 1) };
}
