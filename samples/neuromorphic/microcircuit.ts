// The cortical microcircuit of Potjans and Diesmann at a chosen scale: how often each population fires.

import type { Gpu, NetworkDefinition } from "soma-lang/runtime";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { runIfStarted } from "../common/main.js";

export const POPULATIONS = ["l23e", "l23i", "l4e", "l4i", "l5e", "l5i", "l6e", "l6i"] as const;

/**
 * Rates in Hz of the full model, which the direct currents stand for: `full_mean_rates` of NEST's implementation
 * (`pynest/examples/Potjans_2014/network_params.py` of NEST 2). Another realization has 0.943, 3.026, 4.368, 5.882, 7.733, 8.664, 1.096 and
 * 7.851 Hz (the same file of NEST 3), so they are known to a tenth of their size.
 */
export const PUBLISHED = [0.971, 2.868, 4.746, 5.396, 8.142, 9.078, 0.991, 7.523] as const;

/** Mean rates in Hz, without the first part of the time (ms). */
export async function run(gpu: Gpu, scale = 0.02, milliseconds = 300, skipped = 100) {
    const module = await gpu.load<{ microcircuit: NetworkDefinition }>(
        `${packageRoot()}/samples/neuromorphic/microcircuit.soma`,
    );
    using net = gpu.network(module.microcircuit, { seed: 1, parameters: { scale } });
    const steps = (time: number) => Math.round(time / net.get("dt"));
    await net.step(steps(skipped));
    net.clearRecords();
    await net.step(steps(milliseconds));
    const rates = POPULATIONS.map((name) => {
        const size = net.state(`${name}.v`).size;
        return net.spikes(name).steps.length / size / (milliseconds / 1000);
    });
    // The paper's measure of synchrony: variance by mean of the spikes of a population in bins of 3 ms.
    const bins = Math.floor(milliseconds / 3);
    const synchrony = POPULATIONS.map((name) => {
        const counts = new Float64Array(bins);
        for (const step of net.spikes(name).steps) {
            const bin = Math.floor((step - steps(skipped)) / steps(3));
            if (bin < bins) counts[bin] = (counts[bin] as number) + 1;
        }
        const mean = counts.reduce((a, b) => a + b, 0) / bins;
        return counts.reduce((sum, count) => sum + (count - mean) ** 2, 0) / bins / Math.max(mean, 1e-9);
    });
    const synapses = Object.values(net.synapses).reduce((a, b) => a + b, 0);
    const neurons = POPULATIONS.reduce((sum, name) => sum + net.state(`${name}.v`).size, 0);
    return { neurons, synapses, bytes: net.bytes, rates, synchrony };
}

await runIfStarted(import.meta.url, async (gpu) => {
    const { neurons, synapses, rates } = await run(gpu);
    console.log(`${neurons} neurons, ${synapses} synapses`);
    for (const [at, name] of POPULATIONS.entries()) console.log(`${name}: ${(rates[at] as number).toFixed(1)} Hz`);
});
