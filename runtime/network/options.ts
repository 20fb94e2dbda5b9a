// What a network is made with.

import { describeValue } from "../elements.js";
import { ArgumentError } from "../errors.js";
import { requireOptions } from "../options.js";
import type { SynapseData } from "./synapses.js";
import type { ParameterValue } from "./values.js";

export interface NetworkOptions {
    /** For everything random: the same seed gives the same network on every device. Default 0. */
    readonly seed?: number | bigint;
    /** The step in ms, in place of the source's. */
    readonly dt?: number;
    /** Instances that run side by side, with states and plastic weights of their own. Default 1. */
    readonly batch?: number;
    /** Parameters by name, in ms, mV, pA, nS, pF; a list has a value for each instance. */
    readonly parameters?: Readonly<Record<string, ParameterValue>>;
    /** Synapses of connections that take them from data, by the connections' names. */
    readonly data?: Readonly<Record<string, SynapseData>>;
}

/** @throws ArgumentError */
export function requireNetworkOptions(options: NetworkOptions): NetworkOptions {
    const { parameters = {}, data = {} } = requireOptions("network", options, [
        "seed",
        "dt",
        "batch",
        "parameters",
        "data",
    ]);
    for (const [name, given] of [
        ["parameters", parameters],
        ["data", data],
    ] as const) {
        if (typeof given !== "object" || given === null || Array.isArray(given))
            throw new ArgumentError(
                `network: ${name} is an object of values by their names, not ${describeValue(given)}`,
            );
    }
    return options;
}

/** @throws ArgumentError for an instance that a batch doesn't have */
export function requireInstance(instance: unknown, batch: number): void {
    if (Number.isSafeInteger(instance) && (instance as number) >= 0 && (instance as number) < batch) return;
    throw new ArgumentError(`there is no instance ${describeValue(instance)}: they are 0 to ${batch - 1}`);
}

export function requireBatch(batch: unknown): number {
    if (typeof batch === "number" && Number.isSafeInteger(batch) && batch >= 1 && batch < 65536) return batch;
    throw new ArgumentError(`batch is a number of instances from 1, not ${describeValue(batch)}`);
}

export function requireSeed(seed: unknown): bigint {
    const value = typeof seed === "number" && Number.isSafeInteger(seed) ? BigInt(seed) : seed;
    if (typeof value === "bigint" && value >= 0n && value < 2n ** 64n) return value;
    throw new ArgumentError(`a seed is an integer from 0 to 2⁶⁴ − 1, not ${describeValue(seed)}`);
}
