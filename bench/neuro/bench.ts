// `npm run bench:neuro`: the CUBA network in several sizes on the virtual GPU: how fast it steps, and what a synapse and an event cost; and what the
// full cortical microcircuit would take of an MI300X, by calculation. Prints a table in Markdown.

import { type Gpu, type NetworkDefinition, open } from "soma-lang/runtime";
import { packageRoot } from "../../compiler/shell/package-root.js";

const STEPS = 500;

async function measure(gpu: Gpu, n: number): Promise<readonly string[]> {
    const module = await gpu.load<{ cuba_network: NetworkDefinition }>(
        `${packageRoot()}/samples/neuromorphic/cuba.soma`,
    );
    const before = performance.now();
    using net = gpu.network(module.cuba_network, { seed: 1, parameters: { n } });
    await gpu.synchronize();
    const setup = (performance.now() - before) / 1000;
    const counted = gpu.device.counters();
    const started = performance.now();
    await net.step(STEPS);
    const seconds = (performance.now() - started) / 1000;
    const after = gpu.device.counters();
    const synapses = Object.values(net.synapses).reduce((a, b) => a + b, 0);
    const spikes = net.spikes("exc").steps.length + net.spikes("inh").steps.length;
    const events = (spikes * synapses) / n;
    const difference = (name: "launches" | "instructions") =>
        (after?.[name] ?? Number.NaN) - (counted?.[name] ?? Number.NaN);
    return [
        String(n),
        String(synapses),
        setup.toFixed(2),
        (STEPS / seconds).toFixed(0),
        (spikes / n / (STEPS * 0.0001)).toFixed(1),
        (events / seconds).toExponential(2),
        (net.bytes / synapses).toFixed(1),
        (difference("launches") / STEPS).toFixed(1),
        (difference("instructions") / events).toFixed(2),
    ];
}

/** Potjans and Diesmann's microcircuit, stored as Soma stores it: a target and a delay of 4 bytes and a weight of 4 for each synapse. */
function microcircuit(): readonly string[] {
    const [neurons, synapses, rate] = [77_169, 298_880_969, 4];
    const bytes = synapses * 12;
    // A spike's synapses are read, and its targets' sums are written, at the memory's bandwidth: 5.3 TB/s (AMD's data sheet).
    const perSecond = synapses * rate * (12 + 2 * 4);
    const launches = (10_000 * (8 + 64) * 5e-6).toFixed(1);
    return [
        `neurons ${neurons}, synapses ${synapses}: ${(bytes / 2 ** 30).toFixed(2)} GiB of 192`,
        `estimate, not measured: at a mean of ${rate} Hz a second of the model moves ${(perSecond / 1e9).toFixed(0)} GB, ${(perSecond / 5.3e12).toFixed(4)} s at full bandwidth`,
        `estimate: its 72 launches a step of 0.1 ms take about ${launches} s a second at 5 µs each, which is what decides: a real-time factor of about ${launches}`,
    ];
}

using gpu = await open(process.env.SOMA_DEVICE ?? "vgpu:gfx1100");
console.log(`CUBA on ${gpu.name}, ${STEPS} steps of 0.1 ms\n`);
console.log(
    "| neurons | synapses | set-up (s) | steps/s | Hz | events/s | bytes/synapse | launches/step | instructions/event |",
);
console.log("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
for (const n of [100, 1000, 4000, 12_000]) console.log(`| ${(await measure(gpu, n)).join(" | ")} |`);
console.log(
    `\nThe full cortical microcircuit on an MI300X:\n${microcircuit()
        .map((line) => `- ${line}`)
        .join("\n")}`,
);
