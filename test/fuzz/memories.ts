// The memory of views, as bytes: filled with samples, in the interpreter and on the device, and compared scalar by scalar.

import { sizeOf } from "../../codeobject/layout.js";
import type { ManifestScalar, ManifestType } from "../../codeobject/manifest.js";
import { SCALAR_SIZES } from "../../codeobject/scalar-sizes.js";
import { decodeSmallFloat, encodeSmallFloat, isSmallFloat } from "../../codeobject/small-floats.js";
import { lanesOf } from "../../codeobject/vectors.js";
import { roundTo } from "../../compiler/ir/arithmetic.js";
import { bitsOfFloat, floatOfBits } from "../../compiler/ir/bits.js";
import type { Memory } from "../../compiler/ir/interpret/memory.js";
import type { ConstantValue } from "../../compiler/ir/module.js";
import { type BufferElement, type IrScalar, isSigned } from "../../compiler/ir/types.js";
import { storedAs } from "../../compiler/lower/layout.js";
import { sampleOf, type ViewPlan } from "./programs.js";

interface Leaf {
    readonly scalar: ManifestScalar;
    readonly offset: number;
    /** As it is written behind an element, such as `.f1[2]`. */
    readonly path: string;
}

/** The scalars of a type, in order. */
function leavesOf(type: ManifestType, offset = 0, path = ""): Leaf[] {
    if (typeof type === "string") {
        const { scalar, lanes } = lanesOf(type);
        return Array.from({ length: lanes }, (_, at) => {
            return { scalar, offset: offset + at * SCALAR_SIZES[scalar], path: lanes === 1 ? path : `${path}[${at}]` };
        });
    }
    if ("array" in type) {
        const size = sizeOf(type.array);
        const count = sizeOf(type) / size;
        return Array.from({ length: count }, (_, at) =>
            leavesOf(type.array, offset + at * size, `${path}[${at}]`),
        ).flat();
    }
    return type.fields.flatMap((field) => leavesOf(field.type, offset + field.offset, `${path}.${field.name}`));
}

/** What a view holds before the launch; padding is zero. */
export function bytesOfPlan(plan: ViewPlan, type: ManifestType): Uint8Array<ArrayBuffer> {
    const count = plan.shape.reduce((product, extent) => product * extent, 1);
    const size = sizeOf(type);
    const view = new DataView(new ArrayBuffer(count * size));
    const leaves = leavesOf(type);
    for (let element = 0; element < count; element++) {
        for (const [at, { scalar, offset }] of leaves.entries()) {
            setBits(view, element * size + offset, scalar, bitsOfSample(scalar, sampleOf(plan, scalar, element + at)));
        }
    }
    return new Uint8Array(view.buffer);
}

function bitsOfSample(scalar: ManifestScalar, value: number | bigint | boolean): bigint {
    if (typeof value !== "number") return BigInt(value);
    if (isSmallFloat(scalar)) return BigInt(encodeSmallFloat(scalar, value));
    return bitsOfFloat(roundTo(value, storedAs(scalar)), storedAs(scalar));
}

function setBits(view: DataView, offset: number, scalar: ManifestScalar, bits: bigint): void {
    for (let byte = 0; byte < SCALAR_SIZES[scalar]; byte++) {
        view.setUint8(offset + byte, Number((bits >> BigInt(8 * byte)) & 0xffn));
    }
}

function bitsAt(view: DataView, offset: number, size: number): bigint {
    let bits = 0n;
    for (let byte = size - 1; byte >= 0; byte--) bits = (bits << 8n) | BigInt(view.getUint8(offset + byte));
    return bits;
}

/** The interpreter's memory of such bytes. */
export function memoryOf(name: string, element: BufferElement, bytes: Uint8Array): Memory {
    if (element === "bytes") return { name, element, values: Array.from(bytes, BigInt) };
    const view = new DataView(bytes.buffer);
    const size = SCALAR_SIZES[element];
    const values = Array.from({ length: bytes.length / size }, (_, at) =>
        scalarOf(bitsAt(view, at * size, size), element),
    );
    return { name, element, values };
}

function scalarOf(bits: bigint, type: IrScalar): ConstantValue {
    if (type === "bool") return bits !== 0n;
    if (type.startsWith("f")) return floatOfBits(bits, type);
    const width = 8 * SCALAR_SIZES[type];
    return isSigned(type) ? BigInt.asIntN(width, bits) : bits;
}

function bytesOfMemory({ element, values }: Memory): Uint8Array<ArrayBuffer> {
    const scalar = element === "bytes" ? "u8" : element;
    const size = SCALAR_SIZES[scalar];
    const view = new DataView(new ArrayBuffer(values.length * size));
    for (const [at, value] of values.entries()) setBits(view, at * size, scalar, bitsOfSample(scalar, value ?? 0n));
    return new Uint8Array(view.buffer);
}

/** The first scalar that isn't as in the interpreter's memory, in words; null where all are. NaNs are all the same. */
export function difference(memory: Memory, type: ManifestType, bytes: Uint8Array<ArrayBuffer>): string | null {
    const [wanted, found] = [new DataView(bytesOfMemory(memory).buffer), new DataView(bytes.buffer, bytes.byteOffset)];
    const leaves = leavesOf(type);
    const size = sizeOf(type);
    for (let element = 0; element * size < wanted.byteLength; element++) {
        for (const { scalar, offset, path } of leaves) {
            const [a, b] = [wanted, found].map((view) => shown(view, element * size + offset, scalar));
            if (a !== b) return `${memory.name}[${element}]${path} is ${b}, the interpreter has ${a}`;
        }
    }
    return null;
}

function shown(view: DataView, offset: number, scalar: ManifestScalar): string {
    const bits = bitsAt(view, offset, SCALAR_SIZES[scalar]);
    const value = isSmallFloat(scalar) ? decodeSmallFloat(scalar, Number(bits)) : scalarOf(bits, storedAs(scalar));
    return Object.is(value, -0) ? "-0" : String(value);
}
