// What is recorded of states is what lies on the device after each step, whatever the number of steps that are replayed at once.

import { expect, test } from "vitest";
import type { NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { NETWORK_DEVICES } from "./reference.js";

const network = (name: string, order: string) => `
network ${name}(dt: time = 0.5 ms, apart: time = 3.5 ms) {
    stimulus drive(20, poisson: 200 Hz)
    population a(70, neuron: lif(tau: 15 ms), v: random(-65 mV, -50 mV))
    population b(300, neuron: gate())
    connect drive -> a.input (probability: 0.5, weight: 9 mV, synapse: exponential(tau: 5 ms))
    connect a -> b.x (fan_in: 3, weight: 0.5)
    record v of a
    record x of b (every: apart)
    record y of b (every: 40 ms)
    record spikes of a
    ${order}
}`;

const SOURCE = `import std.neuro { exponential, lif }
neuron gate {
    state x: f32 = 0.0
    state y: f32 = 0.0
    spike when x > 3.0 { x = 0.0; y += 1.0 }
}
${network("found_last", "")}
${network("found_first", "step { spike; deliver; integrate; learn }")}
`;

test.each(NETWORK_DEVICES)("states after each step, or every so many: %s", async (device) => {
    const gpu = await testGpu(device);
    const { networks } = await gpu.load({ source: SOURCE, path: "recording.soma" });
    for (const name of ["found_last", "found_first"]) {
        const definition = networks[name] as NetworkDefinition;
        using net = gpu.network(definition, { seed: 5, batch: 2 });
        using slow = gpu.network(definition, { seed: 5, batch: 2 });
        const expected: Record<string, { times: number[]; values: number[][][] }> = {};
        const steps = 200;
        for (let step = 1; step <= steps; step++) {
            await slow.step();
            for (const [state, every] of [
                ["a.v", 1],
                ["b.x", step <= 150 ? 7 : 2],
                ["b.y", 80],
            ] as const) {
                expected[state] ??= { times: [], values: [[], []] };
                if (step === 150 && state === "b.x") slow.set("apart", 1);
                if (step % every !== 0) continue;
                const all = [...((await slow.state(state).read()) as Float32Array)];
                expected[state].times.push(step * 0.5);
                for (const r of [0, 1])
                    expected[state].values[r]?.push(all.slice((r * all.length) / 2, ((r + 1) * all.length) / 2));
            }
        }
        await net.step(131);
        await net.step(19);
        // From here on more moments fall into a step's block than the ring was made for.
        net.set("apart", 1);
        await net.step(50);
        for (const [state, { times, values }] of Object.entries(expected)) {
            for (const r of [0, 1]) {
                const found = net.recorded(state, r);
                expect([...found.times]).toEqual(times);
                expect([...found.values]).toEqual(values[r]?.flat());
            }
        }
        expect(net.spikes("a", 1)).toEqual(slow.spikes("a", 1));
        expect(net.spikes("a", 1).steps.length).toBeGreaterThan(50);
        expect(net.recorded("b.y").values.some((y) => y > 0)).toBe(true);
    }
});
