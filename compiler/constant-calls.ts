// How constants compute calls of functions: lowered as for a device, and executed by the reference interpreter, so
// that there is one definition of arithmetic and a constant is what a device would have computed.

import { evaluateFunction } from "./ir/interpret/evaluate.js";
import { lowerFunctions } from "./lower/lower.js";
import type { ComputeCall } from "./sema/constant-calls.js";

export const computeCall: ComputeCall = (functions, args, limit) => {
    const callee = functions.at(-1);
    if (callee === undefined) throw new Error("there is no function to call");
    const outcome = evaluateFunction(lowerFunctions(functions), callee.symbol, args, limit);
    if (outcome.kind === "stopped") return outcome;
    const { values, steps } = outcome;
    const [value] = values;
    if (value === undefined || values.length > 1) throw new Error(`${callee.symbol} gives no scalar`);
    return { kind: "value", value, steps };
};
