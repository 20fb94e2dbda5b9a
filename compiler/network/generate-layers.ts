// Kernels of layers: an activity is passed on through dense weights, and what connections learn of it.
// Sums go in the order of the presynaptic neurons, so that they are the same on every device.

import type { Formula } from "../../codeobject/network/formula.js";
import type { NetworkLaunch } from "../../codeobject/network/manifest.js";
import { ACTIVATIONS } from "./activations.js";
import { bound, CONSTANTS, type Generation, ruleNames, sizeOf, weightsOf } from "./generation.js";
import type { Connection, Layer, RuleUse } from "./network.js";
import { localsOf, printActions } from "./print-actions.js";
import type { Draft, KernelParameter } from "./source.js";
import { Printer } from "./text.js";

/** Work-items of a workgroup: neighbours in the postsynaptic layer. */
const GROUP = 64;

/** Layers in the order in which activity reaches them; null for a circle. */
export function layersInOrder(layers: readonly Layer[], connections: readonly Connection[]): readonly Layer[] | null {
    const order: Layer[] = [];
    while (order.length < layers.length) {
        const next = layers.filter(
            (layer) =>
                !order.includes(layer) &&
                connections.every(({ from, to }) => to !== layer || order.includes(from as Layer)),
        );
        if (next.length === 0) return null;
        order.push(...next);
    }
    return order;
}

/** The launches of a forward pass and of learning; kernels and buffers go to the generation. */
export function generateLayers(generation: Generation, order: readonly Layer[]) {
    const { connections } = generation.network;
    const forward: NetworkLaunch[] = [];
    for (const layer of order) {
        const incoming = connections.filter(({ to }) => to === layer);
        declareLayer(generation, layer);
        for (const connection of incoming) declareConnection(generation, connection);
        // Without connections its activity is what the program gives, through its activation all the same.
        for (const draft of forwardKernels(generation, layer, incoming)) forward.push(...generation.emit([draft]));
    }
    const learn = connections.flatMap((connection) =>
        connection.rule ? generation.emit([learnKernel(generation, connection, connection.rule)]) : [],
    );
    return { forward, learn };
}

function activity({ name }: Layer): string {
    return `${name}.activity`;
}

function declareLayer(generation: Generation, layer: Layer): void {
    const size = sizeOf(layer);
    const extents: Formula[] = ["batch", "samples", size];
    generation.buffer({ name: activity(layer), element: "f32", extents, initial: { kind: "zero" }, isState: false });
    if (layer.bias === null) return;
    const initial = { kind: "formula", value: layer.bias, stream: generation.stream() } as const;
    generation.buffer({ name: `${layer.name}.bias`, element: "f32", extents: ["batch", size], initial, isState: true });
}

function declareConnection(generation: Generation, connection: Connection): void {
    const { name, from, to, weight, rule } = connection;
    const extents: Formula[] = ["batch", sizeOf(from), sizeOf(to)];
    const weights = weightsOf(connection);
    generation.buffer({ name: weights, element: "f32", extents, initial: { kind: "filled" }, isState: true });
    generation.connections.push({
        name,
        from: from.name,
        to: to.name,
        connectivity: "all",
        value: null,
        autapses: true,
        multapses: false,
        weight,
        delay: null,
        leastDelay: 0,
        stream: generation.stream(3),
        storage: "dense",
        buffers: { weights },
        hasDelays: false,
        bound: null,
        isScaled: false,
    });
    if (rule === null) return;
    generation.declare(rule.name, rule.uniform);
    for (const { name: state, value } of rule.model.states) {
        generation.buffer({
            name: `${name}.${state}`,
            element: "f32",
            extents,
            initial: { kind: "formula", value: value as Formula, stream: generation.stream() },
            isState: true,
        });
    }
}

/** Tells sums of the same work-item's columns apart. */
function forwardKernels(generation: Generation, layer: Layer, incoming: readonly Connection[]): Draft[] {
    const { activation } = layer;
    const { text } = ACTIVATIONS[activation.name] as (typeof ACTIVATIONS)[string];
    const y: KernelParameter = { name: "y", type: "mut f32[b, m, n]", binding: bound(activity(layer)) };
    const drafts: Draft[] = [];
    const isIdentity = activation.name === "identity" || text === null;
    if (incoming.length > 0 || layer.bias !== null || !isIdentity) {
        const printer = new Printer(generation.constants, (name) => ({ uniform: name }));
        const args = activation.args.map((arg) => printer.print(arg));
        const parameters: KernelParameter[] = [
            ...incoming.flatMap((connection, at): KernelParameter[] => [
                { name: `x${at}`, type: `f32[b, m, n${at}]`, binding: bound(activity(connection.from as Layer)) },
                { name: `w${at}`, type: `f32[b, n${at}, n]`, binding: bound(weightsOf(connection)) },
            ]),
            ...(layer.bias === null ? [] : [{ name: "bias", type: "f32[b, n]", binding: bound(`${layer.name}.bias`) }]),
            y,
        ];
        const start = [layer.bias === null ? "" : "bias[r, j]", incoming.length === 0 ? "y[r, s, j]" : ""].filter(
            Boolean,
        );
        const body = [
            ...POSITION,
            ...printer.loads(""),
            "if j < n {",
            `    var sum: f32 = ${start.join(" + ") || "0.0"}`,
            ...incoming.map((_, at) => `    for i in 0 .. n${at} { sum += x${at}[r, s, i] * w${at}[r, i, j] }`),
            `    y[r, s, j] = ${text === null ? "sum" : text("sum", args)}`,
            "}",
        ];
        const all = printer.usesConstants ? [CONSTANTS, ...parameters] : parameters;
        const doc = `The activity of ${layer.name}.`;
        drafts.push({ name: generation.kernelName(layer.name), doc, parameters: all, ...OVER_SAMPLES, body });
    }
    if (text === null) drafts.push(softmaxKernel(generation, layer, y));
    return drafts;
}

const NEURONS = `(n + ${GROUP - 1}) / ${GROUP}`;
const OVER_SAMPLES = { groups: ["b", "m", NEURONS], workgroup: [1, 1, GROUP] };
const POSITION = [
    "let r = group_id(0)",
    "let s = group_id(1)",
    `let j = group_id(2) * ${GROUP} + local_id(2)`,
] as const;

/** e^(y − max) / Σ e^(y − max), in trees whose shape does not depend on the size of a wave. */
function softmaxKernel(generation: Generation, layer: Layer, y: KernelParameter): Draft {
    const tree = (combine: string) => [
        "barrier()",
        `step = ${GROUP / 2}`,
        "while step > 0 {",
        `    if lane < step { shared_values[lane] = ${combine} }`,
        "    barrier()",
        "    step /= 2",
        "}",
    ];
    const [mine, other] = ["shared_values[lane]", "shared_values[lane + step]"];
    const body = [
        `shared shared_values: f32[${GROUP}]`,
        "let r = group_id(0)",
        "let s = group_id(1)",
        "let lane = local_id(1)",
        `var step: index = ${GROUP / 2}`,
        "var top: f32 = -inf",
        `for j in lane .. n by ${GROUP} { top = max(top, y[r, s, j]) }`,
        `${mine} = top`,
        ...tree(`max(${mine}, ${other})`),
        "top = shared_values[0]",
        "barrier()",
        "var sum: f32 = 0.0",
        `for j in lane .. n by ${GROUP} {`,
        "    let e = exp(y[r, s, j] - top)",
        "    y[r, s, j] = e",
        "    sum += e",
        "}",
        `${mine} = sum`,
        ...tree(`${mine} + ${other}`),
        "sum = shared_values[0]",
        `for j in lane .. n by ${GROUP} { y[r, s, j] = y[r, s, j] / sum }`,
    ];
    const doc = `Softmax over ${layer.name}.`;
    const name = generation.kernelName(layer.name, "softmax");
    return { name, doc, parameters: [y], groups: ["b", "m"], workgroup: [1, GROUP], body };
}

/** `on update`, sample by sample in order, with the activities that a forward pass left. */
function learnKernel(generation: Generation, connection: Connection, rule: RuleUse): Draft {
    const { from, to } = connection;
    const { model } = rule;
    const actions = model.reactions.get("update") ?? [];
    const states = model.states.map(({ name }) => name);
    const locals: Record<string, string> = { w: "w", pre: "pre", post: "post", target: "wanted" };
    for (const name of [...states, ...localsOf(actions)]) locals[name] = `${name}_`;
    const printer = new Printer(generation.constants, ruleNames(rule, locals));
    const codeOf = (name: string) => locals[name] as string;
    const update = printActions(actions, printer, codeOf, () => "", "        ");
    const bounds = model.bounds.map(
        ({ name, low, high }) =>
            `        ${codeOf(name)} = clamp(${codeOf(name)}, ${printer.print(low)}, ${printer.print(high)})`,
    );
    const elements = (name: string, buffer: string): KernelParameter => ({
        name,
        type: "mut f32[b, n1, n]",
        binding: bound(buffer),
    });
    const parameters: KernelParameter[] = [
        ...(printer.usesConstants ? [CONSTANTS] : []),
        { name: "x", type: "f32[b, m, n1]", binding: bound(activity(from as Layer)) },
        { name: "y", type: "f32[b, m, n]", binding: bound(activity(to as Layer)) },
        ...(model.usesTarget ? [{ name: "target", type: "f32[b, m, n]", binding: bound(`${to.name}.target`) }] : []),
        elements("weights", weightsOf(connection)),
        ...states.map((state) => elements(`${state}_of`, `${connection.name}.${state}`)),
    ];
    if (model.usesTarget) {
        const extents: Formula[] = ["batch", "samples", sizeOf(to)];
        generation.buffer({
            name: `${to.name}.target`,
            element: "f32",
            extents,
            initial: { kind: "zero" },
            isState: false,
        });
    }
    const mentions = (name: string) => [...update, ...bounds].some((line) => new RegExp(`\\b${name}\\b`).test(line));
    const body = [
        "let r = group_id(0)",
        "let i = group_id(1)",
        `let j = group_id(2) * ${GROUP} + local_id(2)`,
        ...printer.loads(""),
        "if j < n {",
        "    var w = weights[r, i, j]",
        ...states.map((state) => `    var ${codeOf(state)} = ${state}_of[r, i, j]`),
        "    for s in 0 .. m {",
        ...(mentions("pre") ? ["        let pre = x[r, s, i]"] : []),
        ...(mentions("post") ? ["        let post = y[r, s, j]"] : []),
        ...(model.usesTarget ? ["        let wanted = target[r, s, j]"] : []),
        ...update,
        ...bounds,
        "    }",
        "    weights[r, i, j] = w",
        ...states.map((state) => `    ${state}_of[r, i, j] = ${codeOf(state)}`),
        "}",
    ];
    const name = generation.kernelName(connection.name, "learn");
    const doc = `What ${connection.name} learns of an activity by ${rule.name}.`;
    return { name, doc, parameters, groups: ["b", "n1", NEURONS], workgroup: [1, 1, GROUP], body };
}
