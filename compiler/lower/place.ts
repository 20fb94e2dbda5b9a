// Places: what is read and written as a whole or in parts. A variable is values, of which an assignment to a part gives
// new ones; memory is written only where the part lies, because other work-items may write its neighbours.

import type { Span } from "../diagnostics/diagnostic.js";
import type { ValueId } from "../ir/module.js";
import type { Expr, Place } from "../sema/program.js";
import type { StructType } from "../sema/types.js";
import { bind, type Context, known, type Values, valuesOfLocal } from "./context.js";
import { lowerValue } from "./expression.js";
import { fieldOffsets, layoutOf, scalarsOf } from "./layout.js";
import { arrayMemory, elementMemory, itemOf, loadFrom, type Memory, partOf, storeTo } from "./memory.js";

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
            if (place.local.type.kind === "array") return inMemory(context, arrayMemory(context, place));
            return {
                memory: null,
                read: () => valuesOfLocal(context, place.local),
                write: (values) => bind(context, [place.local], values),
            };
        case "element":
            return inMemory(context, elementMemory(context, place));
        case "field":
            return fieldIn(context, referenceTo(context, place.base as Place), place);
        case "swizzle":
            return lanesOf(context, referenceTo(context, place.base as Place), place);
        case "item":
            return itemIn(context, referenceTo(context, place.base as Place), place);
    }
}

/** Whether an expression is a part of memory, so that only that part is to be read. */
export function isInMemory(expression: Expr): boolean {
    let part = expression;
    while (part.kind === "field" || part.kind === "swizzle" || part.kind === "item") part = part.base;
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

function fieldIn(context: Context, base: Reference, place: Extract<Expr, { kind: "field" }>): Reference {
    const struct = structOf(place.base);
    if (base.memory !== null) {
        const offset = known(fieldOffsets(struct)[place.field], "a field");
        return inMemory(context, partOf(base.memory, offset, place.type));
    }
    const start = fieldStart(struct, place.field);
    return {
        memory: null,
        read: () => fieldValues(struct, place.field, base.read()),
        write: (values, span) => {
            const all = [...base.read()];
            all.splice(start, values.length, ...values);
            base.write(all, span);
        },
    };
}

function structOf({ type }: Expr): StructType {
    if (type.kind !== "struct") throw new Error(`a field of a ${type.kind}`);
    return type;
}

/** Which of a structure's scalars is the first of a field. */
function fieldStart(struct: StructType, field: number): number {
    return struct.fields.slice(0, field).reduce((sum, { type }) => sum + scalarsOf(type).length, 0);
}

/** A field's scalars of a structure's. */
export function fieldValues(struct: StructType, field: number, values: Values): Values {
    const start = fieldStart(struct, field);
    const { type } = known(struct.fields[field], "a field");
    return values.slice(start, start + scalarsOf(type).length);
}

type Item = Extract<Expr, { kind: "item" }>;

function itemIn(context: Context, base: Reference, place: Item): Reference {
    const index = itemIndex(context, place);
    if (base.memory !== null)
        return inMemory(context, itemOf(base.memory, indexValue(context, index, place), place.type));
    return {
        memory: null,
        read: () => itemValues(context, base.read(), index, place),
        write: (values, span) => {
            const count = values.length;
            const all = base.read().map((old, at) => {
                const value = known(values[at % count], "an item");
                if (typeof index === "bigint") return BigInt(Math.floor(at / count)) === index ? value : old;
                const here = isItem(context, index, Math.floor(at / count), span);
                return context.builder.value("select", [here, value, old], span);
            });
            base.write(all, span);
        },
    };
}

/** Of a vector's lane or an array's element among all, row-major: a number where it is known. */
export function itemIndex(context: Context, { base, indices, span }: Item): ValueId | bigint {
    const extents = base.type.kind === "array" ? base.type.extents : [0];
    const literals = indices.map((index) => (index.kind === "literal" ? (index.value as bigint) : null));
    if (!literals.includes(null)) {
        return (literals as bigint[]).reduce((offset, index, at) => offset * BigInt(extents[at] ?? 1) + index);
    }
    const { builder } = context;
    return indices
        .map((index) => lowerValue(context, index))
        .reduce((offset, index, at) => {
            const extent = builder.constant(BigInt(known(extents[at], "an extent")), "index", span);
            return builder.value("add", [builder.value("mul", [offset, extent], span), index], span);
        });
}

function indexValue(context: Context, index: ValueId | bigint, { span }: Item): ValueId {
    return typeof index === "bigint" ? context.builder.constant(index, "index", span) : index;
}

/** An item's scalars of all. Of an index that is known at run time only and out of range, the first item's. */
export function itemValues(context: Context, values: Values, index: ValueId | bigint, { type, span }: Item): Values {
    const count = scalarsOf(type).length;
    if (typeof index === "bigint") return values.slice(Number(index) * count, Number(index) * count + count);
    return Array.from({ length: count }, (_, part) =>
        values
            .filter((_, at) => at % count === part)
            .reduce((chosen, value, item) =>
                context.builder.value("select", [isItem(context, index, item, span), value, chosen], span),
            ),
    );
}

function isItem(context: Context, index: ValueId, item: number, span: Span): ValueId {
    return context.builder.value("eq", [index, context.builder.constant(BigInt(item), "index", span)], span);
}

/** Lanes by their numbers. */
export function pick(values: Values, lanes: readonly number[]): Values {
    return lanes.map((lane) => known(values[lane], "a lane"));
}
