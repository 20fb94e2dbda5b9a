// Types of structures and arrays as the manifest writes them: what their scalars are, and where these lie.

import type { ManifestScalar, ManifestType } from "./manifest.js";
import { SCALAR_SIZES } from "./scalar-sizes.js";
import { lanesOf } from "./vectors.js";

/** Bytes of a value, with what pads it to the distance of neighbours. */
export function sizeOf(type: ManifestType): number {
    if (typeof type === "string") {
        const { scalar, lanes } = lanesOf(type);
        return SCALAR_SIZES[scalar] * lanes;
    }
    if ("array" in type) return type.extents.reduce((product, extent) => product * extent, sizeOf(type.array));
    return type.size;
}

/** The scalar that lies so many bytes from a value's start; undefined where none begins there. */
export function scalarAt(type: ManifestType, at: number): ManifestScalar | undefined {
    if (at < 0 || at >= sizeOf(type)) return undefined;
    if (typeof type === "string") {
        const { scalar } = lanesOf(type);
        return at % SCALAR_SIZES[scalar] === 0 ? scalar : undefined;
    }
    if ("array" in type) return scalarAt(type.array, at % sizeOf(type.array));
    const field = type.fields.find(({ type, offset }) => at >= offset && at < offset + sizeOf(type));
    return field === undefined ? undefined : scalarAt(field.type, at - field.offset);
}

/** Whether two types have the same names, fields and places. */
export function sameType(a: ManifestType, b: ManifestType): boolean {
    if (typeof a === "string" || typeof b === "string") return a === b;
    if ("array" in a || "array" in b) {
        if (!("array" in a && "array" in b)) return false;
        return sameType(a.array, b.array) && a.extents.join() === b.extents.join();
    }
    const fields = a.fields.length === b.fields.length && a.size === b.size;
    return (
        fields &&
        a.fields.every(({ name, type, offset }, at) => {
            const other = b.fields[at];
            return other?.name === name && other.offset === offset && sameType(type, other.type);
        })
    );
}

/** A type in words: `f32x3`, `Body`, `f32[4]`. */
export function typeText(type: ManifestType): string {
    if (typeof type === "string") return type;
    return "array" in type ? `${typeText(type.array)}[${type.extents.join(", ")}]` : type.struct;
}
