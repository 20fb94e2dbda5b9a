// What both sides of a branch do last is done once behind it: a store to the same element. LLVM does so as well, but takes
// the sum of base and offset along, which behind the branch it can no longer tell apart.

import {
    altered,
    type IrFunction,
    type Operation,
    type OpId,
    operation,
    type RegionId,
    region,
    typeOf,
    type ValueId,
} from "../ir/module.js";
import type { Pass } from "./pass.js";

export const sink: Pass = {
    name: "sink",
    optimises: true,
    run: (fn, { known }) => known.count("if") > 0 && known.count("store") > 1 && sinkRegion(fn, fn.body),
};

/** Gives whether anything changed. */
function sinkRegion(fn: IrFunction, id: RegionId): boolean {
    const { parameters, operations } = region(fn, id);
    const out: OpId[] = [];
    let changed = false;
    for (const opId of operations) {
        // From the inside out: what comes behind a branch may be the last thing of the side that it stands in.
        for (const inner of operation(fn, opId).regions) if (sinkRegion(fn, inner)) changed = true;
        out.push(opId);
        const behind: OpId[] = [];
        for (let store = sinkOne(fn, opId); store !== null; store = sinkOne(fn, opId)) behind.unshift(store);
        if (behind.length > 0) changed = true;
        out.push(...behind);
    }
    if (out.length > operations.length) fn.regions[id] = { parameters, operations: out };
    return changed;
}

/** Takes the last store out of both sides of a branch, whose result its value becomes; null where they differ. */
function sinkOne(fn: IrFunction, id: OpId): OpId | null {
    const op = operation(fn, id);
    const [then, otherwise] = op.op === "if" ? op.regions : [];
    const first = then === undefined ? null : endOf(fn, then);
    const second = otherwise === undefined ? null : endOf(fn, otherwise);
    if (first === null || second === null || !sameElement(first.store, second.store)) return null;
    const [value, other] = [first.store.operands[2], second.store.operands[2]];
    if (value === undefined || other === undefined) return null;
    const result = (fn.values.push({ type: typeOf(fn, value), span: first.store.span }) - 1) as ValueId;
    drop(fn, first, value);
    drop(fn, second, other);
    fn.operations[id] = altered(op, { results: [...op.results, result] });
    const operands = [...first.store.operands.slice(0, 2), result];
    return (fn.operations.push(altered(first.store, { operands })) - 1) as OpId;
}

interface End {
    readonly region: RegionId;
    readonly store: Operation;
    readonly exit: OpId;
}

/** A region that ends with a store and hands on values. */
function endOf(fn: IrFunction, id: RegionId): End | null {
    const [before, exit] = region(fn, id).operations.slice(-2);
    if (before === undefined || exit === undefined || operation(fn, exit).op !== "yield") return null;
    const store = operation(fn, before);
    return store.op === "store" ? { region: id, store, exit } : null;
}

/** Where buffer and index are the same values they come from before the branch. */
function sameElement({ operands: [buffer, index], attributes }: Operation, other: Operation): boolean {
    return buffer === other.operands[0] && index === other.operands[1] && attributes.align === other.attributes.align;
}

/** Hands on the value instead of storing it. */
function drop(fn: IrFunction, { region: id, exit }: End, value: ValueId): void {
    const { parameters, operations } = region(fn, id);
    const end = operation(fn, exit);
    fn.operations[exit] = altered(end, { operands: [...end.operands, value] });
    fn.regions[id] = { parameters, operations: [...operations.slice(0, -2), exit] };
}
