// NIR files: read as networks that compute what the graph says, written and read again, and refused where they can't be said.

import { expect, test } from "vitest";
import { exportNir, importNir, type NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { type Fields, list, nirFile } from "./nir-files.js";

const NODES: Readonly<Record<string, Fields>> = {
    input: { type: "Input", shape: list(3) },
    fc1: { type: "Affine", weight: { shape: [2, 3], data: [0.9, -0.4, 2, 1.5, 0.8, -1] }, bias: list(0.5, 0.1) },
    lif: {
        type: "LIF",
        tau: list(0.01, 0.02),
        r: list(1, 2),
        v_leak: list(0, 0.1),
        v_threshold: list(0.4, 0.5),
        v_reset: list(0, -0.2),
    },
    fc2: { type: "Linear", weight: { shape: [1, 2], data: [3, 4] } },
    readout: { type: "LI", tau: list(0.005), r: list(1), v_leak: list(0.25) },
    output: { type: "Output", shape: list(1) },
};
const EDGES = ["input", "fc1", "fc1", "lif", "lif", "fc2", "fc2", "readout", "readout", "output"];

test("a graph of LIF neurons and a readout, against its equations in double precision; written and read again", async () => {
    const gpu = await testGpu();
    const { source, names, load } = await importNir(await nirFile(NODES, EDGES));
    expect(names.lif).toBe("node_lif");
    const run = async (
        text: string,
        prepare: typeof load,
        [inputs, lif, readout]: readonly [string, string, string],
    ) => {
        const { networks } = await gpu.load({ source: text, path: "imported.soma" });
        using net = gpu.network(networks.imported as NetworkDefinition);
        await prepare(net);
        const v: number[] = [];
        for (let step = 0; step < 60; step++) {
            await net
                .state(`${inputs}.emits`)
                .write(Float32Array.from([0, 1, 2], (i) => ((step * (i + 3)) % 4 === 0 ? 1 : 0)));
            await net.step();
            v.push(((await net.state(`${readout}.v`).read()) as Float32Array)[0] as number);
        }
        return { v, spikes: net.spikes(lif), file: await exportNir(net) };
    };
    const first = await run(source, load, ["node_input", "node_lif", "node_readout"]);
    // A spike is an input of 1 for the next step, in which linear equations are solved exactly.
    const [w1, b, tau, r, leak, threshold, reset] = [
        [
            [0.9, -0.4, 2],
            [1.5, 0.8, -1],
        ],
        [0.5, 0.1],
        [10, 20],
        [1, 2],
        [0, 0.1],
        [0.4, 0.5],
        [0, -0.2],
    ] as const;
    let [state, out, before, fired] = [[0, 0], 0, [0, 0, 0], [0, 0]];
    const expected: number[] = [];
    const spikes: number[] = [];
    for (let step = 0; step < 60; step++) {
        const u = 0.25 + fired.reduce((sum, s, j) => sum + s * (j === 0 ? 3 : 4), 0);
        out = u + (out - u) * Math.exp(-1 / 5);
        expected.push(out);
        const next = [0, 0];
        state = state.map((x, j) => {
            const input = (b[j] as number) + before.reduce((sum, s, i) => sum + s * Number(w1[j]?.[i]), 0);
            const goal = (leak[j] as number) + (r[j] as number) * input;
            const moved = goal + (x - goal) * Math.exp(-1 / (tau[j] as number));
            if (moved <= (threshold[j] as number)) return moved;
            next[j] = 1;
            spikes.push(step * 2 + j);
            return reset[j] as number;
        });
        fired = next;
        before = [0, 1, 2].map((i) => ((step * (i + 3)) % 4 === 0 ? 1 : 0));
    }
    expect(spikes.length).toBeGreaterThan(5);
    expect([...first.spikes.steps].map((step, at) => step * 2 + (first.spikes.neurons[at] as number))).toEqual(spikes);
    first.v.forEach((value, at) => {
        expect(value).toBeCloseTo(expected[at] as number, 4);
    });

    const again = await importNir(first.file);
    const second = await run(again.source, again.load, ["node_input", "node_lif", "node_readout"]);
    expect(second.v).toEqual(first.v);
    expect(second.spikes).toEqual(first.spikes);
});

const each = (shape: number[], make: (at: number) => number) => ({
    shape,
    data: Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, at) => make(at)),
});

test("convolutions, pooling, scaling and flattening, one behind the other, against their definitions in double precision", async () => {
    const [channels, rows, columns, maps] = [2, 6, 5, 3];
    const kernel = each([maps, channels, 3, 2], (at) => ((at * 7) % 11) / 8 - 0.5);
    const bias = [0.25, -0.5, 1];
    // Windows of 3 by 2, 2 and 1 apart, with a row of padding at each end: ⌊(6 + 2 − 3) / 2⌋ + 1 = 3 by 5 − 2 + 1 = 4.
    const nodes: Readonly<Record<string, Fields>> = {
        input: { type: "Input", shape: list(channels, rows, columns) },
        conv: {
            type: "Conv2d",
            weight: kernel,
            bias: list(...bias),
            stride: list(2, 1),
            padding: list(1, 0),
            dilation: list(1, 1),
            groups: { shape: [], data: [1] },
            input_shape: list(rows, columns),
        },
        scale: { type: "Scale", scale: each([maps, 3, 4], (at) => 1 + (at % 4) / 4) },
        pool: { type: "AvgPool2d", kernel_size: list(1, 2), stride: list(1, 2), padding: list(0, 0) },
        readout: {
            type: "LI",
            tau: each([maps, 3, 2], () => 0.01),
            r: each([maps, 3, 2], () => 1),
            v_leak: each([maps, 3, 2], () => 0),
        },
        output: { type: "Output", shape: list(maps, 3, 2) },
    };
    const edges = ["input", "conv", "conv", "scale", "scale", "pool", "pool", "readout", "readout", "output"];
    const { source, data, load, names } = await importNir(await nirFile(nodes, edges));
    const gpu = await testGpu();
    const { imported } = (await gpu.load({ source, path: "conv.soma" })).networks as { imported: NetworkDefinition };
    using net = gpu.network(imported, { data });
    await load(net);
    const active = (channel: number, row: number, column: number) => (channel + row * 3 + column * 5) % 4 === 0;
    const image = Float32Array.from({ length: channels * rows * columns }, (_, at) =>
        active(Math.floor(at / (rows * columns)), Math.floor(at / columns) % rows, at % columns) ? 1 : 0,
    );
    await net.state(`${names.input}.emits`).write(image);
    await net.step(1);
    await net.state(`${names.input}.emits`).write(new Float32Array(image.length));
    await net.step(1);
    const v = await net.state(`${names.readout}.v`).read();
    const decay = Math.exp(-0.1);
    for (let map = 0; map < maps; map++) {
        for (let high = 0; high < 3; high++) {
            for (let wide = 0; wide < 2; wide++) {
                let [input, constant] = [0, 0];
                for (const column of [2 * wide, 2 * wide + 1]) {
                    let sum = 0;
                    for (let channel = 0; channel < channels; channel++)
                        for (let ky = 0; ky < 3; ky++)
                            for (let kx = 0; kx < 2; kx++) {
                                const [row, place] = [2 * high - 1 + ky, column + kx];
                                if (row < 0 || row >= rows || !active(channel, row, place)) continue;
                                sum += kernel.data[((map * channels + channel) * 3 + ky) * 2 + kx] as number;
                            }
                    const scale = 1 + (((map * 3 + high) * 4 + column) % 4) / 4;
                    input += (scale * sum) / 2;
                    constant += (scale * (bias[map] as number)) / 2;
                }
                // τ·v' = −v + input + bias, exactly, for two steps of 1 ms at τ = 10 ms, the input in the second.
                const first = (1 - decay) * constant;
                const expected = decay * first + (1 - decay) * (constant + input);
                expect(v[(map * 3 + high) * 2 + wide]).toBeCloseTo(expected, 5);
            }
        }
    }
    // Written as a matrix and read again it is the same.
    const again = await importNir(await exportNir(net), "again");
    const { networks } = await gpu.load({ source: again.source, path: "again.soma" });
    using second = gpu.network(networks.again as NetworkDefinition, { data: again.data });
    await again.load(second);
    const [input, readout] = [names.input, names.readout] as [string, string];
    await second.state(`${input}.emits`).write(image);
    await second.step(1);
    await second.state(`${input}.emits`).write(new Float32Array(image.length));
    await second.step(1);
    const w = await second.state(`${readout}.v`).read();
    for (const [at, value] of v.entries()) expect(Number(w[at])).toBeCloseTo(Number(value), 5);
});

test("groups, dilation, padding same and one dimension: numbers of synapses and sums as PyTorch's formulas have them", async () => {
    const imported = await importNir(
        await nirFile(
            {
                input: { type: "Input", shape: list(4, 7) },
                conv: {
                    type: "Conv1d",
                    weight: each([2, 2, 3], (at) => at + 1),
                    bias: list(0, 0),
                    stride: { shape: [], data: [1] },
                    padding: "same",
                    dilation: { shape: [], data: [2] },
                    groups: { shape: [], data: [2] },
                    input_shape: { shape: [], data: [7] },
                },
                flat: { type: "Flatten", start_dim: list(0), end_dim: list(-1) },
                cells: { type: "IF", r: each([14], () => 1), v_threshold: each([14], () => 1) },
                output: { type: "Output", shape: list(14) },
            },
            ["input", "conv", "conv", "flat", "flat", "cells", "cells", "output"],
        ),
    );
    const [synapses] = Object.values(imported.data);
    // Each of 2 × 7 windows sees 3 places, 2 apart around its own, in the 2 channels of its group; 2 of 7 windows miss one at each end.
    expect(synapses?.pre.length).toBe(2 * 2 * (3 * 7 - 2 - 2));
    const weightOf = (pre: number, post: number) => {
        const at = Array.from(synapses?.pre as number[]).findIndex((i, k) => i === pre && synapses?.post[k] === post);
        return at < 0 ? 0 : synapses?.weight?.[at];
    };
    // Behind map 1, place 3: channels 2 and 3, places 1, 3, 5.
    expect([1, 3, 5].map((place) => weightOf(2 * 7 + place, 7 + 3))).toEqual([7, 8, 9]);
    expect([1, 3, 5].map((place) => weightOf(3 * 7 + place, 7 + 3))).toEqual([10, 11, 12]);
    expect(weightOf(0, 7 + 3)).toBe(0);
});

test("what can't be said is refused by name", async () => {
    const spike = { type: "Sigmoid", slope: list(1) };
    await expect(importNir(await nirFile({ ...NODES, spike }, EDGES))).rejects.toThrow(
        "NIR: the node spike is of type Sigmoid",
    );
    const late = { type: "Delay", delay: list(0.01, -0.01, 0) };
    await expect(importNir(await nirFile({ ...NODES, late }, ["input", "late", "late", "fc1"]))).rejects.toThrow(
        "the node late has a delay below 0 s",
    );
    const late2 = { type: "Delay", delay: list(0.01) };
    await expect(
        importNir(await nirFile({ ...NODES, late2 }, ["input", "fc1", "fc1", "late2", "late2", "lif"])),
    ).rejects.toThrow("the node late2 delays a bias");
    await expect(importNir(await nirFile(NODES, ["input", "fc1", "readout", "lif"]))).rejects.toThrow(
        "readout is of type LI and leads to lif",
    );
    const inner = { nodes: { lif: NODES.lif as Fields }, edges: [] };
    await expect(importNir(await nirFile({ ...NODES, inner }, ["fc1", "inner"]))).rejects.toThrow(
        "the graph inner has 0 nodes of type Input",
    );
    const conv = { type: "Conv2d", weight: each([1, 1, 3, 3], () => 1), input_shape: list(4, 4) };
    await expect(importNir(await nirFile({ ...NODES, conv }, ["input", "conv", "conv", "lif"]))).rejects.toThrow(
        "the input_shape of the node conv is of 16 elements; what leads to it gives 3",
    );
    await expect(importNir(await nirFile(NODES, ["lif", "fc3"]))).rejects.toThrow(
        "an edge names fc3, which is no node",
    );
    await expect(importNir(await nirFile(NODES, ["input", "fc1", "fc1", "readout"]))).rejects.toThrow(
        "1 neurons of readout get 2 inputs",
    );
    await expect(importNir(await nirFile(NODES, ["input", "fc1", "fc1", "fc2", "fc2", "input"]))).rejects.toThrow(
        "fc2 leads to input, which is of type Input",
    );
    const { tau: _, ...broken } = NODES.lif as Fields;
    await expect(importNir(await nirFile({ ...NODES, lif: broken }, EDGES))).rejects.toThrow("the node lif has no tau");
    await expect(importNir(new Uint8Array(64))).rejects.toThrow("this is no HDF5 file");
    const file = await nirFile(NODES, EDGES);
    await expect(importNir(file.slice(0, 900))).rejects.toThrow(/HDF5 file can't be read|NIR:/);

    const gpu = await testGpu();
    const { networks } = await gpu.load({
        source: `import std.neuro { lif }
network a { population cells(3, neuron: lif()) }
network b {
    layer x(3, activation: identity)
}`,
        path: "refused.soma",
    });
    using cells = gpu.network(networks.a as NetworkDefinition);
    await expect(exportNir(cells)).rejects.toThrow("NIR: cells is of the model lif");
    using layers = gpu.network(networks.b as NetworkDefinition);
    await expect(exportNir(layers)).rejects.toThrow("NIR: x is a layer of rates");
});
