// The linear maps of NIR's graphs, each as the synapses that it is: matrices, convolutions, pooling by sums and means, scaling,
// flattening and delays. Maps one behind the other are one. Fields are as nir's primitives have them (https://neuroir.org/docs/primitives.html).

import { ArgumentError } from "../errors.js";
import { type Hdf5Tree, isArray } from "./hdf5.js";

export interface LinearMap {
    /** Elements that it takes. */
    readonly inputs: number;
    /** Extents of what it gives. */
    readonly shape: readonly number[];
    /** From which element to which, and by which factor. */
    readonly pre: readonly number[];
    readonly post: readonly number[];
    readonly weight: readonly number[];
    /** How long each takes, in ms; without it no longer than a step. */
    readonly delay?: readonly number[];
    /** What is added to each element that it gives. */
    readonly bias: Float64Array | null;
}

export function refuse(what: string, instead: string): ArgumentError {
    return new ArgumentError(`NIR: ${what}; ${instead}`);
}

/** A node with its fields, and the extents of what leads to it. */
interface Node {
    readonly name: string;
    readonly fields: Hdf5Tree;
    readonly shape: readonly number[];
}

/** Makes a node's map. @throws ArgumentError for fields that are missing or don't fit */
export function mapOf(type: string, node: Node): LinearMap {
    const make = MAPS[type];
    if (make !== undefined) return make(node);
    throw refuse(`the node ${node.name} is of type ${type}`, `maps that are read are ${Object.keys(MAPS).join(", ")}`);
}

const MAPS: Readonly<Record<string, (node: Node) => LinearMap>> = {
    Linear: matrix,
    Affine: (node) => ({ ...matrix(node), bias: numbers(node, "bias") }),
    Scale: (node) => {
        const size = sizeOf(node.shape);
        const scale = numbers(node, "scale");
        requireSize(node, "scale", scale.length, scale.length === 1 ? 1 : size);
        const all = Array.from({ length: size }, (_, at) => at);
        const weight = all.map((at) => scale[at % scale.length] as number);
        return { inputs: size, shape: node.shape, pre: all, post: all, weight, bias: null };
    },
    Flatten: (node) => {
        const size = sizeOf(node.shape);
        const all = Array.from({ length: size }, (_, at) => at);
        return { inputs: size, shape: [size], pre: all, post: all, weight: all.map(() => 1), bias: null };
    },
    Delay: (node) => {
        const size = sizeOf(node.shape);
        const delay = numbers(node, "delay");
        requireSize(node, "delay", delay.length, delay.length === 1 ? 1 : size);
        if (!delay.every((each) => each >= 0 && Number.isFinite(each)))
            throw refuse(`the node ${node.name} has a delay below 0 s or none`, "it is 0 s or longer");
        const all = Array.from({ length: size }, (_, at) => at);
        const late = all.map((at) => 1000 * (delay[at % delay.length] as number));
        return {
            inputs: size,
            shape: node.shape,
            pre: all,
            post: all,
            weight: all.map(() => 1),
            delay: late,
            bias: null,
        };
    },
    Conv1d: (node) => convolution(node, 1),
    Conv2d: (node) => convolution(node, 2),
    SumPool2d: (node) => pooling(node, () => 1),
    AvgPool2d: (node) => pooling(node, (places) => 1 / places),
};

/** The names of all types of maps. */
export const MAP_TYPES: readonly string[] = Object.keys(MAPS);

/** A map behind another. @throws ArgumentError where their sizes differ */
export function composed(first: LinearMap, second: LinearMap, name: string): LinearMap {
    const [given, wanted] = [sizeOf(first.shape), second.inputs];
    if (given !== wanted) throw refuse(`the node ${name} takes ${wanted} elements`, `what leads to it gives ${given}`);
    const behind: number[][] = Array.from({ length: wanted }, () => []);
    for (const [at, middle] of second.pre.entries()) behind[middle]?.push(at);
    if (second.delay !== undefined && first.bias?.some((each) => each !== 0))
        throw refuse(`the node ${name} delays a bias`, "the delay stands before the map that has it");
    const outputs = sizeOf(second.shape);
    const pairs = first.inputs * outputs;
    // Ways between two elements are one synapse if they take equally long.
    const delays: number[] = [];
    const sums = new Map<number, number>();
    for (const [at, pre] of first.pre.entries()) {
        for (const next of behind[first.post[at] as number] as number[]) {
            const delay = (first.delay?.[at] ?? 0) + (second.delay?.[next] ?? 0);
            if (!delays.includes(delay)) delays.push(delay);
            const key = delays.indexOf(delay) * pairs + pre * outputs + (second.post[next] as number);
            const product = (first.weight[at] as number) * (second.weight[next] as number);
            sums.set(key, (sums.get(key) ?? 0) + product);
        }
    }
    const keys = [...sums.keys()].sort((a, b) => (a % pairs) - (b % pairs));
    let bias = second.bias;
    if (first.bias !== null) {
        bias = second.bias?.slice() ?? new Float64Array(outputs);
        for (const [at, middle] of second.pre.entries()) {
            const post = second.post[at] as number;
            const from = first.bias[middle % first.bias.length] as number;
            bias[post] = (bias[post] as number) + (second.weight[at] as number) * from;
        }
    }
    return {
        inputs: first.inputs,
        shape: second.shape,
        pre: keys.map((key) => Math.floor((key % pairs) / outputs)),
        post: keys.map((key) => key % outputs),
        weight: keys.map((key) => sums.get(key) as number),
        ...(delays.some((each) => each > 0)
            ? { delay: keys.map((key) => delays[Math.floor(key / pairs)] as number) }
            : {}),
        bias,
    };
}

export function sizeOf(shape: readonly number[]): number {
    return shape.reduce((a, b) => a * b, 1);
}

/** `weight` is [out, in]. */
function matrix(node: Node): LinearMap {
    const { weight } = node.fields;
    if (!isArray(weight) || !(weight.data instanceof Float64Array) || weight.shape.length !== 2)
        throw refuse(`the node ${node.name} has no matrix of weights`, "it has [out, in]");
    const [outputs, inputs] = weight.shape as [number, number];
    requireSize(node, "weight", inputs, sizeOf(node.shape));
    const { data } = weight;
    const at = Array.from({ length: outputs * inputs }, (_, place) => place);
    return {
        inputs,
        shape: [outputs],
        pre: at.map((place) => place % inputs),
        post: at.map((place) => Math.floor(place / inputs)),
        weight: at.map((place) => data[place] as number),
        bias: null,
    };
}

/** How windows move along an axis. */
interface Axis {
    readonly length: number;
    readonly kernel: number;
    readonly stride: number;
    readonly padding: number;
    readonly dilation: number;
    /** How many there are. */
    readonly windows: number;
}

function axisOf(node: Node, length: number, kernel: number, at: number): Axis {
    const stride = pick(node, "stride", at, 1);
    const dilation = pick(node, "dilation", at, 1);
    const reach = dilation * (kernel - 1) + 1;
    const word = node.fields.padding;
    // `same` keeps the length, with what is odd of it behind, as PyTorch has it.
    const padding = word === "same" ? Math.floor((reach - 1) / 2) : word === "valid" ? 0 : pick(node, "padding", at, 0);
    const windows = word === "same" ? length : Math.floor((length + 2 * padding - reach) / stride) + 1;
    if (word === "same" && stride !== 1)
        throw refuse(`the node ${node.name} has padding same and a stride`, "one of both");
    if (![stride, dilation, kernel].every((each) => Number.isSafeInteger(each) && each >= 1) || windows < 1)
        throw refuse(`the windows of ${node.name} don't fit ${length} places`, "they lie within, with padding");
    return { length, kernel, stride, padding, dilation, windows };
}

/** The place that a window sees with one of the kernel's; −1 for padding. */
function seen({ length, stride, padding, dilation }: Axis, window: number, kernel: number): number {
    const place = window * stride - padding + kernel * dilation;
    return place >= 0 && place < length ? place : -1;
}

/** `weight` is [channels behind, channels before / groups, …kernel], as a cross-correlation. */
function convolution(node: Node, rank: 1 | 2): LinearMap {
    const { weight, input_shape: given } = node.fields;
    if (!isArray(weight) || !(weight.data instanceof Float64Array) || weight.shape.length !== rank + 2)
        throw refuse(`the node ${node.name} has no weights`, `they are an array of ${rank + 2} dimensions`);
    const groups = pick(node, "groups", 0, 1);
    const [maps, own] = weight.shape as [number, number];
    const channels = own * groups;
    const places =
        isArray(given) && given.data instanceof Float64Array && given.data.length === rank
            ? [...given.data]
            : node.shape.slice(-rank);
    requireSize(node, "input_shape", channels * sizeOf(places), sizeOf(node.shape));
    if (maps % groups !== 0)
        throw refuse(`the node ${node.name} has ${groups} groups of ${maps} channels`, "they divide them");
    // One dimension is a row of two.
    const [rows, columns] = rank === 2 ? (places as [number, number]) : [1, places[0] as number];
    const [tall, broad] = rank === 2 ? (weight.shape.slice(2) as [number, number]) : [1, weight.shape[2] as number];
    const down =
        rank === 2
            ? axisOf(node, rows, tall, 0)
            : { length: 1, kernel: 1, stride: 1, padding: 0, dilation: 1, windows: 1 };
    const along = axisOf(node, columns, broad, rank - 1);
    const [pre, post, values]: [number[], number[], number[]] = [[], [], []];
    for (let map = 0; map < maps; map++) {
        const group = Math.floor(map / (maps / groups));
        eachWindow(down, along, (window, ky, kx, place) => {
            for (let channel = 0; channel < own; channel++) {
                pre.push((group * own + channel) * rows * columns + place);
                post.push(map * down.windows * along.windows + window);
                values.push(weight.data[((map * own + channel) * tall + ky) * broad + kx] as number);
            }
        });
    }
    const extents = rank === 2 ? [down.windows, along.windows] : [along.windows];
    const bias = node.fields.bias === undefined ? null : numbers(node, "bias");
    return {
        inputs: channels * rows * columns,
        shape: [maps, ...extents],
        pre,
        post,
        weight: values,
        bias:
            bias &&
            Float64Array.from(
                { length: maps * sizeOf(extents) },
                (_, at) => bias[Math.floor(at / sizeOf(extents)) % bias.length] as number,
            ),
    };
}

/** Each channel for itself. */
function pooling(node: Node, factor: (places: number) => number): LinearMap {
    const { shape } = node;
    if (shape.length !== 3)
        throw refuse(`the node ${node.name} pools ${shape.length} dimensions`, "channels, rows and columns");
    const [channels, rows, columns] = shape as [number, number, number];
    const kernel = [pick(node, "kernel_size", 0), pick(node, "kernel_size", 1)] as const;
    const [down, along] = [axisOf(node, rows, kernel[0], 0), axisOf(node, columns, kernel[1], 1)];
    const [pre, post]: [number[], number[]] = [[], []];
    for (let channel = 0; channel < channels; channel++) {
        eachWindow(down, along, (window, _ky, _kx, place) => {
            pre.push(channel * rows * columns + place);
            post.push(channel * down.windows * along.windows + window);
        });
    }
    const value = factor(kernel[0] * kernel[1]);
    return {
        inputs: sizeOf(shape),
        shape: [channels, down.windows, along.windows],
        pre,
        post,
        weight: pre.map(() => value),
        bias: null,
    };
}

function eachWindow(
    down: Axis,
    along: Axis,
    visit: (window: number, ky: number, kx: number, place: number) => void,
): void {
    for (let high = 0; high < down.windows; high++)
        for (let wide = 0; wide < along.windows; wide++)
            for (let ky = 0; ky < down.kernel; ky++)
                for (let kx = 0; kx < along.kernel; kx++) {
                    const [row, column] = [seen(down, high, ky), seen(along, wide, kx)];
                    if (row >= 0 && column >= 0)
                        visit(high * along.windows + wide, ky, kx, row * along.length + column);
                }
}

function numbers({ name, fields }: Node, field: string): Float64Array {
    const value = fields[field];
    if (isArray(value) && value.data instanceof Float64Array && value.data.length > 0) return value.data;
    throw refuse(`the node ${name} has no ${field}`, "it is an array");
}

/** A number for each axis, or one for all. */
function pick(node: Node, field: string, axis: number, fallback?: number): number {
    if (node.fields[field] === undefined && fallback !== undefined) return fallback;
    const list = numbers(node, field);
    return list[list.length === 1 ? 0 : axis] ?? Number.NaN;
}

function requireSize({ name }: Node, field: string, has: number, wants: number): void {
    if (has !== wants)
        throw refuse(`the ${field} of the node ${name} is of ${has} elements`, `what leads to it gives ${wants}`);
}
