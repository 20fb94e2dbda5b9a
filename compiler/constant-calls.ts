// How constants compute calls of functions: lowered as for a device, and executed by the reference interpreter, so
// that there is one definition of arithmetic and a constant is what a device would have computed.

import { decodeSmallFloat, encodeSmallFloat, isSmallFloat } from "../codeobject/small-floats.js";
import { evaluateFunction } from "./ir/interpret/evaluate.js";
import { type Leaf, layoutOf } from "./lower/layout.js";
import { lowerFunctions } from "./lower/lower.js";
import type { ComputeCall } from "./sema/constant-calls.js";
import type { ConstantValue } from "./sema/constants.js";
import { isValue } from "./sema/scalars.js";
import type { Type } from "./sema/types.js";

export const computeCall: ComputeCall = (functions, args, limit) => {
    const callee = functions.at(-1);
    if (callee === undefined) throw new Error("there is no function to call");
    const taken = callee.params.flatMap(({ type }) => leavesOf(type));
    const given = args.map((arg, at) => encoded(taken[at], arg));
    const outcome = evaluateFunction(lowerFunctions(functions), callee.symbol, given, limit);
    if (outcome.kind === "stopped") return outcome;
    const { steps } = outcome;
    const results = leavesOf(callee.result);
    const values = outcome.values.map((value, at) => decoded(results[at], value));
    return { kind: "value", values, steps };
};

function leavesOf(type: Type): readonly Leaf[] {
    return isValue(type) ? layoutOf(type).leaves : [];
}

/** Small floats are their bits in the IR. */
function encoded(leaf: Leaf | undefined, value: ConstantValue): ConstantValue {
    if (leaf === undefined || !isSmallFloat(leaf.scalar)) return value;
    return BigInt(encodeSmallFloat(leaf.scalar, Number(value)));
}

function decoded(leaf: Leaf | undefined, value: ConstantValue): ConstantValue {
    if (leaf === undefined || !isSmallFloat(leaf.scalar)) return value;
    return decodeSmallFloat(leaf.scalar, Number(value));
}
