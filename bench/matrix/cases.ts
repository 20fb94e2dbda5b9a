// The kernels that are counted, with what they are launched on and the least that each has to do.

import type { Target } from "../../compiler/targets/targets.js";
import type { ScalarType } from "../../runtime/elements.js";
import type { Arguments, Shape } from "./count.js";

export interface Case {
    readonly kernel: string;
    /** The instance of kernels.soma that it is. */
    readonly instance: string;
    readonly args: Arguments;
    /** Of products: the operands' type, and multiplications of them all. */
    readonly products: { readonly type: ScalarType; readonly count: number } | null;
    /** Bytes of global memory that its tiles need: every operand of a workgroup once, and every result. */
    readonly traffic: number;
    /** The same with twice as many rounds of the inner loop; null for kernels without one. */
    readonly deeper: Case | null;
    /** The launch of its kernel in baseline.hip: views, then extents, then the scalars of `args`. */
    readonly baseline: Baseline | null;
}

export interface Baseline {
    readonly groups: readonly [number, number];
    readonly extents: readonly number[];
}

/** Work-items of a workgroup of the kernels in baseline.hip. */
export const WORKGROUP = 256;

const SIZE = 256;
const HEADS = 2;
const TILE = 128;
const BYTES: Readonly<Partial<Record<ScalarType, number>>> = { f16: 2, bf16: 2, f32: 4, i32: 4 };
const bytes = (type: ScalarType) => BYTES[type] ?? 1;

/** Types of products in baseline.hip. */
const IN_BASELINE: readonly ScalarType[] = ["f16", "bf16", "i8"];

function matmul(kernel: string, instance: string, type: ScalarType, sum: ScalarType, depth = SIZE): Case {
    const blocks = (SIZE / TILE) ** 2;
    return {
        kernel,
        instance,
        args: { views: { a: [type, [SIZE, depth]], b: [type, [depth, SIZE]], c: [sum, [SIZE, SIZE]] } },
        products: { type, count: SIZE * SIZE * depth },
        traffic: blocks * 2 * TILE * depth * bytes(type) + SIZE * SIZE * bytes(sum),
        deeper: depth === SIZE ? matmul(kernel, instance, type, sum, 2 * SIZE) : null,
        baseline: IN_BASELINE.includes(type)
            ? { groups: [SIZE / TILE, SIZE / TILE], extents: [SIZE, SIZE, depth] }
            : null,
    };
}

function attention(depth: number, instance: string): Case {
    const shape: Shape = ["f16", [HEADS, SIZE, depth]];
    const whole = HEADS * SIZE * depth * bytes("f16");
    return {
        kernel: `attention_${depth}`,
        instance,
        args: { views: { q: shape, k: shape, v: shape, o: shape }, scalars: { scale: 0.125 } },
        products: { type: "f16", count: 2 * HEADS * SIZE * SIZE * depth },
        traffic: 2 * whole + (2 * whole * SIZE) / TILE,
        deeper: null,
        baseline: { groups: [SIZE / TILE, HEADS], extents: [SIZE] },
    };
}

const [ROWS, COLUMNS, TOGETHER] = [16, 1024, 4];
const rows: Shape = ["f32", [ROWS, COLUMNS]];
const column: Shape = ["f32", [COLUMNS]];

const FP8: Readonly<Record<string, ScalarType>> = { rdna4: "f8e4m3", cdna3: "f8e4m3fnuz", cdna4: "f8e4m3" };

/** All that are counted on a target. */
export function casesOf(target: Target): readonly Case[] {
    const fp8 = FP8[target.family];
    // Instructions of gfx950 are twice as long along k and more, and so are rounds.
    const [of16, of8] = target.family === "cdna4" ? [64, 128] : [32, 64];
    // A wave of the baseline has a row.
    const byRows: Baseline = { groups: [(ROWS * target.waveSize) / WORKGROUP, 1], extents: [ROWS] };
    return [
        matmul("matmul_f16", `product<f16, BK: ${of16}>`, "f16", "f16"),
        matmul("matmul_bf16", `product<bf16, BK: ${of16}>`, "bf16", "bf16"),
        matmul("matmul_i8", `product_i8<BK: ${of8}>`, "i8", "i32"),
        ...(fp8 === undefined ? [] : [matmul("matmul_fp8", `product_fp8<${fp8}, BK: ${of8}>`, fp8, "f16")]),
        attention(64, "attend<D: 64>"),
        attention(128, "attend<D: 128, BN: 32>"),
        {
            kernel: "softmax",
            instance: `softmax_rows<N: ${COLUMNS}>`,
            args: { views: { x: rows, y: rows } },
            products: null,
            traffic: 2 * ROWS * COLUMNS * bytes("f32"),
            deeper: null,
            baseline: byRows,
        },
        {
            kernel: "layer_norm",
            instance: `normalise_rows<N: ${COLUMNS}>`,
            args: { views: { x: rows, gain: column, bias: column, y: rows } },
            products: null,
            traffic: (2 * ROWS * COLUMNS + (ROWS / TOGETHER) * 2 * COLUMNS) * bytes("f32"),
            deeper: null,
            baseline: byRows,
        },
    ];
}
