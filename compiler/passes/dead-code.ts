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
    const kept: OpId[] = [];
    for (const opId of operations.slice().reverse()) {
        const op = operation(fn, opId);
        const { effects } = OPS[op.op];
        const removable = effects === "pure" || effects === "read";
        if (removable && !op.results.some((result) => used.has(result))) continue;
        for (const inner of op.regions.slice().reverse()) sweep(fn, inner, used);
        for (const operand of op.operands) used.add(operand);
        kept.push(opId);
    }
    operations.length = 0;
    for (const opId of kept.reverse()) operations.push(opId);
}
