// Elements of global memory, as 32-bit sums: a view has less than 2^32 bytes (checked at launch) and an access outside
// of it is undefined, so the low half of an index says all. What that half needs of the index's terms is their low
// halves, through sums, differences and products.

import type { Definitions } from "../ir/definitions.js";
import {
    accessedType,
    type IrFunction,
    type Operation,
    type OpId,
    region,
    typeOf,
    type ValueId,
    walk,
} from "../ir/module.js";
import { reaches } from "../ir/reach.js";
import { bitsOf, bytesOf, type IrScalar, type IrType, isBuffer, isInteger, isScalar } from "../ir/types.js";
import { rangeOfType, within } from "./range.js";
import type { Ranges } from "./range-analysis.js";

/** An element's index as a sum of values and a constant. */
export interface Element {
    readonly terms: readonly ValueId[];
    readonly offset: bigint;
}

const ACCESSES: ReadonlySet<string> = new Set([
    "load",
    "store",
    "atomic_rmw",
    "atomic_cas",
    "atomic_load",
    "atomic_store",
]);

/** The type of the scalar that an operation accesses, if that lies in global memory whose offsets have 32 bits. */
export function globalAccess(fn: IrFunction, operation: Operation): IrScalar | null {
    const { op, operands } = operation;
    if (!ACCESSES.has(op)) return null;
    const type = operands[0] === undefined ? null : typeOf(fn, operands[0]);
    if (!type || !isBuffer(type) || type.space !== "global") return null;
    return fn.parameters.some(({ value, large }) => large && value === operands[0])
        ? null
        : accessedType(fn, operation);
}

/**
 * The constant of an element's index split off, where the rest is at least zero and within 32-bit offsets: the index is
 * in bounds, so that holds where the constant is negative, and otherwise if the ranges say so.
 */
export function splitElement(index: ValueId, type: IrScalar, definitions: Definitions, ranges: Ranges): Element {
    const terms: ValueId[] = [];
    let offset = 0n;
    const pending = [index];
    for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
        const op = definitions.get(value);
        const [a, b] = op?.operands ?? [];
        const constant = op?.attributes.value;
        const right = b === undefined ? undefined : definitions.get(b)?.attributes.value;
        if (typeof constant === "bigint") offset += constant;
        else if (op?.op === "add" && a !== undefined && b !== undefined) pending.push(b, a);
        else if (op?.op === "sub" && a !== undefined && typeof right === "bigint") {
            offset -= right;
            pending.push(a);
        } else terms.push(value);
        if (terms.length + pending.length > MOST_TERMS) return { terms: [index], offset: 0n };
    }
    const whole = { terms: [index], offset: 0n };
    if (offset === 0n || terms.length === 0 || !reaches(offset, bytesOf(type))) return whole;
    if (offset > 0n) {
        let sum = 0n;
        for (const term of terms) {
            const range = ranges.of(term);
            if (!range || range.min < 0n) return whole;
            sum += range.max;
        }
        if (sum >= 2n ** 63n) return whole;
    }
    return { terms, offset };
}

/** Longer sums are left as they are. */
const MOST_TERMS = 8;
const HALVES: ReadonlySet<string> = new Set(["add", "sub", "mul"]);

/** The counters of loops by steps of one. */
export function countersByOne(fn: IrFunction, definitions: Definitions): ReadonlySet<ValueId> {
    const counters = new Set<ValueId>();
    walk(fn, fn.body, ({ op, operands, regions: [body] }) => {
        const step = operands[2];
        if (op !== "for" || step === undefined || body === undefined) return;
        const [counter] = region(fn, body).parameters;
        if (counter !== undefined && definitions.get(step)?.attributes.value === 1n) counters.add(counter);
    });
    return counters;
}

/**
 * The values made of sums, differences and products of values that fit 32 bits and are none of `others`. Others keep all
 * their bits, so that an index that is far out of bounds is not mistaken for one within.
 */
export function madeOfNarrow(fn: IrFunction, ranges: Ranges, others: ReadonlySet<ValueId>): ReadonlySet<ValueId> {
    const made = new Set<ValueId>();
    const [u32, i32] = [rangeOfType("u32"), rangeOfType("i32")];
    const note = (value: ValueId) => {
        const range = ranges.of(value);
        if (range && (within(range, u32) || within(range, i32)) && !others.has(value)) made.add(value);
    };
    for (const { value } of fn.parameters) note(value);
    for (const { parameters } of fn.regions) parameters.forEach(note);
    // Operands come before what they are operands of.
    walk(fn, fn.body, ({ op, operands, results }) => {
        results.forEach(note);
        const [result] = results;
        if (result !== undefined && HALVES.has(op) && operands.every((operand) => made.has(operand))) made.add(result);
    });
    return made;
}

/** The 64-bit sums, differences and products of which accesses to global memory need the low half. */
export function lowHalvesNeeded(
    fn: IrFunction,
    elements: ReadonlyMap<OpId, Element>,
    definitions: Definitions,
): ReadonlySet<ValueId> {
    const needed = new Set<ValueId>();
    const pending: ValueId[] = [];
    for (const { terms } of elements.values()) pending.push(...terms);
    for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
        const op = definitions.get(value);
        if (!op || needed.has(value) || !HALVES.has(op.op) || !isWide(typeOf(fn, value))) continue;
        needed.add(value);
        pending.push(...op.operands);
    }
    return needed;
}

/** Integers of 64 bits. */
export function isWide(type: IrType): boolean {
    return isScalar(type) && isInteger(type) && bitsOf(type) === 64;
}
