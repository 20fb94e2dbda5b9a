// What the elements of a matrix product are: the language's scalars, by their names.

import { SCALAR_INFO } from "../sema/scalars.js";
import { SCALARS, type ScalarName } from "../sema/types.js";

/** The two formats that a product's attribute names. */
export function formatsOf(attribute: string): readonly [left: ScalarName, right: ScalarName] {
    const [left, right] = attribute.split(" ").map((name) => SCALARS.find((scalar) => scalar === name));
    if (left === undefined || right === undefined) throw new Error(`"${attribute}" names no formats`);
    return [left, right];
}

export function bitsOfFormat(name: ScalarName): number {
    return SCALAR_INFO[name].bits;
}
