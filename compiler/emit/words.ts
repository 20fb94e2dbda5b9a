// Values as 32-bit words, which is what lanes of a wave hand to each other. The halves of 64 bits are the elements of a
// vector: where they are shifted and extended, LLVM 22 gives them a zero in common with other values, and takes what those
// are computed of into whole-wave mode, loads by work-items that don't exist included (decision 0013).

import { bitsOf, type IrScalar, isFloat, isSigned } from "../ir/types.js";
import { llvmType } from "./text.js";
import type { FunctionWriter } from "./writer.js";

/** What an integer of less than 32 bits, or a bool, is computed in between lanes. */
export function laneType(type: IrScalar): IrScalar {
    if (isFloat(type)) return type;
    if (bitsOf(type) >= 32) return type;
    return isSigned(type) ? "i32" : "u32";
}

/** A value as 32-bit words, lowest first. */
export function toWords(writer: FunctionWriter, value: string, type: IrScalar): string[] {
    const bits = bitsOf(type);
    let whole = value;
    if (isFloat(type)) whole = writer.assign(`bitcast ${llvmType(type)} ${value} to i${bits}`);
    if (bits === 32) return [whole];
    if (bits < 32) return [writer.assign(`${isSigned(type) ? "sext" : "zext"} i${bits} ${whole} to i32`)];
    const both = writer.assign(`bitcast i64 ${whole} to <2 x i32>`);
    return [0, 1].map((at) => writer.assign(`extractelement <2 x i32> ${both}, i32 ${at}`));
}

export function fromWords(writer: FunctionWriter, [low = "", high]: readonly string[], type: IrScalar): string {
    const bits = bitsOf(type);
    let whole = low;
    if (bits < 32) whole = writer.assign(`trunc i32 ${low} to i${bits}`);
    if (high !== undefined) {
        const first = writer.assign(`insertelement <2 x i32> poison, i32 ${low}, i32 0`);
        const both = writer.assign(`insertelement <2 x i32> ${first}, i32 ${high}, i32 1`);
        whole = writer.assign(`bitcast <2 x i32> ${both} to i64`);
    }
    return isFloat(type) ? writer.assign(`bitcast i${bits} ${whole} to ${llvmType(type)}`) : whole;
}

/** A value moved by a function on words. */
export function throughWords(
    writer: FunctionWriter,
    value: string,
    type: IrScalar,
    move: (word: string, at: number) => string,
): string {
    return fromWords(writer, toWords(writer, value, type).map(move), type);
}
