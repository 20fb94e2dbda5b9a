// A matrix transpose through padded tiles in shared memory.

import type { Gpu } from "soma-lang/runtime";
import { largestError } from "../common/check.js";
import { main } from "../common/main.js";
import { randomFloats } from "../common/random.js";
import { loadSample } from "../common/sample.js";

/** Neither size is a multiple of the tile's 32, so that the edges are run as well. */
export async function run(gpu: Gpu, m = 500, n = 333) {
    const { kernels, compileMilliseconds } = await loadSample<"transpose">(gpu, "transpose");
    const x = randomFloats(m * n, 1);
    using input = gpu.tensor("f32", [m, n], x);
    using out = gpu.tensor("f32", [n, m]);
    const transpose = await kernels.transpose({ x: input, out });
    return { m, n, x, out: await out.read(), compileMilliseconds, launches: { transpose } };
}

export function check({ m, n, x, out }: Awaited<ReturnType<typeof run>>) {
    const expected = Float64Array.from(out, (_, i) => x[(i % m) * n + Math.floor(i / m)] as number);
    return { transpose: largestError("transpose", out, expected, 0) };
}

await main(import.meta.url, { run, check });
