// Intervals of integers, and what operations make of them. All bounds are inclusive. A result that its type can't hold
// may have wrapped, so it can be anything of the type.

import type { ConstantValue, Range } from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import { bitsOf, type IrScalar, isSigned } from "../ir/types.js";

const RANGES = new Map<IrScalar, Range>();

/** Every value of an integer type or `bool` (0 or 1). */
export function rangeOfType(type: IrScalar): Range {
    const known = RANGES.get(type);
    if (known !== undefined) return known;
    const bits = BigInt(bitsOf(type));
    const range = isSigned(type)
        ? { min: -(1n << (bits - 1n)), max: (1n << (bits - 1n)) - 1n }
        : { min: 0n, max: (1n << bits) - 1n };
    RANGES.set(type, range);
    return range;
}

export function exactly(value: ConstantValue): Range {
    const point = BigInt(value);
    return { min: point, max: point };
}

export function within(inner: Range, outer: Range): boolean {
    return inner.min >= outer.min && inner.max <= outer.max;
}

export function join(a: Range, b: Range): Range {
    return { min: least([a.min, b.min]), max: greatest([a.max, b.max]) };
}

/** The values in both; the first alone where there are none, which only code that never runs can see. */
export function meet(a: Range, b: Range): Range {
    const both = { min: greatest([a.min, b.min]), max: least([a.max, b.max]) };
    return both.min <= both.max ? both : a;
}

/** Bounds at which a growing range rests: loops mostly count from, to or around one of them. */
const RESTS = [0n, 1n << 31n, (1n << 32n) - 1n];

/** A range around both, in which a loop's values settle after few rounds. */
export function widen(before: Range, now: Range, type: IrScalar): Range {
    const all = rangeOfType(type);
    const below = [...RESTS.map((rest) => -rest), all.min].filter((rest) => rest <= now.min && rest >= all.min);
    const above = [...RESTS.slice(1).map((rest) => rest - 1n), ...RESTS, all.max].filter(
        (rest) => rest >= now.max && rest <= all.max,
    );
    return {
        min: now.min < before.min ? greatest(below) : before.min,
        max: now.max > before.max ? least(above) : before.max,
    };
}

/** What an operation gives for operands in these ranges; its type's range where nothing better is known. */
export function resultRange(op: OpName, operands: readonly Range[], type: IrScalar): Range {
    const all = rangeOfType(type);
    const exact = exactRange(op, operands, type);
    return exact && within(exact, all) ? exact : all;
}

/** In unbounded integers; null where nothing is known. */
function exactRange(op: OpName, [a, b, c]: readonly Range[], type: IrScalar): Range | null {
    if (!a) return null;
    switch (op) {
        case "convert":
            return a;
        case "neg":
            return { min: -a.max, max: -a.min };
        case "abs":
            if (a.min >= 0n) return a;
            return { min: 0n, max: greatest([-a.min, a.max]) };
        case "count_ones":
        case "leading_zeros":
        case "trailing_zeros":
            return { min: 0n, max: BigInt(bitsOf(type)) };
        case "select":
            return b && c ? join(b, c) : null;
        default:
            return b ? exactBinary(op, a, b, type) : null;
    }
}

function exactBinary(op: OpName, a: Range, b: Range, type: IrScalar): Range | null {
    const natural = a.min >= 0n && b.min >= 0n;
    switch (op) {
        case "add":
            return { min: a.min + b.min, max: a.max + b.max };
        case "sub":
            return { min: a.min - b.max, max: a.max - b.min };
        case "mul":
            return hull([a.min * b.min, a.min * b.max, a.max * b.min, a.max * b.max]);
        case "div":
            // A zero divisor counts as one, so a divisor of either sign may give the dividend or its negation.
            if (b.min >= 1n) return hull([a.min / b.min, a.min / b.max, a.max / b.min, a.max / b.max]);
            return b.min >= 0n ? hull([a.min, a.max, 0n]) : hull([a.min, a.max, -a.min, -a.max]);
        case "rem": {
            const largest = greatest([greatest([b.max, -b.min]) - 1n, 0n]);
            return {
                min: a.min >= 0n ? 0n : greatest([a.min, -largest]),
                max: a.max <= 0n ? 0n : least([a.max, largest]),
            };
        }
        case "min":
            return { min: least([a.min, b.min]), max: least([a.max, b.max]) };
        case "max":
            return { min: greatest([a.min, b.min]), max: greatest([a.max, b.max]) };
        case "and":
            if (natural) return { min: 0n, max: least([a.max, b.max]) };
            return a.min >= 0n ? { min: 0n, max: a.max } : b.min >= 0n ? { min: 0n, max: b.max } : null;
        case "or":
        case "xor":
            return natural ? { min: 0n, max: (1n << BigInt((a.max | b.max).toString(2).length)) - 1n } : null;
        case "shl":
        case "shr": {
            if (b.min !== b.max || b.min < 0n || b.min >= BigInt(bitsOf(type))) return null;
            return op === "shl"
                ? { min: a.min << b.min, max: a.max << b.min }
                : { min: a.min >> b.min, max: a.max >> b.min };
        }
        default:
            return null;
    }
}

function hull(values: readonly bigint[]): Range {
    return { min: least(values), max: greatest(values) };
}

export function least(values: readonly bigint[]): bigint {
    let found = values[0] ?? 0n;
    for (const value of values) if (value < found) found = value;
    return found;
}

export function greatest(values: readonly bigint[]): bigint {
    let found = values[0] ?? 0n;
    for (const value of values) if (value > found) found = value;
    return found;
}
