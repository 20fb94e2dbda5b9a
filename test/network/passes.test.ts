// How passes of layers and steps of populations get to the device: as graphs of HIP's, whose calls a library in front of the virtual GPU counts.

import { afterAll, expect, it } from "vitest";
import type { NetworkDefinition } from "../../runtime/index.js";
import { FaultyHip } from "../runtime/faults/faulty.js";

const SOURCE = `
network small {
    layer input(4, activation: identity)
    layer hidden(3, activation: relu)
    layer output(2, activation: identity)
    connect input -> hidden (weight: random(-0.5, 0.5))
    connect hidden -> output (weight: random(-0.5, 0.5))
    plasticity hebbian(learning_rate: 0.001)
}`;

const SPIKING = `
import std.neuro { exponential, lif }
network spiking(dt: time = 1 ms) {
    stimulus drive(20, poisson: 200 Hz)
    population cells(30, neuron: lif())
    connect drive -> cells.input (weight: 4 mV, synapse: exponential())
    connect cells -> cells.input (probability: 0.5, weight: random(0 mV, 1 mV), delay: 2 ms, synapse: exponential())
    plasticity stdp() on cells -> cells
    record spikes of cells, drive
}`;

const hip = new FaultyHip();
afterAll(() => hip[Symbol.dispose]());

async function callsOf(name: string, run: () => Promise<unknown>): Promise<number> {
    // None of them fails.
    hip.plan({ function: name, nth: 1_000_000 });
    await run();
    const { calls } = hip.counts();
    hip.stop();
    return calls;
}

it("passes are one call of HIP's each", async () => {
    using gpu = await hip.open();
    const { networks } = await gpu.load({ source: SOURCE });
    using network = gpu.network(networks.small as never, { seed: 1 });
    const input = [[1, 2, 3, 4]];
    const forward = async () => [...(await (await network.forward(input)).read())];
    const first = await forward();
    expect(await callsOf("hipGraphLaunch", () => network.forward(input))).toBe(1);
    expect(await callsOf("hipModuleLaunchKernel", () => network.forward(input))).toBe(0);
    expect(await forward()).toEqual(first);
    expect(await callsOf("hipGraphLaunch", () => network.train(input))).toBeGreaterThan(0);
});

it("steps are one call of HIP's for a power of two of them, and the same ones however they are called for", async () => {
    using gpu = await hip.open();
    const { networks } = await gpu.load({ source: SPIKING });
    const definition = networks.spiking as NetworkDefinition;
    using network = gpu.network(definition, { seed: 3 });
    expect(definition.manifest.schedules.step.length).toBeGreaterThan(1);
    expect(await callsOf("hipGraphLaunch", () => network.step(64))).toBe(1);
    expect(await callsOf("hipGraphLaunch", () => network.step(44))).toBe(3);
    // A parameter that is a constant of the kernels leaves their graphs as they are.
    network.set("stdp.a_plus", network.get("stdp.a_plus"));
    expect(await callsOf("hipGraphInstantiate", () => network.step(64))).toBe(0);
    expect(await callsOf("hipModuleLaunchKernel", () => network.step(64))).toBe(0);
    using single = gpu.network(definition, { seed: 3 });
    for (let step = 0; step < network.stepCount; step++) await single.step();
    for (const name of ["cells", "drive"]) {
        expect(network.spikes(name).steps.length).toBeGreaterThan(50);
        expect(single.spikes(name)).toEqual(network.spikes(name));
    }
});
