// What spikes bring to their targets: sums of integers, so that their order doesn't matter. Dense connections gather, a
// work-item for each target over the list of spikes; sparse ones scatter, a workgroup for each spike over its synapses.

import type { Formula } from "../../codeobject/network/formula.js";
import { plan, type System } from "./analysis.js";
import { bound, CONSTANTS, FINDINGS, type Generation, STEP, sizeOf } from "./generation.js";
import { hasPresynapticStates, type Input, postsynapticStates } from "./inputs.js";
import type { Connection, SynapseUse } from "./network.js";
import { PlasticSynapses } from "./plastic-synapses.js";
import { localsOf, printActions } from "./print-actions.js";
import { printStep } from "./print-step.js";
import type { Draft, KernelParameter } from "./source.js";
import { Printer } from "./text.js";
import { delayVaries, hasWeights, isDense } from "./traits.js";

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
    const dense = isDense(connection);
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
        generation.parameters.push({ name: `${name}.weight`, value: weight, quantity: "a weight" });
    } else {
        // Those that learn are each instance's own.
        const instances = rule === null ? 1 : "batch";
        buffers.weights = `${name}.weights`;
        const extents = dense ? [instances, pre, post] : [instances, count];
        generation.buffer({ name: `${name}.weights`, element: "f32", extents, ...filled });
    }
    if (!dense) {
        list("rows", [["+", pre, 1]], "i32");
        list("targets", [count], "i32");
        if (late) list("delays", [count], "i32");
        if (rule !== null) {
            list("columns", [["+", post, 1]], "i32");
            list("sources", [count], "i32");
            list("places", [count], "i32");
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
            const value = own(state.value as Formula, name, synapse);
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
        connectivity: connectivity.kind,
        value: connectivity.value,
        autapses: connectivity.autapses,
        multapses: connectivity.multapses,
        weight,
        delay,
        leastDelay: generation.network.order[0] === "spike" ? 0 : 1,
        stream: generation.stream(3),
        storage: dense ? "dense" : "sparse",
        buffers,
        hasDelays: late,
        bound: rule === null ? null : weightBound(connection),
        isScaled: hasPresynapticStates(connection),
    });
}

/** Names of a synapse's parameters as the network has them. */
function own(formula: Formula, name: string, { uniform }: SynapseUse): Formula {
    if (typeof formula === "string") return uniform.has(formula) ? `${name}.${formula}` : formula;
    if (typeof formula !== "object") return formula;
    const [operation, ...operands] = formula;
    return [operation, ...operands.map((each) => own(each, name, { uniform } as SynapseUse))];
}

/** The greatest size of a weight by its rule's bounds; infinite without. */
function weightBound({ rule }: Connection): Formula {
    const bounds = rule?.model.bounds.find(({ name }) => name === "w");
    if (bounds === undefined || rule === null) return ["inf"];
    const named = (formula: Formula): Formula => {
        if (typeof formula === "string") return rule.uniform.has(formula) ? `${rule.name}.${formula}` : formula;
        if (typeof formula !== "object") return formula;
        const [operation, ...operands] = formula;
        return [operation, ...operands.map(named)];
    };
    return ["max", ["abs", named(bounds.low)], ["abs", named(bounds.high)]];
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
    const deliver = isDense(connection) ? gather(generation, connection) : scatter(generation, connection);
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
    const list = spikeList(connection.from.name, delaySteps(generation, connection));
    const instances = connection.rule === null ? "0" : "r";
    const plastic = connection.rule && PlasticSynapses.of(generation, connection, "pre");
    const weights = `weights_of[${instances}, pre, j]`;
    const { parameters, before, code, checks, printer } = amount(generation, connection, plastic ? "w" : weights);
    const skip = connection.from === connection.to && !connection.connectivity.autapses;
    const inner = [
        "let pre = spikes[r, slot, k] as index",
        ...(skip ? ["if pre != j {"] : []),
        ...(plastic ? plastic.load(`[${instances}, pre, j]`) : []),
        ...before,
        ...checks,
        `sum += ${code}`,
        ...(plastic ? plastic.react(`[${instances}, pre, j]`, "pre", "j") : []),
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

/** Kernels over lists take the number of workgroups as a dimension of their own. */
export function withGroups(parameters: readonly KernelParameter[]): KernelParameter[] {
    return [...parameters, { name: "g", type: "", binding: { value: "formula", formula: "groups" } }];
}

type Grid = Pick<Draft, "groups" | "workgroup">;

/** A work-item for each neuron of a size. */
export const overNeurons = (size: string): Grid => ({
    groups: ["b", `(${size} + ${NEURONS - 1}) / ${NEURONS}`],
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
