// A network that does not fit is refused before anything of it is drawn, with the sizes.

import { expect, test } from "vitest";
import type { NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";

const large = (name: string, connectivity: string, n = 400_000) => `
network ${name}(n: index = ${n}) {
    population a(n, neuron: lif())
    connect a -> a.input (${connectivity}, weight: random(0 mV, 1 mV), synapse: exponential())
}`;

/** Each of 16 · 10⁹ synapses or more, of which drawing alone would take hours and more memory than there is. */
const CASES = {
    probability: "probability: 0.1",
    fan_in: "fan_in: 40000",
    fan_out: "fan_out: 40000",
    total: "total: 16000000000",
};

test("by any connectivity, in no time", async () => {
    const gpu = await testGpu();
    const source = `import std.neuro { exponential, lif }${Object.entries(CASES)
        .map(([name, connectivity]) => large(name, connectivity))
        .join("")}`;
    const { networks } = await gpu.load({ source, path: "memory.soma" });
    const before = gpu.memory.asked;
    for (const name of Object.keys(CASES)) {
        // Weights and targets are 4 bytes each: 16 · 10⁹ synapses are 59.6 GiB of both.
        expect(() => gpu.network(networks[name] as NetworkDefinition)).toThrow(
            /takes 119\.\d GiB of memory, and .* has .*; most of it: a->a\.input\.weights \[1, 1(6|5\.?9)\d*\] 59\.\d GiB/,
        );
    }
    expect(gpu.memory.asked).toBe(before);
});
