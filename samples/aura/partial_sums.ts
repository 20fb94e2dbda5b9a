// One partial sum for each workgroup, by a tree in shared memory.

import type { Gpu } from "soma-lang/runtime";
import { F32_ROUNDOFF, largestError } from "../common/check.js";
import { main } from "../common/main.js";
import { randomFloats } from "../common/random.js";
import { loadSample } from "../common/sample.js";

/** As in partial_sums.soma. */
const WORKGROUP = 256;

export async function run(gpu: Gpu, n = 100_003, groups = 32) {
    const { kernels, compileMilliseconds } = await loadSample<"partial_sums">(gpu, "partial_sums");
    const x = randomFloats(n, 1);
    using input = gpu.tensor("f32", [n], x);
    using out = gpu.tensor("f32", [groups]);
    const partial_sums = await kernels.partial_sums({ x: input, out });
    return { x, out: await out.read(), compileMilliseconds, launches: { partial_sums } };
}

export function check({ x, out }: Awaited<ReturnType<typeof run>>) {
    // Workgroup g takes the runs of 256 elements number g, g + groups, g + 2·groups, …
    const groups = out.length;
    const sums = new Float64Array(groups);
    const sizes = new Float64Array(groups);
    x.forEach((value, i) => {
        const group = Math.floor(i / WORKGROUP) % groups;
        sums[group] = (sums[group] as number) + value;
        sizes[group] = (sizes[group] as number) + Math.abs(value);
    });
    // Each element goes through at most so many additions (Higham, Accuracy and Stability, section 4.2).
    const depth = Math.ceil(x.length / (WORKGROUP * groups)) + Math.log2(WORKGROUP);
    const tolerance = sizes.map((size) => size * depth * F32_ROUNDOFF);
    return { partial_sums: largestError("partial_sums", out, sums, tolerance) };
}

await main(import.meta.url, { run, check });
