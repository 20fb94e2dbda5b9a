// Ports in all places of a neuron's equations: spike conditions, what spikes do, `let` and clamps, against the same in double precision.

import { expect, test } from "vitest";
import type { NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { NETWORK_DEVICES } from "./reference.js";

const SOURCE = `
synapse fading(tau: time) {
    state g: f32 = 0.0
    g' = -g / tau
    on spike { g += weight }
    output g
}

neuron coincidence(least: f32 = 1.5) {
    port input: f32
    spike when input > least {}
}

neuron gated {
    port input: f32
    port gate: f32
    state v: f32 = 0.0
    state jumped: f32 = 0.0
    let open = 2.0 * gate
    let drive = input + 0.5
    v' = (drive - v) / 4 ms
    clamp v in -1.0 .. 1.0 + open
    spike when v > 0.45 && open > 0.3 {
        let left = drive * 0.25
        if input > 0.5 { v = -left } else { v = 0.0; jumped += gate }
        jumped += input
    }
}

network ports(dt: time = 1 ms) {
    stimulus data_in(3, spikes: data)
    population pairs(2, neuron: coincidence())
    population cells(1, neuron: gated())
    connect data_in -> pairs.input (where: i != j, weight: 1.0)
    connect data_in -> cells.input (where: i == 0, weight: 1.0)
    connect data_in -> cells.gate (where: i == 1, weight: 0.5, synapse: fading(tau: 3 ms))
    record spikes of pairs, cells
}
`;

const emits = (step: number, k: number) => ((step * (k + 2)) % 5 < 2 ? 1 : 0);

test.each(NETWORK_DEVICES)("ports in spike conditions, their blocks, let and clamp: %s", async (device) => {
    const gpu = await testGpu(device);
    const { networks } = await gpu.load({ source: SOURCE, path: "ports.soma" });
    using net = gpu.network(networks.ports as NetworkDefinition);
    let [v, g, jumped] = [0, 0, 0];
    const fired: string[] = [];
    const pairs: string[] = [];
    let before = [0, 0, 0];
    for (let step = 0; step < 60; step++) {
        const now = [0, 1, 2].map((k) => emits(step, k));
        await net.state("data_in.emits").write(Float32Array.from(now));
        await net.step();
        const [a, b, c] = before as [number, number, number];
        if (b + c > 1.5) pairs.push(`${step}:0`);
        if (a + c > 1.5) pairs.push(`${step}:1`);
        // Both are linear: in a step v comes nearer to the drive by e^(−1/4), g fades by e^(−1/3) after it has risen.
        g = (g + 0.5 * b) * Math.exp(-1 / 3);
        const goal = a + 0.5;
        v = Math.min(goal + (v - goal) * Math.exp(-1 / 4), 1 + 2 * g);
        if (v > 0.45 && 2 * g > 0.3) {
            fired.push(`${step}`);
            if (a > 0.5) v = -goal / 4;
            else [v, jumped] = [0, jumped + g];
            jumped += a;
        }
        before = now;
    }
    expect(pairs.length).toBeGreaterThan(5);
    expect(fired.length).toBeGreaterThan(5);
    const { steps, neurons } = net.spikes("pairs");
    expect(Array.from(steps, (step, at) => `${step}:${neurons[at]}`)).toEqual(pairs);
    expect(Array.from(net.spikes("cells").steps, String)).toEqual(fired);
    expect((await net.state("cells.jumped").read())[0]).toBeCloseTo(jumped, 4);
    expect((await net.state("cells.v").read())[0]).toBeCloseTo(v, 4);
});
