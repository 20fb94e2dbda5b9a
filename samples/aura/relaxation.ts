// A hundred small kernels as a graph: captured once from ordinary code, replayed with one call, on two rods by turns.

import type { Gpu } from "soma-lang/runtime";
import { F32_ROUNDOFF, largestError } from "../common/check.js";
import { main } from "../common/main.js";
import { randomFloats } from "../common/random.js";
import { loadSample } from "../common/sample.js";

const STEPS = 100;
const REPLAYS = 3;

export async function run(gpu: Gpu, n = 1000) {
    const { kernels, compileMilliseconds } = await loadSample<"relax">(gpu, "relaxation");
    const start = [randomFloats(n, 1), randomFloats(n, 2)];
    using rod = gpu.tensor("f32", [n], start[0]);
    using other = gpu.tensor("f32", [n], start[1]);
    using between = gpu.tensor("f32", [n]);
    const relax = await kernels.relax({ from: rod, to: between });
    using graph = await gpu.capture({ rod }, ({ rod }) => {
        for (let step = 0; step < STEPS; step += 2) {
            kernels.relax.enqueue({ from: rod, to: between });
            kernels.relax.enqueue({ from: between, to: rod });
        }
    });
    for (let replay = 0; replay < REPLAYS; replay++) {
        await graph.replay({ rod });
        await graph.replay({ rod: other });
    }
    const [first, second] = [await rod.read(), await other.read()];
    return { start, first, second, launchesInGraph: graph.size, compileMilliseconds, launches: { relax } };
}

export function check({ start, first, second }: Awaited<ReturnType<typeof run>>) {
    const errors = [first, second].map((result, at) => {
        let rod = Float64Array.from(start[at] as Float32Array);
        for (let step = 0; step < STEPS * REPLAYS; step++) {
            rod = rod.map((value, i) => {
                const [left, right] = [rod[i - 1], rod[i + 1]];
                return left === undefined || right === undefined ? value : 0.5 * (left + right);
            });
        }
        // A mean makes no error larger; each step adds one rounding of a value of at most the largest one's size.
        const largest = (start[at] as Float32Array).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
        return largestError(`relax of rod ${at}`, result, rod, STEPS * REPLAYS * largest * F32_ROUNDOFF);
    });
    return { relax: Math.max(...errors) };
}

await main(import.meta.url, { run, check });
