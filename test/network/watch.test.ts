// Watching a network, and its weights as .npy files.

import { expect, test } from "vitest";
import { decodeNpy, encodeNpy, type Frame, type NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";

const SOURCE = `import std.neuro { exponential, lif }

network watched(dt: time = 0.5 ms) {
    stimulus drive(100, poisson: 100 Hz)
    population a(60, neuron: lif(), v: random(-65 mV, -50 mV))
    connect drive -> a.input (probability: 0.5, weight: 3 mV, synapse: exponential())
    plasticity stdp(w_max: 5.0)
    record spikes of a
    record v of a (every: 5 ms)
}
`;

async function make() {
    const gpu = await testGpu();
    const { networks } = await gpu.load({ source: SOURCE, path: "watched.soma" });
    return gpu.network(networks.watched as NetworkDefinition, { seed: 4 });
}

test("frames have all spikes, and states and weights thinned out", async () => {
    using net = await make();
    const frames: Frame[] = [];
    const stop = net.watch({ spikes: ["a"], values: ["a.v", "drive->a.input.weights"], every: 5, most: 20 }, (frame) =>
        frames.push(frame),
    );
    // A watcher sees what is between its frames, whatever the calls are.
    for (let k = 0; k < 40; k++) await net.step(5);
    expect(frames.map(({ step }) => step)).toEqual(Array.from({ length: 20 }, (_, k) => 10 * (k + 1)));
    expect(frames[0]?.time).toBe(5);
    const { steps, neurons } = net.spikes("a");
    // 60 neurons of which at most 20 are watched: every third.
    const kept = [...steps.keys()].filter((at) => (neurons[at] as number) % 3 === 0);
    expect(frames.flatMap(({ spikes }) => [...(spikes.a?.steps ?? [])])).toEqual(kept.map((at) => steps[at]));
    expect(frames.flatMap(({ spikes }) => [...(spikes.a?.neurons ?? [])])).toEqual(kept.map((at) => neurons[at]));
    expect(kept.length).toBeGreaterThan(10);
    const { values } = net.recorded("a.v");
    expect(frames[3]?.values["a.v"]).toEqual({
        stride: 3,
        data: values.slice(3 * 60, 4 * 60).filter((_, at) => at % 3 === 0),
    });
    const weights = frames[3]?.values["drive->a.input.weights"];
    expect(weights?.data.length).toBeLessThanOrEqual(20);
    expect(weights?.stride).toBeGreaterThan(100);
    stop();
    await net.step(20);
    expect(frames).toHaveLength(20);
    expect(() => net.watch({ spikes: ["b"] }, () => {})).toThrow("has no spikes of b to watch: it has drive, a");
    expect(() => net.watch({ values: ["a.w"] }, () => {})).toThrow("has no state a.w to watch");
});

test("layers alone are watched pass by pass", async () => {
    const gpu = await testGpu();
    const source = `network line {
    layer x(1, activation: identity)
    layer y(1, activation: identity)
    connect x -> y (weight: 0.0)
    plasticity delta(learning_rate: 0.5)
}`;
    const { networks } = await gpu.load({ source, path: "line.soma" });
    using net = gpu.network(networks.line as NetworkDefinition);
    const frames: Frame[] = [];
    net.watch({ values: ["x->y.weights", "y.activity"], every: 2 }, (frame) => frames.push(frame));
    // From 0 the weight comes nearer to the target 1 by a half each time; an activity is that of the weight before.
    for (let k = 0; k < 4; k++) await net.train([1], { target: [1] });
    await net.forward([2]);
    await net.forward([3]);
    const seen = (name: string) => frames.map(({ values }) => [...(values[name]?.data ?? [])]);
    expect(frames.map(({ step }) => step)).toEqual([2, 4, 6]);
    expect(seen("x->y.weights")).toEqual([[0.75], [0.9375], [0.9375]]);
    expect(seen("y.activity")).toEqual([[0.5], [0.875], [2.8125]]);
});

test("weights go to .npy files and come back", async () => {
    using net = await make();
    await net.step(200);
    const weights = (await net.weights("drive->a.input").read()) as Float32Array;
    const file = await net.saveNpy("drive->a.input");
    using other = await make();
    await other.loadNpy("drive->a.input", file);
    expect(await other.weights("drive->a.input").read()).toEqual(weights);
    await expect(other.loadNpy("drive->a.input", encodeNpy({ shape: [3], data: new Float32Array(3) }))).rejects.toThrow(
        "the file has the shape (3)",
    );
});

test("npy: the layout of NumPy's description, other elements and orders, and damaged files", () => {
    // numpy.save of np.array([[1, 2, 3], [4, 5, 6]], order="F"), float64: format version 1.0.
    const header = "{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3), }";
    const file = new Uint8Array(128 + 48);
    file.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0]);
    file.set(new TextEncoder().encode(`${header.padEnd(117)}\n`), 10);
    file.set(new Uint8Array(new Float64Array([1, 4, 2, 5, 3, 6]).buffer), 128);
    expect(decodeNpy(file)).toEqual({ shape: [2, 3], data: new Float32Array([1, 2, 3, 4, 5, 6]) });
    const own = encodeNpy({ shape: [4], data: new Float32Array([1, 2, 3, 4]) });
    expect(own.length % 64).toBe(16);
    expect(new TextDecoder().decode(own.subarray(10, 70))).toContain("'shape': (4,)");
    expect(decodeNpy(own)).toEqual({ shape: [4], data: new Float32Array([1, 2, 3, 4]) });
    expect(() => decodeNpy(own.subarray(0, 140))).toThrow("takes 16 bytes, and");
    expect(() => decodeNpy(new Uint8Array(20))).toThrow("it doesn't begin as one");
});
