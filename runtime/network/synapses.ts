// The synapses of a connection on the device: drawn, laid out as its storage says, with weights and delays.

import type { Formula } from "../../codeobject/network/formula.js";
import type { ConnectionManifest } from "../../codeobject/network/manifest.js";
import { filterSizes, misfit } from "../../codeobject/network/window.js";
import { ArgumentError } from "../errors.js";
import type { Memory } from "./memory.js";
import {
    distances,
    drawStructure,
    leastSynapses,
    placeInWindow,
    places,
    type Sizes,
    type Structure,
    type SynapseData,
    windowNumbers,
} from "./structure.js";
import { drawValues } from "./synapse-values.js";
import type { Values } from "./values.js";

export type { SynapseData } from "./structure.js";

/** The largest sum that a neuron's input may have, in units: a bit less than 2³¹. */
const LARGEST_SUM = 2 ** 31 - 2 ** 20;
/** How many times their first size weights without bounds may become before sums could overflow. */
const ROOM_TO_GROW = 16;

/** A connection as it was drawn. */
export interface DrawnConnection {
    readonly manifest: ConnectionManifest;
    /** Pairs of neurons, by synapse; null for dense connections. */
    readonly structure: Structure | null;
    readonly weights: Float32Array | null;
    /** The longest delay in steps. */
    readonly longestDelay: number;
    /** Synapses in all. */
    readonly count: number;
    /** Fills the buffers. */
    readonly fill: () => void;
    /** Chooses the unit of sums anew, for weights that the program has written. */
    readonly measure: (weights: Float32Array) => void;
    /** Makes anew what depends on the targets, which a rule has changed. */
    readonly rewire: (targets: Int32Array) => void;
}

/**
 * Sets the extents of a connection to the least that they will be, before it is drawn.
 * @param room how many bytes there are: a condition on pairs is counted out only where all of them would not fit
 */
export function expectConnection(
    manifest: ConnectionManifest,
    values: Values,
    data: SynapseData | undefined,
    room: number,
): void {
    const sizes = { pre: values.get(`size.${manifest.from}`), post: values.get(`size.${manifest.to}`) };
    requireFit(manifest, values, sizes);
    const isListed = manifest.storage === "sparse";
    values.define(`synapses:${manifest.name}`, isListed ? leastSynapses(manifest, values, sizes, data, room) : 0);
    values.define(`slots:${manifest.name}`, manifest.leastDelay + 1);
}

/**
 * Draws a connection and sets the extents that follow from it.
 * @throws ArgumentError
 */
export function drawConnection(
    manifest: ConnectionManifest,
    memory: Memory,
    values: Values,
    seed: bigint,
    data: SynapseData | undefined,
): DrawnConnection {
    const { name, buffers, storage } = manifest;
    const sizes = { pre: values.get(`size.${manifest.from}`), post: values.get(`size.${manifest.to}`) };
    const { window } = manifest.connectivity;
    requireFit(manifest, values, sizes);
    const isListed = storage === "sparse" || storage === "bitmask";
    if (isListed) requireCountable(manifest, values.get(`synapses:${name}`));
    const structure = isListed ? drawStructure(manifest, values, seed, data) : null;
    const count = structure?.targets.length ?? Math.round(sizes.pre * sizes.post * shareOf(manifest, values));
    // The matrix of weights that formulas see: of a filter its places by the channels behind it.
    const matrix = matrixOf(manifest, values, sizes);
    const numbers = window === null ? null : windowNumbers(window, values);
    const pairOf = (i: number, j: number): readonly [number, number] => {
        if (numbers === null) return [i, j];
        const [ky, kx] = placeInWindow(numbers, i, j) ?? [0, 0];
        const channel = Math.floor(i / (numbers.rows * numbers.columns));
        const own = window?.kind === "convolution" ? channel : 0;
        return [(own * numbers.kernel + ky) * numbers.kernel + kx, Math.floor(j / (numbers.high * numbers.wide))];
    };
    values.define(`synapses:${name}`, count);
    const given = (list: ArrayLike<number> | undefined) =>
        list && structure?.places ? Float32Array.from(structure.places, (at) => list[at] as number) : undefined;
    const delays = drawDelays(manifest, values, seed, sizes, structure, given(data?.delay));
    const longestDelay = delays.steps?.reduce((a, b) => Math.max(a, b), 0) ?? delays.all;
    values.define(`slots:${name}`, longestDelay + 1);

    // A network that is too large is refused before its weights are drawn.
    let weights: Float32Array | null = null;
    const draw = () => {
        if (buffers.weights === undefined) return null;
        weights ??=
            given(data?.weight) ??
            drawValues(manifest.weight, manifest.stream + 1, seed, values, matrix, structure, numbers && pairOf);
        return weights;
    };
    const fill = (): void => {
        const drawn = draw();
        if (buffers.weights !== undefined && drawn !== null) {
            const instances = memory.shapeOf(memory.find(buffers.weights))[0] as number;
            const isMatrix = storage === "bitmask" && structure !== null;
            memory.fill(buffers.weights, repeat(isMatrix ? spread(structure, drawn, sizes) : drawn, instances));
        }
        // Sums of rates are floats, in the order of the presynaptic neurons.
        if (!manifest.isRate) setUnit(manifest, values, structure, sizes, drawn);
        const { mask, distances: table } = buffers;
        if (table !== undefined) memory.fill(table, distances(values.evaluate(manifest.connectivity.value as Formula)));
        if (structure === null) return;
        if (mask !== undefined) memory.fill(mask, maskOf(structure, sizes));
        const put = (role: keyof typeof buffers, make: () => Int32Array) => {
            const buffer = buffers[role];
            if (buffer !== undefined) memory.fill(buffer, make());
        };
        put("rows", () => structure.rows);
        put("targets", () => structure.targets);
        put("delays", () => delays.steps as Int32Array);
        fillColumns(structure);
    };
    const fillColumns = (of: Structure): void => {
        const { columns, sources: from, places: at } = buffers;
        if (columns === undefined || from === undefined || at === undefined) return;
        const transposed = transpose(of, sizes);
        memory.fill(columns, transposed.columns);
        memory.fill(from, transposed.sources);
        memory.fill(at, transposed.places);
    };
    const rewire = (targets: Int32Array): void => {
        const moved = { ...(structure as Structure), targets };
        fillColumns(moved);
        setUnit(manifest, values, moved, sizes, draw());
    };
    return {
        manifest,
        structure,
        get weights() {
            return draw();
        },
        longestDelay,
        count,
        fill,
        measure: (written) => {
            const isMatrix = storage === "bitmask" && structure !== null;
            const listed = isMatrix ? collect(structure, written, sizes) : written;
            if (!manifest.isRate) setUnit(manifest, values, structure, sizes, listed);
        },
        rewire,
    };
}

/** Lists name synapses by integers of 32 bits. @throws ArgumentError */
function requireCountable({ name }: ConnectionManifest, count: number): void {
    if (count < 2 ** 31) return;
    throw new ArgumentError(
        `the connection ${name} has ${count} synapses, and lists hold fewer than 2³¹: make it several connections`,
    );
}

/** How many of all pairs have a synapse, by expectation where they are drawn anew for each spike. */
function shareOf({ storage, connectivity: { value } }: ConnectionManifest, values: Values): number {
    return storage === "procedural" && value !== null ? values.evaluate(value) : 1;
}

/** @throws ArgumentError for extents that don't fit */
function requireFit(
    { name, isRate, connectivity: { kind, window } }: ConnectionManifest,
    values: Values,
    sizes: Sizes,
): void {
    if (isRate && kind === "one_to_one" && sizes.pre !== sizes.post) {
        const { pre, post } = sizes;
        throw new ArgumentError(
            `the connection ${name} has ${pre} neurons before and ${post} behind it: they don't pair`,
        );
    }
    const wrong = window && misfit(window, (formula) => values.evaluate(formula));
    if (wrong) throw new ArgumentError(`the connection ${name}: ${wrong.what} as its layers have them; ${wrong.help}`);
}

function matrixOf({ connectivity, isRate }: ConnectionManifest, values: Values, sizes: Sizes): Sizes {
    if (connectivity.window !== null) return filterSizes(connectivity.window, (formula) => values.evaluate(formula));
    return isRate && connectivity.kind === "one_to_one" ? { pre: 1, post: sizes.post } : sizes;
}

/** A bit for each pair, in words of 32. */
function maskOf({ rows, targets }: Structure, { pre, post }: Sizes): Uint32Array {
    const words = Math.ceil(post / 32);
    const mask = new Uint32Array(pre * words);
    for (let i = 0; i < pre; i++) {
        for (let at = rows[i] as number; at < (rows[i + 1] as number); at++) {
            const j = targets[at] as number;
            const word = i * words + (j >>> 5);
            mask[word] = (mask[word] as number) | (1 << (j & 31));
        }
    }
    return mask;
}

/** Values by synapse as a matrix of all pairs, which is 0 where there is no synapse. */
function spread(structure: Structure, list: Float32Array, { pre, post }: Sizes): Float32Array {
    const matrix = new Float32Array(pre * post);
    sourcesOf(structure).forEach((i, at) => {
        matrix[i * post + (structure.targets[at] as number)] = list[at] as number;
    });
    return matrix;
}

/** The values of synapses from such a matrix. */
function collect(structure: Structure, matrix: Float32Array, { post }: Sizes): Float32Array {
    const sources = sourcesOf(structure);
    return Float32Array.from(structure.targets, (j, at) => matrix[(sources[at] as number) * post + j] as number);
}

/** Steps of each synapse's delay, or of all. */
function drawDelays(
    manifest: ConnectionManifest,
    values: Values,
    seed: bigint,
    sizes: Sizes,
    structure: Structure | null,
    given: Float32Array | undefined,
): { readonly steps: Int32Array | null; readonly all: number } {
    const { name, delay, leastDelay, hasDelays, stream } = manifest;
    if (values.manifestDt === null) return { steps: null, all: 0 };
    const dt = values.get("dt");
    const stepsOf = (milliseconds: number): number => {
        if (milliseconds < leastDelay * dt * (1 - 1e-6)) {
            throw new ArgumentError(
                `the connection ${name} has a delay of ${milliseconds} ms, which is shorter than the step of ${dt} ms`,
            );
        }
        return Math.round(milliseconds / dt);
    };
    if (!hasDelays)
        return {
            steps: null,
            all: delay === null ? leastDelay : Math.max(leastDelay, stepsOf(values.evaluate(delay))),
        };
    const drawn = given ?? (delay === null ? undefined : drawValues(delay, stream + 2, seed, values, sizes, structure));
    return {
        steps: drawn
            ? Int32Array.from(drawn, stepsOf)
            : new Int32Array(structure?.targets.length ?? 0).fill(leastDelay),
        all: 0,
    };
}

/** The unit of the connection's sums, such that none can overflow, and the greatest weight that this allows. */
function setUnit(
    manifest: ConnectionManifest,
    values: Values,
    structure: Structure | null,
    sizes: Sizes,
    weights: Float32Array | null,
): void {
    const { name, bound, isScaled } = manifest;
    if (weights === null && !isScaled) return;
    const inputs = new Float64Array(sizes.post);
    const counts = new Uint32Array(sizes.post);
    const targets = structure?.targets;
    const count = targets?.length ?? sizes.pre * sizes.post;
    for (let at = 0; at < count; at++) {
        const j = targets === undefined ? at % sizes.post : (targets[at] as number);
        inputs[j] = (inputs[j] as number) + Math.abs(weights === null ? 1 : (weights[at] as number));
        counts[j] = (counts[j] as number) + 1;
    }
    const fanIn = counts.reduce((a, b) => Math.max(a, b), 1);
    // Without weights of synapses' own what is summed are effects of spikes, whose weight comes later.
    const largest = weights?.reduce((a, w) => Math.max(a, Math.abs(w)), 0) ?? 1;
    const own = bound === null ? Number.POSITIVE_INFINITY : values.evaluate(bound);
    const limit =
        own === Number.POSITIVE_INFINITY ? ROOM_TO_GROW * Math.max(largest, 1e-30) : Math.max(own, largest, 1e-30);
    const most = bound === null && !isScaled ? inputs.reduce((a, b) => Math.max(a, b), 1e-30) : fanIn * limit;
    // A power of two: multiplying with it is exact.
    const unit = 2 ** Math.ceil(Math.log2(most / LARGEST_SUM));
    values.define(`unit:${name}`, unit);
    values.define(`limit:${name}`, limit);
}

function sourcesOf({ rows, targets }: Structure): Int32Array {
    const sources = new Int32Array(targets.length);
    for (let i = 0; i + 1 < rows.length; i++) sources.fill(i, rows[i], rows[i + 1]);
    return sources;
}

/** The same synapses by postsynaptic neuron. */
function transpose(structure: Structure, { post }: Sizes) {
    const { starts, order } = places(structure.targets, post, null);
    const sources = sourcesOf(structure);
    return { columns: starts, places: order, sources: order.map((at) => sources[at] as number) };
}

/** The same for every instance. */
function repeat(data: Float32Array, times: number): Float32Array {
    if (times === 1) return data;
    const all = new Float32Array(data.length * times);
    for (let r = 0; r < times; r++) all.set(data, r * data.length);
    return all;
}
