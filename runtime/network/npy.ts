// NumPy's .npy files: a header as a Python dictionary, then the elements. A file is input like any other: everything is
// checked before it is used. Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html

import { describeValue } from "../elements.js";
import { ArgumentError } from "../errors.js";

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const;
const ALIGNMENT = 64;

export interface NpyArray {
    readonly shape: readonly number[];
    readonly data: Float32Array;
}

/** A file of f32, row-major. */
export function encodeNpy({ shape, data }: NpyArray): Uint8Array {
    const list = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
    const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${list}), }`;
    const start = MAGIC.length + 4;
    const length = Math.ceil((start + text.length + 1) / ALIGNMENT) * ALIGNMENT - start;
    const file = new Uint8Array(start + length + 4 * data.length);
    file.set(MAGIC);
    file.set([1, 0], MAGIC.length);
    const view = new DataView(file.buffer);
    view.setUint16(MAGIC.length + 2, length, true);
    file.set(new TextEncoder().encode(`${text.padEnd(length - 1)}\n`), start);
    data.forEach((value, at) => {
        view.setFloat32(start + length + 4 * at, value, true);
    });
    return file;
}

type Read = (view: DataView, at: number, little: boolean) => number;

const ELEMENTS: Readonly<Record<string, readonly [number, Read]>> = {
    f4: [4, (view, at, little) => view.getFloat32(at, little)],
    f8: [8, (view, at, little) => view.getFloat64(at, little)],
    i4: [4, (view, at, little) => view.getInt32(at, little)],
    u1: [1, (view, at) => view.getUint8(at)],
};

/** Floats of 32 or 64 bits and integers, as f32 and row-major, however they lie. @throws ArgumentError */
export function decodeNpy(file: Uint8Array): NpyArray {
    const fail = (what: string) => new ArgumentError(`this is no .npy file that is read here: ${what}`);
    if (!(file instanceof Uint8Array))
        throw new ArgumentError(`a .npy file is a Uint8Array, not ${describeValue(file)}`);
    if (file.length < 12 || MAGIC.some((byte, at) => file[at] !== byte)) throw fail("it doesn't begin as one");
    const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
    const isLong = (file[6] as number) >= 2;
    const start = isLong ? 12 : 10;
    const length = isLong ? view.getUint32(8, true) : view.getUint16(8, true);
    if (start + length > file.length) throw fail(`its header of ${length} bytes is not in it`);
    const header = new TextDecoder("latin1").decode(file.subarray(start, start + length));
    const descr = header.match(/'descr':\s*'([<>|=])([a-z]\d+)'/);
    const shapeText = header.match(/'shape':\s*\(([\d,\s]*)\)/)?.[1];
    const isFortran = /'fortran_order':\s*True/.test(header);
    const [bytes, read] = ELEMENTS[descr?.[2] ?? ""] ?? [0, undefined];
    if (read === undefined)
        throw fail(`its elements are ${descr?.[2] ?? "unknown"}, and ${Object.keys(ELEMENTS).join(", ")} are read`);
    if (shapeText === undefined) throw fail("it has no shape");
    const shape = shapeText.split(",").flatMap((each) => (each.trim() === "" ? [] : [Number(each)]));
    const count = shape.reduce((product, each) => product * each, 1);
    if (start + length + count * bytes !== file.length)
        throw fail(
            `its shape (${shape.join(", ")}) takes ${count * bytes} bytes, and ${file.length - start - length} are there`,
        );
    const data = new Float32Array(count);
    for (let at = 0; at < count; at++) {
        const value = read(view, start + length + at * bytes, descr?.[1] !== ">");
        data[isFortran ? rowMajor(at, shape) : at] = value;
    }
    return { shape, data };
}

/** Where an element of a column-major array lies in the row-major one. */
function rowMajor(at: number, shape: readonly number[]): number {
    const places: number[] = [];
    let rest = at;
    for (const extent of shape) {
        places.push(rest % extent);
        rest = Math.floor(rest / extent);
    }
    return places.reduce((index, place, axis) => index * (shape[axis] as number) + place, 0);
}
