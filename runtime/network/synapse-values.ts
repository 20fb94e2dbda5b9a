// A value for each synapse, of a formula over the places of its neurons: weights and delays.

import { compile, draws, type Formula, namesOf, Words } from "../../codeobject/network/formula.js";
import type { Sizes, Structure } from "./structure.js";
import type { Values } from "./values.js";

/** The neurons of the synapse between i and j, in the formulas of its values: of windows the place in the filter, and the channels. */
type PairOf = (i: number, j: number) => readonly [number, number];

/**
 * Draws by the place of the pair, whatever the storage; several synapses of a pair draw one after the other.
 * @param structure null where all reach all
 * @param sizes what `n_pre` and `n_post` are
 */
export function drawValues(
    formula: Formula,
    stream: number,
    seed: bigint,
    values: Values,
    { pre, post }: Sizes,
    structure: Structure | null,
    pairOf: PairOf | null = null,
): Float32Array {
    const out = new Float32Array(structure?.targets.length ?? pre * post);
    const random = draws(formula);
    const place = { i: 0, j: 0 };
    const words = new Words(seed);
    const value = compile(formula, values.lookup(0, { n_pre: pre, n_post: post }), place, words.next);
    const names = namesOf(formula);
    if (!random && !names.has("i") && !names.has("j")) return out.fill(value());
    if (structure === null) {
        for (let i = 0, at = 0; i < pre; i++) {
            place.i = i;
            for (let j = 0; j < post; j++, at++) {
                place.j = j;
                if (random) words.begin(stream, i, j);
                out[at] = value();
            }
        }
        return out;
    }
    const { rows, targets } = structure;
    for (let i = 0; i + 1 < rows.length; i++) {
        place.i = i;
        let [last, copy] = [-1, 0];
        for (let at = rows[i] as number; at < (rows[i + 1] as number); at++) {
            const j = targets[at] as number;
            copy = j === last ? copy + 1 : 0;
            last = j;
            place.j = j;
            if (pairOf !== null) [place.i, place.j] = pairOf(i, j);
            if (random) words.begin(stream + (copy << 20), place.i, place.j);
            out[at] = value();
        }
    }
    return out;
}
