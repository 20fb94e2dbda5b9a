// Values as scalars: the IR has no aggregates, so a value of several scalars is the list of them, and memory that holds
// such values is addressed scalar by scalar. Memory has C's layout: every scalar at a multiple of its size; vectors of 2,
// 4, 8 and 16 aligned to their size but at most to 16 bytes, those of 3 as their scalar, as HIP has them.

import { bytesOf } from "../ir/types.js";
import { laneOf } from "../sema/scalars.js";
import type { ScalarName, ValueType } from "../sema/types.js";

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

export function layoutOf(type: ValueType): Layout {
    switch (type.kind) {
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
    }
}

/** The types of a value's scalars. */
export function scalarsOf(type: ValueType): readonly ScalarName[] {
    return layoutOf(type).leaves.map((leaf) => leaf.type);
}

/** What one scalar of a value is called, as its user would write it. */
export function leafName(name: string, type: ValueType, at: number): string {
    return type.kind === "scalar" ? name : `${name}[${at}]`;
}

/** What a buffer of such values has as its elements. */
export function bufferElement(type: ValueType): ScalarName {
    return laneOf(type).name;
}
