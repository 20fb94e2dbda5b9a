// Structures on the host: described like their declarations, and values as objects. Memory has C's layout, as in the
// kernels (spec/language.md): each field at the next multiple of its alignment, which is a scalar's size, a vector's size
// (at most 16; of three lanes, one lane's), and a structure's largest.

import { sizeOf, typeText } from "../codeobject/layout.js";
import type { ManifestArray, ManifestElement, ManifestStruct, ManifestType } from "../codeobject/manifest.js";
import { SCALAR_SIZES } from "../codeobject/scalar-sizes.js";
import { lanesOf } from "../codeobject/vectors.js";
import {
    arrayOfBytes,
    describeValue,
    type ElementValue,
    isElementType,
    storeElement,
    storeElements,
} from "./elements.js";
import { ArgumentError } from "./errors.js";

/** What a structure or an array is on the host: an object by field names, an array of values. */
export type StructValue = { readonly [field: string]: FieldValue };
export type FieldValue = ElementValue | ArrayLike<ElementValue> | readonly FieldValue[] | StructValue;

/**
 * A structure's type: `struct("Body", { pos: "f32x3", mass: "f32" })`, with the fields in the order of its declaration.
 * @throws ArgumentError where a field's type is none
 */
export function struct(name: string, fields: Readonly<Record<string, ManifestType>>): ManifestStruct {
    let [end, align] = [0, 1];
    const placed = Object.entries(fields).map(([field, type]) => {
        if (typeof type === "string" && !isElementType(type)) {
            throw new ArgumentError(`${name}.${field} has the type ${describeValue(type)}, which is none`);
        }
        const own = alignOf(type);
        const offset = Math.ceil(end / own) * own;
        end = offset + sizeOf(type);
        align = Math.max(align, own);
        return { name: field, type, offset };
    });
    if (placed.length === 0) throw new ArgumentError(`the structure ${name} has no fields`);
    return { struct: name, size: Math.ceil(end / align) * align, fields: placed };
}

/** The type of a field that is an array, row-major. */
export function array(element: ManifestType, ...extents: readonly number[]): ManifestArray {
    return { array: element, extents };
}

const MOST_ALIGNMENT = 16;

function alignOf(type: ManifestType): number {
    if (typeof type === "string") {
        const { scalar, lanes } = lanesOf(type);
        return lanes === 3 ? SCALAR_SIZES[scalar] : Math.min(sizeOf(type), MOST_ALIGNMENT);
    }
    if ("array" in type) return alignOf(type.array);
    return Math.max(...type.fields.map((field) => alignOf(field.type)));
}

/** Values one after the other, as they lie in memory; padding is zero. @throws ArgumentError that names the place */
export function encodeValues(type: ManifestType, values: readonly unknown[], what: string): Uint8Array<ArrayBuffer> {
    const size = sizeOf(type);
    const bytes = new Uint8Array(size * values.length);
    for (const [at, value] of values.entries()) encodeInto(bytes, at * size, type, value, `${what}[${at}]`);
    return bytes;
}

/** One value, as it lies in memory. */
export function encodeValue(type: ManifestType, value: unknown, what: string): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(sizeOf(type));
    encodeInto(bytes, 0, type, value, what);
    return bytes;
}

function encodeInto(bytes: Uint8Array, offset: number, type: ManifestType, value: unknown, place: string): void {
    if (typeof type === "string") {
        const { scalar, lanes } = lanesOf(type);
        // Checked by itself first, so that an error names the place.
        if (lanes === 1) storeElement(scalar, value, () => place);
        const scalars = lanes === 1 ? [value] : listOf(value, lanes, type, place);
        bytes.set(storeElements(scalar, scalars, place), offset);
        return;
    }
    if ("array" in type) {
        const count = type.extents.reduce((product, extent) => product * extent, 1);
        const size = sizeOf(type.array);
        for (const [at, each] of listOf(value, count, typeText(type), place).entries()) {
            encodeInto(bytes, offset + at * size, type.array, each, `${place}[${at}]`);
        }
        return;
    }
    if (typeof value !== "object" || value === null || Array.isArray(value) || ArrayBuffer.isView(value)) {
        const names = type.fields.map(({ name }) => name).join(", ");
        throw new ArgumentError(
            `${place} is ${type.struct} and takes an object of ${names}, not ${describeValue(value)}`,
        );
    }
    const given = value as Readonly<Record<string, unknown>>;
    const stranger = Object.keys(given).find((key) => type.fields.every(({ name }) => name !== key));
    if (stranger !== undefined) throw new ArgumentError(`${place} is ${type.struct}, which has no field ${stranger}`);
    for (const field of type.fields) {
        if (!Object.hasOwn(given, field.name)) throw new ArgumentError(`${place} lacks the field ${field.name}`);
        encodeInto(bytes, offset + field.offset, field.type, given[field.name], `${place}.${field.name}`);
    }
}

function listOf(value: unknown, count: number, type: string, place: string): unknown[] {
    const isList = Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
    const list = isList ? Array.from(value as ArrayLike<unknown>) : [];
    if (isList && list.length === count) return list;
    const found = isList ? `one of ${list.length}` : describeValue(value);
    throw new ArgumentError(`${place} is ${type} and takes an array of ${count} values, not ${found}`);
}

/** The values in memory, one after the other. */
export function decodeValues(type: ManifestType, bytes: ArrayBuffer): FieldValue[] {
    const size = sizeOf(type);
    return Array.from({ length: bytes.byteLength / size }, (_, at) => decode(type, bytes, at * size));
}

function decode(type: ManifestType, bytes: ArrayBuffer, offset: number): FieldValue {
    if (typeof type === "string") {
        const scalars = decodeElement(type, bytes.slice(offset, offset + sizeOf(type)));
        return lanesOf(type).lanes === 1 ? (scalars[0] as ElementValue) : scalars;
    }
    if ("array" in type) return decodeValues(type.array, bytes.slice(offset, offset + sizeOf(type)));
    return Object.fromEntries(
        type.fields.map((field) => [field.name, decode(field.type, bytes, offset + field.offset)]),
    );
}

function decodeElement(type: ManifestElement, bytes: ArrayBuffer): ElementValue[] {
    const scalars = Array.from(arrayOfBytes(type, bytes) as ArrayLike<ElementValue>);
    return lanesOf(type).scalar === "bool" ? scalars.map((each) => each !== 0) : scalars;
}
