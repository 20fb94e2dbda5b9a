// E12xx: models of neurons, synapses and plasticity, and networks of them.

import type { Entry } from "../entry.js";
import { respelling } from "../fixes.js";

const NETWORK = "layer a(4, activation: identity)\n    layer b(2, activation: relu)\n";

export const unitMismatch: Entry<{ what: string; has: string; wants: string; help?: string | undefined }> = {
    code: "E1201",
    severity: "error",
    title: "units that don't agree",
    message: ({ what, has, wants }) => `${what} is ${has}, and ${wants} is wanted here`,
    help: ({ help }) => help,
    explanation:
        "Quantities have a dimension, which is checked: a voltage is not added to a current, and the derivative of a voltage is a voltage / time. A number gets its dimension by its unit, as in `20 ms`.",
    example:
        "neuron n(tau: time = 20 ms) {\n    state v: voltage = -65 mV\n    v' = -v / (20 mV)\n    spike when v >= -50 mV { v = -65 mV }\n}\n",
};

export const unknownState: Entry<{ name: string; similar?: string | undefined }> = {
    code: "E1202",
    severity: "error",
    title: "derivative of what is no state",
    message: ({ name }) => `\`${name}\` is no state of this model, so it has no derivative`,
    help: ({ name, similar }) =>
        similar === undefined ? `declare it: \`state ${name}: voltage = …\`` : `did you mean \`${similar}\`?`,
    fixes: ({ similar }, span) => respelling(span, similar),
    explanation: "`v' = …` says how the state v changes in time. States are declared with their value at the start.",
    example:
        "neuron n {\n    state v: voltage = -65 mV\n    w' = -v / 20 ms\n    spike when v > 0 mV { v = -65 mV }\n}\n",
};

export const misplacedMember: Entry<{ what: string; where: string; help?: string }> = {
    code: "E1203",
    severity: "error",
    title: "part that a model or network can't have",
    message: ({ what, where }) => `${what} can't stand in ${where}`,
    help: ({ help }) => help,
    explanation:
        "Neurons have ports, states and spike conditions; synapses an output; plasticity rules traces, reactions and bounds. Each part has its place.",
    example:
        "synapse s(tau: time) {\n    state g: conductance = 0 nS\n    spike when g > 1 nS { g = 0 nS }\n    output g\n}\n",
};

export const unknownPart: Entry<{
    name: string;
    what: string;
    similar?: string | undefined;
    known?: readonly string[];
    help?: string | undefined;
}> = {
    code: "E1204",
    severity: "error",
    title: "part of a network that isn't there",
    message: ({ name, what }) => `there is no ${what} \`${name}\``,
    help: ({ similar, known = [], help }) => {
        if (help !== undefined) return help;
        if (similar !== undefined) return `did you mean \`${similar}\`?`;
        return known.length > 0 ? `there are ${known.map((each) => `\`${each}\``).join(", ")}` : undefined;
    },
    fixes: ({ similar }, span) => respelling(span, similar),
    explanation:
        "Connections, records and plasticity name layers, populations, their ports and models that are declared.",
    example: `network n {\n    ${NETWORK}    connect a -> c (weight: 0.5)\n}\n`,
};

export const wrongArgument: Entry<{ what: string; help?: string | undefined }> = {
    code: "E1205",
    severity: "error",
    title: "wrong argument in a network",
    message: ({ what }) => what,
    help: ({ help }) => help,
    explanation:
        "Parts of a network and models take arguments by name. A misspelt or missing one would silently mean something else.",
    example: `network n {\n    ${NETWORK}    connect a -> b (wieght: 0.5)\n}\n`,
};

export const delayBelowStep: Entry<{ delay: string; dt: string }> = {
    code: "E1206",
    severity: "error",
    title: "delay shorter than a step",
    message: ({ delay, dt }) => `the delay of ${delay} is shorter than the step of ${dt}`,
    help: ({ dt }) =>
        `the shortest delay is a step, ${dt}; in a network that says \`step { spike; deliver; integrate; learn }\` it is 0`,
    explanation: "A spike that is found at the end of a step can reach others in the next one at the earliest.",
    example:
        "neuron n {\n    port i: f32\n    state v: f32 = 0.0\n    v' = (i - v) / 20 ms\n    spike when v > 1.0 { v = 0.0 }\n}\n\nnetwork two(dt: time = 1 ms) {\n    population a(4, neuron: n())\n    connect a -> a.i (weight: 1.0, delay: 0.5 ms)\n}\n",
};

export const probabilityRange: Entry<{ value: string }> = {
    code: "E1207",
    severity: "error",
    title: "probability outside of 0 to 1",
    message: ({ value }) => `a probability is from 0 to 1, and this is ${value}`,
    help: () => "5 % is written `0.05`",
    explanation: "A connection's probability is the part of all pairs of neurons that have a synapse.",
    example:
        "neuron n {\n    port i: f32\n    state v: f32 = 0.0\n    v' = (i - v) / 20 ms\n    spike when v > 1.0 { v = 0.0 }\n}\n\nnetwork two(dt: time = 1 ms) {\n    population a(4, neuron: n())\n    connect a -> a.i (weight: 1.0, probability: 5)\n}\n",
};

export const notInFormula: Entry<{ what: string; help?: string }> = {
    code: "E1208",
    severity: "error",
    title: "what a formula of a model can't have",
    message: ({ what }) => `${what} can't be part of a model or network`,
    help: ({ help }) => help,
    explanation:
        "The compiler solves and rearranges the formulas of models. They are made of numbers, names, arithmetic, comparisons, `if` and the functions that the specification lists.",
    example:
        "neuron n {\n    state v: f32 = 0.0\n    v' = -(v as f64) / 20 ms\n    spike when v > 1.0 { v = 0.0 }\n}\n",
};

export const stiffState: Entry<{
    state: string;
    tau: string;
    method: string;
    longest: string;
    step: string;
    remedies: readonly string[];
}> = {
    code: "W1210",
    severity: "warning",
    title: "step too long for a stiff equation",
    message: ({ state, tau, method, longest, step }) =>
        `\`${state}\` relaxes in ${tau}, for which ${method} is unstable in steps longer than ${longest}, and these are of ${step}`,
    help: ({ remedies }) => `take ${remedies.join(", or ")}`,
    explanation:
        "An explicit method multiplies what decays with the time constant τ by a polynomial of h/τ, which is beyond −1 … 1 where the step h is too long: from 2·τ on for Euler's and the midpoint method, from 2.785·τ for Runge and Kutta's. Then the state swings with ever larger steps to infinity. The time constant is that of the equation by itself, at the values with which neurons begin and the parameters' defaults. Exact and exponential Euler steps are stable for any length.",
    example:
        "neuron n(tau: time = 0.2 ms) {\n    port i: f32\n    state v: f32 = 0.0\n    #method(euler)\n    v' = (i - v) / tau\n    spike when v > 1.0 { v = 0.0 }\n}\n\nnetwork two(dt: time = 1 ms) {\n    population a(4, neuron: n())\n}\n",
};

export const badValue: Entry<{ what: string; help?: string | undefined }> = {
    code: "E1209",
    severity: "error",
    title: "value that a network can't have",
    message: ({ what }) => what,
    help: ({ help }) => help,
    explanation:
        "Sizes are whole numbers from 1, time constants and steps are above 0, delays and rates are not negative, and bounds are written with the lower one first.",
    example: "network n {\n    layer a(2.5, activation: identity)\n}\n",
};
