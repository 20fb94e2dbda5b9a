// What neurons, synapses and rules may have: members, events, and names in their formulas, and how each is called in messages.

import { type Typed, WEIGHT_NAME } from "./formulas.js";
import type { Model } from "./model.js";
import { PLAIN, TIME } from "./units.js";

/** The members that each kind of model has, in words for the others. */
export const SUITS: Readonly<Record<string, readonly Model["kind"][]>> = {
    port: ["neuron", "plasticity"],
    state: ["neuron", "synapse", "plasticity"],
    param: ["neuron"],
    trace: ["plasticity"],
    derivative: ["neuron", "synapse", "plasticity"],
    declare: ["neuron", "synapse", "plasticity"],
    spike: ["neuron"],
    on: ["synapse", "plasticity"],
    bound: ["plasticity"],
    clamp: ["neuron", "synapse"],
    output: ["synapse"],
    substeps: ["neuron"],
    pairing: ["plasticity"],
    attribute: ["neuron"],
};

const OF_CONNECTIONS: readonly string[] = [
    ...["weights", "mask", "distances", "rows", "targets", "delays"],
    ...["arrived", "effect", "columns", "sources", "places"],
];

/** What a population or connection has of its own, whose names in `net.state("exc.spikes")` states can't have. */
export const TAKEN: Readonly<Record<Model["kind"], readonly string[]>> = {
    neuron: ["spikes", "counts", "refractory", "fired"],
    synapse: OF_CONNECTIONS,
    plasticity: OF_CONNECTIONS,
};

/** The events that each has reactions to. */
export const EVENTS: Readonly<Record<Model["kind"], readonly string[]>> = {
    neuron: [],
    synapse: ["spike"],
    plasticity: ["pre", "post", "update", "every"],
};

/** What a rule's `on update` has of both layers. */
export const ACTIVITIES: readonly string[] = ["pre", "post", "target"];

/** Names that formulas of a kind have beside the declared ones. */
export function namesGiven(kind: Model["kind"]): readonly (readonly [string, Typed])[] {
    const dt: readonly [string, Typed] = ["dt", { formula: "dt", type: TIME }];
    if (kind === "neuron") return [dt];
    if (kind === "synapse") return [dt, ["weight", WEIGHT_NAME]];
    const plain = (name: string) => [name, { formula: name, type: PLAIN }] as const;
    return [dt, plain("w"), ...ACTIVITIES.map(plain)];
}

/** Each kind in words. */
export const KINDS: Readonly<Record<Model["kind"], string>> = {
    neuron: "a neuron",
    synapse: "a synapse",
    plasticity: "a plasticity rule",
};

/** Members in words, where their keyword is none. */
export const WORDS: Readonly<Record<string, string>> = {
    port: "a port",
    param: "a parameter for each neuron",
    trace: "a trace",
    spike: "a spike condition",
    on: "a reaction",
    bound: "a bound",
    clamp: "a clamp",
    output: "an output",
    substeps: "`substeps`",
    pairing: "a pairing",
    attribute: "an attribute",
};
