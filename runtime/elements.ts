// Element types: how their values look in JavaScript and how they lie in memory (little-endian). One table; everything
// that depends on an element's type comes from it.

import type { ManifestElement, ManifestScalar } from "../codeobject/manifest.js";
import { SCALAR_SIZES } from "../codeobject/scalar-sizes.js";
import { decodeSmallFloat, encodeSmallFloat, type SmallFloat } from "../codeobject/small-floats.js";
import { lanesOf, lanesOfText } from "../codeobject/vectors.js";
import { ArgumentError } from "./errors.js";
import { halfFromNumber, numberFromHalf } from "./half.js";

/** A scalar type. `index` is a signed 64-bit integer, `bool` a byte; so is `i4x2`: two integers, the first in its low half. */
export type ScalarType = ManifestScalar;

/** The type of a tensor's elements or of an argument that is passed by value: a scalar, or a vector such as `f32x4`. */
export type ElementType = ManifestElement;

/** The scalars that an element type consists of. */
export type ScalarOf<T extends ElementType> = T extends ScalarType
    ? T
    : T extends `${infer S extends ScalarType}x${number}`
      ? S
      : never;

/** What `read()` gives, vectors one after the other. Every f16, bf16 and 8-bit float is a number that f32 holds exactly. */
export type ElementArrays = { [T in ElementType]: ScalarArrays[ScalarOf<T>] };

/** The typed arrays of a tensor's data. Of floats of 16 and 8 bits integers are bits; the other two are rounded. */
export type DataArrays = { [T in ElementType]: ScalarData[ScalarOf<T>] };

/** Typed arrays over a tensor's memory: of floats of 16 and 8 bits it is their bits. */
export type HostArrays = { [T in ElementType]: HostScalars[ScalarOf<T>] };

interface HostScalars extends Omit<ScalarArrays, SmallFloat | "f16"> {
    f16: Uint16Array<ArrayBuffer>;
    bf16: Uint16Array<ArrayBuffer>;
    f8e4m3: Uint8Array<ArrayBuffer>;
    f8e5m2: Uint8Array<ArrayBuffer>;
    f8e4m3fnuz: Uint8Array<ArrayBuffer>;
    f8e5m2fnuz: Uint8Array<ArrayBuffer>;
}

interface ScalarArrays {
    bool: Uint8Array<ArrayBuffer>;
    i8: Int8Array<ArrayBuffer>;
    i16: Int16Array<ArrayBuffer>;
    i32: Int32Array<ArrayBuffer>;
    i64: BigInt64Array<ArrayBuffer>;
    u8: Uint8Array<ArrayBuffer>;
    u16: Uint16Array<ArrayBuffer>;
    u32: Uint32Array<ArrayBuffer>;
    u64: BigUint64Array<ArrayBuffer>;
    index: BigInt64Array<ArrayBuffer>;
    f16: Float32Array<ArrayBuffer>;
    f32: Float32Array<ArrayBuffer>;
    f64: Float64Array<ArrayBuffer>;
    bf16: Float32Array<ArrayBuffer>;
    f8e4m3: Float32Array<ArrayBuffer>;
    f8e5m2: Float32Array<ArrayBuffer>;
    f8e4m3fnuz: Float32Array<ArrayBuffer>;
    f8e5m2fnuz: Float32Array<ArrayBuffer>;
    i4x2: Uint8Array<ArrayBuffer>;
}

interface ScalarData {
    bool: Uint8Array;
    i8: Int8Array;
    i16: Int16Array;
    i32: Int32Array;
    i64: BigInt64Array;
    u8: Uint8Array | Uint8ClampedArray;
    u16: Uint16Array;
    u32: Uint32Array;
    u64: BigUint64Array;
    index: BigInt64Array;
    f16: Uint16Array | Float32Array | Float64Array;
    f32: Float32Array;
    f64: Float64Array;
    bf16: Uint16Array | Float32Array | Float64Array;
    f8e4m3: Uint8Array | Float32Array | Float64Array;
    f8e5m2: Uint8Array | Float32Array | Float64Array;
    f8e4m3fnuz: Uint8Array | Float32Array | Float64Array;
    f8e5m2fnuz: Uint8Array | Float32Array | Float64Array;
    i4x2: Uint8Array;
}

/** One element: a bigint or safe integer for 64-bit integers, true, false, 0 or 1 for bool, otherwise a number. */
export type ElementValue = number | bigint | boolean;

type StorageArray =
    | Int8Array<ArrayBuffer>
    | Uint8Array<ArrayBuffer>
    | Int16Array<ArrayBuffer>
    | Uint16Array<ArrayBuffer>
    | Int32Array<ArrayBuffer>
    | Uint32Array<ArrayBuffer>
    | BigInt64Array<ArrayBuffer>
    | BigUint64Array<ArrayBuffer>
    | Float32Array<ArrayBuffer>
    | Float64Array<ArrayBuffer>;

interface ElementCode {
    /** Rounded to nearest, ties to even. */
    readonly encode: (value: number) => number;
    readonly decode: (bits: number) => number;
}

interface ElementInfo {
    /** The typed array with the layout of memory. */
    readonly storage: (new (
        length: number,
    ) => StorageArray) &
        (new (
            buffer: ArrayBuffer,
            byteOffset?: number,
            length?: number,
        ) => StorageArray);
    readonly kind: "bool" | "integer" | "bigint" | "float";
    /** Of floats that no typed array has, whose storage is their bits. */
    readonly code?: ElementCode;
    /** Smallest and largest value of an integer type; undefined for others. */
    readonly range?: readonly [number, number] | readonly [bigint, bigint];
}

const I64_RANGE = [-(2n ** 63n), 2n ** 63n - 1n] as const;

const ELEMENTS: Readonly<Record<ScalarType, ElementInfo>> = {
    bool: { storage: Uint8Array, kind: "bool" },
    i8: { storage: Int8Array, kind: "integer", range: [-(2 ** 7), 2 ** 7 - 1] },
    i16: { storage: Int16Array, kind: "integer", range: [-(2 ** 15), 2 ** 15 - 1] },
    i32: { storage: Int32Array, kind: "integer", range: [-(2 ** 31), 2 ** 31 - 1] },
    i64: { storage: BigInt64Array, kind: "bigint", range: I64_RANGE },
    u8: { storage: Uint8Array, kind: "integer", range: [0, 2 ** 8 - 1] },
    u16: { storage: Uint16Array, kind: "integer", range: [0, 2 ** 16 - 1] },
    u32: { storage: Uint32Array, kind: "integer", range: [0, 2 ** 32 - 1] },
    u64: { storage: BigUint64Array, kind: "bigint", range: [0n, 2n ** 64n - 1n] },
    index: { storage: BigInt64Array, kind: "bigint", range: I64_RANGE },
    f16: { storage: Uint16Array, kind: "float", code: { encode: halfFromNumber, decode: numberFromHalf } },
    f32: { storage: Float32Array, kind: "float" },
    f64: { storage: Float64Array, kind: "float" },
    bf16: { storage: Uint16Array, kind: "float", code: codeOf("bf16") },
    f8e4m3: { storage: Uint8Array, kind: "float", code: codeOf("f8e4m3") },
    f8e5m2: { storage: Uint8Array, kind: "float", code: codeOf("f8e5m2") },
    f8e4m3fnuz: { storage: Uint8Array, kind: "float", code: codeOf("f8e4m3fnuz") },
    f8e5m2fnuz: { storage: Uint8Array, kind: "float", code: codeOf("f8e5m2fnuz") },
    i4x2: { storage: Uint8Array, kind: "integer", range: [0, 2 ** 8 - 1] },
};

function codeOf(type: SmallFloat): ElementCode {
    return {
        encode: (value) => encodeSmallFloat(type, value),
        decode: (bits) => decodeSmallFloat(type, bits),
    };
}

/** All scalar types, of which vectors are made too. */
export const ELEMENT_TYPES = Object.keys(ELEMENTS) as readonly ScalarType[];

export function isElementType(type: unknown): type is ElementType {
    return typeof type === "string" && lanesOfText(type, ELEMENT_TYPES) !== undefined;
}

/** Bytes of one element. */
export function elementSize(type: ElementType): number {
    const { scalar, lanes } = lanesOf(type);
    return SCALAR_SIZES[scalar] * lanes;
}

/**
 * A value as it is stored: a bigint for 64-bit integers, bits for floats of 16 and 8 bits, otherwise a number.
 * @param place what an error calls it; asked for only when there is one
 * @throws ArgumentError where the value is of another kind or outside the type's range. Floating-point types round
 * (to nearest, ties to even) and overflow to infinity, as IEEE 754 says, and to NaN where the type has no infinity.
 */
export function storeElement(type: ScalarType, value: unknown, place: () => string): number | bigint {
    const { kind, range, code } = ELEMENTS[type];
    switch (kind) {
        case "float":
            if (typeof value === "number") {
                return code === undefined ? value : code.encode(value);
            }
            throw new ArgumentError(`${place()} is ${type} and takes a number, not ${describeValue(value)}`);
        case "bool":
            if (value === true || value === 1) {
                return 1;
            }
            if (value === false || value === 0) {
                return 0;
            }
            throw new ArgumentError(`${place()} is bool and takes true or false, not ${describeValue(value)}`);
        case "integer":
        case "bigint": {
            const isInteger = typeof value === "bigint" || (typeof value === "number" && Number.isInteger(value));
            if (!isInteger || range === undefined) {
                throw new ArgumentError(`${place()} is ${type} and takes an integer, not ${describeValue(value)}`);
            }
            if (value < range[0] || value > range[1]) {
                throw new ArgumentError(
                    `${place()} is ${type} and takes an integer in ${range[0]} … ${range[1]}, not ${value}`,
                );
            }
            if (kind === "bigint" && typeof value === "number" && !Number.isSafeInteger(value)) {
                throw new ArgumentError(
                    `${place()} is ${type}, and ${value} is beyond what a number holds exactly: pass a bigint`,
                );
            }
            return kind === "bigint" ? BigInt(value) : Number(value);
        }
    }
}

/** The number that a value of a float type becomes. */
export function roundElement(type: ScalarType, value: number): number {
    const { code } = ELEMENTS[type];
    if (code !== undefined) return code.decode(code.encode(value));
    return type === "f32" ? Math.fround(value) : value;
}

/** Scalars from values, one after the other. */
export function storeElements(type: ScalarType, values: readonly unknown[], what: string): Uint8Array<ArrayBuffer> {
    const storage = new ELEMENTS[type].storage(values.length);
    let index = 0;
    const place = (): string => `${what}[${index}]`;
    for (; index < values.length; index++) {
        // Each storage array takes what storeElement gives for its own type, which TypeScript can't see.
        storage[index] = storeElement(type, values[index], place) as never;
    }
    return new Uint8Array(storage.buffer);
}

/**
 * The bytes of a typed array of elements: those of the array itself where it has the type's layout, otherwise new ones.
 * @throws ArgumentError where the array is not one of `DataArrays` for this type
 */
export function bytesOfArray(type: ScalarType, data: ArrayBufferView, what: string): Uint8Array {
    const { storage, kind, code } = ELEMENTS[type];
    if (code !== undefined && (data instanceof Float32Array || data instanceof Float64Array)) {
        const bits = new storage(data.length);
        for (const [at, value] of data.entries()) bits[at] = code.encode(value);
        return new Uint8Array(bits.buffer);
    }
    if (!(data instanceof storage) && !(type === "u8" && data instanceof Uint8ClampedArray)) {
        const expected =
            code !== undefined ? `a Float32Array, a Float64Array, or a ${storage.name} of bits` : `a ${storage.name}`;
        throw new ArgumentError(
            `${what} is ${type} and takes ${expected} or an array of values, not ${describeValue(data)}`,
        );
    }
    if (kind === "bool") {
        const other = (data as Uint8Array).findIndex((byte) => byte > 1);
        if (other >= 0) {
            throw new ArgumentError(`${what}[${other}] is bool and takes 0 or 1, not ${(data as Uint8Array)[other]}`);
        }
    }
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/** The typed array of `read()` over bytes from the device, without a copy but for floats that it lacks. */
export function arrayOfBytes<T extends ElementType>(type: T, bytes: ArrayBuffer): ElementArrays[T] {
    const { scalar } = lanesOf(type);
    const { code, storage } = ELEMENTS[scalar];
    const bits = new storage(bytes);
    const stored = code === undefined ? bits : Float32Array.from(bits as ArrayLike<number>, code.decode);
    return stored as ElementArrays[T];
}

/** The scalars of a part of memory, as they lie there; offset and length are in bytes. */
export function arrayOver<T extends ElementType>(
    type: T,
    { buffer, offset, length }: { readonly buffer: ArrayBuffer; readonly offset: number; readonly length: number },
): HostArrays[T] {
    const { scalar } = lanesOf(type);
    return new ELEMENTS[scalar].storage(buffer, offset, length / SCALAR_SIZES[scalar]) as HostArrays[T];
}

/** A value as an error shows it. */
export function describeValue(value: unknown): string {
    switch (typeof value) {
        case "number":
        case "boolean":
        case "undefined":
            return String(value);
        case "bigint":
            return `${value}n`;
        case "string":
            return value.length > 40 ? "a string" : JSON.stringify(value);
        case "object":
            return value === null
                ? "null"
                : Array.isArray(value)
                  ? "an array"
                  : withArticle(value.constructor?.name ?? "object");
        default:
            return withArticle(typeof value);
    }
}

/** Names of types are pronounced as they are written, but for those that begin with `U` as in `Uint8Array`. */
function withArticle(name: string): string {
    return `${/^[aeio]/i.test(name) ? "an" : "a"} ${name}`;
}
