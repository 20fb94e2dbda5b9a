// How much LDS a function's shared arrays take.

import { attribute, type IrFunction, typeOf, walk } from "./module.js";
import { elementBytes, isBuffer } from "./types.js";

/** Bytes for a workgroup. */
export function sharedBytes(fn: IrFunction): number {
    let bytes = 0;
    walk(fn, fn.body, (op) => {
        const [result] = op.results;
        if (op.op !== "alloc" || result === undefined) return;
        const type = typeOf(fn, result);
        if (isBuffer(type) && type.space === "shared") bytes += attribute(op, "count") * elementBytes(type.element);
    });
    return bytes;
}
