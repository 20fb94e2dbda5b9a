// The matrix product twice: straight from global memory, and by tiles in shared memory.

import type { Gpu } from "soma-lang/runtime";
import { F32_ROUNDOFF, largestError } from "../common/check.js";
import { main } from "../common/main.js";
import { randomFloats } from "../common/random.js";
import { loadSample } from "../common/sample.js";

/** No size is a multiple of the tile's 16, so that the edges are run as well. */
export async function run(gpu: Gpu, m = 100, n = 90, k = 75) {
    const { kernels, compileMilliseconds } = await loadSample<"matmul_naive" | "matmul_tiled">(gpu, "matmul");
    const [a, b] = [randomFloats(m * k, 1), randomFloats(k * n, 2)];
    using left = gpu.tensor("f32", [m, k], a);
    using right = gpu.tensor("f32", [k, n], b);
    const factors = { a: left, b: right };
    using naive = gpu.tensor("f32", [m, n]);
    using tiled = gpu.tensor("f32", [m, n]);
    const launches = {
        matmul_naive: await kernels.matmul_naive({ ...factors, c: naive }),
        matmul_tiled: await kernels.matmul_tiled({ ...factors, c: tiled }),
    };
    return { m, n, k, a, b, naive: await naive.read(), tiled: await tiled.read(), compileMilliseconds, launches };
}

export function check({ m, n, k, a, b, naive, tiled }: Awaited<ReturnType<typeof run>>) {
    const expected = new Float64Array(m * n);
    const tolerance = new Float64Array(m * n);
    for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
            let [sum, size] = [0, 0];
            for (let p = 0; p < k; p++) {
                const product = (a[i * k + p] as number) * (b[p * n + j] as number);
                sum += product;
                size += Math.abs(product);
            }
            expected[i * n + j] = sum;
            // k fused operations, one rounding each (Higham, Accuracy and Stability, section 3.1).
            tolerance[i * n + j] = k * F32_ROUNDOFF * size;
        }
    }
    return {
        matmul_naive: largestError("matmul_naive", naive, expected, tolerance),
        matmul_tiled: largestError("matmul_tiled", tiled, expected, tolerance),
    };
}

await main(import.meta.url, { run, check });
