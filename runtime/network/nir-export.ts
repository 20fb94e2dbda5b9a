// Networks of NIR's neurons as NIR files (see nir.ts); what NIR can't say is refused by name. All connections are written as matrices,
// networks within the network as graphs.

import type { ConnectionManifest, PartManifest } from "../../codeobject/network/manifest.js";
import { encodeHdf5, type Hdf5Array, type Hdf5Tree } from "./hdf5.js";
import type { Network } from "./network.js";
import { refuse } from "./nir-maps.js";
import { writtenNames } from "./nir-names.js";
import { extents, nestedGraph, type WrittenEdge, type WrittenNode } from "./nir-nesting.js";
import { NEURONS } from "./nir-neurons.js";

/** The version of nir that files are written as. */
const VERSION = "1.0";

/** A matrix has no more elements. */
const MOST_WEIGHTS = 2 ** 26;

/** @throws ArgumentError for what NIR can't say */
export async function exportNir(net: Network): Promise<Uint8Array> {
    const { manifest } = net.definition;
    const names = writtenNames(manifest.parts.map(({ name }) => name));
    const stimuli = new Set(manifest.parts.flatMap((part) => (isStimulus(part) ? [part.name] : [])));
    // An input within a graph would be that graph's.
    const own = (part: string) => {
        const path = names.get(part) as string;
        return stimuli.has(part) ? path.replaceAll(".", "_") : path;
    };
    const nodes = new Map<string, WrittenNode>();
    const edges: WrittenEdge[] = [];
    const add = (path: string, size: number, fields: Hdf5Tree): string => {
        let unused = path;
        for (let next = 2; nodes.has(unused); next++) unused = `${path}_${next}`;
        nodes.set(unused, { fields, size });
        return unused;
    };
    const sizeOfPart = (part: string) => net.values.get(`size.${part}`);
    for (const part of manifest.parts) {
        const size = sizeOfPart(part.name);
        add(own(part.name), size, await fieldsOf(net, part, size));
    }
    for (const { name } of manifest.parts) {
        if (stimuli.has(name) || manifest.connections.some(({ from }) => from === name)) continue;
        const size = sizeOfPart(name);
        const output = add(`${own(name).replaceAll(".", "_")}_output`, size, { type: "Output", shape: extents(size) });
        edges.push([own(name), output]);
    }
    const biased = new Set<string>();
    for (const connection of manifest.connections) {
        const { from, to } = connection;
        const [pre, post] = [sizeOfPart(from), sizeOfPart(to)];
        const { weight, late } = await matrixOf(net, connection, pre, post);
        const map = between(own(from), own(to));
        // Inputs are summed: one of a target's maps has its bias.
        const bias = biased.has(to) ? [] : (await read(net, `${to}.bias`)).slice(0, post);
        biased.add(to);
        const isBiased = bias.some((each) => each !== 0);
        const node = add(map, post, {
            type: isBiased ? "Affine" : "Linear",
            weight: { shape: [post, pre], data: weight },
            ...(isBiased ? { bias: list(bias) } : {}),
        });
        if (late.every((each) => each <= connection.leastDelay)) edges.push([own(from), node]);
        else {
            const delay = list(late.map((each) => (each * net.get("dt")) / 1000));
            const delaying = add(`${node}_delay`, pre, { type: "Delay", delay });
            edges.push([own(from), delaying], [delaying, node]);
        }
        edges.push([node, own(to)]);
    }
    return encodeHdf5({ version: VERSION, node: nestedGraph(nodes, edges) });
}

async function read(net: Network, state: string): Promise<Float64Array> {
    return Float64Array.from((await net.state(state).read()) as Float32Array);
}

/** Whether its spikes come from data. */
function isStimulus(part: PartManifest): boolean {
    return part.kind === "population" && part.model === "replay";
}

/** A population or stimulus as NIR's node. */
async function fieldsOf(net: Network, part: PartManifest, size: number): Promise<Hdf5Tree> {
    const { name } = part;
    if (part.kind === "layer") throw refuse(`${name} is a layer of rates`, "NIR's neurons have spikes");
    if (isStimulus(part)) return { type: "Input", shape: extents(size) };
    const { model } = part;
    const found = Object.entries(NEURONS).find(([, neuron]) => neuron.model === model);
    if (found === undefined) {
        const known = Object.values(NEURONS).map((neuron) => neuron.model);
        throw refuse(
            `${name} is of the model ${model}`,
            `those written are ${known.join(", ")}, and stimuli from data`,
        );
    }
    const [type, { fields }] = found;
    const entries = await Promise.all(
        Object.entries(fields).map(async ([field, factor]): Promise<[string, Hdf5Array]> => {
            const values = await read(net, `${name}.${field}`);
            return [field, list(values.slice(0, size).map((each) => each / factor))];
        }),
    );
    return { type, ...Object.fromEntries(entries) };
}

/** The weights of a connection [post, pre], and how many steps what each neuron gives takes. */
async function matrixOf(net: Network, connection: ConnectionManifest, pre: number, post: number) {
    const { name, to, synapse, storage, connectivity, buffers, delay, hasDelays } = connection;
    if (synapse !== null) throw refuse(`${name} has synapses of the model ${synapse}`, "NIR's linear maps have none");
    if (!/\.input(#\d+)?$/.test(name))
        throw refuse(`${name} adds to a state of ${to}`, "NIR's maps lead to the port input");
    if (pre * post > MOST_WEIGHTS)
        throw refuse(`${name} is a matrix of ${post} by ${pre}`, `at most ${MOST_WEIGHTS} weights are written`);
    const steps = hasDelays || delay === null ? 0 : Math.round(net.values.evaluate(delay) / net.get("dt"));
    const weight = new Float64Array(post * pre);
    const late = new Float64Array(pre).fill(steps);
    const { mask, rows, targets } = buffers;
    const weights = buffers.weights === undefined ? null : await read(net, buffers.weights);
    const shared = weights === null ? net.get(`${name}.weight`) : 0;
    const isLeftOut = (i: number, j: number) => connection.from === to && !connectivity.autapses && i === j;
    if (rows !== undefined && targets !== undefined) {
        const [starts, ends] = [await read(net, rows), await read(net, targets)];
        const delays = buffers.delays === undefined ? null : await read(net, buffers.delays);
        for (let i = 0; i < pre; i++) {
            for (let at = starts[i] as number; at < (starts[i + 1] as number); at++) {
                const place = (ends[at] as number) * pre + i;
                weight[place] = (weight[place] as number) + (weights?.[at] ?? shared);
                const own = delays?.[at] ?? steps;
                if (at > (starts[i] as number) && own !== late[i])
                    throw refuse(`${name} has synapses of a neuron with several delays`, "NIR's neurons have one");
                late[i] = own;
            }
        }
    } else if (storage === "dense" || mask !== undefined) {
        const bits = mask === undefined ? null : await read(net, mask);
        const words = Math.ceil(post / 32);
        for (let i = 0; i < pre; i++)
            for (let j = 0; j < post; j++) {
                const isThere = bits === null || ((bits[i * words + (j >>> 5)] as number) >>> (j & 31)) & 1;
                if (isThere && !isLeftOut(i, j)) weight[j * pre + i] = weights?.[i * post + j] ?? shared;
            }
    } else throw refuse(`the synapses of ${name} are drawn anew for each spike`, "write `storage: sparse`");
    return { weight, late };
}

/** Where a map between two parts lies: in the innermost graph that both are in. */
function between(from: string, to: string): string {
    const [a, b] = [from.split("."), to.split(".")];
    let common = 0;
    while (common < Math.min(a.length, b.length) - 1 && a[common] === b[common]) common++;
    return [...a.slice(0, common), [...a.slice(common), ...b.slice(common)].join("_").replace(/\W/g, "_")].join(".");
}

function list(values: ArrayLike<number>): Hdf5Array {
    return { shape: [values.length], data: Float64Array.from(values) };
}
