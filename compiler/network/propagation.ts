// How dense sums are computed: by work-items, each of a neuron, or as matrix products of tiles, on the matrix cores where they multiply the
// operands' type. Without a word of the source the compiler chooses by cost, of what keeps the bound of a sum in f32: see spec/decisions/0052.

import { draws, type Formula, namesOf } from "../../codeobject/network/formula.js";
import { badValue, wrongArgument } from "../diagnostics/catalogue/networks.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import { targetsThat } from "../targets/having.js";
import { matrixInstruction } from "../targets/matrix.js";
import type { Target } from "../targets/targets.js";
import { type Generation, sizeOf } from "./generation.js";
import { hasPresynapticStates } from "./inputs.js";
import type { Connection, Layer, Network } from "./network.js";
import type { NetworkScope } from "./network-scope.js";
import { BLOCK } from "./spike-products.js";
import { isRated } from "./stimuli.js";
import { hasWeights, storageOf } from "./traits.js";

/** The types that operands of a product can have: f32 as they are, others rounded. */
const OPERANDS = ["f32", "f16", "bf16"] as const;
export type Operand = (typeof OPERANDS)[number];

/** What a connection says: work-items, or the matrix cores, with operands of a type or of that which needs no rounding. */
export type Propagation = { readonly kind: "vector" } | { readonly kind: "matrix"; readonly operand: Operand | null };

/** Fewer rows than this leave most of a matrix instruction without work. */
const LEAST_ROWS = 16;

/** `propagate: vector`, `matrix` or `matrix(bf16)`; undefined where a mistake was reported. */
export function propagationOf(scope: NetworkScope, arg: ast.Argument | undefined): Propagation | null | undefined {
    if (arg === undefined) return null;
    const { value } = arg;
    if (value.kind === "name" && value.text === "vector") return { kind: "vector" };
    if (value.kind === "name" && value.text === "matrix") return { kind: "matrix", operand: null };
    if (value.kind === "call" && value.callee.kind === "name" && value.callee.text === "matrix") {
        const [type, more] = value.args.map((each) => each.value);
        const operand = OPERANDS.find((each) => type?.kind === "name" && each === type.text);
        if (operand !== undefined && more === undefined) return { kind: "matrix", operand };
    }
    const help = `\`matrix\` multiplies ${OPERANDS.join(", ")}, and without a type f32`;
    scope.report(
        diagnose(wrongArgument, value.span, { what: "`propagate` is `vector`, `matrix` or `matrix(type)`", help }),
    );
    return undefined;
}

/** The instruction that multiplies such operands, in the wave that a kernel of tiles has; null where none does. */
function instructionOf(target: Target, operand: Operand | typeof SPIKE): string | null {
    return matrixInstruction(target, operand, operand, target.waveSize)?.name ?? null;
}

/** Why the target can't do what a connection says, and what to write instead; null where it can. */
function targetProblem(target: Target, { name, propagate }: Connection) {
    if (propagate?.kind !== "matrix") return null;
    const operand = propagate.operand ?? "f32";
    if (instructionOf(target, operand) !== null) return null;
    const others = OPERANDS.filter((each) => instructionOf(target, each) !== null).map((each) => `\`matrix(${each})\``);
    const having = targetsThat((each) => instructionOf(each, operand) !== null);
    return {
        what: `\`${name}\` is to be a product of ${operand}, which ${target.name} has no matrix cores for`,
        help: `${having} do; write ${[...others, "`vector`"].join(" or ")}, or leave it to the compiler`,
    };
}

/** What of a layer's sums is on tiles. */
export interface TileSums {
    /** By connection, in the layer's order. */
    readonly operands: readonly Operand[];
    /** Whether instructions of the matrix cores multiply all of them. */
    readonly onMatrixCores: boolean;
    /** When they are; else work-items sum. Null is always. */
    readonly when: Formula | null;
}

/**
 * How a layer sums what connects to it, which is noted for `soma inspect`; null where work-items do. What the source says and can't be is
 * reported.
 */
export function tileSumsOf(generation: Generation, layer: Layer, incoming: readonly Connection[]): TileSums | null {
    const { network, target } = generation;
    const note = (how: string) => generation.notes.push(`${layer.name}: sums ${how}`);
    const told = incoming.find(({ propagate }) => propagate?.kind === "matrix");
    const obstacle = incoming.flatMap((each) => {
        const why = obstacleOf(each);
        return why === null ? [] : [{ connection: each, why }];
    })[0];
    if (told !== undefined && obstacle !== undefined) {
        const { connection, why } = obstacle;
        const what =
            connection === told
                ? `\`${told.name}\` ${why}, which is no matrix product`
                : `\`${told.name}\` is summed together with \`${connection.name}\`, which ${why} and is no matrix product`;
        generation.report(diagnose(badValue, told.span, { what, help: "leave `propagate` to the compiler" }));
        return null;
    }
    const problems = incoming.map((each) => ({ span: each.span, problem: targetProblem(target, each) }));
    for (const { span, problem } of problems) {
        if (problem !== null) generation.report(diagnose(badValue, span, problem));
    }
    if (incoming.length === 0 || obstacle !== undefined) return null;
    const operands = incoming.map(({ propagate }) =>
        propagate?.kind === "matrix" ? (propagate.operand ?? "f32") : "f32",
    );
    const instructions = operands.map((each) => instructionOf(target, each));
    const onMatrixCores = !instructions.includes(null);
    const by = [...new Set(instructions.map((each) => each ?? "fused multiply-adds"))].join(", ");
    const how = onMatrixCores
        ? `on the matrix cores (${by})`
        : `on tiles (${by}), as ${target.name} has no matrix cores that multiply f32`;
    if (told !== undefined) {
        note(`${how}, as the source says`);
        return { operands, onMatrixCores, when: null };
    }
    if (onMatrixCores && leadsToSpikes(network, layer)) {
        note("by work-items in the order of the neurons, as spikes depend on them, which are the same on every device");
        return null;
    }
    const rows = incoming.map(({ from }) => sizeOf(from));
    const known = incoming.map(({ from }) => generation.known(from.size));
    if (known.some((size) => size !== undefined && size < LEAST_ROWS)) return null;
    const enough = ["samples", ...rows].map((size): Formula => [">=", size, LEAST_ROWS]);
    note(`of ${LEAST_ROWS} samples and more ${how}; of fewer by work-items`);
    return { operands, onMatrixCores, when: enough.reduce((all, each) => ["&&", all, each]) };
}

/** The type in which spikes are multiplied. */
const SPIKE = "i8";

/** Instances of a block in which a presynaptic neuron fires at once, from which on products cost less than lists: see decision 52. */
const LEAST_INSTANCES = 4;

export interface SpikeProducts {
    /** Null is always. */
    readonly when: Formula | null;
    /** For `soma inspect`. */
    readonly how: string;
}

/** How the spikes of a connection are products of matrices; null where they never are. What the source says and can't be is reported. */
export function spikeProductsOf(generation: Generation, connection: Connection): SpikeProducts | null {
    const { propagate, span } = connection;
    const { target } = generation;
    if (propagate?.kind === "vector") return null;
    const instruction = instructionOf(target, SPIKE);
    const problem = spikeProblem(connection);
    const how = `products on the matrix cores (${instruction})`;
    if (propagate !== null) {
        const wrong = problem ?? (instruction === null ? noIntegers(target, connection) : null);
        if (wrong === null) return { when: null, how };
        generation.report(diagnose(badValue, span, wrong));
        return null;
    }
    const part = partOfSpikes(connection.from);
    const known = part === null ? undefined : generation.known(part);
    if (instruction === null || problem !== null || part === null || known === undefined) return null;
    if (known * BLOCK.instances < LEAST_INSTANCES) return null;
    return {
        when: [">=", ["*", part, ["min", "batch", BLOCK.instances]], LEAST_INSTANCES],
        how: `${how} where a neuron fires in ${LEAST_INSTANCES} of ${BLOCK.instances} instances at once, else gathered by each target`,
    };
}

const LEAVE = "leave `propagate` to the compiler";

/** Why the spikes of a connection are no product of a matrix of instances with one of weights that they share; null where they are. */
function spikeProblem(connection: Connection): { readonly what: string; readonly help: string } | null {
    const { name, rule, propagate } = connection;
    const problem = (what: string, help = LEAVE) => ({ what: `\`${name}\` ${what}`, help });
    if (propagate?.kind === "matrix" && propagate.operand !== null)
        return problem("propagates spikes, whose products are of integers", "write `propagate: matrix`");
    if (rule !== null) return problem("learns: its instances share no weights, which would make a matrix product");
    if (storageOf(connection) !== "dense") return problem("is not dense, and so no matrix product");
    if (!hasWeights(connection)) return problem("has one weight for all synapses, which is no matrix product");
    if (!hasPresynapticStates(connection)) return null;
    return problem("has spikes whose effect is the presynaptic neuron's own, which is no matrix product");
}

function noIntegers(target: Target, { name }: Connection) {
    const having = targetsThat((each) => instructionOf(each, SPIKE) !== null);
    return {
        what: `\`${name}\` is to be a product of integers, and ${target.name} has no matrix cores that multiply them`,
        help: `${having} do; ${LEAVE}`,
    };
}

/** The part of a stimulus's neurons that fire in a step, where one rate says it; null where nobody knows before. */
function partOfSpikes(from: Connection["from"]): Formula | null {
    const rate = from.kind === "population" && isRated(from.model) ? from.elements.get("rate") : undefined;
    if (rate === undefined || draws(rate) || namesOf(rate).has("i")) return null;
    return ["min", 1, ["*", rate, "dt"]];
}

/** Why a connection to a layer is no product of a matrix of samples with one of weights, in words; null where it is. */
function obstacleOf({ from, connectivity, propagate }: Connection): string | null {
    if (propagate?.kind === "vector") return "is left to work-items";
    if (connectivity.window !== null) return "has a window";
    return from.kind === "population" ? "counts spikes" : null;
}

/** Whether a layer's activity reaches a population. */
function leadsToSpikes({ connections }: Network, layer: Layer): boolean {
    const reached = new Set<Connection["to"]>([layer]);
    for (const part of reached) {
        for (const { from, to } of connections) if (from === part) reached.add(to);
    }
    return [...reached].some(({ kind }) => kind === "population");
}
