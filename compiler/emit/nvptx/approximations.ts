// 2^x and log2 x, of which LLVM has no others for NVPTX than the hardware's instructions (PTX ISA, "ex2" and "lg2").
//
// `ex2.approx` has a relative error of about 2^-22 (2.13 ULP measured) and, without `.ftz`, keeps denormals. `lg2.approx` has an absolute error of 2^-22
// between 0.5 and 2, which near 1, where the logarithm is small, is hundreds of ULP. So log2 of f32 is a polynomial, and
// the instruction serves where a body is `#fast`, and f16, whose arguments stay 2^-11 away from 1.

import type { EmitScalar } from "../backend.js";
import { llvmConstant } from "../text.js";
import type { FunctionWriter } from "../writer.js";

type Instruction = "ex2" | "lg2";

function hardware(name: Instruction, writer: FunctionWriter, operand: string): string {
    return writer.intrinsic(`nvvm.${name}.approx.f`, "float", [["float", operand]]);
}

/** The f32 instruction, also for f16, whose 11 bits of significand its error hardly reaches. */
const approximation =
    (name: Instruction): EmitScalar =>
    (writer, [a = ""], type) => {
        if (type === "f32") return hardware(name, writer, a);
        const widened = writer.assign(`fpext half ${a} to float`);
        return writer.assign(`fptrunc float ${hardware(name, writer, widened)} to half`);
    };

const lg2 = approximation("lg2");

export const APPROXIMATIONS: { readonly exp2: EmitScalar; readonly log2: EmitScalar } = {
    exp2: approximation("ex2"),
    log2: (writer, operands, type, result) =>
        type === "f32" && !writer.fn.options.fast
            ? log2(writer, operands[0] ?? "")
            : lg2(writer, operands, type, result),
};

const f32 = (value: number) => llvmConstant(Math.fround(value), "f32");
/** The bits of √½. */
const SQRT_HALF = 0x3f3504f3;
/** 1 / ln 2 as a sum. */
const LOG2_E = [f32(1.44269502), f32(1.92596303e-8)] as const;
/** Of tools/math_coefficients.py, "log2", lowest first. */
const POLYNOMIAL = [
    -0.721347332, 0.480898201, -0.360697865, 0.288570195, -0.239596218, 0.204541937, -0.191155776, 0.18654725,
    -0.110190831,
].map(f32);

/**
 * x = 2^n (1 + f) with 1 + f from √½ to √2; then n + f/ln 2 + f² P(f), of which the middle is not rounded by itself. So it
 * is 0 at 1, and at most 0.98 ULP off between 0.5 and 2 (every number) and elsewhere (every 211th).
 */
function log2(writer: FunctionWriter, x: string): string {
    const fma = (a: string, b: string, c: string) =>
        writer.intrinsic("fma.f32", "float", [
            ["float", a],
            ["float", b],
            ["float", c],
        ]);
    const choose = (condition: string, type: string, a: string, b: string) =>
        writer.assign(`select i1 ${condition}, ${type} ${a}, ${type} ${b}`);
    const tiny = writer.assign(`fcmp olt float ${x}, ${f32(2 ** -126)}`);
    const normal = choose(tiny, "float", writer.assign(`fmul float ${x}, ${f32(2 ** 23)}`), x);
    const bits = writer.assign(`bitcast float ${normal} to i32`);
    const exponent = writer.assign(`ashr i32 ${writer.assign(`sub i32 ${bits}, ${SQRT_HALF}`)}, 23`);
    const fraction = writer.assign(`sub i32 ${bits}, ${writer.assign(`shl i32 ${exponent}, 23`)}`);
    const n = writer.assign(
        `sitofp i32 ${writer.assign(`add i32 ${exponent}, ${choose(tiny, "i32", "-23", "0")}`)} to float`,
    );
    const f = writer.assign(`fsub float ${writer.assign(`bitcast i32 ${fraction} to float`)}, ${f32(1)}`);
    const [highest = "", ...lower] = [...POLYNOMIAL].reverse();
    const p = lower.reduce((sum, coefficient) => fma(sum, f, coefficient), highest);
    const small = writer.assign(`fmul float ${f}, ${LOG2_E[1]}`);
    const rest = fma(writer.assign(`fmul float ${f}, ${f}`), p, small);
    const result = writer.assign(`fadd float ${n}, ${fma(f, LOG2_E[0], rest)}`);
    // Zeros, what is below them, infinity and NaN.
    const below = writer.assign(`sub i32 ${writer.assign(`bitcast float ${x} to i32`)}, 1`);
    const ordinary = writer.assign(`icmp ult i32 ${below}, ${0x7f7fffff}`);
    return choose(ordinary, "float", result, hardware("lg2", writer, x));
}
