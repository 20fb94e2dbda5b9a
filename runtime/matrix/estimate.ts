// What a matrix kernel would cost with other constants or with its work shared out otherwise, before it is compiled: an estimate that
// orders choices, no prediction of times. And what a launch on the virtual GPU cost, by its counters.

import type { KernelManifest } from "../../codeobject/manifest.js";
import type { Counters } from "../kernel.js";

/** Multiply-adds of a compute unit a cycle, and elements of 16 bits that it reads from the second cache. */
const MULTIPLY_ADDS = 512;
const ELEMENTS_READ = 32;
/** Cycles until a workgroup computes, and after it has: launch, first loads, last stores. */
const CYCLES_AROUND = 500;
/** Cycles from the end of a kernel to the start of the one that waits for it: about two microseconds. */
const CYCLES_BETWEEN = 4000;
/** Sums that a workgroup adds parts of. */
const ADDED = 1024;
/** Sums that a work-item can hold beside all else without spilling. */
const MOST_SUMS = 128;

/** Rows, columns and terms: of a product, or of what a workgroup multiplies at once. */
export type Extents = readonly [m: number, n: number, k: number];

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
    return cyclesOfBlocks(groups, [rows, columns, summed * spilling], computeUnits);
}

/** Of so many blocks, each done by a workgroup. */
export function cyclesOfBlocks(groups: number, [rows, columns, terms]: Extents, computeUnits: number): number {
    return Math.ceil(groups / computeUnits) * (CYCLES_AROUND + terms * cyclesOfTerm(rows, columns));
}

/** Of so many blocks, each done in so many parts, which are added up (split-K). */
export function cyclesOfParts(
    blocks: number,
    [rows, columns, terms]: Extents,
    parts: number,
    computeUnits: number,
): number {
    const multiplied = cyclesOfBlocks(blocks * parts, [rows, columns, terms / parts], computeUnits);
    const sums = blocks * rows * columns;
    const added = (parts * cyclesOfSums(sums)) / Math.min(Math.ceil(sums / ADDED), computeUnits);
    return multiplied + CYCLES_BETWEEN + CYCLES_AROUND + added;
}

/** Of a product whose rounds so many workgroups share evenly, and the blocks between them added up (stream-K). */
export function cyclesOfShares(size: Extents, block: Extents, workgroups: number, computeUnits: number): number {
    const [rows, columns, terms] = block;
    const { blocks, rounds } = roundsOf(size, block);
    const each = Math.ceil(workgroups / computeUnits);
    const share = Math.ceil((blocks * rounds) / workgroups);
    const part = cyclesOfSums(rows * columns);
    const around = (Math.ceil(blocks / workgroups) + 1) * CYCLES_AROUND;
    const multiplied = share * terms * cyclesOfTerm(rows, columns) + around + 2 * part;
    const added = CYCLES_AROUND + (Math.ceil(rounds / share) + 1) * part;
    return each * (multiplied + added) + CYCLES_BETWEEN;
}

/** Whether equal shares are estimated to cost so much less than others that it will be more than what estimates leave out. */
export function isWorth(shares: number, others: number): boolean {
    return shares < 0.9 * others;
}

/** Blocks of a product, and rounds of each. */
export function roundsOf([m, n, k]: Extents, [rows, columns, terms]: Extents): { blocks: number; rounds: number } {
    return {
        blocks: Math.ceil(m / rows) * Math.ceil(n / columns),
        rounds: Math.max(1, Math.ceil(k / terms)),
    };
}

/** Of a compute unit for one row and column of operands. */
function cyclesOfTerm(rows: number, columns: number): number {
    return Math.max((rows * columns) / MULTIPLY_ADDS, (rows + columns) / ELEMENTS_READ);
}

/** To write or read so many sums of f32. */
function cyclesOfSums(count: number): number {
    return (2 * count) / ELEMENTS_READ;
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
