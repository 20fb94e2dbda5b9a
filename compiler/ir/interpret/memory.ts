// The interpreter's memory: arrays of values, of one type each, or bytes that hold values of several. Every access is
// checked.

import type { Span } from "../../diagnostics/diagnostic.js";
import { wrap } from "../arithmetic.js";
import { bitsOfFloat, floatOfBits } from "../bits.js";
import type { AtomicKind, ConstantValue } from "../module.js";
import { OPS } from "../ops.js";
import { type BufferElement, bytesOf, type IrScalar, isFloat } from "../types.js";
import { Stop } from "./fault.js";

/** Elements that nothing has written yet are undefined. */
export interface Memory {
    readonly name: string;
    readonly element: BufferElement;
    /** Of bytes: integers from 0 to 255. */
    readonly values: (ConstantValue | undefined)[];
    /** Which of the values is the first; absent is 0. */
    readonly first?: bigint;
}

export function allocate(name: string, element: BufferElement, count: number): Memory {
    return { name, element, values: new Array<undefined>(count).fill(undefined) };
}

/** Whether an element of so many bytes lies at a multiple of `align` bytes, the whole memory beginning at one. */
export function isAligned({ first = 0n }: Memory, index: bigint, bytes: number, align: number): boolean {
    return ((first + index) * BigInt(bytes)) % BigInt(align) === 0n;
}

/** The same memory from an element on. */
export function beginningAt(memory: Memory, element: bigint): Memory {
    return { ...memory, first: (memory.first ?? 0n) + element };
}

export function zeroOf(type: IrScalar): ConstantValue {
    return type === "bool" ? false : type.startsWith("f") ? 0 : 0n;
}

export function load(memory: Memory, index: bigint, type: IrScalar, span: Span): ConstantValue {
    if (memory.element === "bytes") return loadBytes(memory, index, type, span);
    const at = place(memory, index, "reads", span);
    const value = memory.values[at];
    if (value === undefined)
        throw new Stop(`reads element ${at} of \`${memory.name}\`, which nothing has written`, span);
    return value;
}

/** Little-endian, as on every device. */
function loadBytes(memory: Memory, index: bigint, type: IrScalar, span: Span): ConstantValue {
    const size = bytesOf(type);
    let bits = 0n;
    for (let byte = size - 1; byte >= 0; byte--) {
        const at = place(memory, index * BigInt(size) + BigInt(byte), "reads", span);
        const value = memory.values[at];
        if (value === undefined)
            throw new Stop(`reads byte ${at} of \`${memory.name}\`, which nothing has written`, span);
        bits = (bits << 8n) | BigInt(value);
    }
    if (type === "bool") return bits !== 0n;
    return isFloat(type) ? floatOfBits(bits, type) : wrap(bits, type);
}

function storeBytes(memory: Memory, index: bigint, value: ConstantValue, type: IrScalar, span: Span): void {
    const size = bytesOf(type);
    let bits = BigInt.asUintN(8 * size, typeof value === "number" ? bitsOfFloat(value, type) : BigInt(value));
    for (let byte = 0; byte < size; byte++) {
        memory.values[place(memory, index * BigInt(size) + BigInt(byte), "writes", span)] = bits & 0xffn;
        bits >>= 8n;
    }
}

export function store(memory: Memory, index: bigint, value: ConstantValue, type: IrScalar, span: Span): void {
    if (memory.element === "bytes") {
        storeBytes(memory, index, value, type, span);
        return;
    }
    memory.values[place(memory, index, "writes", span)] = value;
}

/** Updates an element as the operation of the atomic's name would; gives the former value. */
export function update(
    memory: Memory,
    index: bigint,
    kind: AtomicKind,
    value: ConstantValue,
    type: IrScalar,
    span: Span,
): ConstantValue {
    const former = load(memory, index, type, span);
    const next = kind === "exchange" ? value : OPS[kind].fold?.([former, value], type, type);
    if (next === undefined || next === null) throw new Error(`atomic ${kind} of ${type} has no meaning`);
    store(memory, index, next, type, span);
    return former;
}

function place({ name, values, first = 0n }: Memory, relative: bigint, what: string, span: Span): number {
    const index = first + relative;
    if (index >= 0n && index < BigInt(values.length)) return Number(index);
    throw new Stop(`${what} element ${index} of \`${name}\`, which has ${values.length}`, span);
}
