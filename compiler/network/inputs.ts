// What reaches the neurons of a population: for each connection, sums of what arrived in this step, the states of its
// synapses that such sums can be kept for (one a target neuron), and the formula by which all of it adds to a port.

import { type Formula, namesOf, substitute } from "../../codeobject/network/formula.js";
import { linearIn } from "./algebra.js";
import type { Action, Model } from "./model.js";
import type { Connection } from "./network.js";

/** A connection as its target sees it. */
export interface Input {
    readonly connection: Connection;
    /** Its place among the inputs: code names end in it. */
    readonly at: number;
    /** The synapse's states that are kept for each target neuron, by the names that they have here. */
    readonly states: ReadonlyMap<string, string>;
    /** Their derivatives, over those names. */
    readonly derivatives: ReadonlyMap<string, Formula>;
    /** What each of them gets of the arrived sum, as a factor. */
    readonly gains: ReadonlyMap<string, Formula>;
    /** What it adds to the port; null where it adds to a state. */
    readonly output: Formula | null;
}

/** The synapse states of a model that depend on what arrives: its output's, and those that they depend on. */
export function postsynapticStates(model: Model): ReadonlySet<string> {
    const states = new Set(model.states.map(({ name }) => name));
    const post = new Set([...namesOf(model.output?.value ?? 0)].filter((name) => states.has(name)));
    for (const state of post) {
        for (const name of namesOf(model.derivatives.get(state) ?? 0)) if (states.has(name)) post.add(name);
    }
    return post;
}

/** What arrives by a spike of weight 1: the factor for each postsynaptic state; in words what is wrong otherwise. */
export function gainsOf(model: Model): ReadonlyMap<string, Formula> | string {
    const post = postsynapticStates(model);
    // One state serves all synapses of a neuron only where the sum of solutions is one.
    for (const state of post) {
        const linear = linearIn(model.derivatives.get(state) ?? 0, post);
        if (linear === null || linear.rest !== 0)
            return `\`${state}'\` of \`${model.name}\` is no sum of its states by factors: so synapses of a neuron can be summed`;
    }
    const gains = new Map<string, Formula>();
    for (const action of model.reactions.get("spike") ?? []) {
        if (action.kind !== "set" || !post.has(action.name)) {
            if (mentions(action, post))
                return `\`on spike\` of \`${model.name}\` may only add to what its output depends on`;
            continue;
        }
        const linear = linearIn(action.value, new Set(["weight"]));
        const factor = linear?.coefficients.get("weight");
        if (action.op !== "+=" || factor === undefined || linear?.rest !== 0 || gains.has(action.name)) {
            return `a spike adds to \`${action.name}\` of \`${model.name}\` once, in proportion to \`weight\`: so synapses of a neuron can be summed`;
        }
        gains.set(action.name, factor);
    }
    return gains;
}

function mentions(action: Action, names: ReadonlySet<string>): boolean {
    if (action.kind === "if") return [...action.then, ...action.otherwise].some((each) => mentions(each, names));
    return action.kind === "set" && names.has(action.name);
}

/** Whether a spike's effect depends on states of the presynaptic neuron's own. */
export function hasPresynapticStates({ synapse }: Connection): boolean {
    return synapse !== null && postsynapticStates(synapse.model).size < synapse.model.states.length;
}

/** @param gains as `gainsOf` gives them */
export function inputOf(connection: Connection, at: number, gains: ReadonlyMap<string, Formula>): Input {
    const { synapse, target, name } = connection;
    if (synapse === null) {
        const output = target?.kind === "port" ? `arrived:${at}` : null;
        return { connection, at, states: new Map(), derivatives: new Map(), gains, output };
    }
    const { model } = synapse;
    const own = [...postsynapticStates(model)];
    const states = new Map(own.map((state) => [state, `${state}:${at}`]));
    const here = (formula: Formula) =>
        substitute(
            formula,
            (each) => states.get(each) ?? (synapse.uniform.has(each) ? `uniform:${name}.${each}` : undefined),
        );
    const pre = hasPresynapticStates(connection);
    return {
        connection,
        at,
        states,
        derivatives: new Map(
            own.flatMap((state) => {
                const derivative = model.derivatives.get(state);
                return derivative === undefined ? [] : [[`${state}:${at}`, here(derivative)] as const];
            }),
        ),
        // Where presynaptic states have a part in it, what arrives has the factor already.
        gains: new Map([...gains].map(([state, gain]) => [`${state}:${at}`, pre ? 1 : here(gain)])),
        output: here(model.output?.value ?? 0),
    };
}
