// What the generated programs know of the language's types. A type is its name: a scalar's, a vector's (`f32x3`), or that
// of a structure or an enum that the program declares.

import { SCALARS, type ScalarName } from "../../compiler/sema/types.js";
import type { Choices } from "./choices.js";

export type TypeName = string;

export const INTEGERS = ["i32", "index", "u32", "i64", "u64", "i8", "u8", "i16", "u16"] as const;
export const FLOATS = ["f32", "f64", "f16", "bf16"] as const;
/** Floats without arithmetic. */
export const STORED = ["f8e4m3", "f8e5m2", "f8e4m3fnuz", "f8e5m2fnuz"] as const;
/** Two integers in a byte: from its bits and back, and nothing else. */
export const PAIRS = ["i4x2"] as const;
export const WORDS = ["u32", "i32", "u64", "i64"] as const;
export const NUMBERS = [...INTEGERS, ...FLOATS] as const;
const ALL: readonly ScalarName[] = [...NUMBERS, "bool", ...STORED, ...PAIRS];
if (ALL.length !== SCALARS.length) throw new Error("the generator doesn't know all scalars of the language");
const LENGTHS = [2, 3, 4, 8, 16];

export interface StructPlan {
    readonly name: TypeName;
    readonly fields: readonly FieldPlan[];
}

export interface FieldPlan {
    readonly name: string;
    readonly type: TypeName;
    /** Of an array: its extent. */
    readonly extent: number | null;
}

export interface EnumPlan {
    readonly name: TypeName;
    readonly base: ScalarName;
    readonly members: readonly string[];
}

/** What a program declares. */
export interface Declared {
    readonly structs: readonly StructPlan[];
    readonly enums: readonly EnumPlan[];
}

export interface Vector {
    readonly element: ScalarName;
    readonly lanes: number;
}

/** The parts of a vector type's name; null of another type's. */
export function vectorOf(type: TypeName): Vector | null {
    if (isPair(type)) return null;
    const [, element = "", lanes = ""] = /^([a-z]+\d*)x(\d+)$/.exec(type) ?? [];
    return lanes === "" ? null : { element: element as ScalarName, lanes: Number(lanes) };
}

/** Any scalar, those without arithmetic more seldom. */
export function scalar(choices: Choices): ScalarName {
    return choices.once(9)
        ? choices.pick<ScalarName>([...STORED, ...PAIRS])
        : choices.pick<ScalarName>([...NUMBERS, "bool"]);
}

export function vector(choices: Choices): TypeName {
    const element = choices.pick<ScalarName>([...NUMBERS, "bool"]);
    return `${element}x${LENGTHS[choices.once(8) ? 3 + choices.below(2) : choices.below(3)]}`;
}

/** Any type of a value. */
export function anyType(choices: Choices, { structs, enums }: Declared): TypeName {
    const declared = [...structs, ...enums];
    const pick = choices.below(8);
    if (pick === 7 && declared.length > 0) return choices.pick(declared).name;
    return pick >= 5 ? vector(choices) : scalar(choices);
}

export function isFloat(type: TypeName): boolean {
    return (FLOATS as readonly TypeName[]).includes(type);
}

export function isStored(type: TypeName): boolean {
    return (STORED as readonly TypeName[]).includes(type);
}

export function isPair(type: TypeName): boolean {
    return (PAIRS as readonly TypeName[]).includes(type);
}

export function isInteger(type: TypeName): boolean {
    return (INTEGERS as readonly TypeName[]).includes(type);
}

export function isSigned(type: TypeName): boolean {
    return isInteger(type) && type.startsWith("i");
}

export function isWord(type: TypeName): boolean {
    return (WORDS as readonly TypeName[]).includes(type);
}

/** Of a float: the integer of its bits. */
export function bitsType(type: TypeName): ScalarName {
    return type === "bf16" ? "u16" : isStored(type) || isPair(type) ? "u8" : (`u${type.slice(1)}` as ScalarName);
}

const WIDTHS: Readonly<Record<TypeName, bigint>> = { i8: 8n, i16: 16n, i32: 32n, u8: 8n, u16: 16n, u32: 32n };

/** Values near which things go wrong, simple ones first. */
export function integerSamples(type: TypeName): bigint[] {
    const width = WIDTHS[type] ?? 64n;
    const most = isSigned(type) ? (1n << (width - 1n)) - 1n : (1n << width) - 1n;
    const least = isSigned(type) ? -most - 1n : 0n;
    const positive = [1n, 0n, 2n, 3n, 7n, 10n, 31n, 64n, most, most - 1n, most / 2n + 1n, most / 3n];
    return isSigned(type) ? [...positive, -1n, -2n, -5n, -100n, least, least + 1n] : positive;
}

const FLOAT_SAMPLES = [1, 0, 2, 0.5, -1, 1.5, -0, 3.25, -7.75, 0.1, 100.5, 1e-3, -1e4];
const EXTREMES: Readonly<Record<TypeName, readonly number[]>> = {
    f16: [65504, 2 ** -14, 2 ** -24, 2 ** -14 - 2 ** -24, 2049, 0.333251953125],
    f32: [3.4028234663852886e38, 2 ** -126, 2 ** -149, 16777217, 1e-40, 8388609.5],
    f64: [1.7976931348623157e308, 2 ** -1022, 2 ** -1074, 9007199254740991, 1e-310, 4503599627370495.5],
    bf16: [3.3895313892515355e38, 2 ** -126, 2 ** -133, 257, 1e-40, 0.333251953125],
    f8e4m3: [448, 464, 2 ** -6, 2 ** -9, 17, 2 ** -10],
    f8e5m2: [57344, 61440, 2 ** -14, 2 ** -16, 9, 2 ** -17],
    f8e4m3fnuz: [240, 248, 2 ** -7, 2 ** -10, 17, 2 ** -11],
    f8e5m2fnuz: [57344, 61440, 2 ** -15, 2 ** -17, 9, 2 ** -18],
};

/** Numbers that need not be of the type exactly; infinities and NaN at the end. */
export function floatSamples(type: TypeName): number[] {
    const extremes = EXTREMES[type] ?? [];
    return [...FLOAT_SAMPLES, ...extremes, ...extremes.map((value) => -value), Infinity, -Infinity, Number.NaN];
}
