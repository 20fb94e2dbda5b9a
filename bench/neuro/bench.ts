// `npm run bench:neuro`: the CUBA network in several sizes on the virtual GPU: how fast it steps, and what a synapse and an event cost; and what the
// full cortical microcircuit would take of an MI300X, by calculation. Prints a table in Markdown.

import { spawnSync } from "node:child_process";
import { type Gpu, type NetworkDefinition, open } from "soma-lang/runtime";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { propagation } from "./propagation.js";

const STEPS = 500;
/** 1.2 thousand to a million synapses: a neuron has 80 of them, as far as there are so many neurons. */
const SIZES = [35, 125, 1250, 12_500];

interface Peer {
    readonly setup: number;
    readonly run: number;
    readonly rate: number;
}

/** Brian2 (Debian's python3-brian) with the same network; in words why not where it can't run. */
function brian(n: number): Peer | string {
    const script = `${packageRoot()}/bench/neuro/brian_cuba.py`;
    const { status, stdout, error } = spawnSync("/usr/bin/python3", [script, String(n), String(STEPS / 10)], {
        encoding: "utf8",
        timeout: 600_000,
    });
    if (error !== undefined) return `no /usr/bin/python3: ${error.message}`;
    if (status !== 0) return "python3 can't run it: is python3-brian installed?";
    return JSON.parse(stdout.trim().split("\n").at(-1) ?? "") as Peer;
}

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
        ...beside(brian(n)),
    ];
}

let missing = "";

/** Set-up, steps a second and rate of Brian2. */
function beside(peer: Peer | string): readonly string[] {
    if (typeof peer !== "string") return [peer.setup.toFixed(2), (STEPS / peer.run).toFixed(0), peer.rate.toFixed(1)];
    missing = peer;
    return ["—", "—", "—"];
}

/**
 * Potjans and Diesmann's microcircuit, stored as Soma stores it: a target and a delay of 4 bytes and a weight of 4 for each synapse.
 * @param launches of a step, as the sample's network has them
 */
function microcircuit(launches: number): readonly string[] {
    const [neurons, synapses, rate] = [77_169, 298_880_969, 4];
    const bytes = synapses * 12;
    // A spike's synapses are read, and its targets' sums are written, at the memory's bandwidth: 5.3 TB/s (AMD's data sheet).
    const perSecond = synapses * rate * (12 + 2 * 4);
    const launching = 10_000 * launches * 5e-6;
    const factor = Math.max(launching, perSecond / 5.3e12).toFixed(2);
    return [
        `neurons ${neurons}, synapses ${synapses}: ${(bytes / 2 ** 30).toFixed(2)} GiB of 192`,
        `estimate, not measured: at a mean of ${rate} Hz a second of the model moves ${(perSecond / 1e9).toFixed(0)} GB, ${(perSecond / 5.3e12).toFixed(4)} s at full bandwidth`,
        `estimate: its ${launches} launches a step of 0.1 ms take about ${launching.toFixed(2)} s a second at 5 µs each, which is what decides: a real-time factor of about ${factor}`,
    ];
}

async function launchesOfMicrocircuit(device: Gpu): Promise<number> {
    const module = await device.load<{ microcircuit: NetworkDefinition }>(
        `${packageRoot()}/samples/neuromorphic/microcircuit.soma`,
    );
    return module.microcircuit.manifest.schedules.step.length;
}

using gpu = await open(process.env.SOMA_DEVICE ?? "vgpu:gfx1100");
console.log(`CUBA on ${gpu.name}, ${STEPS} steps of 0.1 ms\n`);
console.log(
    "| neurons | synapses | set-up (s) | steps/s | Hz | events/s | bytes/synapse | launches/step | instructions/event | Brian2: set-up (s) | steps/s | Hz |",
);
console.log(`|${"---:|".repeat(12)}`);
for (const n of SIZES) console.log(`| ${(await measure(gpu, n)).join(" | ")} |`);
if (missing !== "") console.log(`\nBrian2 was left out: ${missing}`);
console.log(
    `\nThe full cortical microcircuit on an MI300X:\n${microcircuit(await launchesOfMicrocircuit(gpu))
        .map((line) => `- ${line}`)
        .join("\n")}`,
);
console.log(`\nDense propagation, executed instructions:\n\n${(await propagation()).join("\n")}`);
