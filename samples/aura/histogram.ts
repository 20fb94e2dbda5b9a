// How often each byte occurs, by atomic additions.

import type { Gpu } from "soma-lang/runtime";
import { largestError } from "../common/check.js";
import { main } from "../common/main.js";
import { randomBits } from "../common/random.js";
import { loadSample } from "../common/sample.js";

export async function run(gpu: Gpu, n = 100_000) {
    const { kernels, compileMilliseconds } = await loadSample<"histogram">(gpu, "histogram");
    const next = randomBits(1);
    // The smaller of two random bytes, so that the bins differ.
    const x = Uint8Array.from({ length: n }, () => Math.min(next() & 255, next() & 255));
    using input = gpu.tensor("u8", [n], x);
    using bins = gpu.tensor("u32", [256]);
    const histogram = await kernels.histogram({ x: input, bins });
    return { x, bins: await bins.read(), compileMilliseconds, launches: { histogram } };
}

export function check({ x, bins }: Awaited<ReturnType<typeof run>>) {
    return { histogram: largestError("histogram", bins, countBytes(x), 0) };
}

/** How often each of the 256 values occurs. */
export function countBytes(bytes: Uint8Array): Float64Array {
    const counts = new Float64Array(256);
    for (const value of bytes) {
        counts[value] = (counts[value] as number) + 1;
    }
    return counts;
}

await main(import.meta.url, { run, check });
