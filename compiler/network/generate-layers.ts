// Kernels of layers: an activity is passed on through dense weights, and what connections learn of it. Sums by work-items go in the order
// of the presynaptic neurons, so that they are the same on every device; layer-products.ts has those on tiles.

import type { Formula } from "../../codeobject/network/formula.js";
import type { NetworkLaunch } from "../../codeobject/network/manifest.js";
import { ACTIVATIONS } from "./activations.js";
import { bound, CONSTANTS, type Generation, inRule, sizeOf, weightsOf } from "./generation.js";
import { productDraft } from "./layer-products.js";
import { learnKernel } from "./learn-layers.js";
import type { Connection, Layer, Network, Population } from "./network.js";
import { tileSumsOf } from "./propagation.js";
import type { Draft, KernelParameter } from "./source.js";
import { Printer } from "./text.js";
import { isCounted, isDrive } from "./traits.js";
import { windowNames, windowParameters, windowSum } from "./window-code.js";

/** Work-items of a workgroup: neighbours in the postsynaptic layer. */
export const GROUP = 64;

/** Layers in the order in which activity reaches them; null for a circle. */
export function layersInOrder({ layers, connections: all }: Network): readonly Layer[] | null {
    const connections = all.filter(({ from, to }) => from.kind === "layer" && to.kind === "layer");
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
    const { network } = generation;
    const { connections, populations } = network;
    const forward: NetworkLaunch[] = [];
    const counted = populations.filter((population) => isCounted(network, population));
    for (const population of counted) declareCounts(generation, population);
    forward.push(...generation.emit(counted.map((population) => collectKernel(generation, population))));
    for (const layer of order) {
        const incoming = connections.filter(({ to }) => to === layer);
        declareLayer(generation, layer);
        for (const connection of incoming) declareConnection(generation, connection);
        // Without connections its activity is what the program gives, through its activation all the same.
        for (const draft of forwardKernels(generation, layer, incoming)) forward.push(...generation.emit([draft]));
    }
    const drives = connections.filter(isDrive);
    for (const drive of drives) declareConnection(generation, drive);
    forward.push(...generation.emit(drives.map((drive) => driveKernel(generation, drive))));
    const learn = connections.flatMap((connection) =>
        connection.rule && connection.to.kind === "layer"
            ? generation.emit([learnKernel(generation, connection, connection.rule)])
            : [],
    );
    return { forward, learn };
}

/** The buffer of a part's rates. */
export function activity({ name }: Layer | Population): string {
    return `${name}.activity`;
}

/** How often neurons have fired since the last forward pass, and what that pass takes of it. */
function declareCounts(generation: Generation, population: Population): void {
    const size = sizeOf(population);
    const zero = { element: "f32", initial: { kind: "zero" } } as const;
    generation.buffer({ name: `${population.name}.fired`, extents: ["batch", size], isState: true, ...zero });
    generation.buffer({ name: activity(population), extents: ["batch", 1, size], isState: false, ...zero });
}

const NEURONS_2D = { groups: ["b", `(n + ${GROUP - 1}) / ${GROUP}`], workgroup: [1, GROUP] };

function collectKernel(generation: Generation, population: Population): Draft {
    const name = generation.kernelName(population.name, "collect");
    const body = [
        "let r = group_id(0)",
        `let i = group_id(1) * ${GROUP} + local_id(1)`,
        "if i < n {",
        "    y[r, 0, i] = fired_of[r, i]",
        "    fired_of[r, i] = 0.0",
        "}",
    ];
    const parameters: KernelParameter[] = [
        { name: "fired_of", type: "mut f32[b, n]", binding: bound(`${population.name}.fired`) },
        { name: "y", type: "mut f32[b, 1, n]", binding: bound(activity(population)) },
    ];
    return { name, doc: `The spikes of ${population.name}, counted.`, parameters, ...NEURONS_2D, body };
}

/** What a layer's rates are to a population: the weighted sum of the last sample, until the next pass. */
function driveKernel(generation: Generation, connection: Connection): Draft {
    const { from, to, target, name, connectivity } = connection;
    const isPort = target?.kind === "port";
    if (isPort) {
        const extents: Formula[] = ["batch", sizeOf(to)];
        const zero = { initial: { kind: "zero" }, isState: true } as const;
        generation.buffer({ name: `${name}.drive`, element: "f32", extents, ...zero });
    }
    const sum =
        connectivity.kind === "one_to_one"
            ? ["    let sum = x[r, m - 1, j] * w[r, 0, j]"]
            : ["    var sum: f32 = 0.0", "    for i in 0 .. q { sum += x[r, m - 1, i] * w[r, i, j] }"];
    const body = [
        "let r = group_id(0)",
        `let j = group_id(1) * ${GROUP} + local_id(1)`,
        "if j < n {",
        ...sum,
        "    y[r, j] = sum",
        "}",
    ];
    const isOne = connectivity.kind === "one_to_one";
    const parameters: KernelParameter[] = [
        { name: "x", type: `f32[b, m, ${isOne ? "n" : "q"}]`, binding: bound(activity(from)) },
        { name: "w", type: `f32[b, ${isOne ? "1" : "q"}, n]`, binding: bound(weightsOf(connection)) },
        { name: "y", type: "mut f32[b, n]", binding: bound(isPort ? `${name}.drive` : `${to.name}.${target?.name}`) },
    ];
    const doc = `What ${from.name} is to ${to.name}.`;
    return { name: generation.kernelName(name, "drive"), doc, parameters, ...NEURONS_2D, body };
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
    const { name, from, to, weight, rule, connectivity } = connection;
    const { window } = connectivity;
    const buffers: { weights?: string } = {};
    const extents: Formula[] =
        window !== null
            ? ["batch", ["*", window.pre[0] as Formula, ["*", window.kernel, window.kernel]], window.post[0] as Formula]
            : ["batch", connectivity.kind === "one_to_one" ? 1 : sizeOf(from), sizeOf(to)];
    if (hasMatrix(connection)) {
        buffers.weights = weightsOf(connection);
        const filled = { initial: { kind: "filled" }, isState: true } as const;
        generation.buffer({ name: buffers.weights, element: "f32", extents, ...filled });
    }
    generation.connections.push({
        name,
        from: from.name,
        to: to.name,
        isRate: true,
        connectivity,
        weight,
        synapse: null,
        delay: null,
        leastDelay: 0,
        stream: generation.stream(3),
        storage: "dense",
        buffers,
        hasDelays: false,
        bound: null,
        isScaled: false,
        rewires: false,
    });
    if (rule === null) return;
    generation.declare(rule.name, rule.model, rule.uniform);
    for (const { name: state, value } of rule.model.states) {
        generation.buffer({
            name: `${name}.${state}`,
            element: "f32",
            extents,
            initial: { kind: "formula", value: inRule(rule, value as Formula), stream: generation.stream() },
            isState: true,
        });
    }
}

/** Whether it has weights: pooling has none. */
function hasMatrix({ connectivity: { window } }: Connection): boolean {
    return window === null || window.kind === "convolution";
}

/** Of sums by work-items and those on tiles a pass has one, as the number of its samples says. */
function forwardKernels(generation: Generation, layer: Layer, incoming: readonly Connection[]): Draft[] {
    const { activation } = layer;
    const { text } = ACTIVATIONS[activation.name] as (typeof ACTIVATIONS)[string];
    const drafts: Draft[] = [];
    const isIdentity = activation.name === "identity" || text === null;
    if (incoming.length > 0 || layer.bias !== null || !isIdentity) {
        const sums = tileSumsOf(generation, layer, incoming);
        if (sums !== null) drafts.push(productDraft(generation, layer, incoming, sums));
        if (sums?.when !== null) {
            drafts.push({ ...sumsDraft(generation, layer, incoming), when: sums && ["!", sums.when] });
        }
    }
    if (text === null) drafts.push(softmaxKernel(generation, layer));
    return drafts;
}

/** Sums by work-items, each of a neuron and a sample. */
function sumsDraft(generation: Generation, layer: Layer, incoming: readonly Connection[]): Draft {
    const { activation } = layer;
    const { text } = ACTIVATIONS[activation.name] as (typeof ACTIVATIONS)[string];
    const printer = new Printer(generation.constants, (name) => ({ uniform: name }));
    const args = activation.args.map((arg) => printer.print(arg));
    const parameters: KernelParameter[] = [
        ...incoming.flatMap((connection, at): KernelParameter[] => {
            const { window } = connection.connectivity;
            const shape = window === null ? `f32[b, n${at}, n]` : `f32[b, f${at}, o${at}]`;
            return [
                { name: `x${at}`, type: `f32[b, m, n${at}]`, binding: bound(activity(connection.from)) },
                ...(hasMatrix(connection)
                    ? [{ name: `w${at}`, type: shape, binding: bound(weightsOf(connection)) }]
                    : []),
                ...(window === null ? [] : windowParameters(window, String(at))),
            ];
        }),
        ...(layer.bias === null ? [] : [{ name: "bias", type: "f32[b, n]", binding: bound(`${layer.name}.bias`) }]),
        activityOf(layer),
    ];
    const start = [layer.bias === null ? "" : "bias[r, j]", incoming.length === 0 ? "y[r, s, j]" : ""].filter(Boolean);
    const body = [
        ...POSITION,
        ...printer.loads(""),
        ...incoming.flatMap(({ connectivity: { window } }, at) => (window === null ? [] : windowNames(String(at)))),
        "if j < n {",
        `    var sum: f32 = ${start.join(" + ") || "0.0"}`,
        ...incoming.flatMap(({ connectivity: { window } }, at) =>
            window === null
                ? [`    for i in 0 .. n${at} { sum += x${at}[r, s, i] * w${at}[r, i, j] }`]
                : ["    if true {", ...windowSum(window, String(at)).map((line) => `        ${line}`), "    }"],
        ),
        `    y[r, s, j] = ${text === null ? "sum" : text("sum", args)}`,
        "}",
    ];
    const all = printer.usesConstants ? [CONSTANTS, ...parameters] : parameters;
    const doc = `The activity of ${layer.name}.`;
    return { name: generation.kernelName(layer.name), doc, parameters: all, ...OVER_SAMPLES, body };
}

function activityOf(layer: Layer): KernelParameter {
    return { name: "y", type: "mut f32[b, m, n]", binding: bound(activity(layer)) };
}

export const NEURONS = `(n + ${GROUP - 1}) / ${GROUP}`;
const OVER_SAMPLES = { groups: ["b", "m", NEURONS], workgroup: [1, 1, GROUP] };
const POSITION = [
    "let r = group_id(0)",
    "let s = group_id(1)",
    `let j = group_id(2) * ${GROUP} + local_id(2)`,
] as const;

/** e^(y − max) / Σ e^(y − max), in trees whose shape does not depend on the size of a wave. */
function softmaxKernel(generation: Generation, layer: Layer): Draft {
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
    return { name, doc, parameters: [activityOf(layer)], groups: ["b", "m"], workgroup: [1, GROUP], body };
}
