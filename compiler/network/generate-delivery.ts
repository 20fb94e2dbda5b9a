// What spikes bring to their targets: sums of integers, so that their order doesn't matter. Dense connections gather, a
// work-item for each target over the list of spikes; sparse ones scatter, a workgroup for each spike over its synapses.

import type { StorageKind } from "../../codeobject/network/manifest.js";
import { SEGMENT } from "./declare-synapses.js";
import { bound, CONSTANTS, FINDINGS, type Generation, SEED } from "./generation.js";
import { hasPresynapticStates, type Input } from "./inputs.js";
import type { Connection } from "./network.js";
import { PlasticSynapses } from "./plastic-synapses.js";
import { presynaptic } from "./presynaptic.js";
import { spikeProductsOf } from "./propagation.js";
import { type Draft, type KernelParameter, STEP } from "./source.js";
import {
    delaySteps,
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
import { spikeProducts } from "./spike-products.js";
import { Printer } from "./text.js";
import { delayVaries, hasWeights, storageOf } from "./traits.js";

/** Kernels of a connection, by when they run. */
export interface Delivery {
    /** What spikes do to states of presynaptic neurons, before they are delivered. */
    readonly jump: readonly Draft[];
    readonly deliver: readonly Draft[];
    /** What such states do by themselves in a step. */
    readonly evolve: readonly Draft[];
}

export function generateDelivery(generation: Generation, input: Input): Delivery {
    const { connection } = input;
    const deliver = deliveries(generation, connection);
    if (!hasPresynapticStates(connection)) return { jump: [], deliver, evolve: [] };
    const { jump, evolve } = presynaptic(generation, connection);
    return { jump: [jump], deliver, evolve };
}

/** One that always runs, or two of which a network has one. */
function deliveries(generation: Generation, connection: Connection): readonly Draft[] {
    const storage = storageOf(connection);
    const vector = () => DELIVERIES[storage](generation, connection);
    const products = spikeProductsOf(generation, connection);
    const why = connection.storage === null && connection.propagate === null ? "" : ", as the source says";
    const weighted = storage === "bitmask" && hasWeights(connection) ? "a matrix of weights with " : "";
    const how = products?.how ?? PROPAGATION[storage];
    generation.notes.push(`${connection.name}: ${weighted}${STORED[storage]}, ${how}${why}`);
    if (products === null) return [vector()];
    const { when } = products;
    const matrix = spikeProducts(generation, connection, when);
    return when === null ? [matrix] : [matrix, { ...vector(), when: ["!", when] }];
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
    const pairs = pairsOf(connection);
    const list = spikeList(connection.from.name, delaySteps(generation, connection));
    const instances = connection.rule === null ? "0" : "r";
    const plastic = connection.rule && PlasticSynapses.of(generation, connection, "pre");
    const weights = `weights_of[${instances}, pre, j]`;
    const { parameters, before, code, checks, printer } = amount(generation, connection, plastic ? "w" : weights);
    const inner = [
        "let pre = spikes[r, slot, k] as index",
        ...where(pairs.condition, [
            ...(plastic ? plastic.load(`[${instances}, pre, j]`) : []),
            ...before,
            ...checks,
            `sum += ${code}`,
            ...(plastic ? plastic.react(`[${instances}, pre, j]`, "pre", "j") : []),
        ]),
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
        ...pairs.parameters,
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

/** For `soma inspect`. */
const STORED: Readonly<Record<StorageKind, string>> = {
    dense: "all pairs",
    bitmask: "a bit for each pair",
    sparse: "lists of synapses",
    procedural: "drawn anew for each spike",
};
const PROPAGATION: Readonly<Record<StorageKind, string>> = {
    dense: "gathered by each target",
    bitmask: "gathered by each target",
    sparse: "spread by each spike",
    procedural: "and not kept",
};
