// What scalar operations compute, on constants. Integers are bigints in the range of their type; floats are numbers
// rounded to it. For +, -, *, / and square root a double rounded once more to f32 or f16 is the correctly rounded
// result, because 53 >= 2p + 2 bits (S. A. Figueroa, "When is double rounding innocuous?", SIGNUM 1995).

import { bitsOfFloat, floatOfBits } from "./bits.js";
import type { ConstantValue } from "./module.js";
import type { Fold } from "./ops/define.js";
import { fusedMultiplyAdd, roundExact, scaleByPower } from "./rounding.js";
import { bitsOf, type IrScalar, isFloat, isInteger, isSigned } from "./types.js";

/** A bigint brought into the range of an integer type. */
export function wrap(value: bigint, type: IrScalar): bigint {
    return isSigned(type) ? BigInt.asIntN(bitsOf(type), value) : BigInt.asUintN(bitsOf(type), value);
}

/** A double rounded to a float type, to nearest even. */
export function roundTo(value: number, type: IrScalar): number {
    if (type === "f64") return value;
    return type === "f32" ? Math.fround(value) : roundToF16(value);
}

/** f16 has 11 bits of precision down to an exponent of -14, below which its numbers are multiples of 2^-24. */
function roundToF16(value: number): number {
    const magnitude = Math.abs(value);
    if (!(magnitude > 0) || magnitude === Infinity) return value;
    const exponent = Math.max(-14, Math.floor(Math.log2(magnitude)));
    const unit = 2 ** (exponent - 10);
    const rounded = roundHalfEven(magnitude / unit) * unit;
    const result = rounded > 65504 ? Infinity : rounded;
    return value < 0 ? -result : result;
}

function roundHalfEven(value: number): number {
    if (Math.abs(value) >= 2 ** 52 || !Number.isFinite(value)) return value;
    const below = Math.floor(value);
    const up = value - below > 0.5 || (value - below === 0.5 && below % 2 !== 0);
    const result = up ? below + 1 : below;
    return result === 0 && (value < 0 || Object.is(value, -0)) ? -0 : result;
}

function bothWays(int: (a: bigint, b: bigint) => bigint, float: ((a: number, b: number) => number) | null): Fold {
    return ([a, b], result) => {
        if (typeof a === "bigint" && typeof b === "bigint") return wrap(int(a, b), result);
        if (float && typeof a === "number" && typeof b === "number") return roundTo(float(a, b), result);
        return null;
    };
}

const integer =
    (compute: (a: bigint, type: IrScalar) => bigint): Fold =>
    ([a], result) =>
        typeof a === "bigint" ? wrap(compute(a, result), result) : null;

const float =
    (compute: (a: number) => number): Fold =>
    ([a], result) =>
        typeof a === "number" ? roundTo(compute(a), result) : null;

const predicate =
    (compute: (a: number) => boolean): Fold =>
    ([a]) =>
        typeof a === "number" ? compute(a) : null;

const comparison =
    (holds: (a: ConstantValue, b: ConstantValue) => boolean): Fold =>
    ([a, b]) =>
        a === undefined || b === undefined ? null : holds(a, b);

const bits =
    (int: (a: bigint, b: bigint) => bigint, bool: (a: boolean, b: boolean) => boolean): Fold =>
    ([a, b], result) => {
        if (typeof a === "bigint" && typeof b === "bigint") return wrap(int(a, b), result);
        return typeof a === "boolean" && typeof b === "boolean" ? bool(a, b) : null;
    };

const shift =
    (compute: (a: bigint, count: bigint) => bigint): Fold =>
    ([a, b], result) =>
        typeof a === "bigint" && typeof b === "bigint"
            ? wrap(compute(a, BigInt.asUintN(64, b) % BigInt(bitsOf(result))), result)
            : null;

const unsigned = (a: bigint, type: IrScalar) => BigInt.asUintN(bitsOf(type), a);
const digits = (a: bigint, type: IrScalar) => unsigned(a, type).toString(2).padStart(bitsOf(type), "0");
// Math.min and Math.max take no bigints.
const lesser = (a: bigint, b: bigint) => [a, b].reduce((least, next) => (next < least ? next : least));
const greater = (a: bigint, b: bigint) => [a, b].reduce((most, next) => (next > most ? next : most));
const divisor = (b: bigint) => (b === 0n ? 1n : b);

export const add = bothWays(
    (a, b) => a + b,
    (a, b) => a + b,
);
export const sub = bothWays(
    (a, b) => a - b,
    (a, b) => a - b,
);
export const mul = bothWays(
    (a, b) => a * b,
    (a, b) => a * b,
);
export const div = bothWays(
    (a, b) => a / divisor(b),
    (a, b) => a / b,
);
export const rem = bothWays((a, b) => a % divisor(b), null);
export const neg: Fold = (operands, result, type) =>
    (isFloat(type) ? float((a) => -a) : integer((a) => -a))(operands, result, type);
export const abs: Fold = (operands, result, type) =>
    (isFloat(type) ? float(Math.abs) : integer((a) => (a < 0n ? -a : a)))(operands, result, type);
export const min = bothWays(lesser, (a, b) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b)));
export const max = bothWays(greater, (a, b) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b)));

export const sqrt = float(Math.sqrt);
export const floor = float(Math.floor);
export const ceil = float(Math.ceil);
export const trunc = float(Math.trunc);
export const round = float(roundHalfEven);
export const isNan = predicate(Number.isNaN);
export const isInfinite = predicate((a) => Math.abs(a) === Infinity);

export const and = bits(
    (a, b) => a & b,
    (a, b) => a && b,
);
export const or = bits(
    (a, b) => a | b,
    (a, b) => a || b,
);
export const xor = bits(
    (a, b) => a ^ b,
    (a, b) => a !== b,
);
export const not: Fold = ([a], result) =>
    typeof a === "boolean" ? !a : typeof a === "bigint" ? wrap(~a, result) : null;
export const shl = shift((a, count) => a << count);
export const shr = shift((a, count) => a >> count);
export const mulHigh: Fold = ([a, b], result) =>
    typeof a === "bigint" && typeof b === "bigint" ? wrap((a * b) >> BigInt(bitsOf(result)), result) : null;
export const countOnes = integer((a, type) => BigInt(digits(a, type).replaceAll("0", "").length));
export const leadingZeros = integer((a, type) => {
    const first = digits(a, type).indexOf("1");
    return BigInt(first < 0 ? bitsOf(type) : first);
});
export const trailingZeros = integer((a, type) => {
    const last = digits(a, type).lastIndexOf("1");
    return BigInt(last < 0 ? bitsOf(type) : bitsOf(type) - 1 - last);
});
export const reverseBits = integer((a, type) => BigInt(`0b${[...digits(a, type)].reverse().join("")}`));

// JavaScript compares bigints and numbers as the operations do, NaN included.
export const eq = comparison((a, b) => a === b);
export const ne = comparison((a, b) => a !== b);
export const lt = comparison((a, b) => a < b);
export const le = comparison((a, b) => a <= b);
export const gt = comparison((a, b) => a > b);
export const ge = comparison((a, b) => a >= b);

export const select: Fold = ([condition, a, b]) => (condition ? a : b) ?? null;

/** As the operation `convert`. An integer that no double holds is rounded straight to the result's type. */
export const convert: Fold = ([a], result) => {
    if (a === undefined) return null;
    if (isInteger(result)) return typeof a === "number" ? saturate(a, result) : wrap(BigInt(a), result);
    return typeof a === "bigint" ? roundExact(a, 0, result) : roundTo(Number(a), result);
};

export const fma: Fold = ([a, b, c], result) =>
    typeof a === "number" && typeof b === "number" && typeof c === "number" ? fusedMultiplyAdd(a, b, c, result) : null;

export const ldexp: Fold = ([a, exponent], result) =>
    typeof a === "number" && typeof exponent === "bigint" ? scaleByPower(a, exponent, result) : null;

/** A NaN counts as positive: its look is the hardware's business. */
export const copysign: Fold = ([a, sign]) => {
    if (typeof a !== "number" || typeof sign !== "number") return null;
    return sign < 0 || Object.is(sign, -0) ? -Math.abs(a) : Math.abs(a);
};

export const bitcast: Fold = ([a], result, operand) => {
    if (a === undefined || operand === result) return a ?? null;
    const bits = typeof a === "number" ? bitsOfFloat(a, operand) : BigInt(a);
    if (isFloat(result)) return floatOfBits(bits, result);
    return result === "bool" ? bits !== 0n : wrap(bits, result);
};

/** What `exp2` and `log2` approximate: correct to the last place but one of a double, then rounded. */
export const exp2 = float((a) => 2 ** a);
export const log2 = float(Math.log2);

function saturate(value: number, type: IrScalar): bigint {
    const width = BigInt(bitsOf(type));
    const low = isSigned(type) ? -(1n << (width - 1n)) : 0n;
    const high = isSigned(type) ? (1n << (width - 1n)) - 1n : (1n << width) - 1n;
    if (Number.isNaN(value)) return 0n;
    if (value <= Number(low)) return low;
    if (value >= Number(high)) return high;
    return BigInt(Math.trunc(value));
}
