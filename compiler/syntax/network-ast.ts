// The syntax tree of the neuromorphic path: models of neurons, synapses and plasticity, and networks of them.

import type { Span } from "../diagnostics/diagnostic.js";
import type { Argument, Block, Expr, ItemBase, Name, Statement, TypeExpr } from "./ast.js";

/** `tau: time = 20 ms` */
export interface Field {
    readonly span: Span;
    readonly name: Name;
    readonly type: TypeExpr;
    readonly value: Expr | null;
}

/** `exc.g_exc`: names with dots between them. */
export interface Path {
    readonly span: Span;
    readonly names: readonly Name[];
}

/** `#method(exponential_euler)`, `#wave(64)` */
export interface Attribute {
    readonly span: Span;
    readonly name: Name;
    readonly args: readonly Argument[];
}

export interface ModelItem extends ItemBase {
    readonly kind: "neuron" | "synapse" | "plasticity";
    readonly params: readonly Field[];
    readonly members: readonly ModelMember[];
}

/** Any model's: which members suit which model is not the grammar's to say. */
export type ModelMember = { readonly span: Span } & (
    | { readonly kind: "port" | "state" | "param"; readonly field: Field }
    /** `trace x(tau: tau_pre) on pre` */
    | { readonly kind: "trace"; readonly name: Name; readonly args: readonly Argument[]; readonly event: Name | null }
    /** `v' = …` */
    | { readonly kind: "derivative"; readonly state: Name; readonly value: Expr }
    | { readonly kind: "declare"; readonly statement: Statement }
    /** `spike when v >= v_th { … }` */
    | { readonly kind: "spike"; readonly condition: Expr; readonly body: Block }
    /** `on pre { … }`, `on every(1 s) { … }` */
    | { readonly kind: "on"; readonly event: Name; readonly args: readonly Argument[]; readonly body: Block }
    /** `bound w in 0.0 .. w_max` */
    | { readonly kind: "bound" | "clamp"; readonly name: Name; readonly start: Expr; readonly end: Expr }
    | { readonly kind: "output" | "substeps"; readonly value: Expr }
    /** `pairing nearest` */
    | { readonly kind: "pairing"; readonly scheme: Name }
    | { readonly kind: "attribute"; readonly attribute: Attribute }
);

export interface NetworkItem extends ItemBase {
    readonly kind: "network";
    readonly params: readonly Field[];
    readonly members: readonly NetworkMember[];
}

/** Parts are written `layer hidden(256, activation: relu)`. */
export type NetworkMember = { readonly span: Span } & (
    | { readonly kind: "population" | "layer" | "stimulus"; readonly name: Name; readonly args: readonly Argument[] }
    /** `network left = column(n: 100)`: the parts of another network, under a name */
    | {
          readonly kind: "subnetwork";
          readonly name: Name;
          readonly network: Name;
          readonly args: readonly Argument[];
      }
    /** `connect exc -> exc.g_exc, inh.g_exc (probability: 0.02)` */
    | {
          readonly kind: "connect";
          readonly from: Path;
          readonly to: readonly Path[];
          readonly args: readonly Argument[];
      }
    /** `plasticity stdp(a_plus: 0.005) on exc -> exc.g_exc`; without `on` it applies to every connection. */
    | {
          readonly kind: "plasticity";
          readonly rule: Name;
          readonly args: readonly Argument[];
          readonly on: { readonly from: Path; readonly to: Path } | null;
      }
    /** `record spikes of exc, inh (every: 1 ms)` */
    | {
          readonly kind: "record";
          readonly what: Name;
          readonly of: readonly Path[];
          readonly args: readonly Argument[];
      }
    /** `step { deliver; integrate; spike; learn }` */
    | { readonly kind: "step"; readonly phases: readonly Name[] }
    | { readonly kind: "pairing"; readonly scheme: Name }
    | { readonly kind: "declare"; readonly statement: Statement }
    | { readonly kind: "attribute"; readonly attribute: Attribute }
);
