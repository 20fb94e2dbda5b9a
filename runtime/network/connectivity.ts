// Which neurons reach which, with weights and delays: drawn once, by counters, so that it depends on the seed alone.
// Streams of a connection: its first is its structure's, then come weights and delays.

import { draws, drawsAt, evaluate } from "../../codeobject/network/formula.js";
import type { ConnectionManifest } from "../../codeobject/network/manifest.js";
import { philox4x32 } from "../../codeobject/philox.js";
import { ArgumentError } from "../errors.js";
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

/** The synapses of a sparse connection. @throws ArgumentError for numbers that make no sense */
export function drawStructure(
    connection: ConnectionManifest,
    values: Values,
    seed: bigint,
    data: SynapseData | undefined,
): Structure {
    const [pre, post] = [values.get(`size.${connection.from}`), values.get(`size.${connection.to}`)];
    const value =
        connection.value === null || connection.connectivity === "where" ? 0 : values.evaluate(connection.value);
    const isOwn = connection.from === connection.to && !connection.autapses;
    const skips = (i: number, j: number) => isOwn && i === j;
    switch (connection.connectivity) {
        case "one_to_one":
            if (pre !== post)
                throw refuse(connection, `has ${pre} neurons before and ${post} behind it: they don't pair`);
            return byRows(pre, (i, add) => add(i));
        case "all":
            return byRows(pre, (i, add) => {
                for (let j = 0; j < post; j++) if (!skips(i, j)) add(j);
            });
        case "where": {
            const condition = connection.value ?? true;
            return byRows(pre, (i, add) => {
                for (let j = 0; j < post; j++) {
                    if (skips(i, j)) continue;
                    if (evaluate(condition, values.lookup(0, { i, j, n_pre: pre, n_post: post }))) add(j);
                }
            });
        }
        case "probability":
            if (!(value >= 0 && value <= 1))
                throw refuse(connection, `has the probability ${value}, which is not from 0 to 1`);
            return bernoulli(connection, seed, pre, post, value, skips);
        case "data":
            return fromData(connection, pre, post, data);
        default: {
            if (!(Number.isSafeInteger(value) && value >= 0))
                throw refuse(connection, `has ${connection.connectivity}: ${value}, which is no number of synapses`);
            return counted(connection, seed, pre, post, value, skips);
        }
    }
}

function refuse({ name }: ConnectionManifest, what: string): ArgumentError {
    return new ArgumentError(`the connection ${name} ${what}`);
}

function byRows(pre: number, row: (i: number, add: (j: number) => void) => void): Structure {
    const rows = new Int32Array(pre + 1);
    const targets = new IntList();
    for (let i = 0; i < pre; i++) {
        row(i, (j) => targets.push(j));
        rows[i + 1] = targets.length;
    }
    return { rows, targets: targets.toArray(), places: null };
}

/** Every pair on its own: word j % 4 of the block (i, j / 4) is below the probability. */
function bernoulli(
    { stream }: ConnectionManifest,
    seed: bigint,
    pre: number,
    post: number,
    probability: number,
    skips: (i: number, j: number) => boolean,
): Structure {
    const limit = probability * 2 ** 32;
    const key = [Number(seed & 0xffffffffn), Number((seed >> 32n) & 0xffffffffn)] as const;
    const block = new Uint32Array(4);
    return byRows(pre, (i, add) => {
        for (let first = 0; first < post; first += 4) {
            block[0] = i;
            block[1] = first >>> 2;
            block[2] = stream;
            block[3] = 0;
            philox4x32(block, key);
            for (let at = 0; at < 4 && first + at < post; at++) {
                if ((block[at] as number) < limit && !skips(i, first + at)) add(first + at);
            }
        }
    });
}

/** A number of synapses for each neuron, or in all: the other ends are drawn, again where they are not allowed. */
function counted(
    connection: ConnectionManifest,
    seed: bigint,
    pre: number,
    post: number,
    count: number,
    skips: (i: number, j: number) => boolean,
): Structure {
    const { connectivity, multapses, stream } = connection;
    const pairs: (readonly [number, number])[] = [];
    const [owners, others] =
        connectivity === "fan_in"
            ? [post, pre]
            : [connectivity === "fan_out" ? pre : 1, connectivity === "total" ? pre * post : post];
    const most = others - (connection.from === connection.to && !connection.autapses ? 1 : 0);
    if (!multapses && count > most)
        throw refuse(connection, `has ${count} synapses for ${most} neurons without multapses`);
    if (most <= 0 && count > 0) throw refuse(connection, "has no neuron to reach");
    for (let owner = 0; owner < owners; owner++) {
        const draw = drawsAt(seed, stream, owner);
        const taken = new Set<number>();
        for (let k = 0; k < count; k++) {
            let other = pick(draw(), others);
            const pairOf = (): readonly [number, number] =>
                connectivity === "fan_in"
                    ? [other, owner]
                    : connectivity === "fan_out"
                      ? [owner, other]
                      : [Math.floor(other / post), other % post];
            while (skips(...pairOf()) || (!multapses && taken.has(other))) other = pick(draw(), others);
            taken.add(other);
            pairs.push(pairOf());
        }
    }
    return sorted(
        pre,
        pairs.map(([i]) => i),
        pairs.map(([, j]) => j),
        false,
    );
}

/** A place below a bound of up to 2⁵³ from 32 random bits: even to one part in 2³² / bound. */
function pick(word: number, bound: number): number {
    return Math.floor((word / 2 ** 32) * bound);
}

function fromData(connection: ConnectionManifest, pre: number, post: number, data: SynapseData | undefined): Structure {
    if (data === undefined)
        throw refuse(
            connection,
            `takes its synapses from data: pass { data: { ${JSON.stringify(connection.name)}: { pre, post } } }`,
        );
    const [sources, targets] = [Array.from(data.pre), Array.from(data.post)];
    for (const list of [targets, data.weight, data.delay]) {
        if (list !== undefined && list.length !== sources.length)
            throw refuse(connection, `has data of ${sources.length} and ${list.length} synapses`);
    }
    const outside = (list: readonly number[], size: number) =>
        list.find((each) => !(Number.isSafeInteger(each) && each >= 0 && each < size));
    const wrong = outside(sources, pre) ?? outside(targets, post);
    if (wrong !== undefined) throw refuse(connection, `has data that names neuron ${wrong}, which isn't there`);
    return sorted(pre, sources, targets, true);
}

/** By presynaptic neuron, then by postsynaptic one. */
function sorted(pre: number, sources: readonly number[], targets: readonly number[], keep: boolean): Structure {
    const order = Int32Array.from(sources, (_, at) => at).sort(
        (a, b) =>
            (sources[a] as number) - (sources[b] as number) || (targets[a] as number) - (targets[b] as number) || a - b,
    );
    const rows = new Int32Array(pre + 1);
    for (const source of sources) rows[source + 1] = (rows[source + 1] as number) + 1;
    for (let i = 0; i < pre; i++) rows[i + 1] = (rows[i + 1] as number) + (rows[i] as number);
    return { rows, targets: order.map((at) => targets[at] as number), places: keep ? order : null };
}

/** A value for each synapse: of the connection's formula, by the place of the pair, whatever the storage. */
export function drawValues(
    formula: ConnectionManifest["weight"],
    stream: number,
    seed: bigint,
    values: Values,
    sizes: { readonly pre: number; readonly post: number },
    synapses: { readonly count: number; readonly pairOf: (at: number) => readonly [number, number] },
    instance = 0,
): Float32Array {
    const out = new Float32Array(synapses.count);
    const random = draws(formula);
    const place = { i: 0, j: 0, n_pre: sizes.pre, n_post: sizes.post };
    const lookup = values.lookup(instance, place);
    if (!random && !mentionsPlace(formula)) return out.fill(Number(evaluate(formula, lookup)));
    let [last, copy] = [-1, 0];
    for (let at = 0; at < synapses.count; at++) {
        const [i, j] = synapses.pairOf(at);
        place.i = i;
        place.j = j;
        // Several synapses of a pair draw one after the other.
        const pair = i * sizes.post + j;
        copy = pair === last ? copy + 1 : 0;
        last = pair;
        const draw = random ? drawsAt(seed, stream + (copy << 20), i, j) : undefined;
        out[at] = Number(evaluate(formula, lookup, draw));
    }
    return out;
}

function mentionsPlace(formula: ConnectionManifest["weight"]): boolean {
    if (typeof formula === "string") return formula === "i" || formula === "j";
    return (
        typeof formula === "object" &&
        formula.slice(1).some((each) => mentionsPlace(each as ConnectionManifest["weight"]))
    );
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
