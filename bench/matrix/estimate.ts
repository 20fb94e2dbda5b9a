// An estimate of the share of peak that a kernel could reach, of the matrix cores or, without products, of global memory: what
// its instructions take of a compute unit's parts, by issue rates alone. Nothing is timed, and latency and caches are left out,
// so it is an upper bound.
// Sources: AMD's data sheets of MI210, MI300X and MI355X and the product pages of RX 7900 XTX and RX 9070 XT (peak rate /
// (compute units × clock)); RDNA3, RDNA4 and MI300 ISA: on RDNA WMMA goes through the vector units, on CDNA MFMA beside them.

import type { MatrixInstruction } from "../../compiler/targets/matrix.js";
import type { Target } from "../../compiler/targets/targets.js";
import type { Counted } from "./count.js";

interface Rates {
    /** Operations of the matrix cores of a compute unit in a cycle, for operands of 16 bits and of 8. */
    readonly matrix: readonly [of16: number, of8: number];
    /** Vector instructions of a wave that a compute unit issues in a cycle. */
    readonly vector: number;
    readonly isShared: boolean;
}

const RATES: Readonly<Record<string, Rates>> = {
    cdna2: { matrix: [1024, 1024], vector: 1, isShared: false },
    cdna3: { matrix: [2048, 4096], vector: 1, isShared: false },
    cdna4: { matrix: [4096, 8192], vector: 1, isShared: false },
    rdna3: { matrix: [512, 512], vector: 2, isShared: true },
    rdna4: { matrix: [1024, 2048], vector: 2, isShared: true },
};

/** Cycles of the vector units for an exponential or a root, in those of other instructions. */
const TRANSCENDENTAL = 4;

/**
 * The share of the matrix cores' peak; null for a target whose rates are not known. `useful` is the share of the matrix
 * instructions that the shape needs at least, if all were `instruction`: one of a smaller k takes the cores as long (CDNA4: 16 of
 * f16 as long as 32) and does less.
 */
export function shareOfMatrixPeak(
    target: Target,
    instruction: MatrixInstruction,
    counted: Counted,
    useful: number,
): number | null {
    const rates = RATES[target.family];
    if (!rates || counted.matrix === 0) return null;
    const { m, n, k, a } = instruction;
    const rate = rates.matrix[a.includes("8") ? 1 : 0];
    const matrix = (counted.matrix * 2 * m * n * k) / rate;
    const vector = vectorCycles(rates, counted);
    const busiest = rates.isShared ? matrix + vector : Math.max(matrix, vector);
    return (useful * matrix) / Math.max(busiest, counted.ldsCycles);
}

/** The same of the peak of global memory, for kernels that mostly move data: all bytes are taken to come from there. */
export function shareOfMemoryPeak(target: Target, counted: Counted): number | null {
    const rates = RATES[target.family];
    if (!rates) return null;
    // A board's cycles in a second, of all compute units together.
    const cycles = counted.peak.matrixOperations / rates.matrix[0];
    const memory = (counted.asked / counted.peak.bytes) * cycles;
    return memory / Math.max(memory, vectorCycles(rates, counted), counted.ldsCycles);
}

function vectorCycles({ vector }: Rates, { valu, transcendental }: Counted): number {
    return (valu + TRANSCENDENTAL * transcendental) / vector;
}
