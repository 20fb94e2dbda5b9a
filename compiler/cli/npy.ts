// NumPy's .npy files: one array of one element type, in C order and little-endian, as `--arg x=FILE.npy` reads and
// `--dump x=FILE.npy` writes them. The file is input like any other: every length is checked before it is used.
// Format: numpy.lib.format, "NPY format", versions 1.0, 2.0 and 3.0
// (https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html).

import type { ManifestScalar } from "../../codeobject/manifest.js";
import { SCALAR_SIZES } from "../../codeobject/scalar-sizes.js";
import type { SmallFloat } from "../../codeobject/small-floats.js";
import { UserError } from "./errors.js";

/** Element types that a .npy file can hold. */
export type NpyType = Exclude<ManifestScalar, "index" | "i4x2" | SmallFloat>;

/** What a file has for a type: `index` is the i64 that it is, pairs are their bytes. */
export function npyTypeOf(scalar: Exclude<ManifestScalar, SmallFloat>): NpyType {
    if (scalar === "i4x2") return "u8";
    return scalar === "index" ? "i64" : scalar;
}

export interface NpyArray {
    readonly type: NpyType;
    /** Extents, outermost first; empty for a single value. */
    readonly shape: readonly number[];
    /** The elements in row-major order, little-endian. */
    readonly bytes: Uint8Array;
}

/** NumPy's array-protocol type strings. */
const DESCRIPTORS: Record<NpyType, string> = {
    bool: "|b1",
    i8: "|i1",
    u8: "|u1",
    i16: "<i2",
    u16: "<u2",
    i32: "<i4",
    u32: "<u4",
    i64: "<i8",
    u64: "<u8",
    f16: "<f2",
    f32: "<f4",
    f64: "<f8",
};

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] as const;
const MAGIC_AND_VERSION = MAGIC.length + 2;
/** The data starts at a multiple of this. */
const ALIGNMENT = 64;
/** The dictionary of an array of plain numbers has three short entries; NumPy itself refuses to parse beyond 10,000. */
const LONGEST_HEADER = 10_000;

/** Reads a whole file. Throws a UserError that says what is wrong with it; the caller adds the file's name. */
export function readNpy(file: Uint8Array): NpyArray {
    const { text, dataAt } = readHeader(file);
    const { descriptor, fortran, shape } = parseHeader(text);
    const type = typeOf(descriptor);
    if (fortran && shape.length > 1) {
        throw new UserError(
            "its elements are in Fortran order, which a row-major view cannot take",
            "save it with numpy.save(path, numpy.ascontiguousarray(array))",
        );
    }
    const needed = shape.reduce((product, extent) => product * extent, SCALAR_SIZES[type]);
    const present = file.length - dataAt;
    if (needed !== present) {
        const is = present < needed ? "is cut short" : "holds more than one array";
        throw new UserError(
            `it ${is}: shape (${shape.join(", ")}) of ${type} needs ${needed} bytes, it has ${present}`,
        );
    }
    return { type, shape, bytes: file.subarray(dataAt) };
}

/** The bytes of a version 1.0 file. `array.bytes` must be as long as its shape says. */
export function writeNpy(array: NpyArray): Uint8Array {
    const count = array.shape.reduce((product, extent) => product * extent, 1);
    if (count * SCALAR_SIZES[array.type] !== array.bytes.length) {
        throw new Error(`${array.bytes.length} bytes for ${count} elements of ${array.type}`);
    }
    // A Python tuple of one element keeps its comma.
    const tuple = array.shape.length === 1 ? `(${array.shape[0]},)` : `(${array.shape.join(", ")})`;
    const dictionary = `{'descr': '${DESCRIPTORS[array.type]}', 'fortran_order': False, 'shape': ${tuple}, }`;
    const unpadded = MAGIC_AND_VERSION + 2 + dictionary.length + 1;
    const dataAt = Math.ceil(unpadded / ALIGNMENT) * ALIGNMENT;
    const header = `${dictionary.padEnd(dataAt - MAGIC_AND_VERSION - 2 - 1)}\n`;
    const file = new Uint8Array(dataAt + array.bytes.length);
    file.set([...MAGIC, 1, 0, header.length & 0xff, header.length >>> 8]);
    file.set(new TextEncoder().encode(header), MAGIC_AND_VERSION + 2);
    file.set(array.bytes, dataAt);
    return file;
}

function readHeader(file: Uint8Array): { readonly text: string; readonly dataAt: number } {
    if (file.length < MAGIC_AND_VERSION || MAGIC.some((byte, position) => file[position] !== byte)) {
        throw new UserError("it is no .npy file (it does not start with \\x93NUMPY)", "write it with numpy.save");
    }
    const major = file[MAGIC.length] ?? 0;
    if (major < 1 || major > 3) {
        throw new UserError(`it has version ${major} of the .npy format; 1, 2 and 3 are known`);
    }
    const lengthBytes = major === 1 ? 2 : 4;
    const headerAt = MAGIC_AND_VERSION + lengthBytes;
    if (file.length < headerAt) {
        throw new UserError("it is cut short within its header");
    }
    const view = new DataView(file.buffer, file.byteOffset, file.length);
    const length = major === 1 ? view.getUint16(MAGIC_AND_VERSION, true) : view.getUint32(MAGIC_AND_VERSION, true);
    if (length > LONGEST_HEADER) {
        throw new UserError(`its header claims ${length} bytes, more than any array of numbers needs`);
    }
    if (file.length < headerAt + length) {
        throw new UserError("it is cut short within its header");
    }
    const bytes = file.subarray(headerAt, headerAt + length);
    return { text: new TextDecoder(major === 3 ? "utf-8" : "latin1").decode(bytes), dataAt: headerAt + length };
}

interface Header {
    readonly descriptor: string;
    readonly fortran: boolean;
    readonly shape: readonly number[];
}

/** One entry of the dictionary at the start of a text: a key and a string, a boolean or a tuple of integers. */
const ENTRY =
    /^\s*(?:'(?<key1>[^'\\]*)'|"(?<key2>[^"\\]*)")\s*:\s*(?:'(?<string1>[^'\\]*)'|"(?<string2>[^"\\]*)"|(?<boolean>True|False)|\((?<tuple>[\dL,\s]*)\)|(?<list>\[))\s*(?<comma>,?)/;

/** The header is a Python dictionary literal with exactly the keys descr, fortran_order and shape, in any order. */
function parseHeader(text: string): Header {
    const malformed = (): never => {
        throw new UserError("its header is malformed", "write it with numpy.save");
    };
    const trimmed = text.trim();
    if (!trimmed.startsWith("{") || !trimmed.endsWith("}")) {
        malformed();
    }
    let rest = trimmed.slice(1, -1);
    let descriptor: string | undefined;
    let fortran: boolean | undefined;
    let shape: readonly number[] | undefined;
    while (rest.trim() !== "") {
        const match = ENTRY.exec(rest);
        const groups = match?.groups;
        if (!match || !groups) {
            return malformed();
        }
        if (groups.list !== undefined) {
            throw new UserError(
                "its elements are structures; a view holds plain numbers",
                "save each field on its own",
            );
        }
        rest = rest.slice(match[0].length);
        if (groups.comma === "" && rest.trim() !== "") {
            malformed();
        }
        const key = groups.key1 ?? groups.key2;
        const string = groups.string1 ?? groups.string2;
        if (key === "descr" && descriptor === undefined && string !== undefined) {
            descriptor = string;
        } else if (key === "fortran_order" && fortran === undefined && groups.boolean !== undefined) {
            fortran = groups.boolean === "True";
        } else if (key === "shape" && shape === undefined && groups.tuple !== undefined) {
            shape = parseTuple(groups.tuple) ?? malformed();
        } else {
            malformed();
        }
    }
    if (descriptor === undefined || fortran === undefined || shape === undefined) {
        return malformed();
    }
    return { descriptor, fortran, shape };
}

/** `3, 4`, `3,` or nothing; Python 2 wrote `3L`. Undefined where it is none of them. */
function parseTuple(text: string): readonly number[] | undefined {
    const parts = text.split(",").map((part) => part.trim());
    if (parts.at(-1) === "") {
        parts.pop();
    }
    if (!parts.every((part) => /^\d+L?$/.test(part))) {
        return undefined;
    }
    const shape = parts.map((part) => Number.parseInt(part, 10));
    return shape.every(Number.isSafeInteger) ? shape : undefined;
}

function typeOf(descriptor: string): NpyType {
    const order = descriptor[0];
    for (const [type, known] of Object.entries(DESCRIPTORS) as [NpyType, string][]) {
        if (descriptor.slice(1) !== known.slice(1)) {
            continue;
        }
        // The order of bytes means nothing where there is one.
        if (order === known[0] || SCALAR_SIZES[type] === 1) {
            return type;
        }
        if (order === ">") {
            throw new UserError(
                `its elements are big-endian (${descriptor})`,
                `save it with numpy.save(path, array.astype("${known}"))`,
            );
        }
    }
    throw new UserError(
        `its element type ${descriptor} has no counterpart in Soma`,
        `convert it, such as with numpy.save(path, array.astype("<f4"))`,
    );
}
