// Networks of networks, and of layers and populations together.

import { describe, expect, test } from "vitest";
import type { NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { distance, NETWORK_DEVICES } from "./reference.js";

const SOURCE = `import std.neuro { exponential, lif }

network pair(n: index, w: voltage = 1 mV) {
    population e(n, neuron: lif(tau: 15 ms), v: random(-65 mV, -50 mV))
    population i(n / 4, neuron: lif())
    connect e -> i.input (probability: 0.5, weight: w, synapse: exponential())
    plasticity stdp() on e -> i
    record spikes of e
}

network two(dt: time = 0.5 ms, m: index = 40) {
    network right = pair(n: m)
    network left = pair(n: 2 * m, w: 3 mV)
    stimulus drive(m, poisson: 100 Hz)
    connect drive -> left.e.input, right.e.input (probability: 0.5, weight: 9 mV, synapse: exponential())
    connect left.e -> right.i.input (one_to_one: false, weight: 0.5 mV, synapse: exponential())
}

neuron counter {
    port rate: f32
    param bias: f32 = 0.0
    state x: f32 = 0.0
    #method(euler)
    x' = rate / dt
    spike when x + bias >= 1.0 { x -= 1.0 }
}

network mixed(dt: time = 1 ms) {
    layer image(4, activation: identity)
    stimulus pulses(4, regular: 0 Hz)
    population cells(3, neuron: counter())
    layer answer(2, activation: softmax)
    connect image -> pulses.rate (one_to_one: true, weight: 100 Hz)
    connect image -> cells.rate (weight: 0.125 * (1 + j))
    connect pulses -> answer (weight: 0.0)
    connect cells -> answer (weight: if j == 0 { 0.1 * i } else { 0.25 })
    plasticity delta(learning_rate: 0.5) on cells -> answer
}
`;

async function load(device: string) {
    const gpu = await testGpu(device);
    const { networks } = await gpu.load({ source: SOURCE, path: "composition.soma" });
    return { gpu, networks };
}

describe.each(NETWORK_DEVICES)("on %s", (device) => {
    test("a network contains others, with parameters of their own", async () => {
        const { gpu, networks } = await load(device);
        using net = gpu.network(networks.two as NetworkDefinition, { seed: 2 });
        expect(net.state("left.e.v").shape).toEqual([1, 80]);
        expect(net.state("right.i.v").shape).toEqual([1, 10]);
        expect([net.get("left.w"), net.get("right.w"), net.get("left.e.tau")]).toEqual([3, 1, 15]);
        net.set("left.stdp.a_plus", 0.1);
        expect([net.get("left.stdp.a_plus"), net.get("right.stdp.a_plus")]).toEqual([0.1, 0.01]);
        await net.step(200);
        expect(net.spikes("left.e").steps.length).toBeGreaterThan(10);
        expect(net.spikes("right.e").steps.length).toBeGreaterThan(10);
        const weights = (await net.weights("left.e->left.i.input").read()) as Float32Array;
        expect(new Set(weights).size).toBeGreaterThan(10);
        // Parameters without a value are the network's to give, wherever it stands.
        expect(() => gpu.network(networks.pair as NetworkDefinition)).toThrow("its parameter n has no value");
    });

    test("a layer's rates drive stimuli and neurons, and a layer counts spikes and learns from them", async () => {
        const { gpu, networks } = await load(device);
        using net = gpu.network(networks.mixed as NetworkDefinition);
        // An answer to nothing so far: softmax of zeros.
        expect([...(await (await net.forward([1, 2, 0, 1])).read())]).toEqual([0.5, 0.5]);
        const rates = (await net.state("pulses.rate").read()) as Float32Array;
        expect(distance(rates, [0.1, 0.2, 0, 0.1])).toBeLessThan(1e-7);
        await net.step(40);
        // Σ x = 4, so neuron j gets (1 + j) / 2 a step: 20, 40 and 60 in 40 steps, of which at most one is a spike each.
        await net.forward([1, 2, 0, 1]);
        expect([...((await net.state("cells.activity").read()) as Float32Array)]).toEqual([20, 40, 40]);
        expect([...((await net.state("pulses.activity").read()) as Float32Array)]).toEqual([4, 8, 0, 4]);
        expect([...((await net.state("cells.fired").read()) as Float32Array)]).toEqual([0, 0, 0]);
        await net.step(4);
        const before = Float64Array.from((await net.weights("cells->answer").read()) as Float32Array);
        const output = await (await net.train([1, 2, 0, 1], { target: [0, 1] })).read();
        const spikes = (await net.state("cells.activity").read()) as Float32Array;
        expect([...spikes]).toEqual([2, 4, 4]);
        const sums = [0, 1].map((j) => spikes.reduce((sum, x, i) => sum + x * (before[2 * i + j] as number), 0));
        const e = sums.map((sum) => Math.exp(sum - Math.max(...sums)));
        const expected = e.map((each) => each / ((e[0] as number) + (e[1] as number)));
        expect(distance(output, expected)).toBeLessThan(1e-6);
        const learnt = before.map((w, at) => {
            const error = (at % 2) - (expected[at % 2] as number);
            return w + 0.5 * error * (spikes[Math.floor(at / 2)] as number);
        });
        expect(distance((await net.weights("cells->answer").read()) as Float32Array, learnt)).toBeLessThan(1e-5);
    });
});

test("what a neuron begins with follows from its own numbers, and from the network's where the network says so", async () => {
    const source = `
neuron cell(r: f32, k: f32 = 3.0) {
    param bias: f32 = 2.0 * r + k
    state v: f32 = -65.0 * r
    state u: f32 = bias - r
    v' = -v / 10 ms
    spike when v >= 30.0 { v = 0.0 }
}
network inner(k: f32 = 7.0) {
    population a(50, neuron: cell(r: random(0.0, 1.0)))
    population b(50, neuron: cell(r: normal(1.0, 0.1), k: 1.0), u: 10.0 * k)
}
network outer(dt: time = 1 ms) { network left = inner(k: 5.0) }`;
    const gpu = await testGpu(NETWORK_DEVICES[0]);
    const { networks } = await gpu.load({ source, path: "begin.soma" });
    for (const [name, prefix, k] of [
        ["inner", "", 7],
        ["outer", "left.", 5],
    ] as const) {
        using net = gpu.network(networks[name] as NetworkDefinition);
        const state = async (part: string) =>
            Float64Array.from((await net.state(prefix + part).read()) as Float32Array);
        const [r, other] = [await state("a.r"), await state("b.r")];
        expect(new Set(r).size).toBeGreaterThan(40);
        expect(
            distance(
                await state("a.v"),
                [...r].map((each) => -65 * each),
            ),
        ).toBeLessThan(1e-5);
        expect(
            distance(
                await state("a.bias"),
                [...r].map((each) => 2 * each + 3),
            ),
        ).toBeLessThan(1e-5);
        expect(
            distance(
                await state("a.u"),
                [...r].map((each) => each + 3),
            ),
        ).toBeLessThan(1e-5);
        expect(
            distance(
                await state("b.bias"),
                [...other].map((each) => 2 * each + 1),
            ),
        ).toBeLessThan(1e-5);
        expect(
            distance(
                await state("b.u"),
                [...other].map(() => 10 * k),
            ),
        ).toBeLessThan(1e-5);
    }
});

test("what can't be composed is refused where it is written", async () => {
    const gpu = await testGpu(NETWORK_DEVICES[0]);
    const refused = (members: string) =>
        gpu.load({
            source: `import std.neuro { lif }\nnetwork inner(n: index) { population a(n, neuron: lif()) }\nnetwork outer {\n    ${members}\n}`,
            path: "refused.soma",
        });
    await expect(refused("network x = inner(m: 3)")).rejects.toThrow("`inner` has no parameter `m`");
    await expect(refused("network x = outer()")).rejects.toThrow("`outer` would contain itself");
    await expect(refused("network x = iner(n: 3)")).rejects.toThrow("did you mean `inner`");
    await expect(refused("network x = inner(n: 3)\n    connect x.b -> x.a.input (weight: 1 mV)")).rejects.toThrow(
        "there is no layer or population `x.b`",
    );
});
