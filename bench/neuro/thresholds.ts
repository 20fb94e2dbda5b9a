// What thresholds that adapt buy where digits are learnt without labels: accuracy on digits that were held out against the number that was learnt from,
// with thresholds that spikes raise (P. U. Diehl, M. Cook, 2015), fixed where those begin, and fixed 2 mV higher.

import type { Gpu } from "soma-lang/runtime";
import { run } from "../../samples/neuromorphic/stdp-digits.js";

export const LEARNT = [50, 200];

/** By how much all thresholds are raised at first, in mV, and whether spikes raise them. */
export const THRESHOLDS = {
    "adaptive, from −52 mV on": { theta: 0, adapts: true },
    "fixed, −52 mV": { theta: 0, adapts: false },
    "fixed, −50 mV": { theta: 2, adapts: false },
} as const;

/** Accuracies of a run with a seed, by the number of digits learnt. */
export async function accuracies(gpu: Gpu, thresholds: (typeof THRESHOLDS)[keyof typeof THRESHOLDS], seed: number) {
    const found: number[] = [];
    for (const learn of LEARNT) {
        const sizes = { neurons: 50, learn, label: 200, validate: 20, test: 200 };
        found.push((await run(gpu, { ...sizes, ...thresholds, seed })).accuracy);
    }
    return found;
}
