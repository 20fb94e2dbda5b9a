// What plastic connections do beside delivering: they react to postsynaptic spikes, their traces are raised, and what a
// rule says of every moment is stepped. Traces are raised last: reactions of the same step see them as they were before.

import type { Formula } from "../../codeobject/network/formula.js";
import { plan, type System } from "./analysis.js";
import { bound, CONSTANTS, type Generation, inRule, SEED, sizeOf, streamOf } from "./generation.js";
import type { Input } from "./inputs.js";
import type { Connection, RuleUse } from "./network.js";
import { PlasticSynapses } from "./plastic-synapses.js";
import { rewires } from "./print-actions.js";
import { printStep } from "./print-step.js";
import { type Raising, raise, raisingOf } from "./raise-traces.js";
import { type Draft, type KernelParameter, STEP } from "./source.js";
import {
    draftOf,
    GROUP,
    NEURONS,
    OVER_SPIKES,
    overNeurons,
    pairsOf,
    spikeList,
    where,
    withGroups,
} from "./spike-kernels.js";
import { warnOfStiffness } from "./stiffness.js";
import { delayVaries, isMatrix, storageOf } from "./traits.js";

export interface Learning {
    /** What runs beside deliveries. */
    readonly early: readonly Draft[];
    /** Behind the spikes, one after the other: each of these sees what those before it did. */
    readonly phases: readonly (readonly Draft[])[];
}

const NOTHING: Learning = { early: [], phases: [] };

export function generateLearning(
    generation: Generation,
    { connection }: Input,
    refuse: (what: string) => void,
): Learning {
    const { rule, name } = connection;
    if (rule === null) return NOTHING;
    if (delayVaries(connection)) {
        refuse(
            `the synapses of \`${name}\` have delays of their own, so \`${rule.name}\` can't tell when spikes arrive: give them one delay`,
        );
        return NOTHING;
    }
    declare(generation, connection, rule);
    const post = PlasticSynapses.of(generation, connection, "post") as PlasticSynapses;
    const reaction = post.isEmpty
        ? []
        : [
              isMatrix(connection)
                  ? matrixReaction(generation, connection, post)
                  : sparseReaction(generation, connection, post),
          ];
    const traces = (when: Raising) =>
        rule.model.traces.flatMap((trace) =>
            raisingOf(rule.model, trace) === when ? [raise(generation, connection, rule, trace)] : [],
        );
    const phases = [
        [...reaction, ...traces("beside reactions")],
        continuous(generation, connection, rule, refuse),
        traces("last"),
    ];
    return { early: traces("beside deliveries"), phases: phases.filter((phase) => phase.length > 0) };
}

/** What a rule does once in a period, after the step. */
export function generatePeriodic(
    generation: Generation,
    { connection }: Input,
    refuse: (what: string) => void,
): Draft | null {
    const { rule, name } = connection;
    if (rule === null || rule.model.every === null) return null;
    const isRewiring = rewires(rule.model.reactions.get("every") ?? []);
    if (isRewiring && (isMatrix(connection) || !connection.connectivity.multapses)) {
        const why = { dense: "reaches all", bitmask: "is kept as bits" } as Readonly<Record<string, string>>;
        refuse(
            `\`${rule.name}\` draws other targets, and \`${name}\` ${why[storageOf(connection)] ?? "has no multapses"}`,
        );
        return null;
    }
    const every = PlasticSynapses.of(generation, connection, "every");
    if (every.isEmpty) return null;
    const others: KernelParameter[] = isRewiring
        ? [
              SEED,
              streamOf(generation.stream()),
              { name: "others", type: "i32", binding: { value: "formula", formula: sizeOf(connection.to) } },
              {
                  name: "own",
                  type: "i32",
                  binding: {
                      value: "formula",
                      formula: connection.from === connection.to && !connection.connectivity.autapses ? 1 : 0,
                  },
              },
          ]
        : [];
    return overSynapses(generation, connection, "every", every, others, isRewiring);
}

function shapeOf(connection: Connection): Formula[] {
    return isMatrix(connection)
        ? ["batch", sizeOf(connection.from), sizeOf(connection.to)]
        : ["batch", `synapses:${connection.name}`];
}

function declare(generation: Generation, connection: Connection, rule: RuleUse): void {
    const { name, from, to } = connection;
    generation.declare(rule.name, rule.model, rule.uniform);
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
        const extents: Formula[] =
            event === "pre" || event === "post" ? ["batch", sizeOf(event === "pre" ? from : to)] : ["batch"];
        generation.buffer({ name: `${name}.${trace}`, element: "f32", extents, ...zero });
        const none = { initial: { kind: "ones" }, isState: true } as const;
        generation.buffer({ name: `${name}.${trace}.last`, element: "i32", extents, ...none });
    }
    for (const { name: port } of rule.model.ports) {
        if (rule.modulators.has(port)) continue;
        generation.buffer({ name: `${name}.${port}`, element: "f32", extents: ["batch"], ...zero });
    }
}

/** Spikes that the postsynaptic population has just had. */
function justFound(connection: Connection) {
    return spikeList(connection.to.name, 0);
}

/** A work-item for each presynaptic neuron goes through the spikes. */
function matrixReaction(generation: Generation, connection: Connection, post: PlasticSynapses): Draft {
    const list = justFound(connection);
    const pairs = pairsOf(connection);
    const place = "[r, pre, j]";
    const inner = [
        "let j = spikes[r, slot, k] as index",
        ...where(pairs.condition, [...post.load(place), ...post.react(place, "pre", "j")]),
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
        ...pairs.parameters,
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

/** Derivatives of weights and of synapses' states. */
function continuous(
    generation: Generation,
    connection: Connection,
    rule: RuleUse,
    refuse: (what: string) => void,
): readonly Draft[] {
    const { model } = rule;
    if (model.derivatives.size === 0) return [];
    const changing = new Set(["w", ...[...model.states, ...model.traces, ...model.ports].map(({ name }) => name)]);
    const system: System = {
        derivatives: model.derivatives,
        isUniform: (name) => !changing.has(name),
        held: new Set(),
    };
    const found = plan(system, null);
    if (typeof found === "string") {
        refuse(found);
        return [];
    }
    warnOfStiffness(generation, {
        system,
        plan: found,
        h: "dt",
        atStart: (each) => {
            if (each === "w") return connection.weight;
            if (changing.has(each)) return generation.atStart(`${connection.name}.${each}`) ?? 0;
            return inRule(rule, each);
        },
        nameOf: (state) => `${connection.name}.${state}`,
        dividesIn: null,
        span: rule.span,
    });
    const moment = PlasticSynapses.doing(generation, connection, (printer, codeOf) =>
        printStep({
            system,
            plan: found,
            print: (formula, places) => printer.print(formula, places),
            codeOf,
            heldWhen: null,
            h: "dt",
        }),
    );
    return [overSynapses(generation, connection, "moment", moment, [], false)];
}

/**
 * A work-item for each synapse. Where synapses have lists, and need to know their neurons, a workgroup goes through those of each
 * presynaptic neuron.
 */
function overSynapses(
    generation: Generation,
    connection: Connection,
    word: string,
    synapses: PlasticSynapses,
    others: readonly KernelParameter[],
    isRewiring: boolean,
): Draft {
    const { name } = connection;
    const matrix = isMatrix(connection);
    const pairs = pairsOf(connection);
    const byRows = !matrix && (isRewiring || synapses.usesNeurons);
    const [place, shape] = matrix ? ["[r, pre, j]", "[b, q, n]"] : ["[r, at]", "[b, z]"];
    const inner = [...synapses.load(place), ...synapses.react(place, "pre", "j")];
    const head = ["let r = group_id(0)", ...synapses.loads()];
    const body = matrix
        ? [
              ...head,
              "let pre = group_id(1)",
              `for j in local_id(1) .. n by ${NEURONS} {`,
              ...where(pairs.condition, inner).map((line) => `    ${line}`),
              "}",
          ]
        : byRows
          ? [
                ...head,
                "let pre = group_id(1)",
                "let first = rows[pre] as index",
                "let last = rows[pre + 1] as index",
                `for at in first + local_id(1) .. last by ${GROUP} {`,
                "    let j = targets[at] as index",
                ...inner.map((line) => `    ${line}`),
                "}",
            ]
          : [
                ...head,
                `let at = group_id(1) * ${NEURONS} + local_id(1)`,
                "if at < z {",
                ...inner.map((line) => `    ${line}`),
                "}",
            ];
    const parameters: KernelParameter[] = [
        ...(synapses.usesConstants ? [CONSTANTS] : []),
        ...(synapses.usesStep || isRewiring ? [STEP] : []),
        ...others,
        ...(byRows
            ? [
                  { name: "rows", type: "i32[e]", binding: bound(`${name}.rows`) },
                  { name: "targets", type: `${isRewiring ? "mut " : ""}i32[z]`, binding: bound(`${name}.targets`) },
              ]
            : []),
        { name: "weights_of", type: `mut f32${shape}`, binding: bound(`${name}.weights`) },
        ...(matrix ? pairs.parameters : []),
        ...synapses.parameters(shape),
    ];
    const grid = matrix
        ? { groups: ["b", "q"], workgroup: [1, NEURONS] }
        : byRows
          ? { groups: ["b", "q"], workgroup: [1, GROUP] }
          : overNeurons("z");
    // A dimension of the grid that no view has is passed by the host.
    const isBound = parameters.some(({ type }) => /[[ ]q[\],]/.test(type));
    const q: KernelParameter = { name: "q", type: "", binding: { value: "formula", formula: sizeOf(connection.from) } };
    const all = byRows && !isBound ? [...parameters, q] : parameters;
    return draftOf(generation, connection, word, all, grid, body);
}
