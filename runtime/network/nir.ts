// NIR, the neuromorphic intermediate representation (J. E. Pedersen and others, 2024; https://neuroir.org): graphs of neurons and linear maps
// in HDF5 files, read as a network's source with its numbers, and written from networks of such models. What one side has and the other
// can't say is refused by name. A spike is an input of 1 for a step, as the simulators that exchange NIR have it; times are in s there.

import { ArgumentError } from "../errors.js";
import { decodeHdf5, encodeHdf5, type Hdf5Array, type Hdf5Tree, isArray } from "./hdf5.js";
import type { Network } from "./network.js";

/** The version of nir that files are written as. */
const VERSION = "1.0";

/** Fields of nodes of neurons, by the names of std.neuro's parameters, with what a second is in theirs. */
const NEURONS: Readonly<Record<string, { readonly model: string; readonly fields: Readonly<Record<string, number>> }>> =
    {
        LIF: { model: "nir_lif", fields: { tau: 1000, r: 1, v_leak: 1, v_threshold: 1, v_reset: 1 } },
        IF: { model: "nir_if", fields: { r: 1, v_threshold: 1, v_reset: 1 } },
        LI: { model: "nir_li", fields: { tau: 1000, r: 1, v_leak: 1 } },
        CubaLIF: {
            model: "nir_cuba_lif",
            fields: { tau_syn: 1000, tau_mem: 1000, r: 1, v_leak: 1, v_threshold: 1, v_reset: 1, w_in: 1 },
        },
    };

/** Fields that older files don't have, and what they then are. */
const OPTIONAL: ReadonlySet<string> = new Set(["v_reset"]);

export interface ImportedNetwork {
    /** Of a module with one network, whose name was given. */
    readonly source: string;
    /** The names of the graph's nodes as the network has them. */
    readonly names: Readonly<Record<string, string>>;
    /** Writes the graph's numbers into an instance. */
    readonly load: (net: Network) => Promise<void>;
}

interface Graph {
    readonly nodes: ReadonlyMap<string, Hdf5Tree>;
    readonly edges: readonly (readonly [string, string])[];
}

/** @throws ArgumentError for what is no graph, or has what networks can't say */
export async function importNir(file: Uint8Array, name = "imported"): Promise<ImportedNetwork> {
    const { nodes, edges } = graphOf(await decodeHdf5(file));
    const names = new Map([...nodes.keys()].map((node) => [node, `node_${node.replace(/\W/g, "_")}`]));
    const own = (node: string) => names.get(node) as string;
    const kind = (node: string) => typeOf(nodes, node);
    const models = new Set<string>();
    const parts: string[] = [];
    const writes: (readonly [state: string, values: Float64Array])[] = [];
    for (const [node, fields] of nodes) {
        const type = kind(node);
        const neuron = NEURONS[type];
        if (type === "Input") {
            parts.push(`stimulus ${own(node)}(${sizeOf(node, fields.shape)}, spikes: data)`);
        } else if (neuron !== undefined) {
            models.add(neuron.model);
            const lists = Object.entries(neuron.fields).map(
                ([field, factor]) => [field, listOf(node, fields, field, factor)] as const,
            );
            const size = Math.max(...lists.map(([, list]) => list.length));
            parts.push(`population ${own(node)}(${size}, neuron: ${neuron.model}())`);
            for (const [field, list] of lists) {
                const all = list.length === size ? list : new Float64Array(size).fill(list[0] ?? 0);
                writes.push([`${own(node)}.${field}`, all]);
            }
            if (neuron.model !== "nir_li") parts.push(`record spikes of ${own(node)}`);
        } else if (type !== "Output" && type !== "Linear" && type !== "Affine") {
            throw refuse(
                `the node ${node} is of type ${type}`,
                `those read are Input, Output, Linear, Affine, ${Object.keys(NEURONS).join(", ")}`,
            );
        }
    }
    const weights: (readonly [connection: string, values: Float64Array])[] = [];
    const isNeuron = (node: string) => kind(node) in NEURONS;
    const joined = new Set<string>();
    const join = (from: string, to: string, weight: string): string => {
        const key = `${own(from)}->${own(to)}.input`;
        if (joined.has(key)) throw refuse(`two ways lead from ${from} to ${to}`, "one is read");
        joined.add(key);
        parts.push(`connect ${own(from)} -> ${own(to)}.input (${weight})`);
        return key;
    };
    for (const [from, to] of edges) {
        if (kind(to) === "Output") {
            if (!isNeuron(from)) throw refuse(`${from} leads to an output, and is of type ${kind(from)}`, "neurons do");
        } else if (isNeuron(to) && (isNeuron(from) || kind(from) === "Input")) {
            join(from, to, "one_to_one: true, weight: 1.0");
        } else if (isNeuron(from) || kind(from) === "Input") {
            const fields = nodes.get(to) as Hdf5Tree;
            const matrix = fields.weight;
            if (!isArray(matrix) || !(matrix.data instanceof Float64Array) || matrix.shape.length !== 2)
                throw refuse(`the node ${to} has no matrix of weights`, "it has [out, in]");
            const targets = edges.filter(([one]) => one === to).map(([, other]) => other);
            for (const target of targets) {
                if (!isNeuron(target))
                    throw refuse(
                        `${to} leads to ${target}, which is of type ${kind(target)}`,
                        "neurons are behind linear maps",
                    );
                weights.push([join(from, target, "weight: i - i"), transposed(matrix.data, matrix.shape)]);
                if (kind(to) === "Affine") writes.push([`${own(target)}.bias`, listOf(to, fields, "bias", 1)]);
            }
        }
    }
    const imports = models.size > 0 ? `import std.neuro { ${[...models].sort().join(", ")} }\n\n` : "";
    const order = ["stimulus", "population", "connect", "record"];
    const lines = [...parts].sort(
        (a, b) => order.indexOf(a.split(" ")[0] ?? "") - order.indexOf(b.split(" ")[0] ?? ""),
    );
    const source = `${imports}network ${name}(dt: time = 1 ms) {\n${lines.map((line) => `    ${line}\n`).join("")}}\n`;
    const load = async (net: Network): Promise<void> => {
        const repeat = (values: Float64Array, size: number) =>
            Float32Array.from({ length: size }, (_, at) => values[at % values.length] as number);
        for (const [state, values] of writes) {
            const tensor = net.state(state);
            await tensor.write(repeat(values, tensor.size));
        }
        for (const [connection, values] of weights) {
            const tensor = net.weights(connection);
            if (tensor.size % values.length !== 0)
                throw refuse(
                    `the weights of ${connection} are ${values.length} numbers`,
                    `its neurons want ${tensor.size}`,
                );
            await tensor.write(repeat(values, tensor.size));
            await net.measure(connection);
        }
    };
    return { source, names: Object.fromEntries(names), load };
}

function refuse(what: string, instead: string): ArgumentError {
    return new ArgumentError(`NIR: ${what}; ${instead}`);
}

function graphOf(tree: Hdf5Tree): Graph {
    const { node } = tree;
    if (node === undefined || typeof node === "string" || isArray(node) || node.type !== "NIRGraph")
        throw refuse("the file has no graph", "its group `node` is of type NIRGraph");
    const { nodes, edges } = node;
    if (nodes === undefined || typeof nodes === "string" || isArray(nodes))
        throw refuse("the graph has no nodes", "it has a group of them");
    const list = isArray(edges) && !(edges.data instanceof Float64Array) ? edges.data : [];
    const pairs = Array.from(
        { length: list.length / 2 },
        (_, at) => [list[2 * at] as string, list[2 * at + 1] as string] as const,
    );
    const all = new Map<string, Hdf5Tree>();
    for (const [name, each] of Object.entries(nodes)) {
        if (typeof each === "string" || isArray(each))
            throw refuse(`the node ${name} is no group`, "it has a type and fields");
        all.set(name, each);
    }
    const lost = pairs.flat().find((name) => !all.has(name));
    if (lost !== undefined)
        throw refuse(`an edge names ${lost}, which is no node`, `there are ${[...all.keys()].join(", ")}`);
    return { nodes: all, edges: pairs };
}

function typeOf(nodes: Graph["nodes"], node: string): string {
    const type = nodes.get(node)?.type;
    return typeof type === "string" ? type : "none";
}

function sizeOf(node: string, shape: Hdf5Tree[string] | undefined): number {
    if (isArray(shape) && shape.data instanceof Float64Array && shape.data.length > 0)
        return shape.data.reduce((product, each) => product * each, 1);
    throw refuse(`the node ${node} has no shape`, "inputs have one");
}

function listOf(node: string, fields: Hdf5Tree, field: string, factor: number): Float64Array {
    const value = fields[field];
    if (value === undefined && OPTIONAL.has(field)) return new Float64Array([0]);
    if (!isArray(value) || !(value.data instanceof Float64Array))
        throw refuse(`the node ${node} has no ${field}`, "it is an array");
    return value.data.map((each) => each * factor);
}

/** [rows, columns] as [columns, rows]. */
function transposed(data: Float64Array, [rows, columns]: readonly number[]): Float64Array {
    const [r, c] = [rows ?? 0, columns ?? 0];
    return Float64Array.from({ length: r * c }, (_, at) => data[(at % r) * c + Math.floor(at / r)] as number);
}

/** @throws ArgumentError for what NIR can't say */
export async function exportNir(net: Network): Promise<Uint8Array> {
    const { manifest } = net.definition;
    const nodes: Record<string, Hdf5Tree> = {};
    const edges: string[] = [];
    const read = async (state: string) => Float64Array.from((await net.state(state).read()) as Float32Array).slice(0);
    for (const part of manifest.parts) {
        if (part.kind === "layer") throw refuse(`${part.name} is a layer of rates`, "NIR's neurons have spikes");
        const size = net.state(part.emits ? `${part.name}.counts` : `${part.name}.v`).size;
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
            const own = entries[0]?.[1].data.length ?? size;
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
    for (const { name, from, to, storage, connectivity, buffers, delay, isScaled } of manifest.connections) {
        if (delay !== null || isScaled || name.split(".").length > 2)
            throw refuse(`${name} has a delay or short-term plasticity`, "NIR's linear maps have neither");
        const [pre, post] = [sizeOfPart(from), sizeOfPart(to)];
        const matrix = new Float64Array(post * pre);
        if (storage === "dense" && buffers.weights !== undefined) {
            const weights = await read(buffers.weights);
            for (let i = 0; i < pre; i++)
                for (let j = 0; j < post; j++) matrix[j * pre + i] = weights[i * post + j] as number;
        } else if (connectivity.kind === "one_to_one" || connectivity.kind === "all") {
            const weight = net.get(`${name}.weight`);
            for (let i = 0; i < pre; i++)
                for (let j = 0; j < post; j++) if (connectivity.kind === "all" || i === j) matrix[j * pre + i] = weight;
        } else throw refuse(`${name} connects by ${connectivity.kind}`, "all to all and one to one are written");
        const map = `${from}_${to}`.replace(/\W/g, "_");
        const bias = await read(`${to}.bias`).catch(() => new Float64Array());
        const isBiased = bias.some((each) => each !== 0);
        nodes[map] = {
            type: isBiased ? "Affine" : "Linear",
            weight: { shape: [post, pre], data: matrix },
            ...(isBiased ? { bias: list(bias.slice(0, post)) } : {}),
        };
        edges.push(from, map, map, to);
    }
    const graph: Hdf5Tree = { type: "NIRGraph", nodes, edges: { shape: [edges.length / 2, 2], data: edges } };
    return encodeHdf5({ version: VERSION, node: graph });
}

function list(values: ArrayLike<number>): Hdf5Array {
    return { shape: [values.length], data: Float64Array.from(values) };
}
