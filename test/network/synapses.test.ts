// Connections on the device: who reaches whom, when, and with what; learning from spikes; the same spikes everywhere.

import { describe, expect, test } from "vitest";
import type { Network, NetworkDefinition, NetworkOptions } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { NETWORK_DEVICES } from "./reference.js";

/** Fires where `go` is set, in this step. */
const RELAY = `neuron relay {
    param go: f32 = 0.0
    spike when go > 0.0 {}
}

/// Keeps all that it gets.
neuron store {
    port i: f32
    state v: f32 = 0.0
    state now: f32 = 0.0
    #method(euler)
    now' = (i - now) / dt
    spike when v > 1000000.0 {}
}
`;

const SOURCE = `import std.neuro { alpha, exponential, lif, lif_conductance, stdp_nearest, stdp_reward, stdp_triplet, tsodyks_markram, vogels }

${RELAY}
network delays(dt: time = 0.5 ms) {
    population a(3, neuron: relay())
    population b(3, neuron: store())
    connect a -> b.v (one_to_one: true, weight: 2.5, delay: 1.5 ms)
    connect a -> b.now (weight: i + 10 * j, delay: 0.5 ms * (1 + j))
    record v of b
    record now of b
}

network shapes(dt: time = 0.1 ms) {
    population a(400, neuron: relay())
    population b(300, neuron: store())
    population c(300, neuron: store())
    population d(300, neuron: store())
    population e(300, neuron: store())
    population f(400, neuron: store())
    connect a -> b.v (probability: 0.1, weight: 1.0)
    connect a -> c.v (fan_in: 7, weight: 1.0)
    connect a -> d.v (fan_out: 9, weight: random(0.5, 1.5))
    connect a -> e.v (total: 1234, weight: 1.0)
    connect a -> f.v (where: i == j + 1, weight: 1.0)
}

network filters(dt: time = 0.1 ms) {
    population a(1, neuron: relay())
    population b(1, neuron: store())
    connect a -> b.i (weight: 2.0, synapse: exponential(tau: 3 ms))
    population c(1, neuron: store())
    connect a -> c.i (weight: 2.0, synapse: alpha(tau: 2 ms))
    population d(1, neuron: store())
    connect a -> d.v (weight: 2.0)
    population e(1, neuron: store())
    connect a -> e.i (weight: 1.0, synapse: tsodyks_markram(u0: 0.5, tau_rec: 800 ms))
}

network triplet(dt: time = 1 ms) {
    population a(2, neuron: relay())
    population b(3, neuron: relay_in())
    connect a -> b.i (weight: 1.0)
    plasticity stdp_triplet()
}

network pairs(dt: time = 1 ms) {
    population a(1, neuron: relay())
    population b(1, neuron: relay_in())
    population c(1, neuron: relay_in())
    population d(1, neuron: relay_in())
    connect a -> b.i (weight: 0.5, probability: 1.0, delay: 3 ms)
    connect a -> c.i (weight: 0.5)
    connect a -> d.i (weight: 0.5)
    plasticity stdp() on a -> b
    plasticity stdp_nearest() on a -> c
    plasticity vogels() on a -> d
}

network rewarded(dt: time = 1 ms) {
    population a(1, neuron: relay())
    population b(1, neuron: relay_in())
    connect a -> b.i (weight: 10.0)
    plasticity stdp_reward()
}

neuron relay_in {
    port i: f32
    param go: f32 = 0.0
    state unused: f32 = 0.0
    unused' = (i - unused) / 10 ms
    spike when go > 0.0 {}
}

network noisy(dt: time = 0.1 ms) {
    stimulus drive(200, poisson: 40 Hz)
    population exc(160, neuron: lif_conductance(), v: random(-60 mV, -50 mV))
    population inh(40, neuron: lif_conductance(), v: random(-60 mV, -50 mV))
    connect drive -> exc.g_exc (probability: 0.3, weight: normal(4 nS, 1 nS), delay: random(0.5 ms, 2 ms), synapse: exponential())
    connect exc -> exc.g_exc, inh.g_exc (probability: 0.1, weight: 6 nS, delay: 1 ms, synapse: exponential())
    connect inh -> exc.g_inh, inh.g_inh (weight: random(20 nS, 40 nS), delay: 1 ms, synapse: exponential(tau: 10 ms))
    plasticity stdp(a_plus: 0.05, w_max: 12.0) on exc -> exc.g_exc
    record spikes of exc, inh
}

network runaway(dt: time = 1 ms) {
    population a(5, neuron: explosive(rate: if i == 3 { 1.0 } else { 0.0 }))
}

neuron explosive(rate: f32 = 1.0) {
    state v: f32 = 1.0
    #method(euler)
    v' = rate * v * v * v * v / 1 ms
    spike when v < 0.0 {}
}
`;

const loaded = new Map<string, Promise<Readonly<Record<string, NetworkDefinition>>>>();

async function make(device: string, name: string, options: NetworkOptions = {}): Promise<Network> {
    const gpu = await testGpu(device);
    const module =
        loaded.get(device) ?? gpu.load({ source: SOURCE, path: "synapses.soma" }).then((each) => each.networks);
    loaded.set(device, module);
    return gpu.network((await module)[name] as NetworkDefinition, options);
}

async function floats(net: Network, name: string): Promise<Float32Array> {
    return (await net.state(name).read()) as Float32Array;
}

/** Lets neurons of relays fire in the next step alone. */
async function fire(net: Network, part: string, ...neurons: readonly number[]): Promise<void> {
    const go = net.state(`${part}.go`);
    const data = new Float32Array(go.size);
    for (const neuron of neurons) data[neuron] = 1;
    await go.write(data);
    await net.step();
    await go.write(new Float32Array(go.size));
}

describe.each(NETWORK_DEVICES)("on %s", (device) => {
    test("delays: spikes arrive after as many steps, one delay for all or one for each synapse", async () => {
        using net = await make(device, "delays");
        await fire(net, "a", 1);
        await net.step(5);
        const { values, times } = net.recorded("b.v");
        expect([...times]).toEqual([0.5, 1, 1.5, 2, 2.5, 3]);
        // Found at 0.5 ms, there at 2.0 ms: in the step that ends at 2.5 ms.
        expect([...values].filter((_, at) => at % 3 === 1)).toEqual([0, 0, 0, 2.5, 2.5, 2.5]);
        expect([...values].filter((_, at) => at % 3 !== 1).every((v) => v === 0)).toBe(true);
    });

    test("connectivity: each kind has its numbers of synapses", async () => {
        using net = await make(device, "shapes", { seed: 11 });
        const counts = net.synapses;
        const deviation = Math.sqrt(400 * 300 * 0.1 * 0.9);
        expect(Math.abs((counts["a->b.v"] as number) - 12_000)).toBeLessThan(5 * deviation);
        expect([counts["a->c.v"], counts["a->d.v"], counts["a->e.v"], counts["a->f.v"]]).toEqual([
            2100, 3600, 1234, 399,
        ]);
        await net.state("a.go").write(new Float32Array(400).fill(1));
        await net.step(2);
        expect(new Set(await floats(net, "c.v"))).toEqual(new Set([7]));
        const sum = (list: Float32Array) => list.reduce((a, b) => a + b, 0);
        expect(sum(await floats(net, "b.v"))).toBe(counts["a->b.v"]);
        expect(sum(await floats(net, "e.v"))).toBe(1234);
        const weights = (await net.weights("a->d.v").read()) as Float32Array;
        expect(Math.abs(sum(await floats(net, "d.v")) - sum(weights))).toBeLessThan(0.01);
        expect(weights.every((w) => w >= 0.5 && w <= 1.5)).toBe(true);
        const f = await floats(net, "f.v");
        expect([f[398], f[399]]).toEqual([1, 0]);
    });

    test("synapses: exponential, alpha and none, after their formulas; Tsodyks-Markram's amplitudes at 20 Hz", async () => {
        using net = await make(device, "filters");
        await fire(net, "a", 0);
        // It arrives in the second step, at whose end 0.1 ms have passed.
        await net.step(20);
        const t = 2;
        expect((await floats(net, "a->b.i.g"))[0]).toBeCloseTo(2 * Math.exp(-t / 3), 5);
        expect((await floats(net, "a->c.i.g"))[0]).toBeCloseTo(2 * (t / 2) * Math.exp(1 - t / 2), 5);
        expect((await floats(net, "d.v"))[0]).toBe(2);
        const amplitudes = [(await floats(net, "a->e.i.effect"))[0]];
        for (let spike = 1; spike < 5; spike++) {
            await net.step(spike === 1 ? 479 : 498);
            await fire(net, "a", 0);
            await net.step();
            amplitudes.push((await floats(net, "a->e.i.effect"))[0]);
        }
        // NEST's tsodyks2_synapse, U = .5, τ_rec = 800 ms.
        [0.5, 0.26515, 0.15483, 0.10302, 0.07868].forEach((expected, at) => {
            expect(amplitudes[at]).toBeCloseTo(expected, 4);
        });
    });

    test("triplet STDP: post at 0, pre at 10, post at 20 ms change the weight by −0.00228931 (NEST)", async () => {
        using net = await make(device, "triplet");
        await fire(net, "b", 2);
        await net.step(8);
        // A step until the spike is at its synapses.
        await fire(net, "a", 1);
        await net.step(10);
        await fire(net, "b", 2);
        const weights = (await net.weights("a->b.i").read()) as Float32Array;
        expect((weights[1 * 3 + 2] as number) - 1).toBeCloseTo(-0.00228931, 6);
        expect([...weights].filter((w) => w !== 1)).toHaveLength(1);
    });

    test("pairs: all to all, nearest and Vogels' rule, against their sums over spikes", async () => {
        using net = await make(device, "pairs");
        // Spikes of a arrive three steps later at b, one at c and d: with one of theirs in the same step at 5 and 40, a pair that
        // doesn't count (as GeNN's additive rule has it).
        const pre = [2, 7, 30, 31, 39, 60];
        const post = [5, 12, 13, 40, 66];
        for (let step = 0; step < 70; step++) {
            const go = (times: readonly number[]) => new Float32Array([times.includes(step) ? 1 : 0]);
            await net.state("a.go").write(go(pre));
            for (const part of ["b", "c", "d"]) await net.state(`${part}.go`).write(go(post));
            await net.step();
        }
        const decay = (steps: number) => Math.exp(-steps / 20);
        const clamp = (w: number, top: number) => Math.min(Math.max(w, 0), top);
        const follow = (
            delay: number,
            nearest: boolean,
            change: (w: number, event: "pre" | "post", trace: number) => number,
            top: number,
        ) => {
            let w = 0.5;
            const arrivals = pre.map((step) => step + delay);
            const sum = (events: readonly number[], now: number) => {
                const before = events.filter((step) => step < now);
                return (nearest ? before.slice(-1) : before).reduce((all, step) => all + decay(now - step), 0);
            };
            for (let step = 0; step < 70; step++) {
                if (arrivals.includes(step)) w = clamp(change(w, "pre", sum(post, step)), top);
                if (post.includes(step)) w = clamp(change(w, "post", sum(arrivals, step)), top);
            }
            return w;
        };
        const pair = (w: number, event: "pre" | "post", trace: number) =>
            event === "pre" ? w - 0.012 * trace : w + 0.01 * trace;
        const balance = (w: number, event: "pre" | "post", trace: number) =>
            w + 0.001 * (event === "pre" ? trace - 0.12 : trace);
        const weight = async (name: string) => ((await net.weights(name).read()) as Float32Array)[0];
        expect(await weight("a->b.i")).toBeCloseTo(follow(3, false, pair, 1), 6);
        expect(await weight("a->c.i")).toBeCloseTo(follow(1, true, pair, 1), 6);
        expect(await weight("a->d.i")).toBeCloseTo(follow(1, false, balance, 100), 6);
    });

    test("reward: a pair leaves an eligibility that the weight follows while there is dopamine", async () => {
        using net = await make(device, "rewarded");
        await fire(net, "a", 0);
        await net.step(10);
        await fire(net, "b", 0);
        const c = Math.exp(-10 / 20);
        await net.step(100);
        const eligibility = async () => (await floats(net, "a->b.i.c"))[0] as number;
        expect(await eligibility()).toBeCloseTo(c * Math.exp(-101 / 1000), 5);
        expect(((await net.weights("a->b.i").read()) as Float32Array)[0]).toBe(10);
        await net.state("a->b.i.dopamine").write(new Float32Array([0.01]));
        await net.step(200);
        // w' = 0.01 c(t): from its value then, over 200 ms of a decay of 1000 ms.
        const gain = 0.01 * c * Math.exp(-101 / 1000) * 1000 * (1 - Math.exp(-200 / 1000));
        // Of first order in the step of 1 ms: off by half of it in 1000.
        const learnt = ((await net.weights("a->b.i").read()) as Float32Array)[0] as number;
        expect(Math.abs(learnt - 10 - gain)).toBeLessThan(gain / 1000);
    });

    test("NaN in a state is an error that names the state, the neuron and the step", async () => {
        using net = await make(device, "runaway", { batch: 2 });
        await expect(net.step(20)).rejects.toThrow(
            /the state v of a is no finite number: neuron 3 of a of instance 0, in step [4-7] \([5-8] ms\)/,
        );
    });
});

describe("the same on every device", () => {
    const run = async (device: string, options: NetworkOptions) => {
        using net = await make(device, "noisy", options);
        await net.step(1500);
        const spikes = Array.from({ length: options.batch ?? 1 }, (_, r) =>
            ["exc", "inh"].map((name) => net.spikes(name, r)),
        );
        return { spikes, weights: (await net.weights("exc->exc.g_exc").read()) as Float32Array };
    };

    test("the same seed gives the same spikes and weights, alone or in a batch; another gives others", async () => {
        const [one, other] = [await run(NETWORK_DEVICES[0], { seed: 5 }), await run(NETWORK_DEVICES[1], { seed: 5 })];
        expect(one.spikes[0]?.[0]?.steps.length).toBeGreaterThan(200);
        expect(other).toEqual(one);
        const batch = await run(NETWORK_DEVICES[0], { seed: 5, batch: 2 });
        expect(batch.spikes[0]).toEqual(one.spikes[0]);
        expect(batch.weights.slice(0, one.weights.length)).toEqual(one.weights);
        expect(batch.spikes[1]).not.toEqual(one.spikes[0]);
        expect((await run(NETWORK_DEVICES[0], { seed: 6 })).spikes).not.toEqual(one.spikes);
    });
});
