// Pieces of LLVM IR's text: types, constants, names and strings.

import { doubleWords, halfBits } from "../ir/bits.js";
import type { ConstantValue } from "../ir/module.js";
import {
    type BufferType,
    bitsOf,
    IR_SCALARS,
    type IrScalar,
    type IrType,
    isBuffer,
    isFloat,
    isScalar,
    typeText,
} from "../ir/types.js";

const FLOATS: Partial<Record<IrScalar, string>> = { f16: "half", f32: "float", f64: "double" };
// LLVM's user guides for AMDGPU and for NVPTX, "Address Spaces": they agree on these.
const SPACES = { global: 1, shared: 3, private: 5 } as const;

/** The hidden argument of a function in which lanes meet, where masks say which. */
export const LANES = "%soma.lanes";

/** By scalar. Nearly every instruction names a type. */
const REGISTERS = new Map(IR_SCALARS.map((type) => [type, FLOATS[type] ?? `i${bitsOf(type)}`]));

/** The type of a value in registers; a bool is an `i1`. */
export function llvmType(type: IrType): string {
    if (isScalar(type)) return REGISTERS.get(type) as string;
    if (!isBuffer(type)) throw new Error(`${typeText(type)} is no type of a work-item`);
    return pointerType(type);
}

/** What a function gives: several results are a struct. */
export function resultType(types: readonly IrType[]): string {
    const [only] = types;
    if (only === undefined) return "void";
    return types.length === 1 ? llvmType(only) : `{ ${types.map(llvmType).join(", ")} }`;
}

/** The type of a scalar in memory and in a kernel's argument buffer; a bool is a byte. */
export function memoryType(type: IrScalar): string {
    return type === "bool" ? "i8" : llvmType(type);
}

export function pointerType({ space }: BufferType): string {
    return `ptr addrspace(${SPACES[space]})`;
}

/** The suffix that an overloaded intrinsic has for a type, such as `f32` or `i64`. */
export function suffix(type: IrScalar): string {
    return isFloat(type) ? type : llvmType(type);
}

export function llvmConstant(value: ConstantValue, type: IrScalar): string {
    if (typeof value !== "number") return String(value);
    if (type === "f16") return `0xH${hexadecimal(halfBits(value), 4)}`;
    // f32 as well is written as the bits of the double that it equals.
    const [high, low] = doubleWords(value);
    return `0x${hexadecimal(high, 8)}${hexadecimal(low, 8)}`;
}

function hexadecimal(bits: number, digits: number): string {
    return bits.toString(16).toUpperCase().padStart(digits, "0");
}

/** Whether an integer's name is its value. */
export function isConstant(name: string): boolean {
    return /^-?\d+$/.test(name);
}

/** A name as LLVM takes it, quoted where it has other than letters, digits, `.`, `_`, `$` and `-`. */
export function llvmName(name: string): string {
    return /^[A-Za-z$._-][A-Za-z$._0-9-]*$/.test(name) ? name : quoted(name);
}

const ENCODER = new TextEncoder();
const HEXADECIMAL = Array.from({ length: 256 }, (_, byte) => `\\${byte.toString(16).toUpperCase().padStart(2, "0")}`);

/** A string in LLVM's text: other than plain ASCII is written as hexadecimal bytes of UTF-8. */
export function quoted(text: string): string {
    return `"${text.replace(/["\\]|[^ -~]+/gu, (special) => spelled(special, HEXADECIMAL))}"`;
}

/** The bytes of UTF-8, each as the table has it. */
export function spelled(text: string, bytes: readonly string[]): string {
    return Array.from(ENCODER.encode(text), (byte) => bytes[byte]).join("");
}
