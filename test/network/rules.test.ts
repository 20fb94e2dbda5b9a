// Rules of learning against their own formulas, stepped in double precision.

import { describe, expect, test } from "vitest";
import type { Network, NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { NETWORK_DEVICES } from "./reference.js";

const SOURCE = `import std.neuro { lif_adaptive, stdp_dopamine, stdp_multiplicative, stdp_scaled, stdp_structural }

neuron relay {
    param go: f32 = 0.0
    spike when go > 0.0 {}
}

neuron relay_in {
    port i: f32
    param go: f32 = 0.0
    state unused: f32 = 0.0
    unused' = (i - unused) / 10 ms
    spike when go > 0.0 {}
}

network pair(dt: time = 1 ms) {
    population a(1, neuron: relay())
    population b(1, neuron: relay_in())
    connect a -> b.i (weight: 50.0)
    plasticity stdp_multiplicative()
}

network powers(dt: time = 1 ms) {
    population a(1, neuron: relay())
    population b(1, neuron: relay_in())
    connect a -> b.i (weight: 50.0)
    plasticity stdp_multiplicative(lambda: 0.05, alpha: 1.2, mu_plus: 0.4, mu_minus: 2.0, tau_minus: 30 ms, w_max: 80.0)
}

network rewarded(dt: time = 1 ms) {
    population a(2, neuron: relay())
    population b(2, neuron: relay_in())
    population reward(3, neuron: relay())
    connect a -> b.i (one_to_one: true, weight: 10.0)
    plasticity stdp_dopamine(dopamine: reward)
}

network scaled(dt: time = 10 ms) {
    population a(1, neuron: relay())
    population b(2, neuron: relay_in())
    connect a -> b.i (weight: 0.5)
    plasticity stdp_scaled()
}

network growing(dt: time = 1 ms) {
    population a(20, neuron: relay())
    population b(50, neuron: relay_in())
    connect a -> b.i (fan_out: 10, weight: if j < 25 { 0.01 } else { 0.3 })
    plasticity stdp_structural(period: 100 ms)
}

network threshold(dt: time = 0.5 ms) {
    stimulus drive(1, regular: 50 Hz)
    population slow(1, neuron: lif_adaptive())
    connect drive -> slow.v (weight: 20 mV)
    record spikes of slow
    population cell(1, neuron: lif_adaptive(theta_plus: 2 mV, tau_theta: 1000 ms))
    connect drive -> cell.v (weight: 20 mV)
    record spikes of cell
}
`;

async function make(device: string, name: string, options = {}): Promise<Network> {
    const gpu = await testGpu(device);
    const { networks } = await gpu.load({ source: SOURCE, path: "rules.soma" });
    return gpu.network(networks[name] as NetworkDefinition, options);
}

/** Runs steps in which neurons fire that the lists of their parts name. */
async function play(
    net: Network,
    steps: number,
    spikes: Readonly<Record<string, readonly (readonly number[])[]>>,
): Promise<void> {
    for (let step = 0; step < steps; step++) {
        for (const [part, times] of Object.entries(spikes)) {
            await net.state(`${part}.go`).write(Float32Array.from(times, (own) => (own.includes(step) ? 1 : 0)));
        }
        await net.step();
    }
}

const first = async (net: Network, name: string) => ((await net.state(name).read()) as Float32Array)[0] as number;

describe.each(NETWORK_DEVICES)("on %s", (device) => {
    test("multiplicative pairs: NEST's stdp_synapse, w/W += λ(1 − w/W)^μ₊·K₊ on post, −= αλ(w/W)^μ₋·K₋ on pre", async () => {
        for (const [name, lambda, alpha, plus, minus, tauMinus, top] of [
            // Its defaults, and others.
            ["pair", 0.01, 1, 1, 1, 20, 100],
            ["powers", 0.05, 1.2, 0.4, 2, 30, 80],
        ] as const) {
            using net = await make(device, name);
            const [pre, post] = [
                [2, 7, 30, 31, 60],
                [5, 12, 13, 40, 66],
            ];
            await play(net, 70, { a: [pre], b: [post] });
            // A spike of a is at its synapse a step later.
            let [w, kPlus, kMinus] = [50, 0, 0];
            for (let step = 0; step < 70; step++) {
                const [arrives, fires] = [pre.includes(step - 1), post.includes(step)];
                if (arrives) w -= top * alpha * lambda * (w / top) ** minus * kMinus;
                if (fires) w += top * lambda * (1 - w / top) ** plus * kPlus;
                kPlus = (kPlus + (arrives ? 1 : 0)) * Math.exp(-1 / 20);
                kMinus = (kMinus + (fires ? 1 : 0)) * Math.exp(-1 / tauMinus);
            }
            expect(Math.abs(w - 50)).toBeGreaterThan(0.1);
            expect(await first(net, "a->b.i.weights"), name).toBeCloseTo(w, 4);
        }
    });

    test("dopamine: spikes of a population raise it by 1 / τn, and weights follow c·(n − b) (stdp_dopamine_synapse)", async () => {
        using net = await make(device, "rewarded");
        await play(net, 400, { a: [[1], []], b: [[11], []], reward: [[50, 200], [50], []] });
        // Two dopamine spikes at 50 ms, one at 200 ms; the pair is 9 ms apart, as a's spike travels one.
        let [w, c, n] = [10, 0, 0];
        for (let step = 0; step < 400; step++) {
            // Within a step c fades, and n holds its value from before.
            if (step === 11) c += Math.exp(-9 / 20);
            const [before, level] = [c, n];
            c *= Math.exp(-1 / 1000);
            w += (before * level) / 200;
            n = (n + (step === 50 ? 2 : step === 200 ? 1 : 0)) * Math.exp(-1 / 200);
        }
        expect(w).toBeGreaterThan(10.5);
        expect(Math.abs((await first(net, "a->b.i.weights")) - w)).toBeLessThan(1e-3);
        expect(((await net.weights("a->b.i").read()) as Float32Array)[1]).toBe(10);
    });

    test("scaling: once a second, w += (d·w·scale + Δw)·target / T / (1 + 50 |d|) (CARLsim)", async () => {
        using net = await make(device, "scaled");
        // Neuron 0 fires at 20 Hz, twice its target; neuron 1 doesn't.
        const post = Array.from({ length: 60 }, (_, k) => 5 * k + 2);
        await play(net, 300, { a: [[0]], b: [post, []] });
        const expected = [post, []].map((spikes) => {
            let [w, change, x, count] = [0.5, 0, 0, 0];
            for (let step = 0; step < 300; step++) {
                const fires = spikes.includes(step);
                if (fires) change += 0.01 * x;
                x = (x + (step === 1 ? 1 : 0)) * Math.exp(-10 / 20);
                // Traces are raised before a period's end is looked at.
                if (fires) count++;
                if ((step + 1) % 100 === 0) {
                    const d = 1 - ((count / 10_000) * 1000) / 10;
                    w = Math.min(Math.max(w + ((d * w * 0.1 + change) * 10) / 10 / (1 + 50 * Math.abs(d)), 0), 1);
                    change = 0;
                }
                count *= Math.exp(-10 / 10_000);
            }
            return w;
        });
        const weights = (await net.weights("a->b.i").read()) as Float32Array;
        expect(weights[0]).toBeCloseTo(expected[0] as number, 5);
        expect(weights[1]).toBeCloseTo(expected[1] as number, 5);
        expect(weights[1]).toBeGreaterThan(0.5);
    });

    test("structure: weak synapses are pruned and grow elsewhere, and their number stays", async () => {
        using net = await make(device, "growing", { seed: 8 });
        const before = (await net.state("a->b.i.targets").read()) as Int32Array;
        const weak = [...before].filter((j) => j < 25).length;
        expect(weak).toBeGreaterThan(50);
        await net.step(99);
        expect(await net.state("a->b.i.targets").read()).toEqual(before);
        await net.step(1);
        const after = (await net.state("a->b.i.targets").read()) as Int32Array;
        const weights = (await net.weights("a->b.i").read()) as Float32Array;
        expect(after).toHaveLength(before.length);
        before.forEach((j, at) => {
            expect(weights[at]).toBeCloseTo(j < 25 ? 0.5 : 0.3, 6);
            if (j >= 25) expect(after[at]).toBe(j);
            expect(after[at]).toBeGreaterThanOrEqual(0);
            expect(after[at]).toBeLessThan(50);
        });
        // New targets are drawn from all 50: a pair in 50 draws its old one.
        expect([...after].filter((j, at) => j !== before[at]).length).toBeGreaterThan(0.9 * weak);
        // Learning finds synapses by their new targets: a fires, then all of b, and each synapse grows once.
        await net.state("a.go").write(new Float32Array(20).fill(1));
        await net.step();
        await net.state("a.go").write(new Float32Array(20));
        await net.step(4);
        await net.state("b.go").write(new Float32Array(50).fill(1));
        await net.step();
        const learnt = (await net.weights("a->b.i").read()) as Float32Array;
        learnt.forEach((w, at) => {
            expect(w - (weights[at] as number)).toBeCloseTo(0.01 * Math.exp(-4 / 20), 6);
        });
    });

    test("an adaptive threshold rises with each spike (Diehl & Cook)", async () => {
        using net = await make(device, "threshold");
        await net.step(600);
        const { steps } = net.spikes("cell");
        let theta = 0;
        for (let step = 0; step < 600; step++) {
            theta *= Math.exp(-0.5 / 1000);
            if (steps.includes(step)) theta += 2;
        }
        expect(steps.length).toBeGreaterThan(3);
        expect(await first(net, "cell.theta")).toBeCloseTo(theta, 3);
        // Each pulse is of 20 mV: after a few spikes the threshold is above what one reaches.
        expect(steps.length).toBeLessThan(12);
        // Their own constants, 0.05 mV a spike and 10⁷ ms: in 300 ms nothing of it is lost that could be seen.
        const spikes = net.spikes("slow").steps.length;
        expect(spikes).toBeGreaterThan(10);
        expect(Math.abs((await first(net, "slow.theta")) / (0.05 * spikes) - 1)).toBeLessThan(1e-4);
    });
});
