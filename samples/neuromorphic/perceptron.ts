// A perceptron's forward pass over handwritten digits, beside the same in double precision.

import type { Gpu, NetworkDefinition } from "soma-lang/runtime";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { runIfStarted } from "../common/main.js";
import { split } from "./digits.js";

/** The outputs [samples, 10], and the largest distance from those in double precision. */
export async function run(gpu: Gpu, samples = 20) {
    const module = await gpu.load<{ perceptron: NetworkDefinition }>(
        `${packageRoot()}/samples/neuromorphic/perceptron.soma`,
    );
    const [{ images }] = await split(1, samples, 0);
    using net = gpu.network(module.perceptron, { seed: 1 });
    const output = await (await net.forward(images)).read();
    const [first, second] = [await net.weights("image->hidden").read(), await net.weights("hidden->digit").read()];
    let distance = 0;
    for (let s = 0; s < samples; s++) {
        const hidden = Array.from({ length: 64 }, (_, j) => {
            let sum = 0.1;
            for (let i = 0; i < 784; i++) sum += (images[s * 784 + i] as number) * Number(first[i * 64 + j]);
            return Math.max(sum, 0);
        });
        const sums = Array.from({ length: 10 }, (_, j) =>
            hidden.reduce((sum, h, i) => sum + h * Number(second[i * 10 + j]), 0),
        );
        const top = Math.max(...sums);
        const total = sums.reduce((sum, each) => sum + Math.exp(each - top), 0);
        sums.forEach((each, j) => {
            distance = Math.max(distance, Math.abs(Math.exp(each - top) / total - (output[s * 10 + j] as number)));
        });
    }
    return { output, distance };
}

await runIfStarted(import.meta.url, async (gpu) => {
    const { distance } = await run(gpu);
    console.log(`20 digits passed on; the outputs are within ${distance.toExponential(1)} of double precision`);
});
