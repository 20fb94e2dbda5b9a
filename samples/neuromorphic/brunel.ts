// Brunel's network in two of its regimes: fast and in step where excitation wins, irregular and at the rate of his mean-field theory where
// inhibition does.

import type { Gpu, NetworkDefinition } from "soma-lang/runtime";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { runIfStarted } from "../common/main.js";

/** Runs one point of the plane (g, eta), without the first 100 ms. */
export async function run(gpu: Gpu, options: { n?: number; g?: number; eta?: number; milliseconds?: number } = {}) {
    const { n = 250, g = 5, eta = 2, milliseconds = 300 } = options;
    const module = await gpu.load<{ brunel: NetworkDefinition }>(`${packageRoot()}/samples/neuromorphic/brunel.soma`);
    using net = gpu.network(module.brunel, { seed: 1, parameters: { n, g, eta } });
    const steps = (time: number) => Math.round(time / net.get("dt"));
    await net.step(steps(100));
    net.clearRecords();
    await net.step(steps(milliseconds));
    const { steps: at, neurons } = net.spikes("exc");
    const own = new Map<number, number[]>();
    at.forEach((step, k) => {
        const neuron = neurons[k] as number;
        own.set(neuron, [...(own.get(neuron) ?? []), step]);
    });
    // The coefficient of variation of the intervals between a neuron's spikes: 0 for clocks, 1 for Poisson processes.
    const variations = [...own.values()]
        .filter((times) => times.length > 4)
        .map((times) => {
            const intervals = times.slice(1).map((time, k) => time - (times[k] as number));
            const mean = intervals.reduce((a, b) => a + b, 0) / intervals.length;
            const variance = intervals.reduce((sum, each) => sum + (each - mean) ** 2, 0) / intervals.length;
            return Math.sqrt(variance) / mean;
        });
    return {
        rate: at.length / (4 * n) / (milliseconds / 1000),
        variation: variations.reduce((a, b) => a + b, 0) / variations.length,
        /** The rate of his equation for strong inhibition, (ν_ext − ν_thr) / (g·γ − 1) with γ = 1/4, in Hz. */
        expected: g > 4 ? (1000 * (eta - 1) * (20 / (0.1 * 1000 * 20))) / (g / 4 - 1) : Number.NaN,
    };
}

await runIfStarted(import.meta.url, async (gpu) => {
    for (const [g, eta] of [
        [3, 2],
        [5, 2],
        [6, 4],
    ] as const) {
        const { rate, variation, expected } = await run(gpu, { g, eta });
        const theory = Number.isNaN(expected) ? "" : `, by theory about ${expected.toFixed(0)} Hz`;
        console.log(
            `g = ${g}, eta = ${eta}: ${rate.toFixed(1)} Hz${theory}; intervals vary by ${variation.toFixed(2)}`,
        );
    }
});
