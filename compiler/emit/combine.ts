// What lanes of a wave are combined by: the operation on two values, and the value that changes nothing.

import { bitsOfFloat } from "../ir/bits.js";
import type { Combine } from "../ir/module.js";
import { neutral } from "../ir/neutral.js";
import { bitsOf, type IrScalar, isFloat, isSigned } from "../ir/types.js";
import { llvmType, suffix } from "./text.js";
import type { FunctionWriter } from "./writer.js";

/** The words of the value that changes nothing, as LLVM's constants. */
export function neutralWords(kind: Combine, type: IrScalar): string[] {
    const bits = neutralBits(kind, type);
    const words = bitsOf(type) === 64 ? [bits, bits >> 32n] : [bits];
    return words.map((word) => String(BigInt.asIntN(32, word)));
}

function neutralBits(kind: Combine, type: IrScalar): bigint {
    const value = neutral(kind, type);
    return typeof value === "number" ? bitsOfFloat(value, type) : BigInt(value);
}

export function combination(writer: FunctionWriter, kind: Combine, type: IrScalar, a: string, b: string): string {
    const llvm = llvmType(type);
    if (kind === "min" || kind === "max") {
        const name = isFloat(type) ? `${kind}imumnum` : `${isSigned(type) ? "s" : "u"}${kind}`;
        return writer.intrinsic(`${name}.${suffix(type)}`, llvm, [
            [llvm, a],
            [llvm, b],
        ]);
    }
    return writer.assign(`${isFloat(type) ? "fadd" : kind} ${llvm} ${a}, ${b}`);
}
