// IEEE 754 arithmetic by exact integers, from the standard's definition: a finite number is m · 2^e, the exact result of an
// operation is one too (or is cut to a few more bits than any format has, with a last bit that says whether anything was
// lost), and is rounded once.

import type { Rounding } from "./lab.js";

export interface Format {
    readonly exponentBits: number;
    readonly fractionBits: number;
}
export const HALF: Format = { exponentBits: 5, fractionBits: 10 };
export const BFLOAT: Format = { exponentBits: 8, fractionBits: 7 };
export const SINGLE: Format = { exponentBits: 8, fractionBits: 23 };
export const DOUBLE: Format = { exponentBits: 11, fractionBits: 52 };

export type Value =
    | { readonly kind: "nan" }
    | { readonly kind: "infinite"; readonly negative: boolean }
    /** ±m · 2^e; a zero has m = 0 and a sign. */
    | { readonly kind: "finite"; readonly negative: boolean; readonly m: bigint; readonly e: number };

const NAN: Value = { kind: "nan" };
const finite = (negative: boolean, m: bigint, e: number): Value => ({ kind: "finite", negative, m, e });

export const width = ({ exponentBits, fractionBits }: Format): number => 1 + exponentBits + fractionBits;
const bias = ({ exponentBits }: Format): number => 2 ** (exponentBits - 1) - 1;

export function decode(format: Format, bits: bigint): Value {
    const { exponentBits, fractionBits } = format;
    const negative = ((bits >> BigInt(exponentBits + fractionBits)) & 1n) === 1n;
    const field = Number((bits >> BigInt(fractionBits)) & ((1n << BigInt(exponentBits)) - 1n));
    const fraction = bits & ((1n << BigInt(fractionBits)) - 1n);
    if (field === 2 ** exponentBits - 1) return fraction === 0n ? { kind: "infinite", negative } : NAN;
    const least = 1 - bias(format) - fractionBits;
    return field === 0
        ? finite(negative, fraction, least)
        : finite(negative, fraction | (1n << BigInt(fractionBits)), least + field - 1);
}

function lengthOf(m: bigint): number {
    return m === 0n ? 0 : m.toString(2).length;
}

/** The bits of a value in a format; `saturates` keeps finite numbers finite. */
export function encode(format: Format, value: Value, rounding: Rounding = "nearest", saturates = false): bigint {
    const { exponentBits, fractionBits } = format;
    const infinity = ((1n << BigInt(exponentBits)) - 1n) << BigInt(fractionBits);
    const top = BigInt(exponentBits + fractionBits);
    if (value.kind === "nan") return infinity | (1n << BigInt(fractionBits - 1));
    const sign = value.negative ? 1n << top : 0n;
    if (value.kind === "infinite") return sign | infinity;
    if (value.m === 0n) return sign;
    const least = 1 - bias(format) - fractionBits;
    // The last place that counts.
    const place = Math.max(value.e + lengthOf(value.m) - 1 - fractionBits, least);
    const shift = place - value.e;
    let kept = shift <= 0 ? value.m << BigInt(-shift) : value.m >> BigInt(shift);
    const lost = shift <= 0 ? 0n : value.m & ((1n << BigInt(shift)) - 1n);
    const half = shift <= 0 ? 1n : 1n << BigInt(shift - 1);
    const away =
        rounding === "nearest"
            ? lost > half || (lost === half && (kept & 1n) === 1n)
            : lost > 0n && (rounding === "up" ? !value.negative : rounding === "down" ? value.negative : false);
    if (away) kept += 1n;
    const code = kept < 1n << BigInt(fractionBits) ? kept : kept + (BigInt(place - least) << BigInt(fractionBits));
    if (code < infinity) return sign | code;
    const toInfinity =
        rounding === "nearest" || (rounding === "up" ? !value.negative : rounding === "down" && value.negative);
    return sign | (toInfinity && !saturates ? infinity : infinity - 1n);
}

export const isNan = (format: Format, bits: bigint): boolean => decode(format, bits).kind === "nan";

export function negate(value: Value): Value {
    return value.kind === "nan" ? value : { ...value, negative: !value.negative };
}

export function multiply(a: Value, b: Value): Value {
    if (a.kind === "nan" || b.kind === "nan") return NAN;
    const negative = a.negative !== b.negative;
    if (a.kind === "infinite" || b.kind === "infinite") {
        const zero = (a.kind === "finite" && a.m === 0n) || (b.kind === "finite" && b.m === 0n);
        return zero ? NAN : { kind: "infinite", negative };
    }
    return finite(negative, a.m * b.m, a.e + b.e);
}

/** An exact zero of operands of different signs is -0 when rounding down, else +0. */
export function add(a: Value, b: Value, rounding: Rounding = "nearest"): Value {
    if (a.kind === "nan" || b.kind === "nan") return NAN;
    if (a.kind === "infinite") return b.kind === "infinite" && a.negative !== b.negative ? NAN : a;
    if (b.kind === "infinite") return b;
    const e = Math.min(a.e, b.e);
    const signed = (v: typeof a) => (v.negative ? -v.m : v.m) << BigInt(v.e - e);
    const sum = signed(a) + signed(b);
    if (sum !== 0n) return finite(sum < 0n, sum < 0n ? -sum : sum, e);
    const negative = a.negative === b.negative ? a.negative : rounding === "down";
    return finite(negative, 0n, e);
}

/** Bits that a quotient or root is computed to, and one that says whether there are more. */
const ENOUGH = 140;

export function divide(a: Value, b: Value): Value {
    if (a.kind === "nan" || b.kind === "nan") return NAN;
    const negative = a.negative !== b.negative;
    if (a.kind === "infinite") return b.kind === "infinite" ? NAN : { kind: "infinite", negative };
    if (b.kind === "infinite") return finite(negative, 0n, 0);
    if (b.m === 0n) return a.m === 0n ? NAN : { kind: "infinite", negative };
    const numerator = a.m << BigInt(ENOUGH);
    const sticky = numerator % b.m === 0n ? 0n : 1n;
    return finite(negative, ((numerator / b.m) << 1n) | sticky, a.e - b.e - ENOUGH - 1);
}

export function squareRoot(a: Value): Value {
    if (a.kind === "nan" || (a.negative && !(a.kind === "finite" && a.m === 0n))) return NAN;
    if (a.kind === "infinite" || a.m === 0n) return a;
    const odd = Math.abs(a.e % 2);
    const radicand = a.m << BigInt(2 * ENOUGH + odd);
    let root = 1n << BigInt(Math.ceil(lengthOf(radicand) / 2));
    for (;;) {
        const next = (root + radicand / root) >> 1n;
        if (next >= root) break;
        root = next;
    }
    const sticky = root * root === radicand ? 0n : 1n;
    return finite(false, (root << 1n) | sticky, (a.e - odd) / 2 - ENOUGH - 1);
}

/** A denormal operand or result becomes a zero of its sign. */
export function flush(format: Format, bits: bigint): bigint {
    const { exponentBits, fractionBits } = format;
    const field = (bits >> BigInt(fractionBits)) & ((1n << BigInt(exponentBits)) - 1n);
    return field === 0n ? bits & (1n << BigInt(exponentBits + fractionBits)) : bits;
}

export function integer(value: bigint): Value {
    return finite(value < 0n, value < 0n ? -value : value, 0);
}
