// How much LDS a function's shared arrays take, and which of them the launch reserves.

import { SHARED_ALIGNMENT } from "../../codeobject/manifest.js";
import { attribute, type IrFunction, type Operation, typeOf, walk } from "./module.js";
import { type BufferElement, elementBytes, isBuffer } from "./types.js";

export interface SharedArray {
    readonly op: Operation;
    readonly name: string;
    readonly element: BufferElement;
    /** Number of elements. */
    readonly count: number;
    /** Bytes from the first array's start, where they lie one behind the other. */
    readonly offset: number;
    /** Bytes. */
    readonly size: number;
}

/** The arrays that `alloc` makes in LDS, in the order of the source. */
export function sharedArrays(fn: IrFunction): SharedArray[] {
    const arrays: SharedArray[] = [];
    let offset = 0;
    walk(fn, fn.body, (op) => {
        const [result] = op.results;
        if (op.op !== "alloc" || result === undefined) return;
        const type = typeOf(fn, result);
        if (!isBuffer(type) || type.space !== "shared") return;
        const count = attribute(op, "count");
        const size = count * elementBytes(type.element);
        arrays.push({ op, name: attribute(op, "name"), element: type.element, count, offset, size });
        offset += alignedSize(size);
    });
    return arrays;
}

/** Bytes for a workgroup. */
export function sharedBytes(fn: IrFunction): number {
    return sharedArrays(fn).reduce((sum, { size }) => sum + size, 0);
}

/** What the arrays that `reservedAtLaunch` take of what the launch reserves: others begin behind that. */
export function reservedBytes(arrays: readonly SharedArray[]): number {
    return arrays.reduce((sum, { size }) => sum + alignedSize(size), 0);
}

/**
 * The arrays that the launch must reserve, because they are more than the target lets a kernel declare; most often none.
 * @param limits the target's; without `ldsDeclared` a kernel can declare all that a workgroup can have
 */
export function reservedAtLaunch(fn: IrFunction, limits: { readonly ldsDeclared?: number }): readonly SharedArray[] {
    if (limits.ldsDeclared === undefined) return [];
    const arrays = sharedArrays(fn);
    return reservedBytes(arrays) > limits.ldsDeclared ? arrays : [];
}

function alignedSize(size: number): number {
    return Math.ceil(size / SHARED_ALIGNMENT) * SHARED_ALIGNMENT;
}
