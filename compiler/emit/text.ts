// Pieces of LLVM IR's text: types, constants, names and strings.

import type { ConstantValue } from "../ir/module.js";
import { type BufferType, bitsOf, type IrType, isBuffer, isFloat } from "../ir/types.js";
import type { ScalarName } from "../sema/types.js";

const FLOATS: Partial<Record<ScalarName, string>> = { f16: "half", f32: "float", f64: "double" };
// LLVM's user guide for AMDGPU, "Address Spaces".
const SPACES = { global: 1, shared: 3, private: 5 } as const;

/** The type of a value in registers; a bool is an `i1`. */
export function llvmType(type: IrType): string {
    if (isBuffer(type)) return pointerType(type);
    return FLOATS[type] ?? `i${bitsOf(type)}`;
}

/** The type of a scalar in memory and in a kernel's argument buffer; a bool is a byte. */
export function memoryType(type: ScalarName): string {
    return type === "bool" ? "i8" : llvmType(type);
}

export function pointerType({ space }: BufferType): string {
    return `ptr addrspace(${SPACES[space]})`;
}

/** The suffix that an overloaded intrinsic has for a type, such as `f32` or `i64`. */
export function suffix(type: ScalarName): string {
    return isFloat(type) ? type : llvmType(type);
}

export function llvmConstant(value: ConstantValue, type: ScalarName): string {
    if (typeof value !== "number") return String(value);
    if (type === "f16") return `0xH${halfBits(value).toString(16).toUpperCase().padStart(4, "0")}`;
    // f32 as well is written as the bits of the double that it equals.
    const view = new DataView(new ArrayBuffer(8));
    view.setFloat64(0, Number.isNaN(value) ? Number.NaN : value);
    return `0x${view.getBigUint64(0).toString(16).toUpperCase().padStart(16, "0")}`;
}

/** The bits of a number that is exactly an f16. */
function halfBits(value: number): number {
    const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
    const magnitude = Math.abs(value);
    if (Number.isNaN(value)) return 0x7e00;
    if (magnitude === Infinity) return sign | 0x7c00;
    if (magnitude < 2 ** -14) return sign | (magnitude * 2 ** 24);
    const exponent = Math.floor(Math.log2(magnitude));
    return sign | ((exponent + 15) << 10) | (magnitude * 2 ** (10 - exponent) - 1024);
}

/** A name as LLVM takes it, quoted where it has other than letters, digits, `.`, `_`, `$` and `-`. */
export function llvmName(name: string): string {
    return /^[A-Za-z$._-][A-Za-z$._0-9-]*$/.test(name) ? name : quoted(name);
}

/** A string in LLVM's text: other than plain ASCII is written as hexadecimal bytes of UTF-8. */
export function quoted(text: string): string {
    let result = "";
    for (const byte of new TextEncoder().encode(text)) {
        const plain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
        result += plain ? String.fromCharCode(byte) : `\\${byte.toString(16).toUpperCase().padStart(2, "0")}`;
    }
    return `"${result}"`;
}
