// A network in the Soma manifest: its parameters, what lies in memory, and which kernels a step launches with what.
// Numbers are formulas over the parameters, so that sizes, steps and rules can be chosen when the network is made.
// In formulas stand the names of parameters, `dt` (ms), `batch`, and of sizes `size.NAME`.

import type { Formula } from "./formula.js";

export interface NetworkManifest {
    readonly name: string;
    readonly doc: string;
    /** In ms; null for a network of layers, which has no time. */
    readonly dt: Formula | null;
    /** In order: each may name those before it. */
    readonly parameters: readonly NetworkParameter[];
    /** One value an instance in columns of the buffer `constants`, computed from the parameters. */
    readonly constants: readonly Formula[];
    readonly parts: readonly PartManifest[];
    readonly connections: readonly ConnectionManifest[];
    readonly buffers: readonly NetworkBuffer[];
    readonly schedules: {
        /** From the activity of layers that nothing connects to, to that of the others. */
        readonly forward: readonly NetworkLaunch[];
        /** What layers' connections learn of an activity. */
        readonly learn: readonly NetworkLaunch[];
        /** A step of dt. */
        readonly step: readonly NetworkLaunch[];
    };
    readonly records: readonly RecordManifest[];
    /** What a kernel's finding is about, by its code from 1. */
    readonly findings: readonly Finding[];
    /** How its equations are integrated and its parts run, for `soma inspect`. */
    readonly notes: readonly string[];
}

export const SIGNS = ["any", "not negative", "positive"] as const;

export interface NetworkParameter {
    readonly name: string;
    /** Null where the program has to say it. */
    readonly value: Formula | null;
    /** In words, such as `a voltage`. */
    readonly quantity: string;
    /** The least that it can mean: time constants and periods are above 0, refractory periods 0 or more. */
    readonly sign: (typeof SIGNS)[number];
    /** Where the source leaves it open: these values, or all between two; null for no search. */
    readonly domain: { readonly kind: "choose" | "between"; readonly values: readonly Formula[] } | null;
}

export type PartManifest =
    | {
          readonly kind: "layer";
          readonly name: string;
          readonly size: Formula;
          readonly isInput: boolean;
          readonly isOutput: boolean;
      }
    | {
          readonly kind: "population";
          readonly name: string;
          readonly size: Formula;
          readonly emits: boolean;
          /** The name of its neurons' model. */
          readonly model: string;
      };

export const CONNECTIVITIES = [
    "all",
    "one_to_one",
    "probability",
    "fan_in",
    "fan_out",
    "total",
    "where",
    "data",
    "window",
] as const;

/** Which neurons of one part reach which of another. */
export interface Connectivity {
    readonly kind: (typeof CONNECTIVITIES)[number];
    /** The probability or number; of `where` the condition on i and j. */
    readonly value: Formula | null;
    /** Whether a neuron may reach itself. */
    readonly autapses: boolean;
    /** Whether a pair may have several synapses, where a number of them is drawn. */
    readonly multapses: boolean;
    /** What each target sees of parts with channels, rows and columns; only of `window`. */
    readonly window: Window | null;
}

/** A square of k by k places, which moves by `stride` over a part that is continued by `padding` on each side. */
export interface Window {
    /** `convolution` has a weight for each place, channel before and channel behind; the others stay in their channel. */
    readonly kind: (typeof WINDOWS)[number];
    readonly kernel: Formula;
    readonly stride: Formula;
    readonly padding: Formula;
    /** Channels, rows and columns. */
    readonly pre: readonly Formula[];
    readonly post: readonly Formula[];
}

export const WINDOWS = ["convolution", "max", "mean", "sum"] as const;

/**
 * `dense` has a weight for each pair, or none where all are one; `bitmask` a bit for each pair; `sparse` lists of synapses;
 * `procedural` draws them anew for each spike.
 */
export const STORAGES = ["dense", "bitmask", "sparse", "procedural"] as const;
export type StorageKind = (typeof STORAGES)[number];

export interface ConnectionManifest {
    readonly name: string;
    readonly from: string;
    readonly to: string;
    /** Whether it takes rates to or from a layer: then it has weights alone. */
    readonly isRate: boolean;
    readonly connectivity: Connectivity;
    readonly weight: Formula;
    /** The model of its synapses; null where spikes bring their weights alone. */
    readonly synapse: string | null;
    /** In ms, over i and j. */
    readonly delay: Formula | null;
    /** Steps of the shortest delay. */
    readonly leastDelay: number;
    /** Numbers the random streams of its structure, weights and delays: three from here. */
    readonly stream: number;
    readonly storage: StorageKind;
    /** The buffers of its structure, by role; absent ones it doesn't need. */
    readonly buffers: Readonly<Partial<Record<SynapseRole, string>>>;
    /** Whether each synapse has a delay of its own. */
    readonly hasDelays: boolean;
    /** The greatest size of a weight that learns; null where weights don't change. */
    readonly bound: Formula | null;
    /** Whether what a spike brings is more than its weight: weights times an effect of up to 1 are expected. */
    readonly isScaled: boolean;
    /** Whether its rule gives synapses other targets: lists by postsynaptic neuron then are made anew. */
    readonly rewires: boolean;
}

/**
 * `rows` and `targets` by presynaptic neuron; `columns`, `sources` and `places` the same synapses by postsynaptic one; `mask` a
 * bit for each pair; `distances` the distribution of distances to the next synapse.
 */
export const SYNAPSE_ROLES = [
    "weights",
    "rows",
    "targets",
    "delays",
    "columns",
    "sources",
    "places",
    "mask",
    "distances",
] as const;
export type SynapseRole = (typeof SYNAPSE_ROLES)[number];

export const NETWORK_ELEMENTS = ["f32", "i32", "u32", "u64", "i8"] as const;
export type NetworkElement = (typeof NETWORK_ELEMENTS)[number];

export interface NetworkBuffer {
    readonly name: string;
    readonly element: NetworkElement;
    /** Numbers, or names: `batch`, `samples`, `ring:PART`, `slots:CONNECTION`, `synapses:CONNECTION`, `size.PART`, … */
    readonly extents: readonly Formula[];
    /** What it holds at the start. */
    readonly initial:
        | { readonly kind: "zero" }
        /**
         * Computed for each element i of each instance, where names of buffers are what element i of those begins with; those that draw use the
         * random stream.
         */
        | { readonly kind: "formula"; readonly value: Formula; readonly stream: number }
        | { readonly kind: "ones" }
        /** Of the connection's structure, the constants or the clock: whoever makes those fills it. */
        | { readonly kind: "filled" }
        /**
         * A table with a row for each member of a merged kernel: the number of its first workgroup, how many it has, and these numbers. The name
         * `workgroups:BUFFER` is how many all have.
         */
        | {
              readonly kind: "members";
              readonly groups: readonly Formula[];
              readonly rows: readonly (readonly Formula[])[];
          };
    /** Part of the network's state: in checkpoints. */
    readonly isState: boolean;
    /** Memory that it shares with others, one behind the other, which kernels take as a whole; it begins at `offset:BUFFER`. */
    readonly pool: string | null;
}

/** What a kernel's parameter gets. */
export type Binding =
    | { readonly buffer: string }
    /** How many steps the launch is ahead of the one whose number the buffer `clock` has, or the seed. */
    | { readonly value: "ahead" | "seed" }
    | { readonly value: "formula"; readonly formula: Formula };

export interface NetworkLaunch {
    readonly kernel: string;
    /** In ms: it runs once in so much time; null is every time. */
    readonly every: Formula | null;
    /** Whether it runs, where another does the same otherwise; null is always. */
    readonly when: Formula | null;
    readonly arguments: Readonly<Record<string, Binding>>;
}

export interface RecordManifest {
    /** `spikes`, or a state. */
    readonly what: string;
    readonly of: string;
    /** How many steps apart; 1 for spikes. */
    readonly every: Formula;
    /** Where a state's values lie until they are fetched, [batch, moments, neurons], the k-th at k modulo moments; null for spikes. */
    readonly ring: string | null;
}

export interface Finding {
    /** Such as `the state v of exc became NaN`. */
    readonly text: string;
    readonly part: string;
}
