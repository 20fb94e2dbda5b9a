// Removes operations whose results nobody uses and that have no effect. Calls and control flow stay: what they do
// isn't known here.

import { type IrFunction, type OpId, operation, type RegionId, region } from "../ir/module.js";
import { OPS } from "../ir/ops.js";
import type { Pass } from "./pass.js";

export const deadCode: Pass = {
    name: "dead-code",
    run: (fn) => sweep(fn, fn.body, new Uint8Array(fn.values.length)),
};

/** From the end to the start, so that what only dead operations use is dead as well. `used` is 1 at each value that is. */
function sweep(fn: IrFunction, id: RegionId, used: Uint8Array): boolean {
    const { operations } = region(fn, id);
    // What is kept moves to the end, then to the start: lists are long, and most stay as they are.
    let kept = operations.length;
    let removed = false;
    for (let at = operations.length - 1; at >= 0; at--) {
        const opId = operations[at] as OpId;
        const op = operation(fn, opId);
        const { effects } = OPS[op.op];
        const removable = effects === "pure" || effects === "read" || effects === "wave";
        if (removable && !op.results.some((result) => used[result] === 1)) continue;
        for (let inner = op.regions.length - 1; inner >= 0; inner--) {
            if (sweep(fn, op.regions[inner] as RegionId, used)) removed = true;
        }
        for (const operand of op.operands) used[operand] = 1;
        operations[--kept] = opId;
    }
    if (kept > 0) operations.splice(0, kept);
    return removed || kept > 0;
}
