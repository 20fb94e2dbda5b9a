// What a program may get wrong in its calls: each is a typed error that names the place, the cause and, where there is one, the remedy,
// and changes nothing.

import { expect, test } from "vitest";
import type { Network, NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { NETWORK_DEVICES } from "./reference.js";

const SOURCE = `import std.neuro { exponential, lif, poisson }

network cells(dt: time = 1 ms, t: time = 5 ms) {
    stimulus drive(2, poisson: 20 Hz)
    population exc(2, neuron: lif())
    population noise(2, neuron: poisson())
    connect exc -> exc.v (weight: 1 mV, synapses: data)
    connect drive -> exc.v (weight: random(0 mV, 1 mV))
    connect noise -> exc.input (weight: 1 mV, synapse: exponential(tau: 2 * t))
    plasticity stdp() on drive -> exc
    record spikes of exc
    record v of exc
}

network reader {
    layer image(2, activation: identity)
    layer digit(2)
    connect image -> digit (weight: 1.0)
    plasticity delta()
}

network fixed {
    layer image(2, activation: identity)
    layer digit(choose(2, 3))
    connect image -> digit (weight: 1.0)
}
`;

const DATA = { "exc->exc.v": { pre: [0], post: [1] } };

async function load(device: string = NETWORK_DEVICES[0]) {
    const gpu = await testGpu(device);
    const { networks } = await gpu.load({ source: SOURCE, path: "arguments.soma" });
    return { gpu, networks: networks as Readonly<Record<"cells" | "reader" | "fixed", NetworkDefinition>> };
}

/** Arguments as a program in JavaScript may pass them. */
const wrong = (value: unknown) => value as never;

test("options, parameters and data of another kind or name", async () => {
    const { gpu, networks } = await load();
    const making: readonly (readonly [unknown, string])[] = [
        [null, "network: options are an object, not null"],
        [7, "network: options are an object, not 7"],
        [{ sed: 7 }, "network has no option sed (did you mean seed?)"],
        [{ parameters: null }, "parameters is an object of values by their names, not null"],
        [{ parameters: [1] }, "parameters is an object of values by their names, not an array"],
        [{ data: null }, "data is an object of values by their names, not null"],
        [
            { data: DATA, parameters: { "exc.tau": null } },
            "exc.tau is a number, or 1 of them for its instances, not null",
        ],
        [
            { data: { "exc->exc.w": DATA["exc->exc.v"] } },
            "no connection exc->exc.w takes its synapses from data (did you mean exc->exc.v?)",
        ],
        [{ data: { ...DATA, "drive->exc.v": {} } }, "drive->exc.v draws its synapses itself: write `synapses: data`"],
        [{ data: { "exc->exc.v": null } }, "the connection exc->exc.v: data: options are an object, not null"],
        [{ data: { "exc->exc.v": { pre: 3, post: [1] } } }, "takes lists of numbers as data, and pre is 3"],
        [
            { data: { "exc->exc.v": { pre: [0], post: [1], weigth: [1] } } },
            "has no option weigth (did you mean weight?)",
        ],
        [{ data: { "exc->exc.v": { pre: [0], post: [1], weight: [Number.NaN] } } }, "the weight NaN of synapse 0"],
        [{ data: { "exc->exc.v": { pre: [0], post: [2] } } }, "names neuron 2, which isn't there"],
    ];
    for (const [options, message] of making) {
        expect(() => gpu.network(networks.cells, wrong(options)), message).toThrow(
            expect.objectContaining({ code: "ERR_SOMA_ARGUMENT", message: expect.stringContaining(message) }),
        );
    }
});

test("times that equations divide by are above 0, however they come about, and what is refused changes nothing", async () => {
    const { gpu, networks } = await load();
    expect(() => gpu.network(networks.cells, { data: DATA, parameters: { "exc.tau": -5 } })).toThrow(
        "network cells: exc.tau would be -5, and this time is above 0",
    );
    using net = gpu.network(networks.cells, { data: DATA });
    expect(() => net.set("exc.tau", 0)).toThrow("exc.tau would be 0");
    expect(() => net.set("exc.t_ref", -1)).toThrow("exc.t_ref would be -1, and this time is 0 or more");
    expect(() => net.set("stdp.tau_pre", -1)).toThrow("stdp.tau_pre would be -1");
    // The synapse's is twice t.
    expect(() => net.set("t", -1)).toThrow("noise->exc.input.tau would be -2");
    expect([net.get("exc.tau"), net.get("stdp.tau_pre"), net.get("t")]).toEqual([20, 20, 5]);
    await net.step(3);
});

test("names, values and instances of another kind", async () => {
    const { gpu, networks } = await load();
    using net = gpu.network(networks.cells, { data: DATA });
    const calls: readonly (readonly [(net: Network) => unknown, string])[] = [
        [(net) => net.set(wrong(null), 3), "a parameter's name is a text, not null"],
        [
            (net) => net.set("exc.tau", wrong(undefined)),
            "exc.tau is a number, or 1 of them for its instances, not undefined",
        ],
        [(net) => net.set("exc.tau", wrong({})), "not an Object"],
        [(net) => net.set("exc.tau", wrong(5n)), "not 5n"],
        [(net) => net.get(wrong(null)), "a parameter's name is a text, not null"],
        [(net) => net.get("exc.tau", 5), "there is no instance 5: they are 0 to 0"],
        [(net) => net.state(wrong(null)), "a state's name is a text, not null"],
        [(net) => net.weights(wrong(undefined)), "a connection's name is a text, not undefined"],
        [(net) => net.spikes(wrong({})), "a population's name is a text, not an Object"],
        [(net) => net.spikes("exc", 3), "there is no instance 3"],
        [(net) => net.recorded(wrong(undefined)), "a state's name is a text, not undefined"],
        [(net) => net.recorded("exc"), "doesn't record exc: name a population's state, as in `exc.v`"],
        [(net) => net.recorded("exc.v", wrong("1")), 'there is no instance "1"'],
        [(net) => net.watch(wrong(null), () => {}), "watch: options are an object, not null"],
        [(net) => net.watch({ spikes: ["exc"] }, wrong(undefined)), "watch takes a function that gets the frames"],
        [(net) => net.watch({ spikes: wrong("exc") }, () => {}), 'names of populations come in a list, not as "exc"'],
        [(net) => net.watch({ spikes: ["exc"], every: -1 }, () => {}), "`every` is a time in ms, not -1"],
        [(net) => net.watch({ instance: 2 }, () => {}), "there is no instance 2"],
    ];
    for (const [call, message] of calls) {
        expect(() => call(net), message).toThrow(
            expect.objectContaining({ code: "ERR_SOMA_ARGUMENT", message: expect.stringContaining(message) }),
        );
    }
    const later: readonly (readonly [() => Promise<unknown>, string])[] = [
        [() => net.step(wrong(null)), "step takes a number of steps, not null"],
        [() => net.step(wrong("5")), 'step takes a number of steps, not "5"'],
        [() => net.loadNpy("drive->exc.v", wrong(null)), "a .npy file is a Uint8Array, not null"],
        [() => net.saveNpy(wrong(null)), "a connection's name is a text, not null"],
        [() => net.measure(wrong(3)), "a connection's name is a text, not 3"],
        [() => net.train([1, 2]), "has no rules that learn from layers"],
        [() => gpu.search(networks.fixed, wrong(null)), "search: options are an object, not null"],
        [() => gpu.search(networks.fixed, wrong({})), "search: score is a function"],
        [() => gpu.search(networks.fixed, { score: wrong(() => null) }), "a score is a number for each of the"],
        [
            () => gpu.search(networks.fixed, { score: () => [1], strategy: wrong("random") }),
            'strategy is "evolution" or "halving", not "random"',
        ],
    ];
    for (const [call, message] of later) {
        await expect(call(), message).rejects.toMatchObject({
            code: "ERR_SOMA_ARGUMENT",
            message: expect.stringContaining(message),
        });
    }
});

test("activities and options of passes of another kind", async () => {
    const { gpu, networks } = await load();
    using net = gpu.network(networks.reader);
    const target = [1, 2];
    const calls: readonly (readonly [() => Promise<unknown>, string])[] = [
        [() => net.forward(wrong("ab")), "its input layers are image"],
        [() => net.forward(wrong({ image: null })), "the activity of image is a tensor or numbers, not null"],
        [() => net.forward(wrong(new DataView(new ArrayBuffer(8)))), "its input layers are image"],
        [() => net.forward([Number.NaN, 1]), "the activity of image takes numbers, and number 0 of it is NaN"],
        [() => net.forward(Float32Array.of(1, Number.POSITIVE_INFINITY)), "number 1 of it is Infinity"],
        [() => net.train(target, wrong(null)), "train: options are an object, not null"],
        [() => net.train(target, wrong({ targets: target })), "train has no option targets (did you mean target?)"],
        [() => net.train(target, { target: wrong(null) }), "the activity of digit is a tensor or numbers, not null"],
        [() => net.train(target, { target, clamp: wrong(null) }), "train: clamp: options are an object, not null"],
        [
            () => net.train(target, { target, clamp: { digt: target } }),
            "train: clamp has no option digt (did you mean digit?)",
        ],
    ];
    for (const [call, message] of calls) {
        await expect(call(), message).rejects.toMatchObject({
            code: "ERR_SOMA_ARGUMENT",
            message: expect.stringContaining(message),
        });
    }
    expect(() => net.input(wrong(null))).toThrow("a layer's name is a text, not null");
    expect([...(await (await net.train(target, { target })).read())]).toEqual([3, 3]);
});

test.each(NETWORK_DEVICES)(
    "a rate below 0 or of more than a spike in each step is a fault that names the neuron: %s",
    async (device) => {
        const { gpu, networks } = await load(device);
        using written = gpu.network(networks.cells, { data: DATA });
        await written.state("drive.rate").write(new Float32Array([1, 1.5]));
        await expect(written.step(4)).rejects.toThrow(
            "the rate of drive is not from 0 to one spike a step: change it, or take a shorter dt: neuron 1 of drive, in step 0 (1 ms)",
        );
        using negative = gpu.network(networks.cells, { data: DATA });
        await negative.state("drive.rate").write(new Float32Array([-0.1, 0]));
        await expect(negative.step(4)).rejects.toThrow("neuron 0 of drive, in step 0 (1 ms)");
        using set = gpu.network(networks.cells, { data: DATA });
        set.set("noise.rate", 1);
        await set.step(4);
        set.set("noise.rate", 2);
        await expect(set.step(4)).rejects.toThrow("the rate of noise is not from 0 to one");
        using coarse = gpu.network(networks.cells, { data: DATA, dt: 100 });
        await expect(coarse.step(4)).rejects.toThrow("is not from 0 to one spike a step");
    },
);
