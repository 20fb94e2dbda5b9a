// Safetensors files: a header in JSON that says where each tensor lies, then their bytes, little-endian and row-major. A file is input like
// any other: every offset is checked before it is used.
// Format: https://github.com/huggingface/safetensors, "Format".

import { ArgumentError } from "../errors.js";

const DTYPES = { f32: "F32", i32: "I32", u32: "U32", u64: "U64", i8: "I8" } as const;
type Element = keyof typeof DTYPES;
const BYTES: Readonly<Record<Element, number>> = { f32: 4, i32: 4, u32: 4, u64: 8, i8: 1 };

/** The reference implementation's limit for headers. */
const LONGEST_HEADER = 100_000_000;
const LENGTH_BYTES = 8;

export interface StoredTensor {
    readonly element: Element;
    readonly shape: readonly number[];
    readonly bytes: Uint8Array;
}

export interface Safetensors {
    readonly metadata: Readonly<Record<string, string>>;
    readonly tensors: ReadonlyMap<string, StoredTensor>;
}

export function encodeSafetensors({ metadata, tensors }: Safetensors): Uint8Array {
    const header: Record<string, unknown> = { __metadata__: metadata };
    let end = 0;
    for (const [name, { element, shape, bytes }] of tensors) {
        header[name] = { dtype: DTYPES[element], shape, data_offsets: [end, end + bytes.length] };
        end += bytes.length;
    }
    const text = JSON.stringify(header);
    const length = new TextEncoder().encode(text).length;
    // Spaces fill up, so that the tensors begin at a multiple of 8.
    const padded = new TextEncoder().encode(text + " ".repeat((8 - (length % 8)) % 8));
    const file = new Uint8Array(LENGTH_BYTES + padded.length + end);
    new DataView(file.buffer).setBigUint64(0, BigInt(padded.length), true);
    file.set(padded, LENGTH_BYTES);
    let at = LENGTH_BYTES + padded.length;
    for (const { bytes } of tensors.values()) {
        file.set(bytes, at);
        at += bytes.length;
    }
    return file;
}

/** @throws ArgumentError that says what is wrong with the file */
export function decodeSafetensors(file: Uint8Array): Safetensors {
    const fail = (what: string) => new ArgumentError(`this is no checkpoint: ${what}`);
    if (file.length < LENGTH_BYTES) throw fail("it is shorter than its header's length");
    const length = Number(new DataView(file.buffer, file.byteOffset, file.byteLength).getBigUint64(0, true));
    if (length > LONGEST_HEADER || LENGTH_BYTES + length > file.length)
        throw fail(`its header of ${length} bytes is not in it`);
    const header = parse(file.subarray(LENGTH_BYTES, LENGTH_BYTES + length), fail);
    const data = file.subarray(LENGTH_BYTES + length);
    const metadata: Record<string, string> = {};
    const tensors = new Map<string, StoredTensor>();
    for (const [name, entry] of Object.entries(header)) {
        if (typeof entry !== "object" || entry === null) throw fail(`its entry ${name} is no object`);
        if (name === "__metadata__") {
            for (const [key, value] of Object.entries(entry)) metadata[key] = String(value);
            continue;
        }
        const { dtype, shape, data_offsets: offsets } = entry as Readonly<Record<string, unknown>>;
        const element = (Object.keys(DTYPES) as Element[]).find((each) => DTYPES[each] === dtype);
        if (element === undefined)
            throw fail(`${name} has elements of ${String(dtype)}, and ${Object.values(DTYPES).join(", ")} are read`);
        if (!isExtents(shape) || !isExtents(offsets) || offsets.length !== 2)
            throw fail(`${name} has no shape or no offsets`);
        const [start, end] = offsets as readonly [number, number];
        const bytes = shape.reduce((product, extent) => product * extent, BYTES[element]);
        if (start > end || end > data.length || end - start !== bytes) throw fail(`${name} does not lie within it`);
        tensors.set(name, { element, shape, bytes: data.subarray(start, end) });
    }
    return { metadata, tensors };
}

function parse(bytes: Uint8Array, fail: (what: string) => Error): Readonly<Record<string, unknown>> {
    try {
        const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
        if (typeof value === "object" && value !== null && !Array.isArray(value))
            return value as Record<string, unknown>;
    } catch {
        // Said below.
    }
    throw fail("its header is no JSON object");
}

function isExtents(value: unknown): value is readonly number[] {
    return Array.isArray(value) && value.every((each) => Number.isSafeInteger(each) && each >= 0);
}
