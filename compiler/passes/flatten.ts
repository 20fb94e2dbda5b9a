// `a && b` and `a || b` as operations, where b is cheap to compute and does nothing else: a branch costs more. What the
// conditions of neighbouring branches have in common can then be seen (guards.ts).

import type { Definitions } from "../ir/definitions.js";
import { altered, type IrFunction, type Operation, type OpId, operation, type RegionId, region } from "../ir/module.js";
import { OPS, type OpName } from "../ir/ops.js";
import type { Pass } from "./pass.js";
import { NOTHING, rewrite } from "./rewrite.js";

/** Operations of the second condition. */
const MOST_OPERATIONS = 6;

export const flatten: Pass = {
    name: "flatten",
    optimises: true,
    run: (fn, { known }) => known.count("if") > 0 && flattenRegion(fn, fn.body, known.definitions),
};

/** Gives whether anything changed. */
function flattenRegion(fn: IrFunction, id: RegionId, definitions: Definitions): boolean {
    let changed = false;
    rewrite(fn, id, (op, opId) => {
        for (const inner of op.regions) if (flattenRegion(fn, inner, definitions)) changed = true;
        const joined = op.op === "if" ? join(fn, op, definitions) : null;
        if (joined === null) return NOTHING;
        fn.operations[opId] = joined.op;
        changed = true;
        return joined.before;
    });
    return changed;
}

/** An `if` of one result as `and` or `or`, and what comes before it; null where it is none. */
function join(fn: IrFunction, op: Operation, definitions: Definitions): { before: OpId[]; op: Operation } | null {
    const [condition] = op.operands;
    if (op.results.length !== 1 || condition === undefined) return null;
    // In the branch not taken the outcome is what the condition is there.
    for (const [name, asked, constant] of [
        ["and", 0, false],
        ["or", 1, true],
    ] as const satisfies readonly (readonly [OpName, number, boolean])[]) {
        const [inner, other] = [op.regions[asked], op.regions[1 - asked]];
        const value = inner === undefined ? null : cheaplyYielded(fn, inner);
        const given = other === undefined ? null : cheaplyYielded(fn, other);
        if (!value || !given || definitions.get(given.value)?.attributes.value !== constant) continue;
        const joined = { op: name, operands: [condition, value.value], attributes: {}, regions: [] };
        return { before: value.before, op: altered(op, joined) };
    }
    return null;
}

/** What a region yields, where it does little else. */
function cheaplyYielded(fn: IrFunction, id: RegionId) {
    const { operations } = region(fn, id);
    if (operations.length > MOST_OPERATIONS + 1) return null;
    const before = operations.slice(0, -1);
    const last = operations.at(-1);
    const exit = last === undefined ? null : operation(fn, last);
    const [value] = exit?.operands ?? [];
    const cheap = before.every((each) => {
        const op = operation(fn, each);
        return OPS[op.op].effects === "pure" && op.regions.length === 0;
    });
    if (exit?.op !== "yield" || value === undefined || !cheap) return null;
    return { before, value };
}
