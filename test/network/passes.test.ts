// How passes of layers get to the device: as graphs of HIP's, whose calls a library in front of the virtual GPU counts.

import { afterAll, expect, it } from "vitest";
import { FaultyHip } from "../runtime/faults/faulty.js";

const SOURCE = `
network small {
    layer input(4, activation: identity)
    layer hidden(3, activation: relu)
    layer output(2, activation: identity)
    connect input -> hidden (weight: random(-0.5, 0.5))
    connect hidden -> output (weight: random(-0.5, 0.5))
    plasticity hebbian(learning_rate: 0.001)
}`;

const hip = new FaultyHip();
afterAll(() => hip[Symbol.dispose]());

async function callsOf(name: string, run: () => Promise<unknown>): Promise<number> {
    // None of them fails.
    hip.plan({ function: name, nth: 1_000_000 });
    await run();
    const { calls } = hip.counts();
    hip.stop();
    return calls;
}

it("are one call of HIP's each", async () => {
    using gpu = await hip.open();
    const { networks } = await gpu.load({ source: SOURCE });
    using network = gpu.network(networks.small as never, { seed: 1 });
    const input = [[1, 2, 3, 4]];
    const forward = async () => [...(await (await network.forward(input)).read())];
    const first = await forward();
    expect(await callsOf("hipGraphLaunch", () => network.forward(input))).toBe(1);
    expect(await callsOf("hipModuleLaunchKernel", () => network.forward(input))).toBe(0);
    expect(await forward()).toEqual(first);
    expect(await callsOf("hipGraphLaunch", () => network.train(input))).toBeGreaterThan(0);
});
