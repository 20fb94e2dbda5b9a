// What a network is, once it is checked: its parts, by name, with models and formulas over the network's parameters.

import type { Formula } from "../../codeobject/network/formula.js";
import type { Span } from "../diagnostics/diagnostic.js";
import type { Model, Variable } from "./model.js";
import type { Dimension } from "./units.js";

/** A layer of rates: an activation of the sum of what connects to it. */
export interface Layer {
    readonly kind: "layer";
    readonly name: string;
    readonly span: Span;
    readonly size: Formula;
    readonly activation: { readonly name: string; readonly args: readonly Formula[] };
    readonly bias: Formula | null;
}

/** Neurons of one model. */
export interface Population {
    readonly kind: "population";
    readonly name: string;
    readonly span: Span;
    readonly size: Formula;
    readonly model: Model;
    /** The model's parameters with one value here. */
    readonly uniform: ReadonlyMap<string, { readonly value: Formula; readonly dimension: Dimension }>;
    /** What each neuron has a value of its own of, which doesn't change by itself: parameters. */
    readonly elements: ReadonlyMap<string, Formula>;
    /** The states' values at the start. */
    readonly initial: ReadonlyMap<string, Formula>;
}

/** Which neurons of one population reach which of another. */
export interface Connectivity {
    readonly kind: "all" | "one_to_one" | "probability" | "fan_in" | "fan_out" | "total" | "where" | "data";
    /** The probability or number; of `where` the condition on i and j. */
    readonly value: Formula | null;
    /** Whether a neuron may reach itself. */
    readonly autapses: boolean;
    /** Whether a pair may have several synapses, where a number of them is drawn. */
    readonly multapses: boolean;
}

export interface SynapseUse {
    readonly model: Model;
    readonly uniform: ReadonlyMap<string, { readonly value: Formula; readonly dimension: Dimension }>;
}

export interface RuleUse {
    /** The rule's name, with a number where the network uses it more than once. */
    readonly name: string;
    readonly model: Model;
    readonly uniform: ReadonlyMap<string, { readonly value: Formula; readonly dimension: Dimension }>;
    readonly span: Span;
}

export interface Connection {
    /** `exc->inh.g_exc` */
    readonly name: string;
    readonly span: Span;
    readonly from: Layer | Population;
    readonly to: Layer | Population;
    /** What spikes add to: a port, or a state itself; null between layers. */
    readonly target: { readonly kind: "port" | "state"; readonly name: string } | null;
    readonly synapse: SynapseUse | null;
    readonly connectivity: Connectivity;
    readonly weight: Formula;
    /** In ms; null is the shortest there is. */
    readonly delay: Formula | null;
    rule: RuleUse | null;
}

export interface RecordOf {
    /** `spikes`, or a state. */
    readonly what: string;
    readonly of: Population;
    /** In ms; null is every step. */
    readonly every: Formula | null;
}

export const PHASES = ["deliver", "integrate", "spike", "learn"] as const;
export type Phase = (typeof PHASES)[number];

export interface Network {
    readonly name: string;
    readonly doc: string;
    readonly span: Span;
    /** Null in networks of layers, which have no time. */
    readonly dt: Formula | null;
    readonly params: readonly Variable[];
    readonly layers: readonly Layer[];
    readonly populations: readonly Population[];
    readonly connections: readonly Connection[];
    readonly records: readonly RecordOf[];
    readonly order: readonly Phase[];
}
