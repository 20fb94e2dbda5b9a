// NIR files: read as networks that compute what the graph says, written and read again, and refused where they can't be said.

import { randomUUID } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import h5wasm from "h5wasm/node";
import { expect, test } from "vitest";
import { exportNir, importNir, type NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";

type Fields = Readonly<Record<string, string | { readonly shape: number[]; readonly data: readonly number[] }>>;

/** A file as nir.write lays it out: the group `node` with the graph's type, nodes and edges. */
async function nirFile(nodes: Readonly<Record<string, Fields>>, edges: readonly string[]): Promise<Uint8Array> {
    await h5wasm.ready;
    const path = join(tmpdir(), `${randomUUID()}.nir`);
    const file = new h5wasm.File(path, "w");
    file.create_dataset({ name: "version", data: "1.0" });
    const graph = file.create_group("node");
    graph.create_dataset({ name: "type", data: "NIRGraph" });
    graph.create_dataset({ name: "edges", data: [...edges], shape: [edges.length / 2, 2] });
    const group = graph.create_group("nodes");
    for (const [name, fields] of Object.entries(nodes)) {
        const node = group.create_group(name);
        for (const [field, value] of Object.entries(fields)) {
            if (typeof value === "string") node.create_dataset({ name: field, data: value });
            else
                node.create_dataset({
                    name: field,
                    data: Float64Array.from(value.data),
                    shape: value.shape,
                    dtype: "<f8",
                });
        }
    }
    file.close();
    const bytes = new Uint8Array(await readFile(path));
    await rm(path);
    return bytes;
}

const list = (...data: readonly number[]) => ({ shape: [data.length], data });
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
    const second = await run(again.source, again.load, ["node_node_input", "node_node_lif", "node_node_readout"]);
    expect(second.v).toEqual(first.v);
    expect(second.spikes).toEqual(first.spikes);
});

test("what can't be said is refused by name", async () => {
    const conv = { type: "Conv2d", weight: { shape: [1, 1, 3, 3], data: Array.from({ length: 9 }, () => 1) } };
    await expect(importNir(await nirFile({ ...NODES, conv }, EDGES))).rejects.toThrow(
        "NIR: the node conv is of type Conv2d",
    );
    await expect(importNir(await nirFile(NODES, ["lif", "fc3"]))).rejects.toThrow(
        "an edge names fc3, which is no node",
    );
    await expect(importNir(await nirFile(NODES, ["input", "fc1", "fc1", "fc2"]))).rejects.toThrow(
        "fc1 leads to fc2, which is of type Linear",
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
