// Networks of NIR's neurons as NIR files (see nir.ts); what NIR can't say is refused by name. All connections are written as matrices.

import { encodeHdf5, type Hdf5Array, type Hdf5Tree } from "./hdf5.js";
import type { Network } from "./network.js";
import { refuse } from "./nir-maps.js";
import { NEURONS } from "./nir-neurons.js";

/** The version of nir that files are written as. */
const VERSION = "1.0";

/** A matrix has no more elements. */
const MOST_WEIGHTS = 2 ** 26;

/** @throws ArgumentError for what NIR can't say */
export async function exportNir(net: Network): Promise<Uint8Array> {
    const { manifest } = net.definition;
    const nodes: Record<string, Hdf5Tree> = {};
    const edges: string[] = [];
    const read = async (state: string) => Float64Array.from((await net.state(state).read()) as Float32Array).slice(0);
    for (const part of manifest.parts) {
        if (part.kind === "layer") throw refuse(`${part.name} is a layer of rates`, "NIR's neurons have spikes");
        const found = Object.entries(NEURONS).find(([, { model }]) => model === part.model);
        if (part.model === "replay") {
            const { size: count } = net.state(`${part.name}.emits`);
            nodes[part.name] = { type: "Input", shape: list([count / net.batch]) };
        } else if (found === undefined) {
            throw refuse(
                `${part.name} is of the model ${part.model}`,
                `those written are ${Object.values(NEURONS)
                    .map(({ model }) => model)
                    .join(", ")}`,
            );
        } else {
            const [type, { fields }] = found;
            const entries = await Promise.all(
                Object.entries(fields).map(async ([field, factor]) => {
                    const values = await read(`${part.name}.${field}`);
                    return [
                        field,
                        list(values.slice(0, values.length / net.batch).map((each) => each / factor)),
                    ] as const;
                }),
            );
            nodes[part.name] = { type, ...Object.fromEntries(entries) };
            const output = `${part.name}_output`;
            const own = (entries[0] as (typeof entries)[0])[1].data.length;
            if (!manifest.connections.some(({ from }) => from === part.name)) {
                nodes[output] = { type: "Output", shape: list([own]) };
                edges.push(part.name, output);
            }
        }
    }
    const sizeOfPart = (name: string): number => {
        const node = nodes[name] as Hdf5Tree;
        const field = (node.shape ?? node.r) as Hdf5Array;
        return node.type === "Input" ? (field.data[0] as number) : field.data.length;
    };
    const biased = new Set<string>();
    for (const connection of manifest.connections) {
        const { name, from, to, storage, connectivity, buffers, delay, hasDelays, isScaled } = connection;
        if (isScaled || name.split(".").length > 2)
            throw refuse(`${name} has short-term plasticity or states`, "NIR's linear maps have neither");
        const dt = net.get("dt");
        const steps = hasDelays || delay === null ? 0 : Math.round(net.values.evaluate(delay) / dt);
        const [pre, post] = [sizeOfPart(from), sizeOfPart(to)];
        if (pre * post > MOST_WEIGHTS)
            throw refuse(`${name} is a matrix of ${post} by ${pre}`, `at most ${MOST_WEIGHTS} weights are written`);
        const matrix = new Float64Array(post * pre);
        /** Steps of the delay of what each neuron gives. */
        const late = new Float64Array(pre).fill(steps);
        if (storage === "dense" && buffers.weights !== undefined) {
            const weights = await read(buffers.weights);
            for (let i = 0; i < pre; i++)
                for (let j = 0; j < post; j++) matrix[j * pre + i] = weights[i * post + j] as number;
        } else if (connectivity.kind === "one_to_one" || connectivity.kind === "all") {
            const weight = net.get(`${name}.weight`);
            for (let i = 0; i < pre; i++)
                for (let j = 0; j < post; j++) if (connectivity.kind === "all" || i === j) matrix[j * pre + i] = weight;
        } else if (buffers.rows !== undefined && buffers.targets !== undefined) {
            const [rows, targets] = [await read(buffers.rows), await read(buffers.targets)];
            const weights = buffers.weights === undefined ? null : await read(buffers.weights);
            const delays = buffers.delays === undefined ? null : await read(buffers.delays);
            const shared = weights === null ? net.get(`${name}.weight`) : 0;
            for (let i = 0; i < pre; i++) {
                for (let at = rows[i] as number; at < (rows[i + 1] as number); at++) {
                    const place = (targets[at] as number) * pre + i;
                    matrix[place] = (matrix[place] as number) + (weights?.[at] ?? shared);
                    const own = delays?.[at] ?? steps;
                    if (at > (rows[i] as number) && own !== late[i])
                        throw refuse(`${name} has synapses of a neuron with several delays`, "NIR's neurons have one");
                    late[i] = own;
                }
            }
        } else
            throw refuse(
                `${name} connects by ${connectivity.kind}`,
                "lists of synapses, all to all and one to one are written",
            );
        const both = `${from}_${to}`.replace(/\W/g, "_");
        let map = both;
        for (let next = 2; map in nodes; next++) map = `${both}_${next}`;
        const bias = await read(`${to}.bias`).catch(() => new Float64Array());
        // Inputs are summed: one of a target's maps has its bias.
        const isBiased = !biased.has(to) && bias.some((each) => each !== 0);
        biased.add(to);
        nodes[map] = {
            type: isBiased ? "Affine" : "Linear",
            weight: { shape: [post, pre], data: matrix },
            ...(isBiased ? { bias: list(bias.slice(0, post)) } : {}),
        };
        if (late.every((each) => each <= connection.leastDelay)) edges.push(from, map);
        else {
            nodes[`${map}_delay`] = { type: "Delay", delay: list(late.map((each) => (each * dt) / 1000)) };
            edges.push(from, `${map}_delay`, `${map}_delay`, map);
        }
        edges.push(map, to);
    }
    const graph: Hdf5Tree = { type: "NIRGraph", nodes, edges: { shape: [edges.length / 2, 2], data: edges } };
    return encodeHdf5({ version: VERSION, node: graph });
}

function list(values: ArrayLike<number>): Hdf5Array {
    return { shape: [values.length], data: Float64Array.from(values) };
}
