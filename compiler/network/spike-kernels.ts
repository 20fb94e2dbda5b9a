// What kernels that go through spikes or neurons have in common: where they find the spikes that arrive, and their grids.

import type { Formula } from "../../codeobject/network/formula.js";
import { bound, type Generation } from "./generation.js";
import type { Connection } from "./network.js";
import type { Draft, KernelParameter } from "./source.js";
import { storageOf } from "./traits.js";

/** Work-items of a workgroup that goes through a list, and of one over neurons. */
export const GROUP = 64;
export const NEURONS = 256;

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

/** Kernels over lists take the number of workgroups as a dimension of their own. */
export function withGroups(parameters: readonly KernelParameter[]): KernelParameter[] {
    return [...parameters, { name: "g", type: "", binding: { value: "formula", formula: "groups" } }];
}

/** Which pairs of neurons of a matrix have a synapse: as code over `pre` and `j`, null where all have. */
export function pairsOf(connection: Connection): {
    readonly condition: string | null;
    readonly parameters: readonly KernelParameter[];
} {
    const { name, from, to, connectivity } = connection;
    if (storageOf(connection) === "bitmask")
        return {
            condition: "(mask[pre, j / 32] >> (j % 32) as u32) & 1 == 1",
            parameters: [{ name: "mask", type: "u32[q, words]", binding: bound(`${name}.mask`) }],
        };
    return { condition: from === to && !connectivity.autapses ? "pre != j" : null, parameters: [] };
}

/** Statements for the pairs that have a synapse. */
export function where(condition: string | null, lines: readonly string[]): readonly string[] {
    return condition === null ? lines : [`if ${condition} {`, ...lines.map((line) => `    ${line}`), "}"];
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
