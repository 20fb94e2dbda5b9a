// A layer that learns handwritten digits on the device, with a rate that adapts or that is fixed, and its accuracy on digits that it
// has not seen.

import type { Gpu, NetworkDefinition } from "soma-lang/runtime";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { runIfStarted } from "../common/main.js";
import { DIGIT_SIZE, readDigits } from "../common/mnist.js";

const PIXELS = DIGIT_SIZE ** 2;

export interface Labelled {
    readonly images: Float32Array;
    readonly labels: Uint8Array;
}

/** Digits in an order of its own for each seed: those to learn, and others to test with. */
export async function split(seed: number, learn: number, test: number): Promise<readonly [Labelled, Labelled]> {
    const { pixels, count, counts } = await readDigits();
    const order = Array.from({ length: count }, (_, at) => at);
    // A linear congruential generator shuffles (Numerical Recipes' constants).
    let state = seed >>> 0;
    for (let at = count - 1; at > 0; at--) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        const other = Math.floor((state / 2 ** 32) * (at + 1));
        [order[at], order[other]] = [order[other] as number, order[at] as number];
    }
    const ends = counts.map((_, digit) => counts.slice(0, digit + 1).reduce((a, b) => a + b, 0));
    const take = (places: readonly number[]): Labelled => ({
        images: Float32Array.from({ length: places.length * PIXELS }, (_, at) => {
            const digit = places[Math.floor(at / PIXELS)] as number;
            return (pixels[digit * PIXELS + (at % PIXELS)] as number) / 255;
        }),
        labels: Uint8Array.from(places, (place) => ends.findIndex((end) => place < end)),
    });
    return [take(order.slice(0, learn)), take(order.slice(learn, learn + test))];
}

/** Learns in groups of samples; accuracy on the test set after each of the given numbers of samples. */
export async function run(
    gpu: Gpu,
    options: { seed?: number; adapt?: number; rate?: number; at?: readonly number[]; test?: number } = {},
) {
    const { seed = 1, adapt = 1, at = [200, 1000], test = 500 } = options;
    const { rate = adapt === 1 ? 0.003 : 0.05 } = options;
    const module = await gpu.load<{ classifier: NetworkDefinition }>(
        `${packageRoot()}/samples/neuromorphic/digits.soma`,
    );
    const [learn, held] = await split(seed, Math.max(...at), test);
    using net = gpu.network(module.classifier, {
        seed,
        parameters: { "adaptive_delta.adapt": adapt, "adaptive_delta.learning_rate": rate },
    });
    const group = 10;
    const accuracies: number[] = [];
    for (let first = 0; first < learn.labels.length; first += group) {
        const target = new Float32Array(group * 10);
        for (let s = 0; s < group; s++) target[s * 10 + (learn.labels[first + s] as number)] = 1;
        await net.train(learn.images.subarray(first * PIXELS, (first + group) * PIXELS), { target });
        if (!at.includes(first + group)) continue;
        const output = await (await net.forward(held.images)).read();
        accuracies.push(accuracy(output, held.labels));
    }
    return { at, accuracies };
}

/** The part of samples whose greatest output is their label. */
export function accuracy(output: Float32Array, labels: Uint8Array): number {
    let right = 0;
    labels.forEach((label, s) => {
        const row = output.subarray(s * 10, s * 10 + 10);
        if (row.indexOf(Math.max(...row)) === label) right++;
    });
    return right / labels.length;
}

await runIfStarted(import.meta.url, async (gpu) => {
    const { at, accuracies } = await run(gpu);
    for (const [place, each] of accuracies.entries()) {
        console.log(`after ${at[place]} digits: ${(100 * each).toFixed(1)} % of 500 others`);
    }
});
