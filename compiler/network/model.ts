// What a model of a neuron, a synapse or a plasticity rule is, once it is checked: formulas over its own names.

import type { Formula } from "../../codeobject/network/formula.js";
import type { Span } from "../diagnostics/diagnostic.js";
import type { Dimension } from "./units.js";

export interface Variable {
    readonly name: string;
    readonly dimension: Dimension;
    /** The value at the start or by default; null where each use has to say it. */
    readonly value: Formula | null;
    readonly span: Span;
}

/** What happens at an event, statement by statement. */
export type Action =
    | {
          readonly kind: "set";
          readonly name: string;
          readonly op: "=" | "+=" | "-=" | "*=" | "/=";
          readonly value: Formula;
      }
    | { readonly kind: "let"; readonly name: string; readonly value: Formula }
    | {
          readonly kind: "if";
          readonly condition: Formula;
          readonly then: readonly Action[];
          readonly otherwise: readonly Action[];
      }
    | { readonly kind: "refractory"; readonly value: Formula }
    /** A synapse gets another target, drawn from all. */
    | { readonly kind: "rewire" };

/** `spike when` a condition; `rises` are the quantities that the condition compares with their value before the step. */
export interface SpikeCondition {
    readonly condition: Formula;
    readonly actions: readonly Action[];
}

/** A trace: 0 at first, decays with the time constant `tau`, and is raised by 1 at each event. */
export interface Trace {
    readonly name: string;
    readonly tau: Formula;
    /** `pre`, `post`, or a port that a population stands for: each of its spikes. */
    readonly event: string;
}

export interface Bounds {
    readonly name: string;
    readonly low: Formula;
    readonly high: Formula;
}

/** How one state is integrated, where the model says so: by name, with a number of parts of the step. */
export interface MethodOfState {
    readonly state: string;
    readonly method: Method;
    readonly parts: number;
}

export const METHODS = ["exact", "exponential_euler", "euler", "rk2", "rk4"] as const;
export type Method = (typeof METHODS)[number];

export interface Model {
    readonly kind: "neuron" | "synapse" | "plasticity";
    readonly name: string;
    readonly span: Span;
    /** One value for each use of the model. */
    readonly params: readonly Variable[];
    /** One value for each neuron. */
    readonly elements: readonly Variable[];
    readonly ports: readonly Variable[];
    readonly states: readonly Variable[];
    readonly derivatives: ReadonlyMap<string, Formula>;
    readonly spikes: readonly SpikeCondition[];
    readonly traces: readonly Trace[];
    /** By event: `pre`, `post`, `update`, `every`, and a synapse's `spike`. */
    readonly reactions: ReadonlyMap<string, readonly Action[]>;
    /** The period of `on every`. */
    readonly every: Formula | null;
    readonly bounds: readonly Bounds[];
    readonly output: { readonly value: Formula; readonly dimension: Dimension } | null;
    readonly substeps: number;
    readonly pairing: "all" | "nearest";
    /** What `#method` says of all states, or of each. */
    readonly method: Method | readonly MethodOfState[] | null;
    /** What a connection's weights must be; null where they may be anything. */
    readonly weight: Dimension | null;
    /** What the compiler names to it where it draws. */
    readonly usesTarget: boolean;
}
