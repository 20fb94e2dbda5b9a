// How synapses are kept does not change what a network does: lists, bits, and synapses that are drawn anew for each spike.

import { describe, expect, test } from "vitest";
import type { NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { NETWORK_DEVICES } from "./reference.js";

const network = (name: string, storage: string, probability: string) => `
network ${name}(dt: time = 0.5 ms) {
    stimulus drive(300, poisson: 60 Hz)
    population a(700, neuron: lif(), v: random(-65 mV, -50 mV))
    connect drive -> a.input (probability: ${probability}, weight: 6 mV, synapse: exponential()${storage})
    connect a -> a.input (probability: ${probability}, weight: 0.5 mV, delay: 1.5 ms, synapse: exponential(), autapses: false${storage})
    record spikes of a
}`;

const SOURCE = `import std.neuro { exponential, lif }
${network("chosen", "", "0.05")}
${network("many", "", "0.4")}
${["sparse", "bitmask", "procedural"].map((each) => network(`as_${each}`, `, storage: ${each}`, "0.05")).join("")}
network weighted {
    population a(300, neuron: lif())
    connect a -> a.input (probability: 0.6, weight: random(0 mV, 1 mV))
}
${network("full", ", storage: procedural", "1.0")}
`;

describe.each(NETWORK_DEVICES)("on %s", (device) => {
    test("lists, bits and drawing anew give the same spikes", async () => {
        const gpu = await testGpu(device);
        const { networks } = await gpu.load({ source: SOURCE, path: "storage.soma" });
        const run = async (name: string) => {
            using net = gpu.network(networks[name] as NetworkDefinition, { seed: 12 });
            await net.step(200);
            return { spikes: net.spikes("a"), bytes: net.bytes, synapses: net.synapses["a->a.input"] as number };
        };
        const [chosen, sparse, bitmask, procedural] = [
            await run("chosen"),
            await run("as_sparse"),
            await run("as_bitmask"),
            await run("as_procedural"),
        ];
        expect(sparse.spikes.steps.length).toBeGreaterThan(500);
        for (const each of [chosen, bitmask, procedural]) expect(each.spikes).toEqual(sparse.spikes);
        expect(chosen.bytes).toBe(sparse.bytes);
        // 700 rows of 22 words, against targets of 4 bytes each; procedural storage has 256 words.
        expect(sparse.bytes - procedural.bytes).toBeGreaterThan(4 * sparse.synapses);
        // Of 489 300 pairs, each with probability 0.05: within five deviations.
        expect(Math.abs(sparse.synapses - 24_465)).toBeLessThan(5 * Math.sqrt(489_300 * 0.05 * 0.95));
    });

    test("with the probability 1 all pairs have a synapse", async () => {
        const gpu = await testGpu(device);
        const { networks } = await gpu.load({ source: SOURCE, path: "storage.soma" });
        using net = gpu.network(networks.full as NetworkDefinition, { seed: 12 });
        expect(net.synapses["a->a.input"]).toBe(490_000);
    });
});

const learning = (name: string, storage: string, how: string) => `
network ${name}(dt: time = 0.5 ms) {
    stimulus drive(60, poisson: 80 Hz)
    population a(70, neuron: lif(), v: random(-65 mV, -50 mV))
    connect drive -> a.input (${how}, weight: random(4 mV, 8 mV), synapse: exponential(), storage: ${storage})
    connect a -> a.input (${how}, weight: normal(1 mV, 0.25 mV), delay: 1.5 ms, synapse: exponential(), autapses: false, storage: ${storage})
    plasticity fading(w_max: 12.0) on drive -> a
    plasticity fading(w_max: 2.0) on a -> a
    record spikes of a
}`;

const LEARNING = `import std.neuro { exponential, lif }
plasticity fading(w_max: f32) {
    trace x(tau: 20 ms) on pre
    trace y(tau: 20 ms) on post
    state c: f32 = 0.0
    c' = -c / 50 ms
    w' = 0.01 * c / 1 ms
    on pre { w -= 0.05 * y }
    on post { c += 0.1 * x }
    bound w in 0.0 .. w_max
}
${["sparse", "bitmask"]
    .flatMap((each) => [
        learning(`probable_${each}`, each, "probability: 0.3"),
        learning(`counted_${each}`, each, "fan_in: 20, multapses: false"),
    ])
    .join("")}
`;

test.each(NETWORK_DEVICES)("lists and bits give the same where synapses have weights and learn: %s", async (device) => {
    const gpu = await testGpu(device);
    const { networks } = await gpu.load({ source: LEARNING, path: "learning.soma" });
    const run = async (name: string) => {
        using net = gpu.network(networks[name] as NetworkDefinition, { seed: 3, batch: 2 });
        await net.step(200);
        const weights = async (connection: string) =>
            [...((await net.weights(connection).read()) as Float32Array)].filter((w) => w !== 0).sort((a, b) => a - b);
        return {
            spikes: [net.spikes("a", 0), net.spikes("a", 1)],
            weights: [await weights("drive->a.input"), await weights("a->a.input")],
            synapses: net.synapses,
        };
    };
    for (const how of ["probable", "counted"]) {
        const [lists, bits] = [await run(`${how}_sparse`), await run(`${how}_bitmask`)];
        expect(lists.spikes[0]?.steps.length).toBeGreaterThan(200);
        expect(bits).toEqual(lists);
    }
});

test("the storage is chosen by cost, which soma inspect tells, and refused where it has no place", async () => {
    const gpu = await testGpu(NETWORK_DEVICES[0]);
    const { networks } = await gpu.load({ source: SOURCE, path: "storage.soma" });
    const notes = (name: string) => (networks[name] as NetworkDefinition).manifest.notes;
    expect(notes("chosen")).toContain("a->a.input: lists of synapses, spread by each spike");
    expect(notes("many")).toContain("a->a.input: a bit for each pair, gathered by each target");
    expect(notes("weighted")).toContain(
        "a->a.input: a matrix of weights with a bit for each pair, gathered by each target",
    );
    expect(notes("as_procedural")).toContain("a->a.input: drawn anew for each spike, and not kept, as the source says");
    const refused = gpu.load({
        source: `import std.neuro { lif }
network n { population a(9, neuron: lif())
connect a -> a.input (probability: 0.5, weight: random(0 mV, 1 mV), storage: procedural) }`,
        path: "refused.soma",
    });
    await expect(refused).rejects.toThrow(
        "has weights of its synapses' own, which `storage: procedural` has no place for",
    );
});
