// The names of library functions that are visible without an import, beside the built-ins: what a program or its modules
// declare hides them. A test holds the list against the modules.

const ACTIVATIONS = [
    "relu",
    "leaky_relu",
    "elu",
    "sigmoid",
    "softplus",
    "silu",
    "gelu",
    "gelu_tanh",
    "mish",
    "softsign",
    "hard_sigmoid",
    "hard_swish",
];

/** The rules of learning that networks use most. */
const RULES = ["hebbian", "oja", "bcm", "delta", "stdp"];

/** The module that has each. */
export const PRELUDE: ReadonlyMap<string, string> = new Map([
    ...ACTIVATIONS.map((name) => [name, "std.activation"] as const),
    ...RULES.map((name) => [name, "std.neuro"] as const),
]);
