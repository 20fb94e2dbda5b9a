// What each scalar type is, and types in words. Rounding to a float type is here as well.

import { decodeSmallFloat, encodeSmallFloat, isSmallFloat } from "../../codeobject/small-floats.js";
import { showDim } from "./dims.js";
import type {
    ArrayType,
    ScalarName,
    ScalarType,
    TileType,
    Type,
    ValueType,
    VectorType,
    ViewType,
    VoidType,
} from "./types.js";
import { SCALARS, VECTOR_LENGTHS, type VectorLength } from "./types.js";

export interface ScalarInfo {
    /** `storage` is held and converted, `pair` only held: neither is computed with. */
    readonly family: "bool" | "signed" | "unsigned" | "float" | "storage" | "pair";
    /** In memory; a bool is a byte. */
    readonly bits: 8 | 16 | 32 | 64;
}

export const SCALAR_INFO: Readonly<Record<ScalarName, ScalarInfo>> = {
    bool: { family: "bool", bits: 8 },
    i8: { family: "signed", bits: 8 },
    i16: { family: "signed", bits: 16 },
    i32: { family: "signed", bits: 32 },
    i64: { family: "signed", bits: 64 },
    u8: { family: "unsigned", bits: 8 },
    u16: { family: "unsigned", bits: 16 },
    u32: { family: "unsigned", bits: 32 },
    u64: { family: "unsigned", bits: 64 },
    index: { family: "signed", bits: 64 },
    f16: { family: "float", bits: 16 },
    f32: { family: "float", bits: 32 },
    f64: { family: "float", bits: 64 },
    bf16: { family: "float", bits: 16 },
    f8e4m3: { family: "storage", bits: 8 },
    f8e5m2: { family: "storage", bits: 8 },
    f8e4m3fnuz: { family: "storage", bits: 8 },
    f8e5m2fnuz: { family: "storage", bits: 8 },
    i4x2: { family: "pair", bits: 8 },
};

const TYPES = new Map<string, ScalarType>(SCALARS.map((name) => [name, { kind: "scalar", name }]));

export function scalar(name: ScalarName): ScalarType {
    return TYPES.get(name) as ScalarType;
}

/** The scalar type of that name, if there is one. */
export function scalarNamed(name: string): ScalarType | undefined {
    return TYPES.get(name);
}

const VECTORS = new Map<string, VectorType>(
    SCALARS.flatMap((name) =>
        VECTOR_LENGTHS.map(
            (length) => [`${name}x${length}`, { kind: "vector", element: scalar(name), length }] as const,
        ),
    ),
);

export function vector(element: ScalarType, length: VectorLength): VectorType {
    return VECTORS.get(`${element.name}x${length}`) as VectorType;
}

/** The scalar or vector type of that name, if there is one. */
export function typeNamed(name: string): ScalarType | VectorType | undefined {
    return TYPES.get(name) ?? VECTORS.get(name);
}

export const BOOL = scalar("bool");
export const I32 = scalar("i32");
export const F32 = scalar("f32");
export const INDEX = scalar("index");
export const VOID: VoidType = { kind: "void" };
export const ERROR: Type = { kind: "error" };

export function isInteger(type: Type): type is ScalarType {
    return type.kind === "scalar" && ["signed", "unsigned"].includes(SCALAR_INFO[type.name].family);
}

export function isSigned(type: Type): boolean {
    return type.kind === "scalar" && ["signed", "float"].includes(SCALAR_INFO[type.name].family);
}

export function isFloat(type: Type): type is ScalarType {
    return type.kind === "scalar" && SCALAR_INFO[type.name].family === "float";
}

export function isNumber(type: Type): type is ScalarType {
    return isInteger(type) || isFloat(type);
}

/** A float format that is held and converted, never computed with. */
export function isStorage(type: Type): type is ScalarType {
    return type.kind === "scalar" && SCALAR_INFO[type.name].family === "storage";
}

/** Two integers of 4 bits in a byte. */
export function isPair(type: Type): boolean {
    return type.kind === "scalar" && SCALAR_INFO[type.name].family === "pair";
}

/** A float, with arithmetic or without. */
export function isAnyFloat(type: Type): type is ScalarType {
    return isFloat(type) || isStorage(type);
}

export function isBool(type: Type): type is ScalarType {
    return type.kind === "scalar" && type.name === "bool";
}

/** What variables and fields hold and functions give. */
export function isValue(type: Type): type is ValueType {
    return type.kind !== "view" && type.kind !== "void" && type.kind !== "error";
}

/** Scalars that one value may consist of: each is a register at least. */
export const MOST_SCALARS = 1024;

/** An array of arrays is an array of more dimensions: the outer extents come first. */
export function arrayOf(element: ValueType, extents: readonly number[]): ArrayType {
    if (element.kind === "array") return { ...element, extents: [...extents, ...element.extents] };
    return { kind: "array", element, extents };
}

/** How many scalars a value consists of. */
export function scalarCount(type: ValueType): number {
    switch (type.kind) {
        case "scalar":
        case "enum":
            return 1;
        case "vector":
            return type.length;
        case "struct":
            return type.fields.reduce((sum, field) => sum + scalarCount(field.type), 0);
        case "tile":
            return 1;
        case "array":
            return type.extents.reduce((product, extent) => product * extent, scalarCount(type.element));
    }
}

/** The bytes of a value's scalars, without what lies between them in memory. */
export function leastBytes(type: ValueType): number {
    switch (type.kind) {
        case "scalar":
            return SCALAR_INFO[type.name].bits / 8;
        case "enum":
            return leastBytes(type.base);
        case "vector":
            return type.length * leastBytes(type.element);
        case "struct":
            return type.fields.reduce((sum, field) => sum + leastBytes(field.type), 0);
        case "tile":
            return leastBytes(type.element);
        case "array":
            return type.extents.reduce((product, extent) => product * extent, leastBytes(type.element));
    }
}

/** What operators and mathematics work on. */
export function isArithmetic(type: Type): type is ScalarType | VectorType {
    return type.kind === "scalar" || type.kind === "vector";
}

/** A scalar itself, or what a vector has several of: the type that operators on it compute in. */
export function laneOf(type: ScalarType | VectorType): ScalarType {
    return type.kind === "vector" ? type.element : type;
}

/** The type with other lanes: a scalar for a scalar, a vector as long for a vector. */
export function withLane(type: ScalarType | VectorType, lane: ScalarType): ScalarType | VectorType {
    return type.kind === "vector" ? vector(lane, type.length) : lane;
}

/** Types agree if they are the same value type, or both void; an error was reported already and agrees with everything. */
export function agree(a: Type, b: Type): boolean {
    if (a.kind === "error" || b.kind === "error") return true;
    if (a.kind === "scalar" && b.kind === "scalar") return a.name === b.name;
    if (a.kind === "vector" && b.kind === "vector") return a.length === b.length && agree(a.element, b.element);
    if (a.kind === "array" && b.kind === "array") {
        return agree(a.element, b.element) && a.extents.join() === b.extents.join();
    }
    if ((a.kind === "struct" && b.kind === "struct") || (a.kind === "enum" && b.kind === "enum")) return a.id === b.id;
    if (a.kind === "tile" && b.kind === "tile") return agree(a.element, b.element) && sameShape(a, b);
    return a.kind === "void" && b.kind === "void";
}

export function sameShape(a: TileType, b: TileType): boolean {
    return a.extents.length === b.extents.length && a.extents.every(({ size }, at) => size === b.extents[at]?.size);
}

/** The least and greatest value of an integer type. */
export function integerRange(type: ScalarType): { readonly least: bigint; readonly greatest: bigint } {
    const { family, bits } = SCALAR_INFO[type.name];
    if (family === "signed") return { least: -(1n << BigInt(bits - 1)), greatest: (1n << BigInt(bits - 1)) - 1n };
    return { least: 0n, greatest: (1n << BigInt(bits)) - 1n };
}

/** The nearest value of a float type, ties to even. What is too large is infinite, or NaN where that is not a value. */
export function roundToFloat(type: ScalarType, value: number): number {
    const { name } = type;
    if (isSmallFloat(name)) return decodeSmallFloat(name, encodeSmallFloat(name, value));
    if (name === "f64") return value;
    return name === "f32" ? Math.fround(value) : roundToHalf(value);
}

/** IEEE 754 binary16: 11 significant bits, exponents from -14 to 15, subnormal steps of 2^-24. */
function roundToHalf(value: number): number {
    if (!Number.isFinite(value) || value === 0) return value;
    const exponent = Math.max(Math.floor(Math.log2(Math.abs(value))), -14);
    const unit = 2 ** (exponent - 10);
    const scaled = value / unit;
    const floor = Math.floor(scaled);
    const rest = scaled - floor;
    const up = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0);
    const rounded = (up ? floor + 1 : floor) * unit;
    return Math.abs(rounded) > 65504 ? Math.sign(value) * Infinity : rounded;
}

/** A type as a user would write it. */
export function showType(type: Type): string {
    switch (type.kind) {
        case "scalar":
            return type.name;
        case "vector":
            return `${type.element.name}x${type.length}`;
        case "struct":
        case "enum":
            return type.name;
        case "view":
            return `${viewWords(type)}${showType(type.element)}[${type.dims.map(showDim).join(", ")}]`;
        case "array":
            return `${showType(type.element)}[${type.extents.join(", ")}]`;
        case "tile":
            return `tile ${type.element.name}[${type.extents.map(({ size }) => size).join(", ")}]`;
        case "range":
            return `a range of ${type.size}`;
        case "void":
            return "nothing";
        case "error":
            return "a mistake";
    }
}

/** What stands before a view's element type. */
function viewWords({ mutable, alias, large, strided }: ViewType): string {
    const words = [mutable && "mut ", alias && "alias ", large && "large ", strided && "strided "];
    return words.filter((word) => typeof word === "string").join("");
}

/** An array where a view belongs. */
export function viewOfArray({ element, extents }: ArrayType): ViewType {
    return { kind: "view", element, dims: extents.map((value) => ({ kind: "const", value })), mutable: true };
}

/** A type in a sentence: `a view f32[n]`. */
export function describeType(type: Type): string {
    if (type.kind === "view") return `the view ${showType(type)}`;
    if (type.kind === "array") return `the array ${showType(type)}`;
    if (type.kind === "tile") return `a ${showType(type)}`;
    return showType(type);
}

export function rankOf(type: ViewType | ArrayType): number {
    return type.kind === "view" ? type.dims.length : type.extents.length;
}
