// The built-in functions that constants may call: those whose result is exact or correctly rounded, so that it is the
// one that every device computes. Functions that are written in Soma are none of them.

import type { ConstantValue } from "./constants.js";
import { roundToFloat, SCALAR_INFO } from "./scalars.js";
import type { ScalarType } from "./types.js";

type Values = readonly [bigint, ...bigint[]];
type Floats = readonly [number, ...number[]];

/** Of arguments of type T; results are in T's range, but for `abs` of the least integer. */
const ON_INTEGERS: Readonly<Record<string, (args: Values, bits: number) => bigint>> = {
    abs: ([x]) => (x < 0n ? -x : x),
    // biome-ignore lint/complexity/useMathMinMax: Math.min takes no bigint
    min: ([a, b = a]) => (a < b ? a : b),
    // biome-ignore lint/complexity/useMathMinMax: Math.max takes no bigint
    max: ([a, b = a]) => (a > b ? a : b),
    count_ones: ([x], bits) => BigInt(digits(x, bits).replaceAll("0", "").length),
    leading_zeros: ([x], bits) => BigInt(`${digits(x, bits)}1`.indexOf("1")),
    trailing_zeros: ([x], bits) => BigInt(bits - `1${digits(x, bits)}`.lastIndexOf("1")),
};

/** Rounded to T by the caller. The square root of a double rounds to f16 and f32 as the exact one does (Figueroa 1995). */
const ON_FLOATS: Readonly<Record<string, (args: Floats) => number>> = {
    abs: ([x]) => Math.abs(x),
    // IEEE 754-2019, 9.6: of a number and NaN the number; -0 is below 0, as in Math.min and Math.max.
    min: ([a, b = a]) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b)),
    max: ([a, b = a]) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b)),
    floor: ([x]) => Math.floor(x),
    ceil: ([x]) => Math.ceil(x),
    trunc: ([x]) => Math.trunc(x),
    sqrt: ([x]) => Math.sqrt(x),
};

/** Bits from the highest to the lowest. */
function digits(x: bigint, bits: number): string {
    return BigInt.asUintN(bits, x).toString(2).padStart(bits, "0");
}

/** The value of a call; undefined where a constant can't call the function. Integers may be out of T's range. */
export function evaluateBuiltin(
    name: string,
    type: ScalarType,
    args: readonly ConstantValue[],
): bigint | number | undefined {
    if (args.length === 0) return undefined;
    if (args.every((arg) => typeof arg === "bigint")) {
        return Object.hasOwn(ON_INTEGERS, name)
            ? ON_INTEGERS[name]?.(args as unknown as Values, SCALAR_INFO[type.name].bits)
            : undefined;
    }
    if (!args.every((arg) => typeof arg === "number") || !Object.hasOwn(ON_FLOATS, name)) return undefined;
    const value = ON_FLOATS[name]?.(args as unknown as Floats);
    return value === undefined ? undefined : roundToFloat(type, value);
}
