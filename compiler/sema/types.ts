// The types of the language, as the checker and the lowering see them.

import { SMALL_FLOATS } from "../../codeobject/small-floats.js";
import type { GenericValue, MethodSymbol, StructTemplate } from "./context.js";
import type { Extent } from "./tile-extents.js";

export const SCALARS = [
    "bool",
    "i8",
    "i16",
    "i32",
    "i64",
    "u8",
    "u16",
    "u32",
    "u64",
    "index",
    "f16",
    "f32",
    "f64",
    ...SMALL_FLOATS,
    "i4x2",
] as const;
export type ScalarName = (typeof SCALARS)[number];

/** Components of a vector. */
export const VECTOR_LENGTHS = [2, 3, 4, 8, 16] as const;
export type VectorLength = (typeof VECTOR_LENGTHS)[number];

export type Type = ValueType | ViewType | RangeType | VoidType | ErrorType;

/** What a variable holds, a function gives, and a view or an array has as its elements. */
export type ValueType = ScalarType | VectorType | StructType | EnumType | ArrayType | TileType;

export interface ScalarType {
    readonly kind: "scalar";
    readonly name: ScalarName;
}

/** `f32x4`: as many scalars of one type, on which operators work one by one. */
export interface VectorType {
    readonly kind: "vector";
    readonly element: ScalarType;
    readonly length: VectorLength;
}

/** Fields of any types, each with its name. One declaration, with the same arguments, is one type. */
export interface StructType {
    readonly kind: "struct";
    /** As it is written, with its arguments. */
    readonly name: string;
    readonly fields: readonly { readonly name: string; readonly type: ValueType }[];
    /** By their names; known when the module's functions are declared. */
    readonly methods: ReadonlyMap<string, MethodSymbol>;
    /** What it is an instance of, and with which values. */
    readonly instance: { readonly template: StructTemplate; readonly values: readonly GenericValue[] } | null;
    /** Which declaration it is of, and with which arguments: `agree` compares this. */
    readonly id: string;
}

/** Integers by names. */
export interface EnumType {
    readonly kind: "enum";
    readonly name: string;
    readonly base: ScalarType;
    readonly members: ReadonlyMap<string, bigint>;
    /** Which declaration it is of. */
    readonly id: string;
}

/**
 * A view of memory: a kernel's or function's parameter, or with `let` a part of one or of an array; never a value that can
 * be stored. Row-major, unless it is strided.
 */
export interface ViewType {
    readonly kind: "view";
    readonly element: ValueType;
    /** Extents, outermost first. */
    readonly dims: readonly DimExpr[];
    readonly mutable: boolean;
    /** Its elements lie at distances of its own, which the host or the slice gives. Absent is false, as for all below. */
    readonly strided?: boolean;
    /** It may have 4 GiB and more. */
    readonly large?: boolean;
    /** Of a kernel's: it may overlap other views. */
    readonly alias?: boolean;
}

/** A fixed-size array, row-major: `shared buf: f32[256]`, a `var` of a work-item's own, or a field. */
export interface ArrayType {
    readonly kind: "array";
    readonly element: ValueType;
    readonly extents: readonly number[];
}

/** `tile f32[BM, BN]`: a matrix kernel's values, of which every element is computed at once. Extents are powers of two. */
export interface TileType {
    readonly kind: "tile";
    readonly element: ScalarType;
    readonly extents: readonly Extent[];
}

/** What `i in m by BM` binds: so many neighbouring indices, of which the last may lie past the end. */
export interface RangeType {
    readonly kind: "range";
    readonly size: number;
    /** Loops and blocks around its body: what lives longer than the range does not run over it. */
    readonly depth: number;
}

/** What a function without a result returns. */
export interface VoidType {
    readonly kind: "void";
}

/** The type of an expression that was already reported; it agrees with everything. */
export interface ErrorType {
    readonly kind: "error";
}

/** An extent or launch size: integer arithmetic over dimension names, evaluated on the host at launch in signed 64 bits. */
export type DimExpr =
    | { readonly kind: "const"; readonly value: number }
    | { readonly kind: "dim"; readonly name: string }
    | {
          readonly kind: "binary";
          readonly op: "+" | "-" | "*" | "/" | "%";
          readonly left: DimExpr;
          readonly right: DimExpr;
      }
    /** Of a slice, where only the running kernel knows it: a value by its identity. `text` is how it is written. */
    | { readonly kind: "slice"; readonly text: string };
