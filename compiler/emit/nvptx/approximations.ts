// 2^x and log2 x as the hardware approximates them: LLVM has no other for NVPTX.
//
// PTX ISA, "ex2" and "lg2": denormals are kept without `.ftz`; a relative error of at most 2^-22.

import type { EmitScalar } from "../backend.js";

/** The f32 instruction, also for f16, whose 11 bits of significand an error of 2^-22 doesn't reach. */
const approximation =
    (name: string): EmitScalar =>
    (writer, [a = ""], type) => {
        const intrinsic = (operand: string) => writer.intrinsic(`nvvm.${name}.approx.f`, "float", [["float", operand]]);
        if (type === "f32") return intrinsic(a);
        return writer.assign(`fptrunc float ${intrinsic(writer.assign(`fpext half ${a} to float`))} to half`);
    };

export const APPROXIMATIONS = { exp2: approximation("ex2"), log2: approximation("lg2") };
