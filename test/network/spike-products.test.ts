// Spikes of a batch of instances as matrix products of integers: the same to the bit as lists that are gathered, and as sums in double precision
// as far as units of sums reach.

import { describe, expect, test } from "vitest";
import type { NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { NETWORK_DEVICES } from "./reference.js";

const network = (name: string, propagate: string) => `
network ${name}(dt: time = 1 ms) {
    stimulus drive(100, poisson: 100 Hz)
    population a(37, neuron: lif(), v: random(-65 mV, -50 mV))
    connect drive -> a.input (weight: random(0 mV, 8 mV), synapse: exponential()${propagate})
    connect a -> a.input (weight: random(-3 mV, 3 mV), delay: 3 ms, autapses: false, synapse: exponential()${propagate})
    record spikes of a
}`;

const SOURCE = `import std.neuro { exponential, lif }
${network("chosen", "")}
${network("vector", ", propagate: vector")}
${network("matrix", ", propagate: matrix")}

neuron counter {
    state v: f32 = 0.0
}

network sums(dt: time = 1 ms) {
    stimulus drive(90, poisson: 300 Hz)
    population a(33, neuron: counter())
    connect drive -> a.v (weight: normal(0.0, 1.0), propagate: matrix)
    record spikes of drive
}
`;

describe.each(NETWORK_DEVICES)("on %s", (device) => {
    async function load() {
        const gpu = await testGpu(device);
        const { networks } = await gpu.load({ source: SOURCE, path: "spikes.soma" });
        return { gpu, of: (name: string) => networks[name] as NetworkDefinition };
    }

    async function run(name: string, batch: number) {
        const { gpu, of } = await load();
        using net = gpu.network(of(name), { seed: 5, batch });
        const before = gpu.device.counters()?.matrix ?? 0;
        await net.step(25);
        const matrix = (gpu.device.counters()?.matrix ?? 0) - before;
        const spikes = Array.from({ length: batch }, (_, r) => net.spikes("a", r));
        return { spikes, matrix, v: await net.state("a.v").read() };
    }

    test("products, lists and what the compiler chooses give the same spikes", async () => {
        const [matrix, vector, chosen] = [await run("matrix", 70), await run("vector", 70), await run("chosen", 70)];
        expect(vector.spikes.reduce((sum, { steps }) => sum + steps.length, 0)).toBeGreaterThan(300);
        expect(vector.matrix).toBe(0);
        expect(matrix.matrix).toBeGreaterThan(chosen.matrix);
        // The stimulus fires in a tenth of 64 instances at once; of neurons nobody knows it.
        expect(chosen.matrix).toBeGreaterThan(0);
        for (const each of [matrix, chosen]) expect([each.spikes, each.v]).toEqual([vector.spikes, vector.v]);
        const few = await run("chosen", 3);
        expect(few.matrix).toBe(0);
        expect(few.spikes).toEqual(vector.spikes.slice(0, 3));
    });

    test("sums are those of double precision", async () => {
        const { gpu, of } = await load();
        using net = gpu.network(of("sums"), { seed: 2, batch: 2 });
        const steps = 30;
        await net.step(steps);
        const weights = (await net.weights("drive->a.v").read()) as Float32Array;
        const v = (await net.state("a.v").read()) as Float32Array;
        for (const r of [0, 1]) {
            const fired = net.spikes("drive", r);
            expect(fired.steps.length).toBeGreaterThan(500);
            const sums = new Float64Array(33);
            let largest = 0;
            fired.steps.forEach((step, at) => {
                // What fires in the last step has not arrived.
                if (step >= steps - 1) return;
                for (let j = 0; j < 33; j++) {
                    const w = weights[(fired.neurons[at] as number) * 33 + j] as number;
                    sums[j] = (sums[j] as number) + w;
                    largest = Math.max(largest, Math.abs(sums[j] as number));
                }
            });
            // Each step rounds to f32, sums that are below 256; of the units of weights less is lost.
            expect(largest).toBeLessThan(256);
            const bound = steps * 256 * 2 ** -23;
            sums.forEach((sum, j) => {
                expect(Math.abs((v[r * 33 + j] as number) - sum)).toBeLessThan(bound);
            });
            expect(largest).toBeGreaterThan(1);
        }
    });

    test("a checkpoint has what is on its way to products", async () => {
        const { gpu, of } = await load();
        using first = gpu.network(of("matrix"), { seed: 5, batch: 2 });
        await first.step(20);
        const checkpoint = await first.save();
        await first.step(20);
        using second = gpu.network(of("matrix"), { seed: 5, batch: 2 });
        await second.restore(checkpoint);
        await second.step(20);
        expect(await second.save()).toEqual(await first.save());
    });
});
