// What plastic connections do beside delivering: they react to postsynaptic spikes, their traces are raised, and what a
// rule says of every moment is stepped. Traces are raised last: reactions of the same step see them as they were before.

import type { Formula } from "../../codeobject/network/formula.js";
import { plan, type System } from "./analysis.js";
import { delaySteps, draftOf, OVER_SPIKES, overNeurons, spikeList, withGroups } from "./generate-delivery.js";
import { bound, CONSTANTS, type Generation, ruleNames, STEP, sizeOf } from "./generation.js";
import type { Input } from "./inputs.js";
import type { Trace } from "./model.js";
import type { Connection, RuleUse } from "./network.js";
import { PlasticSynapses } from "./plastic-synapses.js";
import { printStep } from "./print-step.js";
import type { Draft, KernelParameter } from "./source.js";
import { Printer } from "./text.js";
import { delayVaries, isDense } from "./traits.js";

const GROUP = 64;
const NEURONS = 256;

/** In the order in which they run: each sees what those before it did. */
export function generateLearning(
    generation: Generation,
    { connection }: Input,
    refuse: (what: string) => void,
): readonly Draft[] {
    const { rule, name } = connection;
    if (rule === null) return [];
    if (delayVaries(connection)) {
        refuse(
            `the synapses of \`${name}\` have delays of their own, so \`${rule.name}\` can't tell when spikes arrive: give them one delay`,
        );
        return [];
    }
    declare(generation, connection, rule);
    const post = PlasticSynapses.of(generation, connection, "post") as PlasticSynapses;
    const reaction = post.isEmpty
        ? []
        : [
              isDense(connection)
                  ? denseReaction(generation, connection, post)
                  : sparseReaction(generation, connection, post),
          ];
    const traces = rule.model.traces.map((trace) => raise(generation, connection, rule, trace));
    return [...reaction, ...continuous(generation, connection, rule, refuse), ...traces];
}

function shapeOf(connection: Connection): Formula[] {
    return isDense(connection)
        ? ["batch", sizeOf(connection.from), sizeOf(connection.to)]
        : ["batch", `synapses:${connection.name}`];
}

function declare(generation: Generation, connection: Connection, rule: RuleUse): void {
    const { name, from, to } = connection;
    generation.declare(rule.name, rule.uniform);
    const zero = { initial: { kind: "zero" }, isState: true } as const;
    for (const { name: state, value } of rule.model.states) {
        const initial = { kind: "formula", value: value as Formula, stream: generation.stream() } as const;
        generation.buffer({
            name: `${name}.${state}`,
            element: "f32",
            extents: shapeOf(connection),
            initial,
            isState: true,
        });
    }
    for (const { name: trace, event } of rule.model.traces) {
        const extents: Formula[] = ["batch", sizeOf(event === "pre" ? from : to)];
        generation.buffer({ name: `${name}.${trace}`, element: "f32", extents, ...zero });
        generation.buffer({ name: `${name}.${trace}.last`, element: "i32", extents, ...zero });
    }
    for (const { name: port } of rule.model.ports) {
        generation.buffer({ name: `${name}.${port}`, element: "f32", extents: ["batch"], ...zero });
    }
}

/** Spikes that the postsynaptic population has just had. */
function justFound(connection: Connection) {
    return spikeList(connection.to.name, 0);
}

/** A work-item for each presynaptic neuron goes through the spikes. */
function denseReaction(generation: Generation, connection: Connection, post: PlasticSynapses): Draft {
    const list = justFound(connection);
    const skip = connection.from === connection.to && !connection.connectivity.autapses;
    const place = "[r, pre, j]";
    const inner = [
        "let j = spikes[r, slot, k] as index",
        ...(skip ? ["if pre != j {"] : []),
        ...post.load(place),
        ...post.react(place, "pre", "j"),
        ...(skip ? ["}"] : []),
    ];
    const body = [
        "let r = group_id(0)",
        `let pre = group_id(1) * ${NEURONS} + local_id(1)`,
        ...post.loads(),
        ...list.lines,
        "if pre < q {",
        "    for k in 0 .. count {",
        ...inner.map((line) => `        ${line}`),
        "    }",
        "}",
    ];
    const parameters = [
        ...(post.usesConstants ? [CONSTANTS] : []),
        STEP,
        ...renamed(list.parameters),
        { name: "weights_of", type: "mut f32[b, q, n]", binding: bound(`${connection.name}.weights`) },
        ...post.parameters("[b, q, n]"),
    ];
    return draftOf(generation, connection, "react", parameters, overNeurons("q"), body);
}

/** In kernels of postsynaptic spikes these are n, not q. */
function renamed(parameters: readonly KernelParameter[]): KernelParameter[] {
    return parameters.map((each) => (each.name === "spikes" ? { ...each, type: "i32[b, s, n]" } : each));
}

/** A workgroup for each spike goes through the synapses that reach its neuron. */
function sparseReaction(generation: Generation, connection: Connection, post: PlasticSynapses): Draft {
    const { name } = connection;
    const list = justFound(connection);
    const place = "[r, at]";
    const inner = [
        "let at = places[c] as index",
        "let pre = sources[c] as index",
        ...post.load(place),
        ...post.react(place, "pre", "j"),
    ];
    const body = [
        "let r = group_id(0)",
        ...post.loads(),
        ...list.lines,
        "for k in group_id(1) .. count by group_count(1) {",
        "    let j = spikes[r, slot, k] as index",
        "    let first = columns[j] as index",
        "    let last = columns[j + 1] as index",
        `    for c in first + local_id(1) .. last by ${GROUP} {`,
        ...inner.map((line) => `        ${line}`),
        "    }",
        "}",
    ];
    const parameters = [
        ...(post.usesConstants ? [CONSTANTS] : []),
        STEP,
        ...renamed(list.parameters),
        { name: "columns", type: "i32[n + 1]", binding: bound(`${name}.columns`) },
        { name: "sources", type: "i32[z]", binding: bound(`${name}.sources`) },
        { name: "places", type: "i32[z]", binding: bound(`${name}.places`) },
        { name: "weights_of", type: "mut f32[b, z]", binding: bound(`${name}.weights`) },
        ...post.parameters("[b, z]"),
    ];
    return draftOf(generation, connection, "react", withGroups(parameters), OVER_SPIKES, body);
}

/** Adds 1 to a trace at each event, or with nearest pairing sets it to 1. */
function raise(generation: Generation, connection: Connection, rule: RuleUse, { name, tau, event }: Trace): Draft {
    const isPre = event === "pre";
    const part = isPre ? connection.from.name : connection.to.name;
    const list = spikeList(part, isPre ? delaySteps(generation, connection) : 0);
    const printer = new Printer(generation.constants, ruleNames(rule, {}));
    const rate = printer.print(["/", "dt", tau]);
    const before = rule.model.pairing === "nearest" ? "0.0" : `value[r, i] * exp((last[r, i] - step) as f32 * ${rate})`;
    const body = [
        "let r = group_id(0)",
        ...printer.loads(""),
        ...list.lines,
        `for k in group_id(1) * ${GROUP} + local_id(1) .. count by group_count(1) * ${GROUP} {`,
        "    let i = spikes[r, slot, k] as index",
        `    value[r, i] = 1.0 + ${before}`,
        "    last[r, i] = step",
        "}",
    ];
    const parameters = withGroups([
        ...(printer.usesConstants ? [CONSTANTS] : []),
        STEP,
        ...list.parameters,
        { name: "value", type: "mut f32[b, q]", binding: bound(`${connection.name}.${name}`) },
        { name: "last", type: "mut i32[b, q]", binding: bound(`${connection.name}.${name}.last`) },
    ]);
    return draftOf(generation, connection, `raise_${name}`, parameters, OVER_SPIKES, body);
}

/** Derivatives of weights and of synapses' states: a work-item for each synapse. */
function continuous(
    generation: Generation,
    connection: Connection,
    rule: RuleUse,
    refuse: (what: string) => void,
): readonly Draft[] {
    const { model } = rule;
    const { derivatives } = model;
    if (derivatives.size === 0) return [];
    const names: Record<string, string> = { w: "w" };
    for (const { name } of model.states) names[name] = `${name}_`;
    for (const { name } of model.ports) names[name] = `port_${name}`;
    const system: System = { derivatives, isUniform: (name) => names[name] === undefined, held: new Set() };
    const found = plan(system, null);
    const printer = new Printer(generation.constants, ruleNames(rule, names));
    if (typeof found === "string") {
        refuse(found);
        return [];
    }
    const codeOf = (name: string) => names[name] as string;
    const lines = printStep({
        system,
        plan: found,
        print: (formula, places) => printer.print(formula, places),
        codeOf,
        heldWhen: null,
        h: "dt",
    });
    const bounds = model.bounds.map(
        ({ name, low, high }) =>
            `${codeOf(name)} = clamp(${codeOf(name)}, ${printer.print(low)}, ${printer.print(high)})`,
    );
    const text = [...lines, ...bounds].join("\n");
    const used = ["w", ...model.states.map(({ name }) => name)].filter((name) =>
        new RegExp(`\\b${codeOf(name)}\\b`).test(text),
    );
    const ports = model.ports.map(({ name }) => name).filter((name) => text.includes(`port_${name}`));
    const dense = isDense(connection);
    const [place, shape] = dense ? ["[r, pre, j]", "[b, q, n]"] : ["[r, at]", "[b, z]"];
    const buffer = (name: string) => (name === "w" ? "weights" : name);
    const inner = [
        ...used.map((name) => `var ${codeOf(name)} = ${buffer(name)}_of${place}`),
        ...lines,
        ...bounds,
        ...used.map((name) => `${buffer(name)}_of${place} = ${codeOf(name)}`),
    ].map((line) => `    ${line}`);
    const last = dense ? "2" : "1";
    const [variable, extent] = dense ? ["j", "n"] : ["at", "z"];
    const body = [
        "let r = group_id(0)",
        ...(dense ? ["let pre = group_id(1)"] : []),
        `let ${variable} = group_id(${last}) * ${NEURONS} + local_id(${last})`,
        ...printer.loads(""),
        ...ports.map((port) => `let port_${port} = ${port}_of[r]`),
        `if ${variable} < ${extent} {`,
        ...inner,
        "}",
    ];
    const parameters = [
        ...(printer.usesConstants ? [CONSTANTS] : []),
        ...ports.map((port) => ({ name: `${port}_of`, type: "f32[b]", binding: bound(`${connection.name}.${port}`) })),
        ...used.map((name) => ({
            name: `${buffer(name)}_of`,
            type: `mut f32${shape}`,
            binding: bound(`${connection.name}.${buffer(name)}`),
        })),
    ];
    const grid = dense
        ? { groups: ["b", "q", `(n + ${NEURONS - 1}) / ${NEURONS}`], workgroup: [1, 1, NEURONS] }
        : overNeurons("z");
    return [draftOf(generation, connection, "moment", parameters, grid, body)];
}
