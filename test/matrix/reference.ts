// What matrix kernels are held against: products in double precision of the very values that were given, and how far a
// sum in single precision may be from them.

import { DEVICE, testGpu } from "../run/harness.js";

/** The targets whose matrix instructions are used, and one that has none. */
const TARGETS = ["gfx1100", "gfx1201", "gfx90a", "gfx942", "gfx950", "gfx1030"] as const;

/** The virtual devices of these targets; with SOMA_DEVICE=cuda that GPU. */
export const MATRIX_DEVICES: readonly { readonly target: string; readonly device: string }[] = DEVICE.startsWith("cuda")
    ? [{ target: (await testGpu()).target, device: DEVICE }]
    : TARGETS.map((target) => ({ target, device: `vgpu:${target}` }));

/** Multiplicative congruential numbers in -1 … 1 (Lehmer 1951, with 16807 and 2^31 - 1). */
export function random(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state * 16807) % 2147483647;
        return (state / 2147483647) * 2 - 1;
    };
}

/** Random multiples of a power of two, which formats of so many significant bits hold exactly. */
export function exactly(count: number, seed: number, bits: number, scale = 1): Float64Array {
    const next = random(seed);
    return Float64Array.from({ length: count }, () => (Math.round(next() * 2 ** bits) / 2 ** bits) * scale);
}

export interface Product {
    readonly value: number;
    /** The sum of the products' magnitudes, which errors are in proportion to. */
    readonly magnitude: number;
}

/** Element (i, j) of a·b. */
export function productAt(
    a: ArrayLike<number>,
    b: ArrayLike<number>,
    [i, j]: readonly [number, number],
    [k, n]: readonly [number, number],
): Product {
    let value = 0;
    let magnitude = 0;
    for (let p = 0; p < k; p++) {
        const term = (a[i * k + p] ?? 0) * (b[p * n + j] ?? 0);
        value += term;
        magnitude += Math.abs(term);
    }
    return { value, magnitude };
}

/**
 * Of k products, exact in f32, summed in any order: k - 1 additions, each wrong by a unit in the last place at most where
 * hardware truncates (2^-23 of what is summed), and as many where it adds four or eight at once to fewer bits.
 */
export function sumBound(k: number, magnitude: number): number {
    return k * 2 ** -22 * magnitude;
}

/** Rounding to a format of so many significant bits. */
export function roundingBound(value: number, bits: number, least: number): number {
    return Math.max(Math.abs(value) * 2 ** -bits, least);
}
