// The types of vectors as the manifest writes them, such as `f32x4`: so many scalars one after the other.

import { type ManifestElement, type ManifestScalar, VECTOR_LANES } from "./manifest.js";
import { SCALAR_SIZES } from "./scalar-sizes.js";

export interface Lanes {
    readonly scalar: ManifestScalar;
    /** 1 for a scalar. */
    readonly lanes: number;
}

/** What an element consists of; undefined for text that is no type made of these scalars. */
export function lanesOfText(type: string, scalars: readonly string[]): Lanes | undefined {
    if (scalars.includes(type)) return { scalar: type as ManifestScalar, lanes: 1 };
    const [, scalar = "", count = ""] = /^(\w+)x(\d+)$/.exec(type) ?? [];
    const lanes = VECTOR_LANES.find((each) => String(each) === count);
    return scalars.includes(scalar) && lanes !== undefined ? { scalar: scalar as ManifestScalar, lanes } : undefined;
}

/** What a scalar or a vector consists of. */
export function lanesOf(type: ManifestElement): Lanes {
    const [, scalar, count] = /^(\w+)x(\d+)$/.exec(type) ?? [];
    if (scalar === undefined || Object.hasOwn(SCALAR_SIZES, type)) return { scalar: type as ManifestScalar, lanes: 1 };
    return { scalar: scalar as ManifestScalar, lanes: Number(count) };
}
