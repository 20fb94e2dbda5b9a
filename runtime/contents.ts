// What tensors hold, as programs give it: typed arrays, values nested as the shape, objects of structures.

import { sizeOf, typeText } from "../codeobject/layout.js";
import type { ManifestStruct } from "../codeobject/manifest.js";
import { lanesOf } from "../codeobject/vectors.js";
import { formatShape } from "./dims.js";
import {
    bytesOfArray,
    type DataArrays,
    describeValue,
    ELEMENT_TYPES,
    type ElementArrays,
    type ElementType,
    type ElementValue,
    isElementType,
    storeElements,
} from "./elements.js";
import { ArgumentError, ShapeError } from "./errors.js";
import { countOf } from "./shape.js";
import { encodeValues, type FieldValue } from "./structs.js";
import { didYouMean } from "./suggest.js";

/** A structure's type, as `struct` makes it. */
export type StructType = ManifestStruct;

/** Arrays in arrays, one level for each dimension. */
export type NestedValues = readonly (ElementValue | NestedValues)[];

/**
 * The elements of a tensor in row-major order: the type's typed array, a flat array of values, or arrays in arrays as
 * the shape says. A vector's scalars come one after the other, or as an array of their own. Values are checked against the type's range; floating-point ones are rounded to nearest even.
 */
export type TensorData<T extends TensorType = ElementType> = T extends ElementType
    ? DataArrays[T] | NestedValues
    : readonly FieldValue[] | Uint8Array;

/** What a tensor's elements are: scalars, vectors or structures (see `struct`). */
export type TensorType = ElementType | StructType;

/** What `read()` gives: a typed array, or the objects of structures. */
export type TensorContents<T extends TensorType> = T extends ElementType ? ElementArrays[T] : FieldValue[];

export function isStruct(type: TensorType): type is StructType {
    return typeof type === "object" && type !== null && "struct" in type;
}

export function requireType<T extends TensorType>(type: T): T {
    if (!isStruct(type) && !isElementType(type)) {
        const hint = typeof type === "string" ? didYouMean(type, ELEMENT_TYPES) : "";
        throw new ArgumentError(
            `a tensor's type is one of ${ELEMENT_TYPES.join(", ")} or a vector such as f32x4, not ${describeValue(type)}${hint}`,
        );
    }
    return type;
}
/**
 * A tensor's elements as its memory has them.
 * @throws ArgumentError and ShapeError for data that does not fit
 */
export function encodeContents<T extends TensorType>(
    type: T,
    shape: readonly number[],
    data: TensorData<T>,
): Uint8Array {
    if (isStruct(type)) return encodeStructs(type, shape, data);
    const { scalar, lanes } = lanesOf(type as ElementType);
    if (ArrayBuffer.isView(data) && !(data instanceof DataView)) {
        requireLength(type, shape, data.length, lanes);
        return bytesOfArray(scalar, data, "data");
    }
    if (!Array.isArray(data)) {
        throw new ArgumentError(`data must be a typed array or an array, not ${describeValue(data)}`);
    }
    const values = flattenNested(data, lanes === 1 ? shape : [...shape, lanes]);
    requireLength(type, shape, values.length, lanes);
    return storeElements(scalar, values, "data");
}

/** Objects in row-major order or nested as the shape, or the memory's bytes. */
function encodeStructs(type: StructType, shape: readonly number[], data: unknown): Uint8Array {
    if (data instanceof Uint8Array) {
        const bytes = countOf(shape) * sizeOf(type);
        if (data.length === bytes) return data;
        throw new ShapeError(`data has ${data.length} bytes, and the tensor takes ${bytes}`);
    }
    if (!Array.isArray(data)) {
        throw new ArgumentError(`data must be an array of objects, not ${describeValue(data)}`);
    }
    const values = flattenNested(data, shape);
    requireLength(type, shape, values.length, 1);
    return encodeValues(type, values, "data");
}

function requireLength(type: TensorType, shape: readonly number[], length: number, lanes: number): void {
    const expected = countOf(shape) * lanes;
    if (length !== expected) {
        const detached = length === 0 ? " (an array whose buffer was transferred has none)" : "";
        throw new ShapeError(
            `data has ${length} ${lanes === 1 ? "elements" : "scalars"}${detached}, and the shape ${formatShape(shape)}${lanes === 1 ? "" : ` of ${typeText(type)}`} takes ${expected}`,
        );
    }
}

/** The values in row-major order: as they are, unless they are nested as the extents say. */
function flattenNested(data: readonly unknown[], extents: readonly number[]): readonly unknown[] {
    const nested = extents.length > 1 && data.some((each) => Array.isArray(each));
    return nested ? flatten(data, extents, "data") : data;
}

/** The values of nested arrays in row-major order. */
function flatten(data: unknown, shape: readonly number[], place: string): unknown[] {
    const [extent, ...inner] = shape;
    if (extent === undefined) {
        return [data];
    }
    if (!Array.isArray(data)) {
        throw new ShapeError(`${place} must be an array of ${extent}, not ${describeValue(data)}`);
    }
    if (data.length !== extent) {
        throw new ShapeError(`${place} has ${data.length} entries, and the shape takes ${extent} there`);
    }
    return data.flatMap((each, index) => flatten(each, inner, `${place}[${index}]`));
}
