// Removes operations whose results nobody uses and that have no effect. Calls and control flow stay: what they do
// isn't known here.

import { type IrFunction, type OpId, operation, type RegionId, region, type ValueId } from "../ir/module.js";
import { OPS } from "../ir/ops.js";
import type { Pass } from "./pass.js";

export const deadCode: Pass = {
    name: "dead-code",
    run: (fn) => sweep(fn, fn.body, new Set()),
};

/** From the end to the start, so that what only dead operations use is dead as well. */
function sweep(fn: IrFunction, id: RegionId, used: Set<ValueId>): void {
    const { operations } = region(fn, id);
    // What is kept moves to the end, then to the start: lists are long, and most stay as they are.
    let kept = operations.length;
    for (let at = operations.length - 1; at >= 0; at--) {
        const opId = operations[at] as OpId;
        const op = operation(fn, opId);
        const { effects } = OPS[op.op];
        const removable = effects === "pure" || effects === "read" || effects === "wave";
        if (removable && !op.results.some((result) => used.has(result))) continue;
        for (let inner = op.regions.length - 1; inner >= 0; inner--) sweep(fn, op.regions[inner] as RegionId, used);
        for (const operand of op.operands) used.add(operand);
        operations[--kept] = opId;
    }
    if (kept > 0) operations.splice(0, kept);
}
