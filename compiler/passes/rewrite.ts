// Going through a region while operations are put into it.

import { type IrFunction, type Operation, type OpId, operation, type RegionId, region } from "../ir/module.js";

/** For `rewrite`: nothing is put before the operation. */
export const NOTHING: readonly OpId[] = [];

/**
 * Visits the operations of a region in order, not those of regions within it. What `visit` gives comes to stand before the
 * operation; where that is nothing, as nearly always, the list stays what it was.
 */
export function rewrite(fn: IrFunction, id: RegionId, visit: (op: Operation, id: OpId) => readonly OpId[]): void {
    const { parameters, operations } = region(fn, id);
    let out: OpId[] | null = null;
    for (let at = 0; at < operations.length; at++) {
        const opId = operations[at] as OpId;
        const before = visit(operation(fn, opId), opId);
        if (before.length > 0) {
            out ??= operations.slice(0, at);
            for (const each of before) out.push(each);
        }
        out?.push(opId);
    }
    if (out !== null) fn.regions[id] = { parameters, operations: out };
}
