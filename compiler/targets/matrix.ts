// The matrix instructions of a wave that the compiler uses, and where the elements of their operands lie. Sources: AMD's
// ISA documents of MI200, MI300, CDNA4, RDNA3 and RDNA4 (chapters on matrix arithmetic) and AMD's matrix instruction
// calculator; LLVM's IntrinsicsAMDGPU.td for the intrinsics. A test runs every one on the virtual GPU. Of NVIDIA's: "PTX
// ISA", Warp Level Matrix Multiply-Accumulate Instructions, mma; LLVM's IntrinsicsNVVM.td.

import type { ScalarName } from "../sema/types.js";
import type { NvidiaTarget } from "./nvidia.js";
import type { Family, Target } from "./targets.js";

/** Where elements of operands and results lie. */
export type MatrixForm = "mfma" | "wmma11" | "wmma12" | "mma";

export interface MatrixInstruction {
    /** LLVM's intrinsic without `llvm.amdgcn.` or `llvm.nvvm.`, and of `formats` those of its operands; unique. */
    readonly name: string;
    readonly form: MatrixForm;
    readonly families: readonly (Family | NvidiaTarget["family"])[];
    /** d[m][n] = a[m][k] · b[k][n] + c[m][n]. Of pairs k counts pairs: half of what the name says. */
    readonly m: number;
    readonly n: number;
    readonly k: number;
    readonly a: ScalarName;
    readonly b: ScalarName;
    readonly sum: "f32" | "f64" | "i32";
    readonly waveSize: 32 | 64;
    /** LLVM's type of an operand's registers; of `mma`, of each of them. */
    readonly operand: string;
    /** What the intrinsic takes beside a, b and c. */
    readonly extras: "none" | "signs" | "broadcasts" | "formats";
}

const CDNA3_UP: readonly Family[] = ["cdna3", "cdna4", "cdna3-4"];
const MFMA: readonly Family[] = ["cdna2", ...CDNA3_UP];
const GFX11: readonly Family[] = ["rdna3", "rdna3.5"];

function mfma(
    name: string,
    families: readonly Family[],
    [m, k]: readonly [number, number],
    a: ScalarName,
    operand: string,
    sum: MatrixInstruction["sum"] = "f32",
    b = a,
): MatrixInstruction {
    return {
        name: `mfma.${name}`,
        form: "mfma",
        families,
        m,
        n: m,
        k,
        a,
        b,
        sum,
        waveSize: 64,
        operand,
        extras: "broadcasts",
    };
}

function wmma(
    name: string,
    form: MatrixForm,
    a: ScalarName,
    operand: string,
    sum: "f32" | "i32",
    { b = a, k = 16 }: { b?: ScalarName; k?: number } = {},
): MatrixInstruction {
    const families: readonly Family[] = form === "wmma11" ? GFX11 : ["rdna4"];
    const extras = sum === "i32" ? "signs" : "none";
    return { name: `wmma.${name}`, form, families, m: 16, n: 16, k, a, b, sum, waveSize: 32, operand, extras };
}

/** gfx950's for operands of 8, 6 and 4 bits, which name their formats; without their scales. Source: CDNA4 ISA, 7.1. */
function mixed([m, k]: readonly [number, number], a: ScalarName, b: ScalarName, formats: string): MatrixInstruction {
    const each = mfma(`scale.f32.${m}x${m}x${k}.f8f6f4.${formats}`, ["cdna4"], [m, k], a, "<8 x i32>", "f32", b);
    return { ...each, extras: "formats" };
}

const FP8: readonly (readonly [format: ScalarName, name: string])[] = [
    ["f8e4m3", "fp8"],
    ["f8e5m2", "bf8"],
];
const FNUZ: readonly (readonly [format: ScalarName, name: string])[] = [
    ["f8e4m3fnuz", "fp8"],
    ["f8e5m2fnuz", "bf8"],
];

/** Every pair of formats of 8 bits. */
function pairs<T>(formats: typeof FP8, make: (a: ScalarName, b: ScalarName, name: string) => T): T[] {
    return formats.flatMap(([a, left]) => formats.map(([b, right]) => make(a, b, `${left}.${right}`)));
}

const AMPERE_UP = ["ampere", "ada", "hopper", "blackwell"] as const;

function mma(
    name: string,
    families: MatrixInstruction["families"],
    [m, n, k]: readonly [number, number, number],
    a: ScalarName,
    operand: string,
    sum: MatrixInstruction["sum"] = "f32",
): MatrixInstruction {
    const shape = `m${m}n${n}k${k}.row.col`;
    return {
        name: `mma.${shape}.${name}`,
        form: "mma",
        families,
        m,
        n,
        k,
        a,
        b: a,
        sum,
        waveSize: 32,
        operand,
        extras: "none",
    };
}

/** Of instructions that multiply the same types for a family the earlier one is taken. */
export const MATRIX_INSTRUCTIONS: readonly MatrixInstruction[] = [
    wmma("f32.16x16x16.f16.v8f32.v16f16", "wmma11", "f16", "<16 x half>", "f32"),
    wmma("f32.16x16x16.bf16.v8f32.v16i16", "wmma11", "bf16", "<16 x i16>", "f32"),
    wmma("i32.16x16x16.iu8.v8i32.v4i32", "wmma11", "i8", "<4 x i32>", "i32"),
    wmma("i32.16x16x16.iu4.v8i32.v2i32", "wmma11", "i4x2", "<2 x i32>", "i32", { k: 8 }),
    wmma("f32.16x16x16.f16.v8f32.v8f16", "wmma12", "f16", "<8 x half>", "f32"),
    wmma("f32.16x16x16.bf16.v8f32.v8i16", "wmma12", "bf16", "<8 x i16>", "f32"),
    wmma("i32.16x16x16.iu8.v8i32.v2i32", "wmma12", "i8", "<2 x i32>", "i32"),
    ...pairs(FP8, (a, b, name) => wmma(`f32.16x16x16.${name}.v8f32.v2i32`, "wmma12", a, "<2 x i32>", "f32", { b })),
    wmma("i32.16x16x32.iu4.v8i32.v2i32", "wmma12", "i4x2", "<2 x i32>", "i32", { k: 16 }),
    wmma("i32.16x16x16.iu4.v8i32.i32", "wmma12", "i4x2", "i32", "i32", { k: 8 }),
    mfma("f32.16x16x32.f16", ["cdna4"], [16, 32], "f16", "<8 x half>"),
    mfma("f32.16x16x32.bf16", ["cdna4"], [16, 32], "bf16", "<8 x bfloat>"),
    mfma("i32.16x16x64.i8", ["cdna4"], [16, 64], "i8", "<4 x i32>", "i32"),
    mfma("f32.16x16x16f16", MFMA, [16, 16], "f16", "<4 x half>"),
    mfma("f32.16x16x16bf16.1k", MFMA, [16, 16], "bf16", "<4 x i16>"),
    mfma("i32.16x16x32.i8", CDNA3_UP, [16, 32], "i8", "i64", "i32"),
    mfma("i32.16x16x16i8", ["cdna2"], [16, 16], "i8", "i32", "i32"),
    ...pairs(FNUZ, (a, b, name) => mfma(`f32.16x16x32.${name}`, ["cdna3"], [16, 32], a, "i64", "f32", b)),
    ...pairs(FP8, (a, b, name) => mixed([16, 128], a, b, name)),
    ...pairs(FP8, (a, b, name) => mixed([32, 64], a, b, name)),
    ...pairs(FP8, (a, b, name) => mfma(`f32.16x16x32.${name}`, ["cdna4"], [16, 32], a, "i64", "f32", b)),
    mfma("f32.16x16x4f32", MFMA, [16, 4], "f32", "float"),
    mfma("f64.16x16x4f64", MFMA, [16, 4], "f64", "double", "f64"),
    mma("f32.f32", AMPERE_UP, [16, 8, 16], "f16", "<2 x half>"),
    mma("f32.f32", ["turing"], [16, 8, 8], "f16", "<2 x half>"),
    mma("bf16", AMPERE_UP, [16, 8, 16], "bf16", "i32"),
    mma("s8", AMPERE_UP, [16, 8, 32], "i8", "i32", "i32"),
    mma("f64", AMPERE_UP, [8, 8, 4], "f64", "double", "f64"),
];

/** What multiplies elements of these types on a target, for waves of its own size; null where nothing does. */
export function matrixInstruction(target: Target, a: string, b: string, waveSize: number): MatrixInstruction | null {
    return matrixInstructions(target, a, b, waveSize)[0] ?? null;
}

/** All that do, the best first. */
export function matrixInstructions(
    target: Target,
    a: string,
    b: string,
    waveSize: number,
): readonly MatrixInstruction[] {
    const fits = (each: MatrixInstruction) =>
        each.a === a && each.b === b && each.waveSize === waveSize && each.families.includes(target.family);
    return MATRIX_INSTRUCTIONS.filter(fits);
}

/** The instruction of that name, for the family of a target: names of formats of 8 bits mean different ones. */
export function matrixInstructionNamed(target: Target, name: string): MatrixInstruction {
    const found = MATRIX_INSTRUCTIONS.find((each) => each.name === name && each.families.includes(target.family));
    if (!found) throw new Error(`${target.name} has no ${name}`);
    return found;
}
