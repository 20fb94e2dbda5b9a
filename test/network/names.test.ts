// What models call their own doesn't matter: names that generated kernels use themselves give the same network as others.

import { expect, test } from "vitest";
import type { NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";

const models = (suffix: string, [v, w, g, x, c, p, local]: readonly string[]) => `
neuron cell_${suffix}(${p}: time = 15 ms) {
    port ${g}: f32
    param ${c}: f32 = 0.0
    state ${v}: f32 = 0.0
    state ${w}: f32 = 0.5
    #method(${v}: rk2, ${w}: euler)
    ${v}' = (1.2 + ${c} + ${g} - ${v} - ${w}) / ${p}
    ${w}' = (${v} - ${w}) / 100 ms
    spike when rises(${v}, 0.5) { let ${local} = 0.1 * ${v}; ${v} = 0.0; ${w} += ${local}; refractory 2 ms }
}
synapse fading_${suffix}(${p}: time) {
    state ${v}: f32 = 0.0
    state ${x}: f32 = 1.0
    ${v}' = -${v} / ${p}
    ${x}' = (1.0 - ${x}) / (50.0 * ${p})
    on spike { ${v} += weight * ${x}; ${x} -= 0.2 * ${x} }
    output ${v}
}
plasticity learning_${suffix}(${p}: time = 20 ms) {
    trace ${x}(tau: ${p}) on pre
    trace ${g}(tau: ${p}) on post
    state ${c}: f32 = 0.1
    on pre { w -= 0.1 * ${g}; ${c} += 0.01 }
    on post { let ${local} = 0.2 * ${x}; w += ${local} * ${c} }
    bound w in 0.0 .. 2.0
}
network net_${suffix}(dt: time = 0.5 ms) {
    stimulus drive(20, regular: 30 Hz + 1 Hz * i)
    population a(30, neuron: cell_${suffix}(${c}: 0.01 * i))
    connect drive -> a.${g} (weight: 0.05, synapse: fading_${suffix}(${p}: 5 ms))
    connect a -> a.${g} (where: i != j, weight: 0.02, synapse: fading_${suffix}(${p}: 5 ms))
    plasticity learning_${suffix}() on drive -> a
    record spikes of a
}`;

test("names that kernels have themselves", async () => {
    const gpu = await testGpu();
    const lists = [
        ["v", "u", "g", "x", "c", "tau", "change"],
        ["s", "next_s", "n", "q", "k0", "t", "i"],
        ["spike_", "one", "slot", "held", "base", "r", "j"],
    ];
    const source = lists.map((names, at) => models(String(at), names)).join("\n");
    const { networks } = await gpu.load({ source, path: "names.soma" });
    const run = async (at: number) => {
        using net = gpu.network(networks[`net_${at}`] as NetworkDefinition);
        await net.step(400);
        return { spikes: net.spikes("a"), state: await net.state(`a.${lists[at]?.[1]}`).read() };
    };
    const plain = await run(0);
    expect(plain.spikes.steps.length).toBeGreaterThan(50);
    expect(await run(1)).toEqual(plain);
    expect(await run(2)).toEqual(plain);
});
