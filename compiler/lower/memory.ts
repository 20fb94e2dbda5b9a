// Values in memory: where they lie, and their scalars read and written one by one. LLVM joins neighbours to wide accesses.

import type { Span } from "../diagnostics/diagnostic.js";
import type { ValueId } from "../ir/module.js";
import { bytesOf } from "../ir/types.js";
import type { Expr } from "../sema/program.js";
import { isValue } from "../sema/scalars.js";
import type { ValueType } from "../sema/types.js";
import { type Context, type Values, viewOfLocal } from "./context.js";
import { type Leaf, layoutOf } from "./layout.js";
import { lowerElement } from "./views.js";

/** A value's place: so many bytes from the start of a buffer as the terms' products and the offset add up to. */
export interface Memory {
    readonly buffer: ValueId;
    readonly terms: readonly { readonly value: ValueId; readonly stride: number }[];
    readonly offset: number;
    readonly type: ValueType;
    readonly span: Span;
    /** The terms' sum in units of so many bytes, once it was needed. */
    readonly sums: Map<number, ValueId>;
}

export function elementMemory(context: Context, element: Extract<Expr, { kind: "element" }>): Memory {
    const { type, span } = element;
    const { buffer, index } = lowerElement(context, element);
    return { buffer, terms: [{ value: index, stride: layoutOf(type).size }], offset: 0, type, span, sums: new Map() };
}

/** An array as a whole. */
export function arrayMemory(context: Context, { local, type, span }: Extract<Expr, { kind: "local" }>): Memory {
    if (!isValue(type)) throw new Error(`${local.name} is no array`);
    return { buffer: viewOfLocal(context, local).buffer, terms: [], offset: 0, type, span, sums: new Map() };
}

/** A part that begins so many bytes further. */
export function partOf(memory: Memory, offset: number, type: ValueType): Memory {
    return { ...memory, offset: memory.offset + offset, type };
}

/** The element of that index among neighbours of one type. */
export function itemOf(memory: Memory, index: ValueId, type: ValueType): Memory {
    const terms = [...memory.terms, { value: index, stride: layoutOf(type).size }];
    return { ...memory, terms, type, sums: new Map() };
}

export function loadFrom(context: Context, memory: Memory): Values {
    return layoutOf(memory.type).leaves.map((leaf) =>
        context.builder.value("load", [memory.buffer, indexOf(context, memory, leaf)], memory.span, {}, leaf.type),
    );
}

export function storeTo(context: Context, memory: Memory, values: Values, span: Span): void {
    for (const [at, leaf] of layoutOf(memory.type).leaves.entries()) {
        const value = values[at];
        if (value === undefined) throw new Error(`a value of ${values.length} scalars is stored`);
        context.builder.effect("store", [memory.buffer, indexOf(context, memory, leaf), value], span);
    }
}

/** The buffer's index of one scalar, counted in scalars of its size. */
export function indexOf(context: Context, memory: Memory, leaf: Pick<Leaf, "type" | "offset">): ValueId {
    const { builder } = context;
    const { span, sums } = memory;
    const unit = bytesOf(leaf.type);
    const offset = BigInt((memory.offset + leaf.offset) / unit);
    let sum = sums.get(unit);
    if (sum === undefined) {
        const terms = memory.terms.map(({ value, stride }) => {
            const factor = BigInt(stride / unit);
            return factor === 1n ? value : builder.value("mul", [value, builder.constant(factor, "index", span)], span);
        });
        if (terms.length === 0) return builder.constant(offset, "index", span);
        sum = terms.reduce((left, right) => builder.value("add", [left, right], span));
        sums.set(unit, sum);
    }
    return offset === 0n ? sum : builder.value("add", [sum, builder.constant(offset, "index", span)], span);
}
