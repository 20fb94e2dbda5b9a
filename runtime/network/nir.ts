// NIR, the neuromorphic intermediate representation (J. E. Pedersen and others, 2024; https://neuroir.org): graphs of neurons and linear maps
// in HDF5 files, read as a network's source with its numbers. What networks can't say is refused by name. A spike is an input of 1 for a
// step, as the simulators that exchange NIR have it; times are in s there.

import { decodeHdf5, type Hdf5Array, type Hdf5Tree, isArray } from "./hdf5.js";
import type { Network } from "./network.js";
import { type Graph, graphOf } from "./nir-graph.js";
import { composed, type LinearMap, MAP_TYPES, mapOf, refuse, sizeOf } from "./nir-maps.js";
import { type NetworkNames, namesOf, networksOf } from "./nir-names.js";
import { NEURONS } from "./nir-neurons.js";
import type { SynapseData } from "./synapses.js";

/** Maps that become matrices of weights; others become lists of synapses. */
const MATRICES: ReadonlySet<string> = new Set(["Linear", "Affine"]);

/** Fields that older files don't have, and what they then are. */
const OPTIONAL: ReadonlySet<string> = new Set(["v_reset"]);

export interface ImportedNetwork {
    /** Of a module with the network whose name was given; graphs within the graph are networks within it. */
    readonly source: string;
    /** The names of the graph's nodes as the network has them. */
    readonly names: Readonly<Record<string, string>>;
    /** Synapses of maps that are no matrices, for the options of `gpu.network`. */
    readonly data: Readonly<Record<string, SynapseData>>;
    /** Writes the graph's numbers into an instance. */
    readonly load: (net: Network) => Promise<void>;
}

/** @throws ArgumentError for what is no graph, or has what networks can't say */
export async function importNir(file: Uint8Array, name = "imported"): Promise<ImportedNetwork> {
    const { nodes, edges } = graphOf(await decodeHdf5(file));
    const names: NetworkNames = namesOf([...nodes.keys()]);
    const own = (node: string) => names.get(node) as string;
    /** Populations and records are declared in the network of their graph. */
    const declared: (readonly [node: string, declaration: (name: string) => string])[] = [];
    const kind = (node: string) => typeOf(nodes, node);
    const shapes = new Map<string, readonly number[]>();
    const shapeOf = (node: string) => shapes.get(node) as readonly number[];
    const models = new Set<string>();
    const connects: string[] = [];
    const writes: (readonly [state: string, values: Float64Array])[] = [];
    for (const [node, fields] of nodes) {
        const type = kind(node);
        const neuron = NEURONS[type];
        if (type === "Input") {
            shapes.set(node, inputShape(node, fields.shape));
            declared.push([node, (own) => `stimulus ${own}(${sizeOf(shapeOf(node))}, spikes: data)`]);
        } else if (neuron !== undefined) {
            models.add(neuron.model);
            const lists = Object.entries(neuron.fields).map(
                ([field, factor]) => [field, listOf(node, fields, field, factor)] as const,
            );
            const size = Math.max(...lists.map(([, list]) => list.length));
            const whole = Object.keys(neuron.fields).find((field) => lengthOf(fields[field]) === size) as string;
            shapes.set(node, (fields[whole] as Hdf5Array).shape);
            declared.push([node, (own) => `population ${own}(${size}, neuron: ${neuron.model}())`]);
            for (const [field, list] of lists) {
                const all = list.length === size ? list : new Float64Array(size).fill(list[0] ?? 0);
                writes.push([`${own(node)}.${field}`, all]);
            }
            if (!neuron.isSilent) declared.push([node, (own) => `record spikes of ${own}`]);
        } else if (type !== "Output" && !MAP_TYPES.includes(type)) {
            throw refuse(
                `the node ${node} is of type ${type}`,
                `those read are Input, Output, ${[...MAP_TYPES, ...Object.keys(NEURONS)].join(", ")}`,
            );
        }
    }
    const weights: (readonly [connection: string, values: Float64Array])[] = [];
    const data: Record<string, SynapseData> = {};
    const biases = new Map<string, Float64Array>();
    const isNeuron = (node: string) => kind(node) in NEURONS;
    const joined = new Map<string, number>();
    const join = (from: string, to: string, how: string): string => {
        const key = `${own(from)}->${own(to)}.input`;
        const before = joined.get(key) ?? 0;
        joined.set(key, before + 1);
        connects.push(`connect ${own(from)} -> ${own(to)}.input (${how})`);
        return before === 0 ? key : `${key}#${before + 1}`;
    };
    /** Connects by synapses: those that take a step only, and the others. */
    const joinLists = (from: string, to: string, { pre, post, weight, delay }: LinearMap): void => {
        for (const isLate of [false, true]) {
            const at = pre.flatMap((_, k) => ((delay?.[k] ?? 0) > 0 === isLate ? [k] : []));
            if (at.length === 0 && (isLate || pre.length > 0)) continue;
            const of = (list: readonly number[]) => at.map((k) => list[k] as number);
            const late = isLate && delay !== undefined ? { delay: of(delay) } : {};
            data[join(from, to, "synapses: data, weight: 1.0")] = {
                pre: of(pre),
                post: of(post),
                weight: of(weight),
                ...late,
            };
        }
    };
    /** Follows the ways from neurons, through maps, to others. */
    const follow = (from: string, at: string, map: LinearMap | null, way: readonly string[]): void => {
        for (const [one, to] of edges) {
            if (one !== at) continue;
            if (NEURONS[kind(from)]?.isSilent && kind(to) !== "Output")
                throw refuse(`${from} is of type ${kind(from)} and leads to ${to}`, "voltages lead to outputs only");
            if (kind(to) === "Output") {
                if (!isNeuron(at)) throw refuse(`${at} leads to an output, and is of type ${kind(at)}`, "neurons do");
            } else if (isNeuron(to)) {
                const [given, size] = [sizeOf(map?.shape ?? shapeOf(from)), sizeOf(shapeOf(to))];
                if (given !== size) throw refuse(`${size} neurons of ${to} get ${given} inputs`, "each gets one");
                // One delay of all is the connection's.
                const [first = 0] = map?.delay ?? [];
                const isShared = map?.delay?.every((each) => each === first) ?? true;
                const late = first > 0 ? `, delay: ${Number(first.toPrecision(9))} ms` : "";
                const [only, ...others] = way.filter((each) => kind(each) !== "Delay");
                if (map === null || (only === undefined && isShared)) {
                    join(from, to, `one_to_one: true, weight: 1.0${late}`);
                } else if (isShared && others.length === 0 && MATRICES.has(kind(only as string))) {
                    const values = new Float64Array(map.inputs * size);
                    for (const [k, pre] of map.pre.entries())
                        values[pre * size + (map.post[k] as number)] = map.weight[k] as number;
                    weights.push([join(from, to, `weight: i - i${late}`), values]);
                } else joinLists(from, to, map);
                if (map?.bias) {
                    const sum = biases.get(to) ?? new Float64Array(size);
                    const { bias } = map;
                    biases.set(
                        to,
                        sum.map((each, k) => each + (bias[k % bias.length] as number)),
                    );
                }
            } else if (MAP_TYPES.includes(kind(to))) {
                if (way.includes(to))
                    throw refuse(`the maps ${way.join(", ")} lead in a circle`, "neurons are between");
                const shape = map?.shape ?? shapeOf(from);
                const next = mapOf(kind(to), { name: to, fields: nodes.get(to) as Hdf5Tree, shape });
                follow(from, to, map === null ? next : composed(map, next, to), [...way, to]);
            } else
                throw refuse(`${at} leads to ${to}, which is of type ${kind(to)}`, "inputs have nothing before them");
        }
    };
    for (const node of nodes.keys()) if (isNeuron(node) || kind(node) === "Input") follow(node, node, null, []);
    for (const [node, bias] of biases) writes.push([`${own(node)}.bias`, bias]);
    const imports = models.size > 0 ? `import std.neuro { ${[...models].sort().join(", ")} }\n\n` : "";
    const source = `${imports}${networksOf(name, names, declared, connects)}`;
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
    return { source, names: Object.fromEntries(names), data, load };
}

function typeOf(nodes: Graph["nodes"], node: string): string {
    const type = nodes.get(node)?.type;
    return typeof type === "string" ? type : "none";
}

function inputShape(node: string, shape: Hdf5Tree[string] | undefined): readonly number[] {
    if (isArray(shape) && shape.data instanceof Float64Array && shape.data.length > 0) return [...shape.data];
    throw refuse(`the node ${node} has no shape`, "inputs have one");
}

function lengthOf(value: Hdf5Tree[string] | undefined): number {
    return isArray(value) ? value.data.length : 0;
}

function listOf(node: string, fields: Hdf5Tree, field: string, factor: number): Float64Array {
    const value = fields[field];
    if (value === undefined && OPTIONAL.has(field)) return new Float64Array([0]);
    if (!isArray(value) || !(value.data instanceof Float64Array))
        throw refuse(`the node ${node} has no ${field}`, "it is an array");
    return value.data.map((each) => each * factor);
}
