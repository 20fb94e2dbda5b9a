// Correct rounding of what a double can't hold: a value is an exact integer times a power of two, and is rounded once,
// to nearest even, to the precision and exponent range of an IEEE 754 format.

import type { IrScalar } from "./types.js";

interface Format {
    /** Bits of the significand, the leading one included. */
    readonly precision: number;
    /** The exponent of the smallest subnormal number. */
    readonly lowest: number;
    readonly greatest: number;
}

const F64: Format = { precision: 53, lowest: -1074, greatest: Number.MAX_VALUE };

const FORMATS: Partial<Record<IrScalar, Format>> = {
    f16: { precision: 11, lowest: -24, greatest: 65504 },
    f32: { precision: 24, lowest: -149, greatest: 2 ** 128 - 2 ** 104 },
    f64: F64,
};

/** A finite number as `significand` · 2^`exponent`, exactly. */
interface Exact {
    readonly significand: bigint;
    readonly exponent: number;
}

const view = new DataView(new ArrayBuffer(8));

/** The parts of a finite double (IEEE 754 binary64). */
function exactly(value: number): Exact {
    view.setFloat64(0, value);
    const bits = view.getBigUint64(0);
    const field = Number((bits >> 52n) & 0x7ffn);
    const fraction = bits & 0xfffffffffffffn;
    const significand = field === 0 ? fraction : fraction | 0x10000000000000n;
    return { significand: value < 0 ? -significand : significand, exponent: Math.max(field, 1) - 1075 };
}

/**
 * `significand` · 2^`exponent`, rounded once to nearest even. What is beyond the format becomes infinite, what is below
 * it a zero of its sign; zero itself is +0.
 */
export function roundExact(significand: bigint, exponent: number, type: IrScalar): number {
    const { precision, lowest, greatest } = FORMATS[type] ?? F64;
    const magnitude = significand < 0n ? -significand : significand;
    if (magnitude === 0n) return 0;
    const sign = significand < 0n ? -1 : 1;
    const length = bitLength(magnitude);
    if (length + exponent > 1100) return sign * Infinity;
    const unit = Math.max(lowest, length + exponent - precision);
    const shift = unit - exponent;
    const rounded = shift <= 0 ? magnitude << BigInt(-shift) : shiftToEven(magnitude, Math.min(shift, length + 1));
    const result = scale(Number(rounded), unit);
    return sign * (result > greatest ? Infinity : result);
}

function bitLength(value: bigint): number {
    const digits = value.toString(16);
    return digits.length * 4 - (Math.clz32(Number.parseInt(digits[0] ?? "0", 16)) - 28);
}

function shiftToEven(value: bigint, shift: number): bigint {
    const by = BigInt(shift);
    const whole = value >> by;
    const rest = value - (whole << by);
    const half = 1n << (by - 1n);
    return rest > half || (rest === half && (whole & 1n) === 1n) ? whole + 1n : whole;
}

/** A product that is exact, or beyond a double; in two steps, because 2^exponent alone may be beyond it. */
function scale(value: number, exponent: number): number {
    const first = Math.trunc(exponent / 2);
    return value * 2 ** first * 2 ** (exponent - first);
}

/** a · b + c, rounded once. */
export function fusedMultiplyAdd(a: number, b: number, c: number, type: IrScalar): number {
    if (!Number.isFinite(a) || !Number.isFinite(b)) return a * b + c;
    if (!Number.isFinite(c)) return c;
    const [x, y, z] = [exactly(a), exactly(b), exactly(c)];
    const exponent = Math.min(x.exponent + y.exponent, z.exponent);
    const product = (x.significand * y.significand) << BigInt(x.exponent + y.exponent - exponent);
    const sum = product + (z.significand << BigInt(z.exponent - exponent));
    if (sum !== 0n) return roundExact(sum, exponent, type);
    // Terms that cancel give +0; a sum of zeros has the sign that IEEE 754 gives it.
    return product === 0n ? zeroWithSign(a, b) + c : 0;
}

/** A product of which one factor is zero: the product of doubles could underflow where neither is. */
function zeroWithSign(a: number, b: number): number {
    return Math.sign(a) * Math.sign(b);
}

/** value · 2^exponent, rounded once. */
export function scaleByPower(value: number, exponent: bigint, type: IrScalar): number {
    if (!Number.isFinite(value) || value === 0) return value;
    // Beyond 5000 either way every finite number is infinite or zero.
    const power = Number(exponent < -5000n ? -5000n : exponent > 5000n ? 5000n : exponent);
    const parts = exactly(value);
    return roundExact(parts.significand, parts.exponent + power, type);
}
