// What the kernels of kernels.soma and of both baselines are run on. The data is small and the same on every machine: columns
// count instructions, they don't take time.

import type { ElementType } from "../../runtime/index.js";

/** A view argument and what it holds before the launch. */
export interface View {
    readonly type: "f32" | "u32" | "u8";
    readonly shape: readonly number[];
    readonly data: readonly number[];
}

export interface Case {
    readonly name: string;
    /** In the order of both kernels' parameters: numbers are scalars. */
    readonly args: readonly (readonly [name: string, value: View | Scalar])[];
    /** What OpenCL's kernel takes behind these: extents, and where the kernel needs it the number of workgroups. */
    readonly extents: readonly number[];
    /** Workgroups of OpenCL's kernel on x and y. */
    readonly groups: readonly [number, number];
    /** Of the expert's, where its work-items do more. */
    readonly expertGroups?: readonly [number, number];
    readonly workgroup: readonly [number, number];
    /** How far results may lie apart, relative to the larger; 0 is to the bit. */
    readonly tolerance: number;
}

export interface Scalar {
    readonly type: Extract<ElementType, "f32" | "u32">;
    readonly value: number;
}

/** Numbers in [0, 1) that look random: a Weyl sequence. */
function noise(count: number, seed: number): number[] {
    return Array.from({ length: count }, (_, at) => Math.fround(((at + 1) * 0.6180339887 + seed * 0.7548776662) % 1));
}

const view = (type: View["type"], shape: readonly number[], data: readonly number[]): View => ({ type, shape, data });
const size = (shape: readonly number[]) => shape.reduce((product, extent) => product * extent, 1);
const random = (seed: number, ...shape: number[]) => view("f32", shape, noise(size(shape), seed));
const whole = (type: "u32" | "u8", seed: number, below: number, ...shape: number[]) =>
    view(
        type,
        shape,
        noise(size(shape), seed).map((value) => Math.floor(value * below)),
    );
const zeros = (type: View["type"], ...shape: number[]) => view(type, shape, new Array(size(shape)).fill(0));
const f32 = (value: number): Scalar => ({ type: "f32", value });
const u32 = (value: number): Scalar => ({ type: "u32", value });

const N = 5000;
const LINE: Pick<Case, "groups" | "workgroup" | "tolerance"> = {
    groups: [Math.ceil(N / 256), 1],
    workgroup: [256, 1],
    tolerance: 0,
};
const [H, W] = [70, 100];
const IMAGE: Pick<Case, "groups" | "workgroup" | "tolerance"> = {
    groups: [Math.ceil(W / 32), Math.ceil(H / 8)],
    workgroup: [32, 8],
    tolerance: 0,
};

/** Rows of 0 to 12 elements. */
function sparse(): Pick<Case, "args" | "extents"> {
    const lengths = noise(N, 5).map((value) => Math.floor(value * 13));
    const start = [0];
    for (const length of lengths) start.push((start.at(-1) as number) + length);
    const nonzeros = start.at(-1) as number;
    return {
        args: [
            ["start", view("u32", [N + 1], start)],
            ["column", whole("u32", 6, N, nonzeros)],
            ["value", random(7, nonzeros)],
            ["x", random(8, N)],
            ["y", zeros("f32", N)],
        ],
        extents: [N, nonzeros, N],
    };
}

export const CASES: readonly Case[] = [
    {
        ...LINE,
        name: "triad",
        args: [
            ["s", f32(0.75)],
            ["a", random(1, N)],
            ["b", random(2, N)],
            ["c", zeros("f32", N)],
        ],
        extents: [N],
        expertGroups: [Math.ceil(N / 1024), 1],
    },
    {
        ...LINE,
        name: "stencil",
        args: [
            ["x", random(1, N)],
            ["y", zeros("f32", N)],
        ],
        extents: [N],
    },
    {
        ...LINE,
        name: "reduction",
        args: [
            ["x", random(1, N)],
            ["out", zeros("f32", 4)],
        ],
        extents: [N, 4],
        groups: [4, 1],
    },
    {
        ...LINE,
        name: "scan",
        args: [
            ["x", whole("u32", 1, 1000, N)],
            ["y", zeros("u32", N)],
        ],
        extents: [N],
    },
    {
        ...IMAGE,
        name: "transpose",
        args: [
            ["x", random(1, H, W)],
            ["out", zeros("f32", W, H)],
        ],
        extents: [H, W],
        groups: [Math.ceil(W / 32), Math.ceil(H / 32)],
    },
    {
        ...LINE,
        name: "histogram",
        args: [
            ["x", whole("u8", 1, 256, N)],
            ["bins", zeros("u32", 256)],
        ],
        extents: [N],
        groups: [Math.ceil(N / 4096), 1],
    },
    {
        ...LINE,
        name: "nbody",
        args: [
            ["px", random(1, 300)],
            ["py", random(2, 300)],
            ["pz", random(3, 300)],
            ["mass", random(4, 300)],
            ["ax", zeros("f32", 300)],
            ["ay", zeros("f32", 300)],
            ["az", zeros("f32", 300)],
        ],
        extents: [300],
        groups: [2, 1],
    },
    {
        ...LINE,
        name: "radix_count",
        args: [
            ["x", whole("u32", 1, 2 ** 32, N)],
            ["shift", u32(8)],
            ["counts", zeros("u32", Math.ceil(N / 1024), 16)],
        ],
        extents: [N, Math.ceil(N / 1024)],
        groups: [Math.ceil(N / 1024), 1],
    },
    { ...LINE, name: "spmv", ...sparse() },
    {
        ...IMAGE,
        name: "convolution",
        args: [
            ["x", random(1, H, W)],
            ["mask", random(2, 3, 3)],
            ["y", zeros("f32", H, W)],
        ],
        extents: [H, W],
    },
    {
        ...IMAGE,
        name: "matmul",
        args: [
            ["a", random(1, 70, 90)],
            ["b", random(2, 90, 100)],
            ["c", zeros("f32", 70, 100)],
        ],
        extents: [70, 90, 100],
        groups: [Math.ceil(100 / 16), Math.ceil(70 / 16)],
        workgroup: [16, 16],
    },
    {
        ...IMAGE,
        name: "mandelbrot",
        args: [
            ["left", f32(-2)],
            ["top", f32(1.1)],
            ["step", f32(0.03)],
            ["limit", u32(100)],
            ["count", zeros("u32", H, W)],
        ],
        extents: [H, W],
    },
    {
        ...LINE,
        name: "butterfly",
        args: [
            ["half", u32(64)],
            ["wr", random(1, 2048)],
            ["wi", random(2, 2048)],
            ["re", random(3, 4096)],
            ["im", random(4, 4096)],
        ],
        extents: [2048, 4096],
        groups: [8, 1],
    },
    {
        ...LINE,
        name: "black_scholes",
        args: [
            ["rate", f32(0.02)],
            ["volatility", f32(0.3)],
            [
                "price",
                view(
                    "f32",
                    [N],
                    noise(N, 1).map((value) => 5 + 25 * value),
                ),
            ],
            [
                "strike",
                view(
                    "f32",
                    [N],
                    noise(N, 2).map((value) => 1 + 99 * value),
                ),
            ],
            [
                "years",
                view(
                    "f32",
                    [N],
                    noise(N, 3).map((value) => 0.25 + 9.75 * value),
                ),
            ],
            ["call", zeros("f32", N)],
        ],
        extents: [N],
    },
    {
        ...LINE,
        name: "softmax",
        args: [
            ["x", random(1, 12, 700)],
            ["y", zeros("f32", 12, 700)],
        ],
        extents: [12, 700],
        groups: [12, 1],
    },
    {
        ...LINE,
        name: "hash",
        args: [
            ["x", whole("u8", 1, 256, N, 24)],
            ["y", zeros("u32", N)],
        ],
        extents: [N, 24],
    },
];
