// What follows from a connection's declaration: how its synapses are stored, and whether each has values of its own.

import { draws, type Formula, namesOf } from "../../codeobject/network/formula.js";
import type { StorageKind } from "../../codeobject/network/manifest.js";
import { hasPresynapticStates } from "./inputs.js";
import type { Connection, Network, Population } from "./network.js";
import { rewires } from "./print-actions.js";
import { isCurrent } from "./stimuli.js";

/** Whether spikes of one population reach another. */
export function isSpiking(connection: Connection): boolean {
    const { from, to } = connection;
    return from.kind === "population" && to.kind === "population" && !isSupply(connection);
}

/** Whether a layer's rates go to a population. */
export function isDrive({ from, to }: Connection): boolean {
    return from.kind === "layer" && to.kind === "population";
}

/** Whether a stimulus's current goes to a population. */
export function isSupply({ from }: Connection): boolean {
    return from.kind === "population" && isCurrent(from.model);
}

/** Whether a layer counts the spikes of a population. */
export function isCounted({ connections }: Network, population: Population): boolean {
    return connections.some(({ from, to }) => from === population && to.kind === "layer");
}

/** Whether a formula is not the same for all synapses. */
function varies(formula: Formula): boolean {
    const names = namesOf(formula);
    return draws(formula) || names.has("i") || names.has("j");
}

/** Whether synapses have delays of their own: then what they bring waits at the target. Else spikes wait at the source. */
export function delayVaries({ delay, connectivity }: Connection): boolean {
    return connectivity.kind === "data" || (delay !== null && varies(delay));
}

/** Whether there is a weight for each synapse; else there is one, a parameter, and only spikes are counted. */
export function hasWeights({ weight, rule, connectivity }: Connection): boolean {
    return rule !== null || connectivity.kind === "data" || varies(weight);
}

/** From these probabilities on, a bit for each pair is read faster than lists of targets: see `storageOf`. */
const BITMASK_FROM = 1 / 8;
const MATRIX_FROM = 1 / 2;
/** Lists of more targets than this, 2 GiB, are not kept but drawn anew. */
const MOST_LISTED = 2 ** 29;

/**
 * How a connection's synapses are kept. Where only spikes are counted, lists take 32 bits for each synapse and an atomic for each
 * event; bits take 1 for each pair, and each target reads its own without atomics, which pays from one pair in eight on. A weight of a
 * synapse's own takes another 32 bits, in bitmasks for each pair.
 */
export function storageOf(connection: Connection): StorageKind {
    const { connectivity, storage, expected } = connection;
    if (storage !== null) return storage;
    if (connectivity.kind === "all") return delayVaries(connection) ? "sparse" : "dense";
    const { probability, pairs } = expected;
    const moves = rewires(connection.rule?.model.reactions.get("every") ?? []);
    if (probability === undefined || delayVaries(connection) || moves) return "sparse";
    const counts = onlyCounts(connection) === null;
    if (counts && pairs !== undefined && probability * pairs > MOST_LISTED) return "procedural";
    return probability >= (counts ? BITMASK_FROM : MATRIX_FROM) ? "bitmask" : "sparse";
}

/** Null for connections that need nothing but which pairs there are; else what they need, in words. */
function onlyCounts(connection: Connection): string | null {
    if (connection.connectivity.kind !== "probability") return "has no `probability`";
    if (connection.rule !== null) return "learns";
    if (delayVaries(connection)) return "has delays of its synapses' own";
    return hasWeights(connection) ? "has weights of its synapses' own" : null;
}

/** Null for connections that have at most one synapse for each pair, and not all pairs; else what they have, in words. */
function singlePairs({ connectivity: { kind, multapses } }: Connection): string | null {
    if (kind === "all" || kind === "window" || kind === "data") return PAIRS_OF[kind];
    return multapses && COUNTED.has(kind) ? "may have several synapses for a pair of neurons" : null;
}

const PAIRS_OF = { all: "reaches all pairs", window: "has a window", data: "has its synapses from data" } as const;
const COUNTED: ReadonlySet<string> = new Set(["fan_in", "fan_out", "total"]);

/** Why the storage that the source says can't hold a connection, and what to write instead; null where it can. */
export function storageProblem(connection: Connection): { readonly what: string; readonly help: string } | null {
    const { storage, name, connectivity } = connection;
    if (storage === null || storage === "sparse") return null;
    const late = delayVaries(connection) ? "has delays of its synapses' own" : null;
    const found = {
        dense: connectivity.kind === "all" ? late : "doesn't reach all pairs",
        bitmask: late ?? singlePairs(connection),
        procedural: onlyCounts(connection),
    }[storage];
    if (found === null) return null;
    const repeats = storage === "bitmask" && connectivity.multapses && COUNTED.has(connectivity.kind);
    const single = storage === "procedural" && late === null && singlePairs(connection) === null;
    const others =
        connectivity.kind === "all" && late === null ? "dense` or `sparse" : single ? "bitmask` or `sparse" : "sparse";
    return {
        what: `\`${name}\` ${found}, which \`storage: ${storage}\` has no place for`,
        help: repeats
            ? "write `multapses: false`, or `storage: sparse`"
            : `write \`storage: ${others}\`, or leave it to the compiler`,
    };
}

/** Whether what synapses have of their own is kept in matrices [pre, post]; else in lists. */
export function isMatrix(connection: Connection): boolean {
    const storage = storageOf(connection);
    return storage === "dense" || storage === "bitmask";
}

/** What one unit of an arrived sum is worth. */
export function unitOf(connection: Connection): Formula {
    const { name } = connection;
    if (hasWeights(connection)) return `unit:${name}`;
    // What presynaptic states make of a spike is summed without the weight that all synapses have.
    return hasPresynapticStates(connection) ? ["*", `unit:${name}`, `${name}.weight`] : `${name}.weight`;
}
