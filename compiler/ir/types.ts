// The types of IR values: the language's scalars, and buffers. Integers keep their sign, so one `div` or `lt` serves
// both kinds and the type says which is meant.

import { isSmallFloat, type SmallFloat } from "../../codeobject/small-floats.js";
import { SCALARS, type ScalarName } from "../sema/types.js";

/** The scalars of values. Small floats and pairs are their bits here: lowering computes with them. */
export type IrScalar = Exclude<ScalarName, SmallFloat | "i4x2">;

export const IR_SCALARS = SCALARS.filter((name): name is IrScalar => !isSmallFloat(name) && name !== "i4x2");

export type IrType = IrScalar | BufferType | TileType;

/** So many scalars, row-major, that a workgroup holds together; compiler/matrix makes scalars of each work-item of it. */
export interface TileType {
    readonly tile: IrScalar;
    /** Powers of two, outermost first. */
    readonly shape: readonly number[];
}

/** Where memory lies: device memory, a workgroup's LDS, or a work-item's own scratch. */
export type Space = "global" | "shared" | "private";

/**
 * What a buffer consists of: scalars of one type, or bytes that hold scalars of several, each at a multiple of its size.
 * An access to bytes counts in scalars of the type that it reads or writes.
 */
export type BufferElement = IrScalar | "bytes";

/** A base address of elements, indexed from zero. Only ever a parameter or the result of `alloc`. */
export interface BufferType {
    readonly element: BufferElement;
    readonly space: Space;
}

const INTEGER_BITS: Partial<Record<IrScalar, number>> = {
    i8: 8,
    i16: 16,
    i32: 32,
    i64: 64,
    u8: 8,
    u16: 16,
    u32: 32,
    u64: 64,
    index: 64,
};
const FLOAT_BITS: Partial<Record<IrScalar, number>> = { f16: 16, f32: 32, f64: 64 };

export function isBuffer(type: IrType): type is BufferType {
    return typeof type !== "string" && "space" in type;
}

export function isTile(type: IrType): type is TileType {
    return typeof type !== "string" && "tile" in type;
}

export function isScalar(type: IrType): type is IrScalar {
    return typeof type === "string";
}

/** Integers, `index` among them; not `bool`. */
export function isInteger(type: IrType): boolean {
    return isScalar(type) && INTEGER_BITS[type] !== undefined;
}

export function isFloat(type: IrType): boolean {
    return isScalar(type) && FLOAT_BITS[type] !== undefined;
}

/** `index` is signed; `bool` counts as unsigned. */
export function isSigned(type: IrScalar): boolean {
    return type.startsWith("i");
}

/** The width of a scalar's value in bits; 1 for `bool`. */
export function bitsOf(type: IrScalar): number {
    return INTEGER_BITS[type] ?? FLOAT_BITS[type] ?? 1;
}

/** The size of a scalar in memory in bytes, which is its alignment as well. A `bool` is a byte of 0 or 1. */
export function bytesOf(type: IrScalar): number {
    return Math.max(8, bitsOf(type)) / 8;
}

/** The size of a buffer's element in bytes. */
export function elementBytes(element: BufferElement): number {
    return element === "bytes" ? 1 : bytesOf(element);
}

export function sameType(a: IrType, b: IrType): boolean {
    if (isTile(a)) return isTile(b) && a.tile === b.tile && a.shape.join() === b.shape.join();
    return isBuffer(a) ? isBuffer(b) && a.element === b.element && a.space === b.space : a === b;
}

export function typeText(type: IrType): string {
    if (isTile(type)) return `tile<${[type.tile, ...type.shape].join(", ")}>`;
    return isBuffer(type) ? `${type.space}<${type.element}>` : type;
}
