// What the generated programs know of the language's types.

import { IR_SCALARS, type IrScalar } from "../../compiler/ir/types.js";

export const INTEGERS = ["i32", "index", "u32", "i64", "u64", "i8", "u8", "i16", "u16"] as const;
export const FLOATS = ["f32", "f64", "f16"] as const;
export const WORDS = ["u32", "i32", "u64", "i64"] as const;
export const NUMBERS: readonly IrScalar[] = [...INTEGERS, ...FLOATS];
export const TYPES: readonly IrScalar[] = [...NUMBERS, "bool"];
if (TYPES.length !== IR_SCALARS.length) throw new Error("the generator doesn't know all scalar types of the IR");

export function isFloat(type: IrScalar): boolean {
    return type.startsWith("f");
}

export function isSigned(type: IrScalar): boolean {
    return type.startsWith("i");
}

export function isWord(type: IrScalar): boolean {
    return (WORDS as readonly IrScalar[]).includes(type);
}

const WIDTHS: Partial<Record<IrScalar, bigint>> = {
    i8: 8n,
    i16: 16n,
    i32: 32n,
    u8: 8n,
    u16: 16n,
    u32: 32n,
};

/** Values near which things go wrong, simple ones first. */
export function integerSamples(type: IrScalar): bigint[] {
    const width = WIDTHS[type] ?? 64n;
    const most = isSigned(type) ? (1n << (width - 1n)) - 1n : (1n << width) - 1n;
    const least = isSigned(type) ? -most - 1n : 0n;
    const positive = [1n, 0n, 2n, 3n, 7n, 10n, 31n, 64n, most, most - 1n, most / 2n + 1n, most / 3n];
    return isSigned(type) ? [...positive, -1n, -2n, -5n, -100n, least, least + 1n] : positive;
}

const FLOAT_SAMPLES = [1, 0, 2, 0.5, -1, 1.5, -0, 3.25, -7.75, 0.1, 100.5, 1e-3, -1e4];
const EXTREMES: Partial<Record<IrScalar, readonly number[]>> = {
    f16: [65504, 2 ** -14, 2 ** -24, 2 ** -14 - 2 ** -24, 2049, 0.333251953125],
    f32: [3.4028234663852886e38, 2 ** -126, 2 ** -149, 16777217, 1e-40, 8388609.5],
    f64: [1.7976931348623157e308, 2 ** -1022, 2 ** -1074, 9007199254740991, 1e-310, 4503599627370495.5],
};

/** Numbers that need not be of the type exactly; infinities and NaN at the end. */
export function floatSamples(type: IrScalar): number[] {
    const extremes = EXTREMES[type] ?? [];
    return [...FLOAT_SAMPLES, ...extremes, ...extremes.map((value) => -value), Infinity, -Infinity, Number.NaN];
}
