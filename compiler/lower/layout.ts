// Values as scalars: the IR has no aggregates, so a value of several scalars is the list of them, and memory that holds
// such values is addressed scalar by scalar. Memory has C's layout: every scalar at a multiple of its size; vectors of 2,
// 4, 8 and 16 aligned to their size but at most to 16 bytes, those of 3 as their scalar, as HIP has them; a structure
// aligned as the most aligned of its fields, which lie in their order, each at the next multiple of its alignment.

import { type BufferElement, bytesOf } from "../ir/types.js";
import type { ScalarName, StructType, ValueType } from "../sema/types.js";

/** One scalar of a value, and where it lies in it, in bytes. */
export interface Leaf {
    readonly type: ScalarName;
    readonly offset: number;
}

export interface Layout {
    /** In bytes, with what pads it to a multiple of its alignment: the distance of neighbours. */
    readonly size: number;
    readonly align: number;
    /** In order of their offsets. */
    readonly leaves: readonly Leaf[];
}

const MOST_ALIGNMENT = 16;

const known = new WeakMap<ValueType, Layout>();

export function layoutOf(type: ValueType): Layout {
    const layout = known.get(type) ?? computed(type);
    known.set(type, layout);
    return layout;
}

function computed(type: ValueType): Layout {
    switch (type.kind) {
        case "enum":
            return layoutOf(type.base);
        case "scalar": {
            const size = bytesOf(type.name);
            return { size, align: size, leaves: [{ type: type.name, offset: 0 }] };
        }
        case "vector": {
            const { name } = type.element;
            const lane = bytesOf(name);
            const size = lane * type.length;
            const align = type.length === 3 ? lane : Math.min(size, MOST_ALIGNMENT);
            const leaves = Array.from({ length: type.length }, (_, at) => ({ type: name, offset: at * lane }));
            return { size, align, leaves };
        }
        case "array": {
            const element = layoutOf(type.element);
            const count = countOf(type.extents);
            const leaves = Array.from({ length: count }, (_, at) => moved(element.leaves, at * element.size)).flat();
            return { size: count * element.size, align: element.align, leaves };
        }
        case "struct": {
            const offsets = fieldOffsets(type);
            const leaves = type.fields.flatMap((field, at) => moved(layoutOf(field.type).leaves, offsets[at] ?? 0));
            const align = Math.max(...type.fields.map((field) => layoutOf(field.type).align));
            const last = type.fields.at(-1);
            const end = (offsets.at(-1) ?? 0) + (last === undefined ? 0 : layoutOf(last.type).size);
            return { size: roundUp(end, align), align, leaves };
        }
    }
}

function moved(leaves: readonly Leaf[], offset: number): Leaf[] {
    return leaves.map((leaf) => ({ type: leaf.type, offset: leaf.offset + offset }));
}

/** Where the fields of a structure lie in it, in bytes. */
export function fieldOffsets({ fields }: StructType): number[] {
    let end = 0;
    return fields.map((field) => {
        const { size, align } = layoutOf(field.type);
        const offset = roundUp(end, align);
        end = offset + size;
        return offset;
    });
}

export function countOf(extents: readonly number[]): number {
    return extents.reduce((product, extent) => product * extent, 1);
}

function roundUp(offset: number, align: number): number {
    return Math.ceil(offset / align) * align;
}

/** The types of a value's scalars. */
export function scalarsOf(type: ValueType): readonly ScalarName[] {
    return layoutOf(type).leaves.map((leaf) => leaf.type);
}

/** What one scalar of a value is called, as its user would write it. */
export function leafName(name: string, type: ValueType, at: number): string {
    return layoutOf(type).leaves.length === 1 ? name : `${name}[${at}]`;
}

/** What a buffer of such values has as its elements: their one scalar type, or bytes where they have several. */
export function bufferElement(type: ValueType): BufferElement {
    const [first, ...rest] = layoutOf(type).leaves;
    if (first === undefined) throw new Error("a value of nothing");
    return rest.every((leaf) => leaf.type === first.type) ? first.type : "bytes";
}
