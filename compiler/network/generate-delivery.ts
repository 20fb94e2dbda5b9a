// What spikes bring to their targets: sums of integers, so that their order doesn't matter. Dense connections gather, a
// work-item for each target over the list of spikes; sparse ones scatter, a workgroup for each spike over its synapses.

import { type Formula, substitute } from "../../codeobject/network/formula.js";
import type { StorageKind } from "../../codeobject/network/manifest.js";
import { plan, type System } from "./analysis.js";
import { bound, CONSTANTS, FINDINGS, type Generation, inRule, SEED, STEP, sizeOf } from "./generation.js";
import { hasPresynapticStates, type Input, postsynapticStates } from "./inputs.js";
import type { Connection, SynapseUse } from "./network.js";
import { PlasticSynapses } from "./plastic-synapses.js";
import { localsOf, printActions, rewires } from "./print-actions.js";
import { printStep } from "./print-step.js";
import type { Draft, KernelParameter } from "./source.js";
import { warnOfStiffness } from "./stiffness.js";
import { Printer } from "./text.js";
import { delayVaries, hasWeights, storageOf } from "./traits.js";

/** Kernels of a connection, by when they run. */
export interface Delivery {
    /** What spikes do to states of presynaptic neurons, before they are delivered. */
    readonly jump: readonly Draft[];
    readonly deliver: Draft;
    /** What such states do by themselves in a step. */
    readonly evolve: readonly Draft[];
}

const GROUP = 64;
const NEURONS = 256;

/** Buffers and manifest of a connection's synapses. */
export function declareSynapses(generation: Generation, { connection, states }: Input): void {
    const { name, from, to, connectivity, weight, delay, synapse, rule } = connection;
    const [pre, post] = [sizeOf(from), sizeOf(to)];
    const storage = storageOf(connection);
    const late = delayVaries(connection);
    const count = `synapses:${name}`;
    const zero = { initial: { kind: "zero" }, isState: true } as const;
    const filled = { initial: { kind: "filled" }, isState: true } as const;
    const buffers: Record<string, string> = {};
    const list = (role: string, extents: readonly Formula[], element: "i32" | "f32", isState = false) => {
        buffers[role] = `${name}.${role}`;
        generation.buffer({ name: `${name}.${role}`, element, extents, initial: { kind: "filled" }, isState });
    };
    if (!hasWeights(connection)) {
        generation.parameter(`${name}.weight`, weight, "a weight");
    } else {
        // Those that learn are each instance's own.
        const instances = rule === null ? 1 : "batch";
        buffers.weights = `${name}.weights`;
        const extents = storage === "dense" ? [instances, pre, post] : [instances, count];
        generation.buffer({ name: `${name}.weights`, element: "f32", extents, ...filled });
    }
    if (storage === "bitmask") {
        buffers.mask = `${name}.mask`;
        const words: Formula = ["ceil", ["/", post, 32]];
        generation.buffer({
            name: `${name}.mask`,
            element: "u32",
            extents: [pre, words],
            initial: { kind: "filled" },
            isState: false,
        });
    }
    if (storage === "procedural") {
        buffers.distances = `${name}.distances`;
        generation.buffer({
            name: `${name}.distances`,
            element: "u32",
            extents: [SEGMENT],
            initial: { kind: "filled" },
            isState: false,
        });
    }
    if (storage === "sparse") {
        const moves = rewires(rule?.model.reactions.get("every") ?? []);
        list("rows", [["+", pre, 1]], "i32");
        list("targets", [count], "i32", moves);
        if (late) list("delays", [count], "i32");
        if (rule !== null) {
            list("columns", [["+", post, 1]], "i32", moves);
            list("sources", [count], "i32", moves);
            list("places", [count], "i32", moves);
        }
    }
    generation.buffer({
        name: `${name}.arrived`,
        element: "i32",
        extents: ["batch", late ? `slots:${name}` : 1, post],
        ...zero,
    });
    if (synapse !== null) {
        generation.declare(name, synapse.uniform);
        for (const state of synapse.model.states) {
            const size = states.has(state.name) ? post : pre;
            const value = substitute(state.value as Formula, (each) =>
                synapse.uniform.has(each) ? `${name}.${each}` : undefined,
            );
            const initial = { kind: "formula", value, stream: generation.stream() } as const;
            generation.buffer({
                name: `${name}.${state.name}`,
                element: "f32",
                extents: ["batch", size],
                initial,
                isState: true,
            });
        }
        if (hasPresynapticStates(connection)) {
            generation.buffer({ name: `${name}.effect`, element: "f32", extents: ["batch", pre], ...zero });
        }
    }
    generation.connections.push({
        name,
        from: from.name,
        to: to.name,
        isRate: false,
        connectivity,
        weight,
        delay,
        leastDelay: generation.network.order[0] === "spike" ? 0 : 1,
        stream: generation.stream(3),
        storage,
        buffers,
        hasDelays: late,
        bound: rule === null ? null : weightBound(connection),
        isScaled: hasPresynapticStates(connection),
        rewires: rewires(rule?.model.reactions.get("every") ?? []),
    });
    const why = connection.storage === null ? "" : ", as the source says";
    generation.notes.push(`${name}: ${STORAGE_NOTES[storage]}${why}`);
}

/** Neurons of a part of a row that `procedural` storage draws by itself, as the runtime's structure.ts has them. */
export const SEGMENT = 256;

const STORAGE_NOTES: Readonly<Record<StorageKind, string>> = {
    dense: "all pairs, gathered by each target",
    bitmask: "a bit for each pair, gathered by each target",
    sparse: "lists of synapses, spread by each spike",
    procedural: "drawn anew for each spike, and not kept",
};

/** The greatest size of a weight by its rule's bounds; infinite without. */
function weightBound({ rule }: Connection): Formula {
    const bounds = rule?.model.bounds.find(({ name }) => name === "w");
    if (bounds === undefined || rule === null) return ["inf"];
    return ["max", ["abs", inRule(rule, bounds.low)], ["abs", inRule(rule, bounds.high)]];
}

/** How many steps a connection's spikes take, where all take as many. */
export function delaySteps(generation: Generation, { delay }: Connection): Formula {
    const least = generation.network.order[0] === "spike" ? 0 : 1;
    return delay === null ? least : ["max", least, ["round", ["/", delay, "dt"]]];
}

/** Parameters and lines that read the list of the spikes that arrive, or with no delay of those that were just found. */
export function spikeList(part: string, delay: Formula) {
    const parameters: KernelParameter[] = [
        { name: `counts`, type: `i32[b, s]`, binding: bound(`${part}.counts`) },
        { name: `spikes`, type: `i32[b, s, q]`, binding: bound(`${part}.spikes`) },
        { name: `delay`, type: "i32", binding: { value: "formula", formula: delay } },
    ];
    const lines = [`let slot = ((step - delay) as index + s) % s`, `let count = counts[r, slot] as index`];
    return { parameters, lines };
}

export function generateDelivery(generation: Generation, input: Input): Delivery {
    const { connection } = input;
    const deliver = DELIVERIES[storageOf(connection)](generation, connection);
    if (!hasPresynapticStates(connection)) return { jump: [], deliver, evolve: [] };
    const { jump, evolve } = presynaptic(generation, connection);
    return { jump: [jump], deliver, evolve };
}

/** What a synapse adds to its target's sum, as an integer, with the check that it may. */
function amount(generation: Generation, connection: Connection, weight: string) {
    const scaled = hasPresynapticStates(connection);
    const printer = new Printer(generation.constants, (name) => ({ uniform: name }));
    const parameters: KernelParameter[] = [];
    if (!hasWeights(connection) && !scaled)
        return { parameters, before: [], code: "1", checks: [] as string[], printer };
    if (scaled) parameters.push({ name: "effect", type: "f32[b, q]", binding: bound(`${connection.name}.effect`) });
    const value = scaled ? (hasWeights(connection) ? `${weight} * effect[r, pre]` : "effect[r, pre]") : weight;
    const unit = printer.print(["/", 1, `unit:${connection.name}`]);
    const isChecked = scaled || connection.rule !== null;
    if (!isChecked) return { parameters, before: [], code: `round(${value} * ${unit}) as i32`, checks: [], printer };
    const code = generation.finding(
        `weights of ${connection.name} are larger than sums can hold`,
        connection.from.name,
    );
    const limit = printer.print(`limit:${connection.name}`);
    return {
        parameters: [...parameters, FINDINGS],
        before: [`let amount = ${value}`],
        code: `round(clamp(amount, -${limit}, ${limit}) * ${unit}) as i32`,
        checks: [
            `if abs(amount) > ${limit} { atomic_min(findings[r], (step as u64) << 36 | ${code} << 28 | pre as u64) }`,
        ],
        printer,
    };
}

/** A work-item for each target goes through the spikes. */
function gather(generation: Generation, connection: Connection): Draft {
    const masked = storageOf(connection) === "bitmask";
    const list = spikeList(connection.from.name, delaySteps(generation, connection));
    const instances = connection.rule === null ? "0" : "r";
    const plastic = connection.rule && PlasticSynapses.of(generation, connection, "pre");
    const weights = `weights_of[${instances}, pre, j]`;
    const { parameters, before, code, checks, printer } = amount(generation, connection, plastic ? "w" : weights);
    const skip = connection.from === connection.to && !connection.connectivity.autapses;
    const inner = [
        "let pre = spikes[r, slot, k] as index",
        ...(skip ? ["if pre != j {"] : []),
        ...(masked ? ["if (mask[pre, j / 32] >> (j % 32) as u32) & 1 == 1 {"] : []),
        ...(plastic ? plastic.load(`[${instances}, pre, j]`) : []),
        ...before,
        ...checks,
        `sum += ${code}`,
        ...(plastic ? plastic.react(`[${instances}, pre, j]`, "pre", "j") : []),
        ...(masked ? ["}"] : []),
        ...(skip ? ["}"] : []),
    ];
    const body = [
        "let r = group_id(0)",
        `let j = group_id(1) * ${NEURONS} + local_id(1)`,
        ...printer.loads(""),
        ...(plastic?.loads() ?? []),
        ...list.lines,
        "if j < n {",
        "    var sum: i32 = 0",
        "    for k in 0 .. count {",
        ...inner.map((line) => `        ${line}`),
        "    }",
        "    arrived[r, 0, j] += sum",
        "}",
    ];
    const all = [
        ...(printer.usesConstants || plastic?.usesConstants ? [CONSTANTS] : []),
        STEP,
        ...list.parameters,
        ...parameters,
        ...(hasWeights(connection)
            ? [
                  {
                      name: "weights_of",
                      type: plastic ? "mut f32[b, q, n]" : "f32[one, q, n]",
                      binding: bound(`${connection.name}.weights`),
                  },
              ]
            : []),
        ...(masked ? [{ name: "mask", type: "u32[q, w]", binding: bound(`${connection.name}.mask`) }] : []),
        ...(plastic?.parameters("[b, q, n]") ?? []),
        { name: "arrived", type: "mut i32[b, 1, n]", binding: bound(`${connection.name}.arrived`) },
    ];
    return draftOf(generation, connection, "deliver", all, overNeurons("n"), body);
}

/** A workgroup for each spike goes through its synapses. */
function scatter(generation: Generation, connection: Connection): Draft {
    const late = delayVaries(connection);
    const own = late ? (generation.network.order[0] === "spike" ? 0 : 1) : delaySteps(generation, connection);
    const list = spikeList(connection.from.name, own);
    const plastic = connection.rule && PlasticSynapses.of(generation, connection, "pre");
    const instances = connection.rule === null ? "0" : "r";
    const place = `[${instances}, at]`;
    const { parameters, before, code, checks, printer } = amount(
        generation,
        connection,
        plastic ? "w" : `weights_of${place}`,
    );
    const slot = late ? "((step - delay + delays[at]) as index) % d" : "0";
    const inner = [
        ...(plastic ? plastic.load(place) : []),
        ...before,
        ...checks,
        "let j = targets[at] as index",
        `atomic_add(arrived[r, ${slot}, j], ${code})`,
        ...(plastic ? plastic.react(place, "pre", "j") : []),
    ];
    const body = [
        "let r = group_id(0)",
        ...printer.loads(""),
        ...(plastic?.loads() ?? []),
        ...list.lines,
        "for k in group_id(1) .. count by group_count(1) {",
        "    let pre = spikes[r, slot, k] as index",
        "    let first = rows[pre] as index",
        "    let last = rows[pre + 1] as index",
        `    for at in first + local_id(1) .. last by ${GROUP} {`,
        ...inner.map((line) => `        ${line}`),
        "    }",
        "}",
    ];
    const count = "z";
    const all: KernelParameter[] = [
        ...(printer.usesConstants || plastic?.usesConstants ? [CONSTANTS] : []),
        STEP,
        ...list.parameters,
        ...parameters,
        { name: "rows", type: "i32[q + 1]", binding: bound(`${connection.name}.rows`) },
        { name: "targets", type: `i32[${count}]`, binding: bound(`${connection.name}.targets`) },
        ...(late ? [{ name: "delays", type: `i32[${count}]`, binding: bound(`${connection.name}.delays`) }] : []),
        ...(hasWeights(connection)
            ? [
                  {
                      name: "weights_of",
                      type: plastic ? `mut f32[b, ${count}]` : `f32[one, ${count}]`,
                      binding: bound(`${connection.name}.weights`),
                  },
              ]
            : []),
        ...(plastic?.parameters(`[b, ${count}]`) ?? []),
        {
            name: "arrived",
            type: late ? "mut i32[b, d, n]" : "mut i32[b, 1, n]",
            binding: bound(`${connection.name}.arrived`),
        },
    ];
    return draftOf(generation, connection, "deliver", withGroups(all), OVER_SPIKES, body);
}

/** A workgroup for each spike draws its synapses, a work-item for each segment: see distances in the runtime's structure.ts. */
function draw(generation: Generation, connection: Connection): Draft {
    const list = spikeList(connection.from.name, delaySteps(generation, connection));
    const { parameters, before, code, checks, printer } = amount(generation, connection, "1.0");
    const skip = connection.from === connection.to && !connection.connectivity.autapses;
    const stream = generation.connections.find(({ name }) => name === connection.name)?.stream ?? 0;
    const body = [
        "let r = group_id(0)",
        ...printer.loads(""),
        ...list.lines,
        "for k in group_id(1) .. count by group_count(1) {",
        "    let pre = spikes[r, slot, k] as index",
        `    for segment in local_id(1) .. (n + ${SEGMENT - 1}) / ${SEGMENT} by ${GROUP} {`,
        "        let low = (segment as u64) << 32 | pre as u64",
        "        var at: index = -1",
        "        var drawn: u32 = 0",
        "        var more = true",
        "        while more {",
        "            let high = ((drawn >> 2) as u64) << 32 | stream as u64",
        "            let words = if drawn & 2 == 0 { philox4x32::<HALF: 0>(low, high, seed) } else { philox4x32::<HALF: 1>(low, high, seed) }",
        "            let word = if drawn & 1 == 0 { words as u32 } else { (words >> 32) as u32 }",
        "            drawn += 1",
        "            var first: index = 0",
        `            var last: index = ${SEGMENT - 1}`,
        "            while first < last {",
        "                let middle = (first + last) / 2",
        "                if word <= distances[middle] { last = middle } else { first = middle + 1 }",
        "            }",
        "            at += first + 1",
        `            let j = segment * ${SEGMENT} + at`,
        `            more = word <= distances[${SEGMENT - 1}] && at < ${SEGMENT} && j < n`,
        `            if more${skip ? " && j != pre" : ""} {`,
        ...[...before, ...checks, `atomic_add(arrived[r, 0, j], ${code})`].map((line) => `                ${line}`),
        "            }",
        "        }",
        "    }",
        "}",
    ];
    const all: KernelParameter[] = [
        ...(printer.usesConstants ? [CONSTANTS] : []),
        SEED,
        STEP,
        ...list.parameters,
        ...parameters,
        { name: "stream", type: "u32", binding: { value: "formula", formula: stream } },
        { name: "distances", type: `u32[${SEGMENT}]`, binding: bound(`${connection.name}.distances`) },
        { name: "arrived", type: "mut i32[b, 1, n]", binding: bound(`${connection.name}.arrived`) },
    ];
    return draftOf(generation, connection, "deliver", withGroups(all), OVER_SPIKES, body);
}

const DELIVERIES: Readonly<Record<StorageKind, (generation: Generation, connection: Connection) => Draft>> = {
    dense: gather,
    bitmask: gather,
    sparse: scatter,
    procedural: draw,
};

/** Kernels over lists take the number of workgroups as a dimension of their own. */
export function withGroups(parameters: readonly KernelParameter[]): KernelParameter[] {
    return [...parameters, { name: "g", type: "", binding: { value: "formula", formula: "groups" } }];
}

type Grid = Pick<Draft, "groups" | "workgroup">;

/** A work-item for each neuron of a size. */
export const overNeurons = (size: string): Grid => ({
    groups: ["b", { of: size, per: NEURONS }],
    workgroup: [1, NEURONS],
});

/** Workgroups that go through a list. */
export const OVER_SPIKES: Grid = { groups: ["b", "g"], workgroup: [1, GROUP] };

export function draftOf(
    generation: Generation,
    { name }: Connection,
    word: string,
    parameters: readonly KernelParameter[],
    grid: Grid,
    body: readonly string[],
): Draft {
    return { name: generation.kernelName(name, word), doc: `${name}: ${word}.`, parameters, ...grid, body };
}

/** States that a synapse keeps for each presynaptic neuron: they change by themselves, and at each of its spikes. */
function presynaptic(generation: Generation, connection: Connection) {
    const { synapse, name } = connection;
    const { model, uniform } = synapse as SynapseUse;
    const post = postsynapticStates(model);
    const states = model.states.map((state) => state.name).filter((state) => !post.has(state));
    const actions = model.reactions.get("spike") ?? [];
    const locals = new Set(localsOf(actions));
    const code = (each: string) => (states.includes(each) || locals.has(each) ? `${each}_` : undefined);
    const printer = () =>
        new Printer(generation.constants, (each) => {
            const found = code(each);
            if (found !== undefined) return { code: found };
            if (each === "weight") return { code: "1.0" };
            return { uniform: uniform.has(each) ? `${name}.${each}` : each };
        });
    const parameters: KernelParameter[] = states.map((state) => ({
        name: `${state}_of`,
        type: "mut f32[b, q]",
        binding: bound(`${name}.${state}`),
    }));
    const load = (at: string) => states.map((state) => `var ${state}_ = ${state}_of[r, ${at}]`);
    const store = (at: string) => states.map((state) => `${state}_of[r, ${at}] = ${state}_`);

    const list = spikeList(connection.from.name, delaySteps(generation, connection));
    const forJump = printer();
    const own = actions.map((action) =>
        // What the target gets is the spike's effect, which all of its synapses have in common but for the weight.
        action.kind === "set" && post.has(action.name)
            ? ({ kind: "set", name: "effect", op: "=", value: action.value } as const)
            : action,
    );
    const react = printActions(
        own,
        forJump,
        (each) => (each === "effect" ? "effect[r, pre]" : (code(each) ?? each)),
        () => "",
    );
    const jump = draftOf(
        generation,
        connection,
        "presynaptic",
        withGroups([
            ...(forJump.usesConstants ? [CONSTANTS] : []),
            STEP,
            ...list.parameters,
            ...parameters,
            { name: "effect", type: "mut f32[b, q]", binding: bound(`${name}.effect`) },
        ]),
        OVER_SPIKES,
        [
            "let r = group_id(0)",
            ...forJump.loads(""),
            ...list.lines,
            `for k in group_id(1) * ${GROUP} + local_id(1) .. count by group_count(1) * ${GROUP} {`,
            ...["let pre = spikes[r, slot, k] as index", ...load("pre"), ...react, ...store("pre")].map(
                (line) => `    ${line}`,
            ),
            "}",
        ],
    );

    const derivatives = new Map(
        states.flatMap((state) => {
            const each = model.derivatives.get(state);
            return each === undefined ? [] : [[state, each] as const];
        }),
    );
    if (derivatives.size === 0) return { jump, evolve: [] };
    const forStep = printer();
    const system: System = { derivatives, isUniform: (each) => uniform.has(each), held: new Set() };
    const found = plan(system, null);
    if (typeof found === "string") throw new Error(found);
    warnOfStiffness(generation, {
        system,
        plan: found,
        h: "dt",
        atStart: (each) =>
            states.includes(each)
                ? generation.atStart(`${name}.${each}`)
                : uniform.has(each)
                  ? `${name}.${each}`
                  : each,
        nameOf: (state) => `${name}.${state}`,
        dividesIn: null,
        span: connection.span,
    });
    const lines = printStep({
        system,
        plan: found,
        print: (formula, names) => forStep.print(formula, names),
        codeOf: (state) => `${state}_`,
        heldWhen: null,
        h: "dt",
    });
    const evolve = draftOf(
        generation,
        connection,
        "evolve",
        [...(forStep.usesConstants ? [CONSTANTS] : []), ...parameters],
        overNeurons("q"),
        [
            "let r = group_id(0)",
            `let pre = group_id(1) * ${NEURONS} + local_id(1)`,
            ...forStep.loads(""),
            "if pre < q {",
            ...[...load("pre"), ...lines, ...store("pre")].map((line) => `    ${line}`),
            "}",
        ],
    );
    return { jump, evolve: [evolve] };
}
