// Places: what is read and written as a whole or in parts. A variable is values, of which an assignment to a part gives
// new ones; memory is written only where the part lies, because other work-items may write its neighbours.

import type { Span } from "../diagnostics/diagnostic.js";
import type { ValueId } from "../ir/module.js";
import type { Expr, Place } from "../sema/program.js";
import type { ValueType } from "../sema/types.js";
import { bind, type Context, known, type Values, valuesOfLocal } from "./context.js";
import { lowerValue } from "./expression.js";
import { layoutOf } from "./layout.js";
import { elementMemory, itemOf, loadFrom, type Memory, partOf, storeTo } from "./memory.js";

/** A place whose indices have been evaluated. */
export interface Reference {
    /** Null where it is a variable, or lanes that don't lie together. */
    readonly memory: Memory | null;
    read(): Values;
    write(values: Values, span: Span): void;
}

export function referenceTo(context: Context, place: Place): Reference {
    switch (place.kind) {
        case "local":
            return {
                memory: null,
                read: () => valuesOfLocal(context, place.local),
                write: (values) => bind(context, [place.local], values),
            };
        case "element":
            return inMemory(context, elementMemory(context, place));
        case "swizzle":
            return lanesOf(context, referenceTo(context, place.base as Place), place);
        case "item":
            return itemIn(context, referenceTo(context, place.base as Place), place);
    }
}

/** Whether an expression is a part of memory, so that only that part is to be read. */
export function isInMemory(expression: Expr): boolean {
    let part = expression;
    while (part.kind === "swizzle" || part.kind === "item") part = part.base;
    return part.kind === "element";
}

function inMemory(context: Context, memory: Memory): Reference {
    return {
        memory,
        read: () => loadFrom(context, memory),
        write: (values, span) => storeTo(context, memory, values, span),
    };
}

function lanesOf(context: Context, base: Reference, place: Extract<Expr, { kind: "swizzle" }>): Reference {
    const { lanes } = place;
    const { memory } = base;
    if (memory !== null) {
        const { leaves } = layoutOf(memory.type);
        const element = place.type.kind === "vector" ? place.type.element : place.type;
        const parts = lanes.map((lane) => partOf(memory, known(leaves[lane], "a lane").offset, element));
        const [only] = parts;
        if (only !== undefined && parts.length === 1) return inMemory(context, only);
        return {
            memory: null,
            read: () => parts.flatMap((part) => loadFrom(context, part)),
            write: (values, span) => {
                for (const [at, part] of parts.entries()) storeTo(context, part, values.slice(at, at + 1), span);
            },
        };
    }
    return {
        memory: null,
        read: () => pick(base.read(), lanes),
        write: (values, span) => {
            const all = [...base.read()];
            for (const [at, lane] of lanes.entries()) all[lane] = known(values[at], "a lane");
            base.write(all, span);
        },
    };
}

function itemIn(context: Context, base: Reference, place: Extract<Expr, { kind: "item" }>): Reference {
    const index = lowerValue(context, place.index);
    const { span } = place;
    if (base.memory !== null) return inMemory(context, itemOf(base.memory, index, place.type));
    return {
        memory: null,
        read: () => select(context, base.read(), index, place.type, span),
        write: ([value], at) => {
            const all = base.read().map((old, lane) => {
                const here = context.builder.value("eq", [index, laneNumber(context, lane, at)], at);
                return context.builder.value("select", [here, known(value, "an item"), old], at);
            });
            base.write(all, at);
        },
    };
}

/** Lanes by their numbers. */
export function pick(values: Values, lanes: readonly number[]): Values {
    return lanes.map((lane) => known(values[lane], "a lane"));
}

/** The item of an index that is known at run time only. Out of range it is the first. */
export function select(context: Context, values: Values, index: ValueId, _type: ValueType, span: Span): Values {
    const { builder } = context;
    return [
        values.reduce((chosen, value, lane) => {
            const here = builder.value("eq", [index, laneNumber(context, lane, span)], span);
            return builder.value("select", [here, value, chosen], span);
        }),
    ];
}

function laneNumber(context: Context, lane: number, span: Span): ValueId {
    return context.builder.constant(BigInt(lane), "index", span);
}
