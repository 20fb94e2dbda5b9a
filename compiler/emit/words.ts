// Values as 32-bit words, which is what lanes of a wave hand to each other.

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
    const high = writer.assign(`lshr i64 ${whole}, 32`);
    return [writer.assign(`trunc i64 ${whole} to i32`), writer.assign(`trunc i64 ${high} to i32`)];
}

export function fromWords(writer: FunctionWriter, [low = "", high]: readonly string[], type: IrScalar): string {
    const bits = bitsOf(type);
    let whole = low;
    if (bits < 32) whole = writer.assign(`trunc i32 ${low} to i${bits}`);
    if (high !== undefined) {
        const upper = writer.assign(`shl i64 ${writer.assign(`zext i32 ${high} to i64`)}, 32`);
        whole = writer.assign(`or i64 ${upper}, ${writer.assign(`zext i32 ${low} to i64`)}`);
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
