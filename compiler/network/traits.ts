// What follows from a connection's declaration: how its synapses are stored, and whether each has values of its own.

import { draws, type Formula, namesOf } from "../../codeobject/network/formula.js";
import type { Connection } from "./network.js";

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

/** All pairs need no lists. */
export function isDense(connection: Connection): boolean {
    return connection.connectivity.kind === "all" && !delayVaries(connection);
}

/** What one unit of an arrived sum is worth. */
export function unitOf(connection: Connection): Formula {
    return hasWeights(connection) ? `unit:${connection.name}` : `${connection.name}.weight`;
}
