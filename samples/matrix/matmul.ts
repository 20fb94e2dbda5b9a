// The matrix product on matrix cores: operands of 16 bits, sums of 32.

import type { Gpu } from "soma-lang/runtime";
import { largestError } from "../common/check.js";
import { main } from "../common/main.js";
import { randomFloats } from "../common/random.js";
import { loadSample } from "../common/sample.js";

/** No size is a multiple of a tile's, so that the edges are run as well. */
export async function run(gpu: Gpu, m = 150, n = 140, k = 100) {
    const { kernels, compileMilliseconds } = await loadSample<"matmul">(gpu, "matmul", "matrix");
    using a = gpu.tensor("f16", [m, k], randomFloats(m * k, 1));
    using b = gpu.tensor("f16", [k, n], randomFloats(k * n, 2));
    using c = gpu.tensor("f32", [m, n]);
    const matmul = await kernels.matmul({ a, b, c });
    // a and b are read back for their values as f16 has them.
    const [left, right, product] = [await a.read(), await b.read(), await c.read()];
    return { m, n, k, left, right, product, compileMilliseconds, launches: { matmul } };
}

export function check({ m, n, k, left, right, product }: Awaited<ReturnType<typeof run>>) {
    const expected = new Float64Array(m * n);
    const tolerance = new Float64Array(m * n);
    for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
            let [sum, size] = [0, 0];
            for (let p = 0; p < k; p++) {
                const term = (left[i * k + p] as number) * (right[p * n + j] as number);
                sum += term;
                size += Math.abs(term);
            }
            expected[i * n + j] = sum;
            // The language's bound for `@`: products are exact, sums lose four units of the last place a term at most.
            tolerance[i * n + j] = k * 2 ** -22 * size;
        }
    }
    return { matmul: largestError("matmul", product, expected, tolerance) };
}

await main(import.meta.url, { run, check });
