// Data of another shape or kind than a network takes: each is a typed error that says what was expected and what was found.

import { expect, test } from "vitest";
import type { NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";

const SOURCE = `import std.neuro { lif }

network reader {
    layer image(6, activation: identity)
    layer digit(2, activation: softmax)
    connect image -> digit (weight: 0.5)
    plasticity delta(learning_rate: 0.1)
}

network played(n: index = 5) {
    stimulus drive(n, spikes: data)
    population a(3, neuron: lif())
    connect drive -> a.v (weight: 1 mV)
}
`;

async function make() {
    const gpu = await testGpu();
    const { networks } = await gpu.load({ source: SOURCE, path: "wrong.soma" });
    return { gpu, networks: networks as Readonly<Record<string, NetworkDefinition>> };
}

test("activities and targets of another shape", async () => {
    const { gpu, networks } = await make();
    using net = gpu.network(networks.reader as NetworkDefinition);
    using wide = gpu.tensor("f32", [2, 7]);
    const [input, target] = [new Float32Array(12), new Float32Array(4)];
    const short = new Float32Array(2);
    const refused: readonly (readonly [Promise<unknown>, string])[] = [
        [net.forward(new Float32Array(7)), "image has 7 numbers, which is no whole number of samples of 6"],
        [net.forward([]), "image has 0 numbers"],
        [net.forward([[1, 2, 3]] as never), "data[0] has 3 entries, and the shape takes 6 there"],
        [net.forward(wide), "image is f32[samples, 6], not f32[2, 7]"],
        [net.train(input, { target: new Float32Array(3) }), "digit has 3 numbers"],
        [net.train(input, { target: short }), "digit has 1 samples, and the input of this pass has 2"],
        [
            net.train(input, { target, clamp: { digit: short } }),
            "digit has 1 samples, and the input of this pass has 2",
        ],
    ];
    for (const [attempt, message] of refused) {
        await expect(attempt).rejects.toMatchObject({
            code: "ERR_SOMA_SHAPE",
            message: expect.stringContaining(message),
        });
    }
    await expect(net.forward(null as never)).rejects.toThrow("its input layers are image");
    // What was refused has changed nothing that the next pass needs.
    expect([...((await (await net.train(input, { target })).read()) as Float32Array)]).toEqual([0.5, 0.5, 0.5, 0.5]);
});

test("checkpoints of other networks and sizes, cut off or none, and stimuli of another number of neurons", async () => {
    const { gpu, networks } = await make();
    using net = gpu.network(networks.played as NetworkDefinition);
    using larger = gpu.network(networks.played as NetworkDefinition, { parameters: { n: 7 } });
    using reader = gpu.network(networks.reader as NetworkDefinition);
    const checkpoint = await net.save();
    await expect(reader.restore(checkpoint)).rejects.toThrow("a network with network played, and this one has reader");
    await expect(larger.restore(checkpoint)).rejects.toThrow("has f32[1, 5] for drive.emits, which is f32[1, 7]");
    await expect(net.restore(checkpoint.slice(0, -4))).rejects.toThrow("does not lie within it");
    await expect(net.restore(undefined as never)).rejects.toThrow("a checkpoint is a Uint8Array, not undefined");
    await expect(net.state("drive.emits").write(new Float32Array(4))).rejects.toThrow(
        "data has 4 elements, and the shape [1, 5] takes 5",
    );
    await net.restore(checkpoint);
    expect(await net.save()).toEqual(checkpoint);
});
