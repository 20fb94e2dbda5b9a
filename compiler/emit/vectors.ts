// Values that lie side by side in registers: the results of one wide access or matrix instruction, which to LLVM are one
// vector. Each is taken out only where it is used alone; where they are used together, or regions hand them on together,
// they stay the vector that they are. So a product costs LLVM a few instructions, not some for every register.

import { type Operation, type OpId, operation, region, type ValueId } from "../ir/module.js";
import { llvmType } from "./text.js";
import { waysOut } from "./ways.js";
import type { Block, FunctionWriter } from "./writer.js";

/** An access of one is a scalar's. */
export function vectorType(element: string, count: number): string {
    return count === 1 ? element : `<${count} x ${element}>`;
}

/** A vector of values in text; the value itself where it is one. */
export function vectorOf(writer: FunctionWriter, element: string, values: readonly string[]): string {
    const [only = ""] = values;
    if (values.length === 1) return only;
    const type = vectorType(element, values.length);
    if (values.every((value) => !value.startsWith("%"))) {
        return `<${values.map((value) => `${element} ${value}`).join(", ")}>`;
    }
    return values.reduce(
        (vector, value, at) => writer.once(`insertelement ${type} ${vector}, ${element} ${value}, i32 ${at}`),
        "poison",
    );
}

/** A vector of values: the one that they are elements of, parts of some, or a new one. */
export function together(writer: FunctionWriter, element: string, values: readonly ValueId[]): string {
    return joined(writer, element, values) ?? vectorOf(writer, element, writer.uses(values));
}

/** Null where the values are not all elements of vectors that one instruction or a few of them join. */
function joined(writer: FunctionWriter, element: string, values: readonly ValueId[]): string | null {
    const [first, ...others] = values.map((value) => writer.elementOf(value));
    if (first === undefined || values.length === 1) return null;
    const { vector, count } = first;
    if (count === values.length && [first, ...others].every((each, at) => each?.vector === vector && each.at === at)) {
        return vector;
    }
    const sources = new Set([vector]);
    for (const each of others) {
        if (each === undefined || each.count !== count) return null;
        sources.add(each.vector);
    }
    const [one, other = "poison", ...more] = sources;
    if (more.length === 0) {
        const order = [first, ...others].map((each) => (each?.vector === one ? 0 : count) + (each?.at ?? 0));
        return shuffled(writer, vectorType(element, count), [one ?? "", other], order);
    }
    const half = values.length / 2;
    if (!Number.isInteger(half)) return null;
    const [low, high] = [values.slice(0, half), values.slice(half)].map((part) => joined(writer, element, part));
    if (low == null || high == null) return null;
    return shuffled(writer, vectorType(element, half), [low, high], [...values.keys()]);
}

function shuffled(writer: FunctionWriter, type: string, [a, b]: readonly [string, string], order: readonly number[]) {
    const mask = order.map((at) => `i32 ${at}`).join(", ");
    return writer.once(`shufflevector ${type} ${a}, ${type} ${b}, <${order.length} x i32> <${mask}>`);
}

/** Defines values as the elements of a vector. */
export function defineAll(
    writer: FunctionWriter,
    results: readonly ValueId[],
    element: string,
    vector: string,
    block?: Block,
): void {
    const [only] = results;
    if (only !== undefined && results.length === 1) writer.define(only, vector, block);
    else
        for (const [at, result] of results.entries())
            writer.defineElement(result, { vector, element, count: results.length, at });
}

/** What regions hand on as one phi: how many values, and of which type each is. */
export interface Slot {
    readonly element: string;
    readonly count: number;
}

/**
 * What the regions of an `if` or `for` hand on, in order. A loop that is left, or goes on, from within hands on every value
 * by itself.
 */
export function slotsOf(writer: FunctionWriter, op: Operation): readonly Slot[] {
    return groups(writer, op).map(([first, ...others]) => ({
        element: llvmType(writer.typeOf(first as ValueId)),
        count: 1 + others.length,
    }));
}

/** The results of an operation, those together that are one vector. */
function groups(writer: FunctionWriter, op: Operation): readonly (readonly ValueId[])[] {
    const known = writer.groups.get(op);
    if (known) return known;
    const found = groupsAnew(writer, op);
    writer.groups.set(op, found);
    return found;
}

function groupsAnew(writer: FunctionWriter, op: Operation): readonly (readonly ValueId[])[] {
    const { results, regions } = op;
    const single = () => results.map((result) => [result]);
    if (!writer.keepsVectors || results.length < 2) return single();
    if (op.op === "load_words" || op.op === "mma") return [results];
    if (op.op !== "if" && op.op !== "for") return single();
    const yielded = regions
        .map((id) => operation(writer.fn, region(writer.fn, id).operations.at(-1) as OpId))
        .find((last) => last.op === "yield")?.operands;
    if (yielded === undefined) return single();
    const found: (readonly ValueId[])[] = [];
    for (let at = 0; at < results.length; ) {
        const count = countFrom(writer, yielded, at);
        found.push(results.slice(at, at + count));
        at += count;
    }
    const isMixed = found.length < results.length;
    if (!isMixed || op.op === "if") return found;
    return waysOut(writer.fn, regions).length === 0 ? found : single();
}

/** How many values from a place on are all elements of one vector, in order. */
function countFrom(writer: FunctionWriter, values: readonly ValueId[], from: number): number {
    const first = values[from] as ValueId;
    const op = writer.definitions.get(first);
    if (op === undefined) return 1;
    const group = groups(writer, op).find(([start]) => start === first);
    return group?.every((value, at) => values[from + at] === value) ? group.length : 1;
}
