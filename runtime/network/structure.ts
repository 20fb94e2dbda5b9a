// Which neurons reach which: drawn by counters, so that it depends on the seed alone, into typed arrays.

import { compile, Words } from "../../codeobject/network/formula.js";
import type { ConnectionManifest, Window } from "../../codeobject/network/manifest.js";
import { describeValue } from "../elements.js";
import { ArgumentError } from "../errors.js";
import { requireOptions } from "../options.js";
import type { Values } from "./values.js";

/** Synapses that the program gives: places of neurons, and where they differ weights and delays (ms). */
export interface SynapseData {
    readonly pre: ArrayLike<number>;
    readonly post: ArrayLike<number>;
    readonly weight?: ArrayLike<number>;
    readonly delay?: ArrayLike<number>;
}

/** Synapses by presynaptic neuron: those of neuron i are `rows[i]` up to `rows[i + 1]`. */
export interface Structure {
    readonly rows: Int32Array;
    readonly targets: Int32Array;
    /** For synapses from data: where in the data each was. */
    readonly places: Int32Array | null;
}

export interface Sizes {
    readonly pre: number;
    readonly post: number;
}

/** The synapses of a sparse connection. @throws ArgumentError for numbers that make no sense */
export function drawStructure(
    connection: ConnectionManifest,
    values: Values,
    seed: bigint,
    data: SynapseData | undefined,
): Structure {
    const { connectivity, from, to } = connection;
    const { kind, autapses } = connectivity;
    const sizes = { pre: values.get(`size.${from}`), post: values.get(`size.${to}`) };
    const value = connectivity.value === null || kind === "where" ? 0 : values.evaluate(connectivity.value);
    const skipsSelf = from === to && !autapses;
    switch (kind) {
        case "one_to_one":
            if (sizes.pre !== sizes.post)
                throw refuse(
                    connection,
                    `has ${sizes.pre} neurons before and ${sizes.post} behind it: they don't pair`,
                );
            return byRows(sizes.pre, (i, list) => list.push(i));
        case "all":
            return byRows(sizes.pre, (i, list) => {
                for (let j = 0; j < sizes.post; j++) if (!skipsSelf || i !== j) list.push(j);
            });
        case "where":
            return where(connection, values, sizes, skipsSelf);
        case "probability":
            if (!(value >= 0 && value <= 1))
                throw refuse(connection, `has the probability ${value}, which is not from 0 to 1`);
            return bernoulli(connection.stream, seed, sizes, value, skipsSelf);
        case "window":
            return windows(connectivity.window as Window, values);
        case "data":
            return fromData(connection, sizes, data);
        default:
            if (!(Number.isSafeInteger(value) && value >= 0))
                throw refuse(connection, `has ${kind}: ${value}, which is no number of synapses`);
            return counted(connection, seed, sizes, value, skipsSelf);
    }
}

/**
 * How many synapses a connection will have at least, without making them; of drawn ones what it has but for one chance in millions.
 * @param room bytes of memory
 */
export function leastSynapses(
    connection: ConnectionManifest,
    values: Values,
    { pre, post }: Sizes,
    data: SynapseData | undefined,
    room: number,
): number {
    const { kind, value: formula, window } = connection.connectivity;
    const pairs = pre * post;
    const value = formula === null || kind === "where" ? 0 : values.evaluate(formula);
    const least = {
        one_to_one: () => pre,
        all: () => pairs - Math.min(pre, post),
        where: () => (4 * pairs > room ? pairsWhere(connection, values, { pre, post }) : 0),
        probability: () => value * pairs - 5 * Math.sqrt(value * (1 - value) * pairs) - Math.min(pre, post),
        fan_in: () => value * post,
        fan_out: () => value * pre,
        total: () => value,
        data: () => data?.pre.length ?? 0,
        window: () => (window === null ? 0 : pairsInWindow(window, values)),
    }[kind]();
    // Numbers that make no sense are refused where the connection is drawn.
    return Number.isFinite(least) ? Math.max(0, Math.floor(least)) : 0;
}

function pairsWhere({ connectivity: { value } }: ConnectionManifest, values: Values, { pre, post }: Sizes): number {
    const place = { i: 0, j: 0 };
    const holds = compile(value ?? true, values.lookup(0, { n_pre: pre, n_post: post }), place, () => 0);
    let count = 0;
    for (place.i = 0; place.i < pre; place.i++) for (place.j = 0; place.j < post; place.j++) if (holds()) count++;
    return count;
}

/** Rows and columns count for themselves: in each, the places that windows reach. */
function pairsInWindow(window: Window, values: Values): number {
    const { channels, rows, columns, maps, high, wide, kernel, stride, padding } = windowNumbers(window, values);
    const reached = (length: number, windows: number) => {
        let sum = 0;
        for (let at = 0; at < windows; at++) {
            const first = at * stride - padding;
            sum += Math.max(0, Math.min(first + kernel, length) - Math.max(first, 0));
        }
        return sum;
    };
    return (window.kind === "convolution" ? maps : 1) * channels * reached(rows, high) * reached(columns, wide);
}

function refuse({ name }: ConnectionManifest, what: string): ArgumentError {
    return new ArgumentError(`the connection ${name} ${what}`);
}

function byRows(pre: number, row: (i: number, list: IntList) => void): Structure {
    const rows = new Int32Array(pre + 1);
    const targets = new IntList();
    for (let i = 0; i < pre; i++) {
        row(i, targets);
        rows[i + 1] = targets.length;
    }
    return { rows, targets: targets.toArray(), places: null };
}

function where(
    { connectivity: { value } }: ConnectionManifest,
    values: Values,
    { pre, post }: Sizes,
    skipsSelf: boolean,
): Structure {
    const place = { i: 0, j: 0 };
    const lookup = values.lookup(0, { n_pre: pre, n_post: post });
    const holds = compile(value ?? true, lookup, place, () => 0);
    return byRows(pre, (i, list) => {
        place.i = i;
        for (let j = 0; j < post; j++) {
            place.j = j;
            if ((!skipsSelf || i !== j) && holds() !== 0) list.push(j);
        }
    });
}

/** Each place before reaches the places behind whose window it is in: in all channels, or with pooling in its own. */
function windows(window: Window, values: Values): Structure {
    const numbers = windowNumbers(window, values);
    const { channels, rows, columns, maps, high, wide } = numbers;
    return byRows(channels * rows * columns, (i, list) => {
        const channel = Math.floor(i / (rows * columns));
        const [first, last] = window.kind === "convolution" ? [0, maps - 1] : [channel, channel];
        for (let map = first; map <= last; map++) {
            for (let row = 0; row < high; row++) {
                for (let column = 0; column < wide; column++) {
                    const j = (map * high + row) * wide + column;
                    if (placeInWindow(numbers, i, j) !== null) list.push(j);
                }
            }
        }
    });
}

/** The numbers of a window. */
export function windowNumbers({ kernel, stride, padding, pre, post }: Window, values: Values) {
    const [channels, rows, columns] = pre.map((each) => values.evaluate(each)) as [number, number, number];
    const [maps, high, wide] = post.map((each) => values.evaluate(each)) as [number, number, number];
    const [k, step, edge] = [kernel, stride, padding].map((each) => values.evaluate(each)) as [number, number, number];
    return { channels, rows, columns, maps, high, wide, kernel: k, stride: step, padding: edge };
}

/** Where in the window of the place j behind a place i before is: row and column, or null where it is outside. */
export function placeInWindow(
    { rows, columns, high, wide, kernel, stride, padding }: ReturnType<typeof windowNumbers>,
    i: number,
    j: number,
): readonly [number, number] | null {
    const ky = (Math.floor(i / columns) % rows) - (Math.floor(j / wide) % high) * stride + padding;
    const kx = (i % columns) - (j % wide) * stride + padding;
    return ky >= 0 && ky < kernel && kx >= 0 && kx < kernel ? [ky, kx] : null;
}

/** Neurons of a segment of a row, which draws by itself. */
export const SEGMENT = 256;

/**
 * The distribution of the distance to the next synapse, where each pair has one with the same probability: a word w means
 * the first distance d, from 0, with w ≤ table[d], of the geometric distribution 1 − (1 − p)^(d + 1); none means that the segment has
 * no more. In integers, so that devices draw the same.
 */
export function distances(probability: number): Uint32Array {
    return Uint32Array.from({ length: SEGMENT }, (_, d) => {
        const below = probability === 1 ? 1 : -Math.expm1((d + 1) * Math.log1p(-probability));
        return Math.max(0, Math.ceil(below * 2 ** 32) - 1);
    });
}

/** Every pair on its own, by distances from one synapse to the next; segment s of row i has the words of the element (i, s). */
function bernoulli(
    stream: number,
    seed: bigint,
    { pre, post }: Sizes,
    probability: number,
    skipsSelf: boolean,
): Structure {
    if (probability === 0) return byRows(pre, () => {});
    const table = distances(probability);
    const last = table[SEGMENT - 1] as number;
    const words = new Words(seed);
    return byRows(pre, (i, list) => {
        for (let first = 0; first < post; first += SEGMENT) {
            const end = Math.min(SEGMENT, post - first);
            words.begin(stream, i, first / SEGMENT);
            for (let at = -1; ; ) {
                const word = words.next();
                if (word > last) break;
                let [low, high] = [0, SEGMENT - 1];
                while (low < high) {
                    const middle = (low + high) >> 1;
                    if (word <= (table[middle] as number)) high = middle;
                    else low = middle + 1;
                }
                at += low + 1;
                if (at >= end) break;
                if (!skipsSelf || i !== first + at) list.push(first + at);
            }
        }
    });
}

/** A number of synapses for each neuron, or in all: the other ends are drawn, again where they are not allowed. */
function counted(
    connection: ConnectionManifest,
    seed: bigint,
    { pre, post }: Sizes,
    count: number,
    skipsSelf: boolean,
): Structure {
    const { kind, multapses } = connection.connectivity;
    const { stream } = connection;
    const [owners, others] =
        kind === "fan_in" ? [post, pre] : [kind === "fan_out" ? pre : 1, kind === "total" ? pre * post : post];
    const most = others - (skipsSelf ? (kind === "total" ? Math.min(pre, post) : 1) : 0);
    if (!multapses && count > most)
        throw refuse(connection, `has ${count} synapses for ${most} neurons without multapses`);
    if (most <= 0 && count > 0) throw refuse(connection, "has no neuron to reach");
    if (owners * count >= 2 ** 31) throw refuse(connection, `has ${owners * count} synapses: 2³¹ − 1 are the most`);
    const [sources, targets] = [new Int32Array(owners * count), new Int32Array(owners * count)];
    const words = new Words(seed);
    const taken = new Set<number>();
    for (let owner = 0, at = 0; owner < owners; owner++) {
        words.begin(stream, owner);
        taken.clear();
        for (let k = 0; k < count; ) {
            const other = pick(words, others);
            const [i, j] =
                kind === "fan_in"
                    ? [other, owner]
                    : kind === "fan_out"
                      ? [owner, other]
                      : [Math.floor(other / post), other % post];
            if (skipsSelf && i === j) continue;
            if (!multapses) {
                if (taken.has(other)) continue;
                taken.add(other);
            }
            sources[at] = i;
            targets[at++] = j;
            k++;
        }
    }
    return sorted({ pre, post }, sources, targets, false);
}

/** A place below a bound: of 32 random bits, or above 2²⁰ places of 53, so that all are equally likely to one part in 2¹². */
function pick(words: Words, bound: number): number {
    const word = words.next();
    if (bound <= 2 ** 20) return Math.floor((word / 2 ** 32) * bound);
    return Math.floor(((word * 2 ** 21 + (words.next() >>> 11)) / 2 ** 53) * bound);
}

function fromData(connection: ConnectionManifest, sizes: Sizes, data: SynapseData | undefined): Structure {
    if (data === undefined)
        throw refuse(
            connection,
            `takes its synapses from data: pass { data: { ${JSON.stringify(connection.name)}: { pre, post } } }`,
        );
    requireOptions(`the connection ${connection.name}: data`, data, ["pre", "post", "weight", "delay"]);
    const { length } = data.pre ?? [];
    for (const [name, list] of [
        ["pre", data.pre],
        ["post", data.post],
        ["weight", data.weight ?? []],
        ["delay", data.delay ?? []],
    ] as const) {
        const isList = Array.isArray(list) || (ArrayBuffer.isView(list) && !(list instanceof DataView));
        if (!isList) throw refuse(connection, `takes lists of numbers as data, and ${name} is ${describeValue(list)}`);
    }
    for (const list of [data.post, data.weight, data.delay]) {
        if (list !== undefined && list.length !== length)
            throw refuse(connection, `has data of ${length} and ${list.length} synapses`);
    }
    const wrong = Array.from(data.weight ?? []).findIndex((each) => !Number.isFinite(each));
    if (wrong >= 0)
        throw refuse(
            connection,
            `has data with the weight ${describeValue(data.weight?.[wrong])} of synapse ${wrong}, which is no number`,
        );
    const checked = (list: ArrayLike<number>, size: number) => {
        const result = new Int32Array(length);
        for (let at = 0; at < length; at++) {
            const each = list[at] as number;
            if (!(Number.isSafeInteger(each) && each >= 0 && each < size))
                throw refuse(connection, `has data that names neuron ${each}, which isn't there`);
            result[at] = each;
        }
        return result;
    };
    return sorted(sizes, checked(data.pre, sizes.pre), checked(data.post, sizes.post), true);
}

/** By presynaptic neuron, then by postsynaptic one: a radix sort of both places, which keeps the order of equals. */
function sorted({ pre, post }: Sizes, sources: Int32Array, targets: Int32Array, keep: boolean): Structure {
    const byTarget = places(targets, post, null);
    const order = places(sources, pre, byTarget.order);
    const { length } = targets;
    const result = new Int32Array(length);
    for (let at = 0; at < length; at++) result[at] = targets[order.order[at] as number] as number;
    return { rows: order.starts, targets: result, places: keep ? order.order : null };
}

/** A counting sort: where the elements of each key begin, and the elements in that order. */
export function places(keys: Int32Array, count: number, before: Int32Array | null) {
    const starts = new Int32Array(count + 1);
    const { length } = keys;
    for (let at = 0; at < length; at++) (starts[(keys[at] as number) + 1] as number)++;
    for (let key = 0; key < count; key++) starts[key + 1] = (starts[key + 1] as number) + (starts[key] as number);
    const next = starts.slice();
    const order = new Int32Array(length);
    for (let at = 0; at < length; at++) {
        const element = before === null ? at : (before[at] as number);
        const key = keys[element] as number;
        order[next[key] as number] = element;
        (next[key] as number)++;
    }
    return { starts, order };
}

/** A growing list of integers. */
class IntList {
    private data = new Int32Array(1024);
    length = 0;

    push(value: number): void {
        if (this.length === this.data.length) {
            const larger = new Int32Array(2 * this.length);
            larger.set(this.data);
            this.data = larger;
        }
        this.data[this.length++] = value;
    }

    toArray(): Int32Array {
        return this.data.slice(0, this.length);
    }
}
