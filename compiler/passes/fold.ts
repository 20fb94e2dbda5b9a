// Constant folding, by the op table's own rules, and the identities of integers that addresses are full of: x + 0,
// x - 0, x * 1, x * 0, x / 1. Float identities are left alone: x + 0.0 is not x where x is -0.0. Constants that are added
// come together and to the outside, (x + a - b) * c becomes x * c + (a - b) * c: there accesses take them for nothing, and
// what is left is the same for neighbours. The count of a shift, which is modulo the width, becomes an operation of its own.

import { wrap } from "../ir/arithmetic.js";
import {
    altered,
    type ConstantValue,
    type IrFunction,
    type Operation,
    type OpId,
    type RegionId,
    scalarOf,
    typeOf,
    type ValueId,
} from "../ir/module.js";
import { OPS } from "../ir/ops.js";
import { bitsOf, isBuffer, isInteger } from "../ir/types.js";
import type { Pass } from "./pass.js";
import { NOTHING, rewrite } from "./rewrite.js";

export const fold: Pass = {
    name: "fold",
    run: (fn) => {
        const facts = new Facts(fn.values.length);
        foldRegion(fn, fn.body, facts);
        return facts.changed;
    },
};

interface Sum {
    readonly value: ValueId;
    readonly constant: bigint;
}

/** What is known, by value. */
class Facts {
    readonly constants: (ConstantValue | undefined)[];
    /** Values that turned out to be others. */
    readonly same: (ValueId | undefined)[];
    /** Values that are others plus a constant. */
    readonly sums: (Sum | undefined)[];
    /** Values that are counts of shifts as they are: below the width of their type. */
    readonly counts = new Set<ValueId>();
    /** Operations that are to come before the one at hand. */
    before: readonly OpId[] = NOTHING;
    changed = false;

    constructor(values: number) {
        this.constants = new Array(values);
        this.same = new Array(values);
        this.sums = new Array(values);
    }
}

function foldRegion(fn: IrFunction, id: RegionId, facts: Facts): void {
    rewrite(fn, id, (written, opId) => {
        facts.before = NOTHING;
        const simple = folded(fn, renamed(written, facts), facts);
        const op = rearranged(fn, simple, facts);
        if (op !== written) {
            fn.operations[opId] = op;
            facts.changed = true;
        }
        const { before } = facts;
        for (const inner of op.regions) foldRegion(fn, inner, facts);
        return before;
    });
}

function rearranged(fn: IrFunction, op: Operation, facts: Facts): Operation {
    switch (op.op) {
        case "mul":
            return distributed(fn, op, facts);
        case "and":
            noteCount(fn, op, facts);
            return op;
        case "shl":
        case "shr":
            return countedOnce(fn, op, facts);
        default:
            return reassociated(fn, op, facts);
    }
}

function renamed(op: Operation, { same }: Facts): Operation {
    for (const operand of op.operands) {
        if (same[operand] === undefined) continue;
        return altered(op, { operands: op.operands.map((each) => same[each] ?? each) });
    }
    return op;
}

/** The operation, or the constant that it is; an identity is noted and left for dead code. */
function folded(fn: IrFunction, op: Operation, facts: Facts): Operation {
    const [result] = op.results;
    if (result === undefined || OPS[op.op].effects !== "pure" || isBuffer(typeOf(fn, result))) return op;
    if (op.attributes.value !== undefined) {
        facts.constants[result] = op.attributes.value;
        return op;
    }
    const value = evaluate(fn, op, result, facts);
    if (value === null) {
        const same = identity(fn, op, facts);
        if (same !== null) facts.same[result] = same;
        return op;
    }
    facts.constants[result] = value;
    return { op: "const", operands: [], results: [result], attributes: { value }, regions: [], span: op.span };
}

function evaluate(fn: IrFunction, op: Operation, result: ValueId, { constants }: Facts): ConstantValue | null {
    const compute = OPS[op.op].fold;
    const [first] = op.operands;
    if (!compute || first === undefined) return null;
    const values: ConstantValue[] = [];
    for (const operand of op.operands) {
        const value = constants[operand];
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
    const [left, right] = [constants[a], constants[b]];
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

/** A sum or difference with a constant as a sum with one, of what has none itself. */
function reassociated(fn: IrFunction, op: Operation, facts: Facts): Operation {
    const [result] = op.results;
    const [a, b] = op.operands;
    if ((op.op !== "add" && op.op !== "sub") || result === undefined || a === undefined || b === undefined) return op;
    const type = typeOf(fn, result);
    if (!isInteger(type) || facts.same[result] !== undefined) return op;
    const [left, right] = [facts.constants[a], facts.constants[b]];
    const [value, added] = typeof right === "bigint" ? [a, right] : op.op === "add" ? [b, left] : [a, undefined];
    if (typeof added !== "bigint") return outward(fn, op, result, [a, b], facts);
    const inner = facts.sums[value];
    const moved = op.op === "sub" ? -added : added;
    const scalar = scalarOf(fn, result);
    const sum = { value: inner?.value ?? value, constant: wrap(moved + (inner?.constant ?? 0n), scalar) };
    facts.sums[result] = sum;
    if (inner === undefined) return op;
    if (sum.constant === 0n) {
        facts.same[result] = sum.value;
        return op;
    }
    const operands = [sum.value, constantOf(fn, op, sum.constant, facts)];
    return altered(op, { op: "add", operands });
}

function noteCount(fn: IrFunction, { operands, results: [result] }: Operation, { constants, counts }: Facts): void {
    if (result === undefined || !isInteger(typeOf(fn, result))) return;
    const width = BigInt(bitsOf(scalarOf(fn, result)));
    const isBelow = (value: ConstantValue | undefined) => typeof value === "bigint" && value >= 0n && value < width;
    if (operands.some((operand) => isBelow(constants[operand]))) counts.add(result);
}

/** A shift's count is modulo the width: where that has to be said, an operation says it, which needn't be done each time. */
function countedOnce(fn: IrFunction, op: Operation, facts: Facts): Operation {
    const [value, count] = op.operands;
    if (value === undefined || count === undefined) return op;
    if (facts.constants[count] !== undefined || facts.counts.has(count)) return op;
    const width = BigInt(bitsOf(scalarOf(fn, value)));
    const masked = append(fn, op, "and", [count, constantOf(fn, op, width - 1n, facts)], facts);
    facts.counts.add(masked);
    return altered(op, { operands: [value, masked] });
}

/** The sum or difference of indices of which one is a sum with a constant: that constant comes to the outside. */
function outward(
    fn: IrFunction,
    op: Operation,
    result: ValueId,
    [a, b]: readonly [ValueId, ValueId],
    facts: Facts,
): Operation {
    const [left, right] = [facts.sums[a], facts.sums[b]];
    if (typeOf(fn, result) !== "index" || (left === undefined && right === undefined)) return op;
    const inner = append(fn, op, op.op as "add" | "sub", [left?.value ?? a, right?.value ?? b], facts);
    const moved = (left?.constant ?? 0n) + (right?.constant ?? 0n) * (op.op === "add" ? 1n : -1n);
    const constant = wrap(moved, "index");
    facts.sums[result] = { value: inner, constant };
    return altered(op, { op: "add", operands: [inner, constantOf(fn, op, constant, facts)] });
}

/** The product of an index that is a sum with a constant, and another constant. */
function distributed(fn: IrFunction, op: Operation, facts: Facts): Operation {
    const [result] = op.results;
    const [a, b] = op.operands;
    if (result === undefined || a === undefined || b === undefined || typeOf(fn, result) !== "index") return op;
    const [left, right] = [facts.constants[a], facts.constants[b]];
    const [value, factor, by] = typeof right === "bigint" ? [a, right, b] : [b, left, a];
    const sum = facts.sums[value];
    if (typeof factor !== "bigint" || sum === undefined || facts.same[result] !== undefined) return op;
    const product = append(fn, op, "mul", [sum.value, by], facts);
    const constant = wrap(sum.constant * factor, "index");
    facts.sums[result] = { value: product, constant };
    return altered(op, { op: "add", operands: [product, constantOf(fn, op, constant, facts)] });
}

function constantOf(fn: IrFunction, op: Operation, value: bigint, facts: Facts): ValueId {
    const made = append(fn, op, "const", [], facts, value);
    facts.constants[made] = value;
    return made;
}

/** Another operation before `op`, whose result has the same type. */
function append(
    fn: IrFunction,
    { results: [like], span }: Operation,
    op: "const" | "add" | "sub" | "mul" | "and",
    operands: readonly ValueId[],
    facts: Facts,
    value?: bigint,
): ValueId {
    if (like === undefined) throw new Error("an operation without a result");
    const result = (fn.values.push({ type: typeOf(fn, like), span }) - 1) as ValueId;
    const attributes = value === undefined ? {} : { value };
    const made = { op, operands, results: [result], attributes, regions: [], span };
    facts.before = [...facts.before, (fn.operations.push(made) - 1) as OpId];
    return result;
}
