// Events of a step, one by one: how spikes get into their list, and what synapses learn that share a pair of neurons, or both of whose ends are one.

import { describe, expect, test } from "vitest";
import type { NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { NETWORK_DEVICES } from "./reference.js";

const SOURCE = `
/// Fires where \`go\` is set.
neuron relay {
    port i: f32
    param go: f32 = 0.0
    state sum: f32 = 0.0
    #method(euler)
    sum' = i / dt
    spike when go > 0.0 {}
}

network crowd(dt: time = 1 ms) {
    population a(256, neuron: relay())
    record spikes of a
}

network crossed(dt: time = 1 ms) {
    population a(3, neuron: relay())
    connect a -> a.i (fan_in: 5, weight: random(0.2, 0.8))
    plasticity stdp() on a -> a
}
`;

describe.each(NETWORK_DEVICES)("on %s", (device) => {
    async function make(name: string) {
        const gpu = await testGpu(device);
        const { networks } = await gpu.load({ source: SOURCE, path: "events.soma" });
        return { gpu, net: gpu.network(networks[name] as NetworkDefinition, { seed: 6 }) };
    }

    test("a wave takes places in the list of spikes with one atomic, however many of its neurons fire", async () => {
        const { gpu, net: crowd } = await make("crowd");
        using net = crowd;
        const waves = 256 / gpu.properties.waveSize;
        for (const fires of [() => true, (i: number) => i % 3 === 1, () => false]) {
            const wanted = Array.from({ length: 256 }, (_, i) => i).filter(fires);
            await net.state("a.go").write(Array.from({ length: 256 }, (_, i) => (fires(i) ? 1 : 0)));
            net.clearRecords();
            const before = gpu.device.counters()?.vectorAtomic ?? Number.NaN;
            await net.step();
            const atomics = (gpu.device.counters()?.vectorAtomic ?? Number.NaN) - before;
            expect(atomics).toBe(wanted.length > 0 ? waves : 0);
            expect([...net.spikes("a").neurons].sort((a, b) => a - b)).toEqual(wanted);
        }
    });

    test("multapses and autapses deliver and learn each by itself, also where both of their ends fire in a step", async () => {
        const { net: crossed } = await make("crossed");
        using net = crossed;
        const name = "a->a.i";
        const [rows, targets] = await Promise.all(
            ["rows", "targets"].map((role) => net.state(`${name}.${role}`).read()),
        );
        const first = await net.weights(name).read();
        const synapses = Array.from(targets as Int32Array, (post, at) => {
            const pre = [0, 1, 2].find((i) => at < ((rows as Int32Array)[i + 1] as number)) as number;
            return { pre, post, w: first[at] as number };
        });
        // Of five synapses from three neurons at least two share their pair; all three neurons reach themselves or others.
        expect(synapses.length).toBe(15);
        expect(synapses.some(({ pre, post }) => pre === post)).toBe(true);

        const trains = [
            [2, 3, 4, 11, 25],
            [3, 9, 10, 26, 27],
            [4, 5, 12, 24, 26],
        ];
        const STEPS = 32;
        for (let step = 0; step < STEPS; step++) {
            await net.state("a.go").write(trains.map((train) => (train.includes(step) ? 1 : 0)));
            await net.step();
        }

        const sums = [0, 0, 0];
        const trace = (events: readonly number[], now: number) =>
            events.filter((step) => step < now).reduce((sum, step) => sum + Math.exp((step - now) / 20), 0);
        for (const synapse of synapses) {
            const own = trains[synapse.post] as number[];
            const arrivals = (trains[synapse.pre] as number[]).map((step) => step + 1);
            for (let step = 0; step < STEPS; step++) {
                if (arrivals.includes(step)) {
                    sums[synapse.post] = (sums[synapse.post] as number) + synapse.w;
                    synapse.w -= 0.012 * trace(own, step);
                }
                synapse.w = Math.min(Math.max(synapse.w, 0), 1);
                if (own.includes(step)) synapse.w += 0.01 * trace(arrivals, step);
                synapse.w = Math.min(Math.max(synapse.w, 0), 1);
            }
        }
        const learnt = await net.weights(name).read();
        synapses.forEach(({ w }, at) => {
            expect(learnt[at]).toBeCloseTo(w, 5);
            expect(Math.abs(w - (first[at] as number))).toBeGreaterThan(1e-3);
        });
        const found = await net.state("a.sum").read();
        sums.forEach((sum, post) => {
            expect(found[post]).toBeCloseTo(sum, 4);
        });

        // Traces are as of their last event: while nothing happens nobody touches them.
        await net.state("a.go").write([0, 0, 0]);
        await net.step(2);
        const traces = async () =>
            Promise.all(["x", "x.last", "y", "y.last"].map((each) => net.state(`${name}.${each}`).read()));
        const before = await traces();
        await net.step(10);
        expect(await traces()).toEqual(before);
        expect(before[1]).toEqual(Int32Array.from(trains, (train) => (train.at(-1) as number) + 1));
    });
});

test("how equations are stepped follows from them, or from the source, and is told", async () => {
    const gpu = await testGpu();
    const models = {
        linear: "v' = (1.0 - v + i) / tau",
        coupled: "v' = (u - v + i) / tau\n    u' = -u / (3.0 * tau)",
        conditional: "v' = (1.0 - v * (1.0 + i)) / tau",
        nonlinear: "v' = (1.0 - v * v + i) / tau",
        told: "#method(rk2)\n    v' = (1.0 - v + i) / tau",
    };
    const source = Object.entries(models)
        .map(
            ([name, equations]) => `neuron ${name}(tau: time = 10 ms) {
    port i: f32
    state v: f32 = 0.0${name === "coupled" ? "\n    state u: f32 = 1.0" : ""}
    ${equations}
    spike when v > 9.0 { v = 0.0 }
}
network of_${name}(dt: time = 1 ms) {
    population a(4, neuron: ${name}())
    connect a -> a.i (weight: 0.1)
}`,
        )
        .join("\n");
    const { networks } = await gpu.load({ source, path: "methods.soma" });
    const notes = (name: string) => (networks[`of_${name}`] as NetworkDefinition).manifest.notes.join("\n");
    expect(notes("linear")).toContain("a: exactly, as linear equations: a.v");
    expect(notes("coupled")).toContain("a: exactly, as linear equations: a.v, a.u");
    expect(notes("conditional")).toContain("a: by the exponential Euler method: a.v");
    expect(notes("nonlinear")).toContain("a: by Runge and Kutta's method of order 4: a.v");
    expect(notes("told")).toContain("a: by the midpoint method: a.v");
});
