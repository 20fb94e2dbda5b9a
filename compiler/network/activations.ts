// The activations of layers: functions of std.activation and the built-in ones, and softmax over a whole layer.

interface Activation {
    /** How many numbers it takes beside the sum, as `leaky_relu(0.01)`. */
    readonly arguments: number;
    /** Soma for one element's activation, or a tile's; null where it needs the whole layer. */
    readonly text: ((sum: string, args: readonly string[]) => string) | null;
}

const call =
    (name: string) =>
    (sum: string, args: readonly string[]): string =>
        `${name}(${[sum, ...args].join(", ")})`;

export const ACTIVATIONS: Readonly<Record<string, Activation>> = {
    identity: { arguments: 0, text: (sum) => sum },
    step: { arguments: 0, text: (sum) => `((${sum} > 0.0) as f32)` },
    ...Object.fromEntries(
        [
            "relu",
            "sigmoid",
            "tanh",
            "gelu",
            "gelu_tanh",
            "silu",
            "softplus",
            "mish",
            "softsign",
            "hard_sigmoid",
            "hard_swish",
        ].map((name) => [name, { arguments: 0, text: call(name) }]),
    ),
    leaky_relu: { arguments: 1, text: call("leaky_relu") },
    elu: { arguments: 1, text: call("elu") },
    softmax: { arguments: 0, text: null },
};
