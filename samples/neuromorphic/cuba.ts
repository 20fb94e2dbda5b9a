// The CUBA network of Vogels and Abbott, in the published regime: irregular activity that sustains itself.

import type { Gpu, NetworkDefinition } from "soma-lang/runtime";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { runIfStarted } from "../common/main.js";

/** Runs n neurons for some time, in ms. */
export async function run(gpu: Gpu, n = 4000, milliseconds = 300) {
    const module = await gpu.load<{ cuba_network: NetworkDefinition }>(
        `${packageRoot()}/samples/neuromorphic/cuba.soma`,
    );
    const started = performance.now();
    using net = gpu.network(module.cuba_network, { seed: 1, parameters: { n } });
    const made = performance.now();
    await net.step(Math.round(milliseconds / net.get("dt")));
    const seconds = (performance.now() - made) / 1000;
    const spikes = net.spikes("exc").steps.length + net.spikes("inh").steps.length;
    const synapses = Object.values(net.synapses).reduce((a, b) => a + b, 0);
    return {
        n,
        synapses,
        bytes: net.bytes,
        steps: net.stepCount,
        spikes,
        /** Mean rate in Hz. */
        rate: spikes / n / (milliseconds / 1000),
        /** What all spikes bring, by the mean number of synapses of a neuron. */
        events: (spikes * synapses) / n,
        setupSeconds: (made - started) / 1000,
        seconds,
    };
}

await runIfStarted(import.meta.url, async (gpu) => {
    const { n, synapses, spikes, rate, setupSeconds, seconds } = await run(gpu);
    console.log(`${n} neurons, ${synapses} synapses: ${spikes} spikes in 300 ms, ${rate.toFixed(1)} Hz`);
    console.log(`made in ${setupSeconds.toFixed(2)} s, run in ${seconds.toFixed(2)} s`);
});
