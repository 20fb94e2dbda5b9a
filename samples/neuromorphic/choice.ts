// A search for an architecture on handwritten digits: candidates learn side by side on the device, and are scored on digits that they have not
// seen.

import type { Gpu, Network, NetworkDefinition, SearchOptions } from "soma-lang/runtime";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { runIfStarted } from "../common/main.js";
import { accuracy, split } from "./digits.js";

const PIXELS = 784;

/** A budget is so many digits to learn from. */
const DIGITS = 100;

export async function run(gpu: Gpu, options: Partial<SearchOptions> = {}) {
    const module = await gpu.load<{ reader: NetworkDefinition }>(`${packageRoot()}/samples/neuromorphic/choice.soma`);
    const [known, held] = await split(1, 1600, 300);
    const score = async (net: Network, budget: number): Promise<number[]> => {
        const group = 20;
        const count = Math.min(known.labels.length, DIGITS * budget);
        for (let first = 0; first + group <= count; first += group) {
            const target = new Float32Array(group * 10);
            for (let s = 0; s < group; s++) target[s * 10 + (known.labels[first + s] as number)] = 1;
            await net.train(known.images.subarray(first * PIXELS, (first + group) * PIXELS), { target });
        }
        const output = await (await net.forward(held.images)).read();
        const each = output.length / net.batch;
        return Array.from({ length: net.batch }, (_, r) =>
            accuracy(output.subarray(r * each, (r + 1) * each), held.labels),
        );
    };
    return gpu.search(module.reader, { score, strategy: "halving", candidates: 16, seed: 1, ...options });
}

await runIfStarted(import.meta.url, async (gpu) => {
    const { best, trials } = await run(gpu);
    console.log(
        `${trials.length} trials; the best has ${(100 * best.score).toFixed(1)} % with ${JSON.stringify(best.candidate)}`,
    );
});
