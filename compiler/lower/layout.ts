// Values as scalars: the IR has no aggregates, so a value of several scalars is the list of them, and memory that holds
// such values is addressed scalar by scalar. Memory has C's layout: every scalar at a multiple of its size; vectors of 2,
// 4, 8 and 16 aligned to their size but at most to 16 bytes, those of 3 as their scalar, as HIP has them; a structure
// aligned as the most aligned of its fields, which lie in their order, each at the next multiple of its alignment.

import { isSmallFloat, SMALL_FORMATS } from "../../codeobject/small-floats.js";
import { type BufferElement, bytesOf, type IrScalar } from "../ir/types.js";
import type { Expr } from "../sema/program.js";
import { isValue } from "../sema/scalars.js";
import type { ScalarName, StructType, ValueType } from "../sema/types.js";

/** One scalar of a value, and where it lies in it, in bytes. */
export interface Leaf {
    /** As the IR has it: of a small float the unsigned integer of its bits. */
    readonly type: IrScalar;
    /** As the language has it. */
    readonly scalar: ScalarName;
    readonly offset: number;
    /** How the source names it within the value, `.pos.x` or `[2]`; empty where it is the whole. */
    readonly path: string;
}

export interface Layout {
    /** In bytes, with what pads it to a multiple of its alignment: the distance of neighbours. */
    readonly size: number;
    readonly align: number;
    /** In order of their offsets. */
    readonly leaves: readonly Leaf[];
}

const MOST_ALIGNMENT = 16;

/** What the IR has for a scalar of the language. */
export function storedAs(name: ScalarName): IrScalar {
    if (name === "i4x2") return "u8";
    if (!isSmallFloat(name)) return name;
    return SMALL_FORMATS[name].bits === 16 ? "u16" : "u8";
}

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
            const stored = storedAs(type.name);
            const size = bytesOf(stored);
            return { size, align: size, leaves: [{ type: stored, scalar: type.name, offset: 0, path: "" }] };
        }
        case "vector": {
            const { leaves: lanes, size: lane } = layoutOf(type.element);
            const size = lane * type.length;
            const align = type.length === 3 ? lane : Math.min(size, MOST_ALIGNMENT);
            const named = (at: number) => (type.length <= LANES.length ? `.${LANES[at]}` : `[${at}]`);
            const leaves = Array.from({ length: type.length }, (_, at) => moved(lanes, at * lane, named(at))).flat();
            return { size, align, leaves };
        }
        case "array": {
            const element = layoutOf(type.element);
            const count = countOf(type.extents);
            const named = (at: number) => `[${indicesOf(type.extents, at).join(", ")}]`;
            const leaves = Array.from({ length: count }, (_, at) =>
                moved(element.leaves, at * element.size, named(at)),
            ).flat();
            return { size: count * element.size, align: element.align, leaves };
        }
        case "tile":
            throw new Error("a tile lies in no memory");
        case "struct": {
            const offsets = fieldOffsets(type);
            const leaves = type.fields.flatMap((field, at) =>
                moved(layoutOf(field.type).leaves, offsets[at] ?? 0, `.${field.name}`),
            );
            const align = Math.max(...type.fields.map((field) => layoutOf(field.type).align));
            const last = type.fields.at(-1);
            const end = (offsets.at(-1) ?? 0) + (last === undefined ? 0 : layoutOf(last.type).size);
            return { size: roundUp(end, align), align, leaves };
        }
    }
}

/** The letters of a vector's lanes, where there are as many. */
const LANES = "xyzw";

function moved(leaves: readonly Leaf[], offset: number, path: string): Leaf[] {
    return leaves.map((leaf) => ({ ...leaf, offset: leaf.offset + offset, path: path + leaf.path }));
}

/** An element's index on each axis, in row-major order. */
function indicesOf(extents: readonly number[], at: number): number[] {
    return extents.map((extent, axis) => Math.floor(at / countOf(extents.slice(axis + 1))) % extent);
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

/** The type of which an expression's value has one scalar, or several. */
export function laneName({ type }: Expr): ScalarName {
    const [first] = isValue(type) ? layoutOf(type).leaves : [];
    if (first === undefined) throw new Error(`a ${type.kind} where scalars belong`);
    return first.scalar;
}

/** The types of a value's scalars. */
export function scalarsOf(type: ValueType): readonly IrScalar[] {
    return layoutOf(type).leaves.map((leaf) => leaf.type);
}

/** What a buffer of such values has as its elements: their one scalar type, or bytes where they have several. */
export function bufferElement(type: ValueType): BufferElement {
    const [first, ...rest] = layoutOf(type).leaves;
    if (first === undefined) throw new Error("a value of nothing");
    return rest.every((leaf) => leaf.type === first.type) ? first.type : "bytes";
}
