// Many populations and connections of one structure are launched together, and do what each does alone: columns that nothing joins
// are compared with networks of one column, to the bit.

import { describe, expect, test } from "vitest";
import type { NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { NETWORK_DEVICES } from "./reference.js";

const COLUMNS = 4;

/** Of each kind of storage, of delays and of learning; nothing in it is drawn. */
const SOURCE = `import std.neuro { exponential, lif, tsodyks_markram }

network column(dt: time = 0.5 ms, n: index, drive: voltage, tau: time = 20 ms) {
    population exc(n, neuron: lif(tau: tau, v_rest: -65 mV + drive), v: -65 mV + 10 mV * i / n)
    population inh(n / 4, neuron: lif(tau: tau / 2, v_rest: -65 mV + drive), v: -65 mV + 12 mV * i / n)
    population free(n, neuron: lif(v_rest: -49 mV), v: -65 mV + 14 mV * i / n)
    connect exc -> exc.input (where: (i + j) % 3 == 0, weight: 0.02 mV * (1 + i % 5), delay: 1.5 ms, synapse: exponential())
    connect exc -> inh.input (weight: 0.1 mV * (1 + j % 3), synapse: exponential(tau: 3 ms))
    connect inh -> exc.input (probability: 1.0, storage: bitmask, weight: -0.3 mV, delay: 2 ms, synapse: exponential(tau: 8 ms))
    connect inh -> inh.v (probability: 1.0, storage: procedural, weight: -0.1 mV)
    connect exc -> free.input (where: (i * 7 + j) % 4 == 0, weight: 0.1 mV, delay: 0.5 ms * (1 + (i + j) % 6), synapse: exponential())
    connect free -> exc.input (one_to_one: true, weight: 2 mV, synapse: tsodyks_markram())
    plasticity stdp(a_plus: 0.05, w_max: 3.0) on exc -> exc
    plasticity stdp(a_plus: 0.02, w_max: 5.0) on exc -> inh
    record spikes of exc, inh, free
    record v of exc (every: 5 ms)
}

network many(dt: time = 0.5 ms) {
${Array.from({ length: COLUMNS }, (_, at) => `    network c${at} = column(n: ${24 + 8 * at}, drive: ${20 + 2 * at} mV)`).join("\n")}
}

network sick(dt: time = 0.5 ms) {
${Array.from({ length: COLUMNS }, (_, at) => `    network c${at} = column(n: 24, drive: 16 mV)`).join("\n")}
}
`;

describe.each(NETWORK_DEVICES)("on %s", (device) => {
    test("columns in one network fire, learn and remember as each alone", async () => {
        const gpu = await testGpu(device);
        const { networks } = await gpu.load({ source: SOURCE, path: "merging.soma" });
        const definitions = networks as Record<"many" | "column", NetworkDefinition>;
        using many = gpu.network(definitions.many, { seed: 3, batch: 2 });
        await many.step(50);
        many.set("c2.exc.tau", 12);
        await many.step(40);
        for (const at of [0, 2, 3]) {
            const parameters = { n: 24 + 8 * at, drive: 20 + 2 * at };
            using one = gpu.network(definitions.column, { seed: 3, parameters });
            await one.step(50);
            if (at === 2) one.set("exc.tau", 12);
            await one.step(40);
            for (const population of ["exc", "inh", "free"]) {
                const spikes = one.spikes(population);
                expect(spikes.steps.length).toBeGreaterThan(10);
                for (const r of [0, 1]) expect(many.spikes(`c${at}.${population}`, r)).toEqual(spikes);
            }
            expect(many.recorded(`c${at}.exc.v`, 1)).toEqual(one.recorded("exc.v"));
            for (const [from, to] of [
                ["exc", "exc"],
                ["exc", "inh"],
            ]) {
                const weights = (await one.weights(`${from}->${to}.input`).read()) as Float32Array;
                const all = (await many.weights(`c${at}.${from}->c${at}.${to}.input`).read()) as Float32Array;
                expect(all.slice(0, weights.length)).toEqual(weights);
                expect(all.slice(weights.length)).toEqual(weights);
                expect(new Set(weights).size).toBeGreaterThan(10);
            }
        }
    });
});

test("a step of many columns has few more launches than a step of one", async () => {
    const gpu = await testGpu();
    const { networks } = await gpu.load({ source: SOURCE, path: "merging.soma" });
    const launches = (name: string) => (networks[name] as NetworkDefinition).manifest.schedules.step.length;
    expect(launches("many")).toBeLessThanOrEqual(launches("column") + 2);
});

test("what a learning network delivers, steps and learns is three launches a step", async () => {
    const gpu = await testGpu();
    const source = `import std.neuro { exponential, lif }
network reader(dt: time = 1 ms) {
    stimulus image(100, poisson: 20 Hz)
    population exc(80, neuron: lif())
    population inh(80, neuron: lif())
    connect image -> exc.input (weight: random(0 mV, 1 mV), synapse: exponential())
    connect exc -> inh.input (one_to_one: true, weight: 20 mV, synapse: exponential())
    connect inh -> exc.input (where: i != j, weight: -5 mV, synapse: exponential())
    plasticity stdp() on image -> exc
}`;
    const { networks } = await gpu.load({ source, path: "reader.soma" });
    expect((networks.reader as NetworkDefinition).manifest.schedules.step).toHaveLength(3);
});

test("a checkpoint of merged populations goes on to the bit", async () => {
    const gpu = await testGpu();
    const { networks } = await gpu.load({ source: SOURCE, path: "merging.soma" });
    using first = gpu.network(networks.many as NetworkDefinition, { seed: 3 });
    await first.step(30);
    const checkpoint = await first.save();
    await first.step(20);
    using second = gpu.network(networks.many as NetworkDefinition, { seed: 3 });
    await second.restore(checkpoint);
    await second.step(20);
    expect(await second.save()).toEqual(await first.save());
});

test("NaN in a merged population names the population and the neuron", async () => {
    const gpu = await testGpu();
    const { networks } = await gpu.load({ source: SOURCE, path: "merging.soma" });
    using net = gpu.network(networks.sick as NetworkDefinition);
    await net.step(3);
    const v = (await net.state("c3.inh.v").read()) as Float32Array;
    v[5] = Number.NaN;
    await net.state("c3.inh.v").write(v);
    await expect(net.step(5)).rejects.toThrow(/v of c3\.inh is no finite number.*neuron 5/s);
});
