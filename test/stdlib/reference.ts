// What the tests of the mathematical functions measure against: published values, double precision, and the bounds that
// stdlib/math's own documentation states.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../compiler/shell/package-root.js";

export type Format = "f16" | "f32" | "f64";

const SIGNIFICANT_BITS: Readonly<Record<Format, number>> = { f16: 11, f32: 24, f64: 53 };
const SMALLEST_EXPONENT: Readonly<Record<Format, number>> = { f16: -14, f32: -126, f64: -1022 };

/** A value as the sum of two doubles, and where it was taken; `y` is undefined for functions of one argument. */
export interface Reference {
    readonly x: number;
    readonly y: number | undefined;
    readonly high: number;
    readonly low: number;
}

/** The references of math-references.csv (tools/math_references.py) by function. */
export function readReferences(): ReadonlyMap<string, readonly Reference[]> {
    const text = readFileSync(join(packageRoot(), "test/stdlib/math-references.csv"), "utf8");
    const references = new Map<string, Reference[]>();
    for (const line of text.trim().split("\n").slice(1)) {
        const [name = "", x, y, high, low] = line.split(",");
        const known = references.get(name) ?? [];
        references.set(name, known);
        known.push({ x: Number(x), y: y ? Number(y) : undefined, high: Number(high), low: Number(low) });
    }
    return references;
}

/** "At most N ULP" of each function's documentation, by its name there, such as `sin_f32`. */
export function statedBounds(device: string): ReadonlyMap<string, number> {
    const folder = join(packageRoot(), "stdlib/math");
    const text = readdirSync(folder)
        .map((file) => readFileSync(join(folder, file), "utf8"))
        .join("\n");
    // AMD's hardware's own, by its ISA manuals; NVIDIA's exp2 is `ex2.approx` (PTX ISA).
    const bounds = new Map([
        ["exp2_f32", device.startsWith("cuda") ? 3 : 1],
        ["log2_f32", 1],
    ]);
    for (const [, doc = "", name = ""] of text.matchAll(/((?:^\/\/\/.*\n)+)^pub fn (\w+)/gm)) {
        const [, bound] = /At most ([\d.]+) ULP/.exec(doc) ?? [];
        if (bound !== undefined) bounds.set(name, Number(bound));
        else if (/, exactly;/.test(doc)) bounds.set(name, 0);
    }
    return bounds;
}

/** The error of `actual` in units in the last place of the exact value high + low; 0 where both are the same infinity. */
export function ulpError(format: Format, actual: number, high: number, low = 0): number {
    if (Object.is(actual, high)) {
        return Math.abs(low) / ulp(format, high);
    }
    return Number.isNaN(actual) ? Number.POSITIVE_INFINITY : Math.abs(actual - high - low) / ulp(format, high);
}

/** The unit in the last place of `value` (Muller, Elementary Functions, 3rd ed., section 2.2.4), infinities aside. */
function ulp(format: Format, value: number): number {
    const smallest = SMALLEST_EXPONENT[format];
    // log2 can be off by one next to a power of two; the smaller unit is the stricter one.
    let exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), smallest);
    if (exponent > smallest && 2 ** exponent > Math.abs(value)) {
        exponent--;
    }
    return 2 ** Math.max(exponent - SIGNIFICANT_BITS[format] + 1, -1074);
}

/**
 * The error function in double precision, as 2/√π·e^(−x²)·Σ 2ⁿx²ⁿ⁺¹/(2n+1)!! (Abramowitz and Stegun, 7.1.6), whose terms
 * all have one sign; beyond 6 it is 1 to double precision.
 */
export function erf(x: number): number {
    if (!(Math.abs(x) < 6)) {
        return Number.isNaN(x) ? x : Math.sign(x);
    }
    let [sum, term] = [x, x];
    for (let n = 1; Math.abs(term) > Math.abs(sum) * 2 ** -56; n++) {
        term *= (2 * x * x) / (2 * n + 1);
        sum += term;
    }
    return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/**
 * 1 − erf x: from 1 on by the continued fraction e^(−x²)/√π · 1/(x + ½/(x + 1/(x + 3/2/(x + …)))) (Abramowitz and Stegun,
 * 7.1.14), which 400 terms make exact there.
 */
export function erfc(x: number): number {
    if (!(x >= 1)) return 1 - erf(x);
    let fraction = x;
    for (let k = 400; k > 0; k--) fraction = x + k / 2 / fraction;
    return Math.exp(-x * x) / Math.sqrt(Math.PI) / fraction;
}

/** sin(π·(x + n/2)) for x ≥ 0: the multiples of ½ are taken off first, which is exact. */
export function sinOfHalfTurns(x: number, n: number): number {
    if (!Number.isFinite(x)) return Number.NaN;
    const turn = x % 2;
    const quarter = Math.round(2 * turn);
    const angle = Math.PI * (turn - quarter / 2);
    const [sine, cosine] = [Math.sin(angle), Math.cos(angle)];
    const value = [sine, cosine, -sine, -cosine][(quarter + n) % 4] as number;
    return value === 0 ? 0 : value;
}
