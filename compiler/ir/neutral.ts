// For each way to combine lanes, the value of a type that changes nothing.

import { wrap } from "./arithmetic.js";
import type { Combine, ConstantValue } from "./module.js";
import { bitsOf, type IrScalar, isFloat, isSigned } from "./types.js";

/** Sums of floats keep -0.0 where that is what they are of; their `min` and `max` take a number instead of NaN. */
export function neutral(kind: Combine, type: IrScalar): ConstantValue {
    if (isFloat(type)) return kind === "add" ? -0 : Number.NaN;
    const ones = wrap(-1n, type);
    // Of the signed ones, all bits but the highest.
    const greatest = isSigned(type) ? wrap(BigInt.asUintN(64, -1n) >> BigInt(65 - bitsOf(type)), type) : ones;
    if (kind === "and") return ones;
    if (kind === "min") return greatest;
    return kind === "max" ? wrap(greatest + 1n, type) : 0n;
}
