// What a matrix kernel would cost with other constants, before it is compiled: an estimate that orders choices, no prediction
// of times. And what a launch on the virtual GPU cost, by its counters.

import type { KernelManifest } from "../../codeobject/manifest.js";
import type { Counters } from "../kernel.js";

/** Multiply-adds of a compute unit a cycle, and elements that it reads from the second cache. */
const MULTIPLY_ADDS = 512;
const ELEMENTS_READ = 32;
/** Cycles until a workgroup computes, and after it has: launch, first loads, last stores. */
const CYCLES_AROUND = 500;
/** Sums that a work-item can hold beside all else without spilling. */
const MOST_SUMS = 128;

/**
 * Cycles of the busiest compute unit: rounds of workgroups, each of which multiplies its tile or waits for its rows and
 * columns, whichever takes longer. Dimensions outside of the domain are summed over.
 */
export function estimatedCycles(
    { tiles, launch }: KernelManifest,
    dims: Readonly<Record<string, number>>,
    computeUnits: number,
): number {
    const domain = tiles?.domain ?? [];
    const groups = domain.reduce((count, { extent, step }) => count * Math.ceil(sizeOf(extent, dims) / step), 1);
    const steps = domain.map(({ step }) => step).filter((step) => step > 1);
    const [columns = 1, rows = 1] = steps.slice(-2).reverse();
    const own = new Set(domain.map(({ extent }) => extent));
    const summed = Object.entries(dims).reduce(
        (depth, [name, size]) => (own.has(name) ? depth : Math.max(depth, size)),
        1,
    );
    const workgroup = launch.workgroup.reduce((all, one) => all * one, 1);
    const spilling = (rows * columns) / workgroup > MOST_SUMS ? 8 : 1;
    const cycles = Math.max((rows * columns) / MULTIPLY_ADDS, (rows + columns) / ELEMENTS_READ);
    return Math.ceil(groups / computeUnits) * (CYCLES_AROUND + summed * cycles * spilling);
}

function sizeOf(extent: unknown, dims: Readonly<Record<string, number>>): number {
    if (typeof extent === "number") return extent;
    return typeof extent === "string" ? (dims[extent] ?? 1) : 1;
}

/**
 * Issue cycles of all waves: one for each instruction but waits and hints, fifteen more for a matrix instruction, and
 * three more for an access of global memory.
 */
export function cyclesOfCounters(counters: Counters): number {
    const { instructions = 0, wait = 0, other = 0, matrix = 0, vectorLoad = 0, vectorStore = 0 } = counters;
    return instructions - wait - other + 15 * matrix + 3 * (vectorLoad + vectorStore);
}

/** The share of a launch's cycles that the busiest of as many compute units does, which take workgroups in turn. */
export function shareOfBusiest(workgroups: number, computeUnits: number): number {
    return workgroups === 0 ? 0 : Math.ceil(workgroups / computeUnits) / workgroups;
}
