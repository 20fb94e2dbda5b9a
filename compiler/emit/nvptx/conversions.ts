// Operations that PTX has in one instruction, or that fewer do than LLVM's expansions for NVPTX.

import type { EmitScalar } from "../backend.js";

/** LLVM's intrinsics behind `cvt.rzi`, by the integer type. */
const ROUND_TO_INTEGER = { i32: "nvvm.f2i.rz", u32: "nvvm.f2ui.rz" } as const;

/**
 * f32 to 32 bits, which the instruction clamps, with NaN as 0 (PTX ISA, "cvt"): what Soma asks for. LLVM compares and
 * selects around it. Undefined for other types.
 */
export const floatToInteger: EmitScalar = (writer, [a = ""], from, to) =>
    from === "f32" && to in ROUND_TO_INTEGER
        ? writer.intrinsic(ROUND_TO_INTEGER[to as keyof typeof ROUND_TO_INTEGER], "i32", [["float", a]])
        : undefined;

/**
 * x·2ⁿ in f32 with one rounding, as three products with powers of two; LLVM has none but branches and selects.
 * The last power is n clamped to those that f32 has; the others, which share the rest, come first. Where they take x below
 * the normal numbers the last, 2⁻¹²⁶, takes it to zero whatever was rounded off; where they overflow, so does the result.
 */
export const scale: EmitScalar = (writer, [x = "", exponent = ""], type) => {
    if (type !== "f32") return undefined;
    const clamp = (n: string, low: number, high: number) => {
        const above = writer.intrinsic("smax.i32", "i32", [
            ["i32", n],
            ["i32", String(low)],
        ]);
        return writer.intrinsic("smin.i32", "i32", [
            ["i32", above],
            ["i32", String(high)],
        ]);
    };
    const power = (n: string) => {
        const bits = writer.assign(`add i32 ${writer.assign(`shl i32 ${n}, 23`)}, ${127 << 23}`);
        return writer.assign(`bitcast i32 ${bits} to float`);
    };
    const n = clamp(exponent, -3 * 126, 3 * 127);
    const last = clamp(n, -126, 127);
    const rest = writer.assign(`sub i32 ${n}, ${last}`);
    const half = writer.assign(`ashr i32 ${rest}, 1`);
    const other = writer.assign(`sub i32 ${rest}, ${half}`);
    return [half, other, last].reduce((product, each) => writer.assign(`fmul float ${product}, ${power(each)}`), x);
};
