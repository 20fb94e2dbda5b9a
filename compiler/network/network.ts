// What a network is, once it is checked: its parts, by name, with models and formulas over the network's parameters.

import type { Formula } from "../../codeobject/network/formula.js";
import type { Connectivity, StorageKind } from "../../codeobject/network/manifest.js";
import type { Span } from "../diagnostics/diagnostic.js";
import type { Model, Variable } from "./model.js";
import type { Propagation } from "./propagation.js";
import type { Dimension } from "./units.js";

/** A layer of rates: an activation of the sum of what connects to it. */
export interface Layer {
    readonly kind: "layer";
    readonly name: string;
    readonly span: Span;
    readonly size: Formula;
    /** The size's factors: one, or channels, rows and columns. */
    readonly shape: readonly Formula[];
    readonly activation: { readonly name: string; readonly args: readonly Formula[] };
    readonly bias: Formula | null;
}

/** Neurons of one model. */
export interface Population {
    readonly kind: "population";
    readonly name: string;
    readonly span: Span;
    readonly size: Formula;
    readonly shape: readonly Formula[];
    readonly model: Model;
    /** The model's parameters with one value here. */
    readonly uniform: ReadonlyMap<string, { readonly value: Formula; readonly dimension: Dimension }>;
    /** What each neuron has a value of its own of, which doesn't change by itself: parameters. */
    readonly elements: ReadonlyMap<string, Formula>;
    /** The states' values at the start. */
    readonly initial: ReadonlyMap<string, Formula>;
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
    /** Populations whose spikes its traces count, by the ports that stand for them. */
    readonly modulators: ReadonlyMap<string, Population>;
    readonly span: Span;
}

export interface Connection {
    /** `exc->inh.g_exc` */
    readonly name: string;
    readonly span: Span;
    readonly from: Layer | Population;
    readonly to: Layer | Population;
    /** What spikes add to: a port, or a state itself, and what a layer gives: a port, or a parameter; null to layers. */
    readonly target: { readonly kind: "port" | "state" | "param"; readonly name: string } | null;
    readonly synapse: SynapseUse | null;
    readonly connectivity: Connectivity;
    readonly weight: Formula;
    /** In ms; null is the shortest there is. */
    readonly delay: Formula | null;
    /** As the source says; null is for the compiler to choose. */
    readonly storage: StorageKind | null;
    /** As the source says; null is for the compiler to choose. */
    readonly propagate: Propagation | null;
    /** The probability and the number of all pairs, as far as they are known before the network is made. */
    readonly expected: { readonly probability: number | undefined; readonly pairs: number | undefined };
    rule: RuleUse | null;
}

export interface RecordOf {
    /** `spikes`, or a state. */
    readonly what: string;
    readonly of: Population;
    /** In ms; null is every step. */
    readonly every: Formula | null;
}

/** The values that a search may give a parameter: these, or all between two. */
export interface Domain {
    readonly kind: "choose" | "between";
    readonly values: readonly Formula[];
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
    /** By parameter. */
    readonly domains: ReadonlyMap<string, Domain>;
}
