// Checkpoints: a run that is saved and restored goes on to the bit; what is no checkpoint of the network is refused.

import { expect, test } from "vitest";
import type { NetworkDefinition } from "../../runtime/index.js";
import { decodeSafetensors, encodeSafetensors } from "../../runtime/network/safetensors.js";
import { testGpu } from "../run/harness.js";

const SOURCE = `import std.neuro { exponential, lif }

network noisy(dt: time = 0.1 ms) {
    stimulus drive(50, poisson: 200 Hz)
    population a(60, neuron: lif(), v: random(-65 mV, -50 mV))
    connect drive -> a.input (probability: 0.5, weight: 20 mV, delay: random(0.5 ms, 3 ms), synapse: exponential())
    connect a -> a.input (probability: 0.2, weight: 1 mV, delay: 1.5 ms, synapse: exponential())
    plasticity stdp(w_max: 5.0) on a -> a
    record spikes of a
}
`;

test("a network that restores a checkpoint goes on as the one that saved it", async () => {
    const gpu = await testGpu();
    const { noisy } = (await gpu.load({ source: SOURCE, path: "noisy.soma" })).networks as { noisy: NetworkDefinition };
    using first = gpu.network(noisy, { seed: 4 });
    await first.step(137);
    first.set("a.tau", 18);
    const checkpoint = await first.save();
    first.clearRecords();
    await first.step(300);
    using second = gpu.network(noisy, { seed: 4 });
    await second.restore(checkpoint);
    expect([second.stepCount, second.get("a.tau")]).toEqual([137, 18]);
    await second.step(300);
    expect(first.spikes("a").steps.length).toBeGreaterThan(20);
    expect(second.spikes("a")).toEqual(first.spikes("a"));
    expect(await second.save()).toEqual(await first.save());

    using other = gpu.network(noisy, { seed: 5 });
    await expect(other.restore(checkpoint)).rejects.toThrow("with seed 4, and this one has 5");
    await expect(second.restore(checkpoint.slice(0, 1000))).rejects.toThrow("this is no checkpoint");
    await expect(second.restore(new Uint8Array(3))).rejects.toThrow("shorter than its header's length");
});

test("layers that learn go on to the bit, with their rule's states and parameters", async () => {
    const gpu = await testGpu();
    const source = `plasticity following(rate: f32 = 0.1) {
    state size: f32 = 0.0
    on update {
        size += 0.1 * (abs(pre * post) - size)
        w += rate * pre * post / (size + 0.1)
    }
}

network pair {
    layer a(20, activation: identity)
    layer b(7, activation: tanh, bias: normal(0.0, 0.1))
    connect a -> b (weight: normal(0.0, 0.3))
    plasticity following()
}`;
    const { pair } = (await gpu.load({ source, path: "pair.soma" })).networks as { pair: NetworkDefinition };
    const input = Float32Array.from({ length: 3 * 20 }, (_, i) => ((i * 37) % 11) / 11 - 0.4);
    using first = gpu.network(pair, { seed: 4, batch: 1 });
    await first.train(input);
    first.set("following.rate", 0.03);
    const checkpoint = await first.save();
    const output = await (await first.train(input)).read();
    using second = gpu.network(pair, { seed: 4, batch: 1 });
    await second.restore(checkpoint);
    expect(await (await second.train(input)).read()).toEqual(output);
    expect(await second.save()).toEqual(await first.save());
});

test("what is saved doesn't depend on the order in which a device found the spikes of a step", async () => {
    const gpu = await testGpu();
    const { noisy } = (await gpu.load({ source: SOURCE, path: "noisy.soma" })).networks as { noisy: NetworkDefinition };
    using net = gpu.network(noisy, { seed: 4 });
    await net.step(100);
    const saved = await net.save();
    const ring = net.state("drive.spikes");
    const counts = (await net.state("drive.counts").read()) as Int32Array;
    const spikes = (await ring.read()) as Int32Array;
    const [, slots, size] = ring.shape as [number, number, number];
    for (let slot = 0; slot < slots; slot++) {
        const count = counts[slot] as number;
        spikes.subarray(slot * size, slot * size + count).reverse();
        // What lies behind a list is of earlier steps.
        spikes.subarray(slot * size + count, (slot + 1) * size).fill(slot);
    }
    expect(counts.some((count) => count > 1)).toBe(true);
    await ring.write(spikes as never);
    expect(await net.save()).toEqual(saved);
});

test("safetensors: the layout of the format's description, and damaged files", () => {
    const bytes = new Uint8Array(new Float32Array([1, 2, 3]).buffer);
    const file = encodeSafetensors({
        metadata: { a: "b" },
        tensors: new Map([["x", { element: "f32", shape: [3], bytes }]]),
    });
    const length = Number(new DataView(file.buffer).getBigUint64(0, true));
    expect(length % 8).toBe(0);
    expect(JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)))).toEqual({
        __metadata__: { a: "b" },
        x: { dtype: "F32", shape: [3], data_offsets: [0, 12] },
    });
    expect(file.subarray(8 + length)).toEqual(bytes);
    expect(decodeSafetensors(file).tensors.get("x")?.shape).toEqual([3]);
    for (let at = 0; at < file.length; at++) {
        const damaged = file.slice();
        damaged[at] = (damaged[at] as number) ^ 0x55;
        try {
            decodeSafetensors(damaged);
        } catch (error) {
            expect((error as { code?: string }).code).toBe("ERR_SOMA_ARGUMENT");
        }
    }
});
