// Constant folding, by the op table's own rules, and the identities of integers that addresses are full of: x + 0,
// x - 0, x * 1, x * 0, x / 1. Float identities are left alone: x + 0.0 is not x where x is -0.0.

import {
    type ConstantValue,
    type IrFunction,
    type Operation,
    operation,
    type RegionId,
    region,
    scalarOf,
    typeOf,
    type ValueId,
} from "../ir/module.js";
import { OPS } from "../ir/ops.js";
import { isBuffer, isInteger } from "../ir/types.js";
import type { Pass } from "./pass.js";

export const fold: Pass = {
    name: "fold",
    run: (fn) => foldRegion(fn, fn.body, { constants: new Map(), same: new Map() }),
};

interface Facts {
    readonly constants: Map<ValueId, ConstantValue>;
    /** Values that turned out to be others. */
    readonly same: Map<ValueId, ValueId>;
}

function foldRegion(fn: IrFunction, id: RegionId, facts: Facts): void {
    for (const opId of region(fn, id).operations) {
        const op = folded(fn, renamed(operation(fn, opId), facts), facts);
        fn.operations[opId] = op;
        for (const inner of op.regions) foldRegion(fn, inner, facts);
    }
}

function renamed(op: Operation, { same }: Facts): Operation {
    if (!op.operands.some((operand) => same.has(operand))) return op;
    return { ...op, operands: op.operands.map((operand) => same.get(operand) ?? operand) };
}

/** The operation, or the constant that it is; an identity is noted and left for dead code. */
function folded(fn: IrFunction, op: Operation, facts: Facts): Operation {
    const [result] = op.results;
    if (result === undefined || OPS[op.op].effects !== "pure" || isBuffer(typeOf(fn, result))) return op;
    if (op.attributes.value !== undefined) {
        facts.constants.set(result, op.attributes.value);
        return op;
    }
    const value = evaluate(fn, op, result, facts);
    if (value === null) {
        const same = identity(fn, op, facts);
        if (same !== null) facts.same.set(result, same);
        return op;
    }
    facts.constants.set(result, value);
    return { op: "const", operands: [], results: [result], attributes: { value }, regions: [], span: op.span };
}

function evaluate(fn: IrFunction, op: Operation, result: ValueId, { constants }: Facts): ConstantValue | null {
    const compute = OPS[op.op].fold;
    const [first] = op.operands;
    if (!compute || first === undefined) return null;
    const values: ConstantValue[] = [];
    for (const operand of op.operands) {
        const value = constants.get(operand);
        if (value === undefined) return null;
        values.push(value);
    }
    const value = compute(values, scalarOf(fn, result), scalarOf(fn, first));
    // How a NaN looks is the hardware's business.
    return typeof value === "number" && Number.isNaN(value) ? null : value;
}

function identity(fn: IrFunction, op: Operation, { constants }: Facts): ValueId | null {
    const [a, b] = op.operands;
    if (a === undefined || b === undefined || op.operands.length !== 2 || !isInteger(typeOf(fn, a))) return null;
    const [left, right] = [constants.get(a), constants.get(b)];
    switch (op.op) {
        case "add":
            return right === 0n ? a : left === 0n ? b : null;
        case "sub":
            return right === 0n ? a : null;
        case "mul":
            if (right === 0n || left === 0n) return right === 0n ? b : a;
            return right === 1n ? a : left === 1n ? b : null;
        case "div":
            return right === 1n ? a : null;
        default:
            return null;
    }
}
