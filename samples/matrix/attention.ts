// Flash attention on matrix cores: softmax(scale·q·kᵀ)·v, without the scores in memory.

import type { Gpu } from "soma-lang/runtime";
import { F32_ROUNDOFF, largestError } from "../common/check.js";
import { main } from "../common/main.js";
import { randomFloats } from "../common/random.js";
import { loadSample } from "../common/sample.js";

/** The extent of a head's vectors, the kernel's default. */
const D = 64;

/** The rows are no multiple of a tile's 128, nor the keys of 64, so that the edges are run as well. */
export async function run(gpu: Gpu, h = 2, s = 150) {
    const { kernels, compileMilliseconds } = await loadSample<"attention">(gpu, "attention", "matrix");
    const random = (seed: number) => gpu.tensor("f16", [h, s, D], randomFloats(h * s * D, seed));
    using q = random(1);
    using k = random(2);
    using v = random(3);
    using o = gpu.tensor("f16", [h, s, D]);
    const scale = 1 / Math.sqrt(D);
    const attention = await kernels.attention({ q, k, v, o, scale });
    // The inputs are read back for their values as f16 has them.
    const [queries, keys, values, out] = [await q.read(), await k.read(), await v.read(), await o.read()];
    return { h, s, scale, queries, keys, values, out, compileMilliseconds, launches: { attention } };
}

export function check({ h, s, scale, queries, keys, values, out }: Awaited<ReturnType<typeof run>>) {
    const expected = new Float64Array(h * s * D);
    const tolerance = new Float64Array(h * s * D);
    for (let row = 0; row < h * s; row++) {
        const first = Math.floor(row / s) * s;
        const scores = Array.from({ length: s }, (_, j) => dot(queries, row, keys, first + j) * scale);
        const top = Math.max(...scores);
        const weights = scores.map((score) => Math.exp(score - top));
        const total = weights.reduce((sum, weight) => sum + weight, 0);
        for (let e = 0; e < D; e++) {
            let value = 0;
            for (const [j, weight] of weights.entries()) {
                value += (weight / total) * (values[(first + j) * D + e] as number);
            }
            expected[row * D + e] = value;
            // Values are below 1. Weights and the result are rounded to f16, weights below 2⁻¹⁴ to multiples of 2⁻²⁴;
            // sums of D terms for a score, below D·scale, and of s weights lose four units of f32 a term.
            const half = 2 * 2 ** -11 + s * 2 ** -25;
            tolerance[row * D + e] = half + (2 * D * D * scale + 2 * s) * 4 * F32_ROUNDOFF;
        }
    }
    return { attention: largestError("attention", out, expected, tolerance) };
}

/** Row i of a times row j of b. */
function dot(a: ArrayLike<number>, i: number, b: ArrayLike<number>, j: number): number {
    let sum = 0;
    for (let e = 0; e < D; e++) sum += (a[i * D + e] as number) * (b[j * D + e] as number);
    return sum;
}

await main(import.meta.url, { run, check });
