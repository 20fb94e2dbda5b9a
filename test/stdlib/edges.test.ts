// What every function of std.nn and of std.linalg's products does where a dimension is 0, and that NaN and infinity reach the
// results that depend on them and no others, on both kinds of matrix cores. Shapes are no multiple of a tile, so padding
// lies beside all of them.

import { describe, expect, it } from "vitest";
import { run, view } from "../run/harness.js";

const DEVICES = ["vgpu:gfx1100", "vgpu:gfx942"] as const;
/** Kernels of std.linalg; the others are std.nn's. */
const LINALG: ReadonlySet<string> = new Set(
    ["", "_nt", "_tn", "_tt", "_strided", "_batched", "_grouped"]
        .map((which) => `matmul${which}`)
        .concat("gemv", "transpose"),
);
/** A program of one kernel, so that each test compiles what it runs. */
function programOf(kernel: string): string {
    if (kernel === "conv2d_1") {
        return "import std.nn { conv2d }\ninstance conv2d_1 = conv2d<f16, R: 1, S: 1, PAD: 0>\n";
    }
    return `import std.${LINALG.has(kernel) ? "linalg" : "nn"} { ${kernel} }\n`;
}

type Args = Parameters<typeof run>[1];
type Results = Readonly<Record<string, ArrayLike<unknown>>>;

/** What outputs hold before, so that zeros are seen to be written. */
const BEFORE = 7;
const count = (shape: readonly number[]) => shape.reduce((all, one) => all * one, 1);
const full = (value: number, shape: readonly number[]) => new Array<number>(count(shape)).fill(value);
const f16 = (shape: readonly number[], value = 1) => view("f16", shape, full(value, shape));
const f32 = (shape: readonly number[], value = 1) => view("f32", shape, full(value, shape));
const i8 = (shape: readonly number[]) => view("i8", shape, full(1, shape));
const f8 = (shape: readonly number[]) => view("f8e4m3", shape, full(1, shape));

const EMPTY: readonly (readonly [
    what: string,
    kernel: string,
    args: Args,
    output: string,
    wanted: readonly number[],
])[] = [
    ["no rows", "softmax", { x: f32([0, 5]), y: f32([0, 5]) }, "y", []],
    ["no columns", "softmax", { x: f32([3, 0]), y: f32([3, 0]) }, "y", []],
    [
        "no columns",
        "layer_norm",
        { x: f32([3, 0]), gain: f32([0]), bias: f32([0]), y: f32([3, 0]), epsilon: 1 },
        "y",
        [],
    ],
    ["no rows", "rms_norm", { x: f32([0, 3]), gain: f32([3]), y: f32([0, 3]), epsilon: 1 }, "y", []],
    [
        "nothing to sum",
        "linear",
        { x: f16([5, 0]), w: f16([0, 3]), bias: f32([3], 2), y: f16([5, 3], BEFORE) },
        "y",
        full(2, [5, 3]),
    ],
    [
        "nothing between the layers",
        "mlp",
        { x: f16([5, 4]), w1: f16([4, 0]), b1: f32([0]), w2: f16([0, 3]), b2: f32([3], 2), y: f16([5, 3], BEFORE) },
        "y",
        full(2, [5, 3]),
    ],
    [
        "no keys",
        "attention",
        { q: f16([2, 3, 64]), k: f16([2, 0, 64]), v: f16([2, 0, 64]), o: f16([2, 3, 64], BEFORE), scale: 1 },
        "o",
        full(0, [2, 3, 64]),
    ],
    [
        "no queries",
        "attention",
        { q: f16([2, 0, 64]), k: f16([2, 3, 64]), v: f16([2, 3, 64]), o: f16([2, 0, 64]), scale: 1 },
        "o",
        [],
    ],
    [
        "no sequences",
        "attention_packed",
        {
            ...{ q: f16([1, 3, 64]), k: f16([1, 3, 64]), v: f16([1, 3, 64]), o: f16([1, 3, 64], BEFORE), scale: 1 },
            ...{ starts: view("index", [0], []), ends: view("index", [0], []) },
            ...{ key_starts: view("index", [0], []), key_ends: view("index", [0], []) },
        },
        "o",
        full(BEFORE, [1, 3, 64]),
    ],
    [
        "no channels",
        "conv2d",
        { x: f16([6, 0]), w: f16([9, 0, 2]), y: f16([6, 2], BEFORE), height: 2, width: 3 },
        "y",
        full(0, [6, 2]),
    ],
    ["no columns", "quantise", { x: f32([3, 0]), q: i8([3, 0]), scale: f32([3], BEFORE) }, "scale", [1, 1, 1]],
    ["no rows", "dequantise", { q: i8([0, 3]), scale: f32([0]), x: f32([0, 3]) }, "x", []],
    [
        "nothing to sum",
        "matmul_i8",
        { a: i8([3, 0]), a_scale: f32([3]), b: i8([0, 2]), b_scale: f32([2]), c: f32([3, 2], BEFORE) },
        "c",
        full(0, [3, 2]),
    ],
    [
        "nothing to sum",
        "matmul_f8",
        { a: f8([3, 0]), a_scale: f32([3]), b: f8([0, 2]), b_scale: f32([2]), c: f32([3, 2], BEFORE) },
        "c",
        full(0, [3, 2]),
    ],
    ["nothing to sum", "gemv", { a: f32([3, 0]), x: f32([0]), y: f32([3], BEFORE) }, "y", [0, 0, 0]],
    [
        "nothing to sum",
        "matmul_strided",
        { a: f16([3, 0]), b: f16([0, 2]), c: f16([3, 2], BEFORE) },
        "c",
        full(0, [3, 2]),
    ],
    ["no pairs", "matmul_batched", { a: f16([0, 3, 4]), b: f16([0, 4, 2]), c: f16([0, 3, 2]) }, "c", []],
    [
        "nothing to sum",
        "matmul_batched",
        { a: f16([2, 3, 0]), b: f16([2, 0, 2]), c: f16([2, 3, 2], BEFORE) },
        "c",
        full(0, [2, 3, 2]),
    ],
    [
        "no rows",
        "matmul_grouped",
        { a: f16([0, 4]), offsets: view("index", [2], [0n, 0n]), b: f16([1, 4, 2]), c: f16([0, 2]) },
        "c",
        [],
    ],
    ["no rows", "transpose", { x: f32([0, 5]), y: f32([5, 0]) }, "y", []],
];

const [M, N, K] = [37, 20, 45];
const [NAN_ROW, INFINITE_ROW] = [3, 33];

/** Ones, in which one row has a NaN and one an infinity. */
function special(rows: number, columns: number): Float64Array {
    const values = new Float64Array(rows * columns).fill(1);
    values[NAN_ROW * columns + columns - 1] = Number.NaN;
    values[INFINITE_ROW * columns] = Number.POSITIVE_INFINITY;
    return values;
}

const left = () => view("f16", [M, K], Array.from(special(M, K)));
const turned = () => {
    const values = special(M, K);
    return view(
        "f16",
        [K, M],
        Array.from(values, (_, at) => values[(at % M) * K + Math.floor(at / M)] ?? 0),
    );
};

/** By function: arguments, the output, and what its rows are elsewhere; each row of the output is of a row of `left`. */
const ROWS: readonly (readonly [kernel: string, args: () => Args, output: string, columns: number, wanted: number])[] =
    [
        ["matmul", () => ({ a: left(), b: f16([K, N]), c: f16([M, N]) }), "c", N, K],
        ["matmul_nt", () => ({ a: left(), b: f16([N, K]), c: f16([M, N]) }), "c", N, K],
        ["matmul_tn", () => ({ a: turned(), b: f16([K, N]), c: f16([M, N]) }), "c", N, K],
        ["matmul_tt", () => ({ a: turned(), b: f16([N, K]), c: f16([M, N]) }), "c", N, K],
        ["matmul_strided", () => ({ a: left(), b: f16([K, N]), c: f16([M, N]) }), "c", N, K],
        ["linear", () => ({ x: left(), w: f16([K, N]), bias: f32([N]), y: f16([M, N]) }), "y", N, K + 1],
        ["gemv", () => ({ a: view("f32", [M, K], Array.from(special(M, K))), x: f32([K]), y: f32([M]) }), "y", 1, K],
        ["conv2d_1", () => ({ x: left(), w: f16([1, K, N]), y: f16([M, N]), height: 1, width: M }), "y", N, K],
    ];

describe("a dimension of 0", () => {
    it.each(EMPTY)("%s: %s", async (_, kernel, args, output, wanted) => {
        const results = (await run(programOf(kernel), args, { device: DEVICES[0], kernel })) as unknown as Results;
        expect(Array.from(results[output] ?? [], Number)).toEqual(wanted);
    });
});

describe.each(DEVICES)("on %s", (device) => {
    it.each(ROWS)("NaN and infinity in %s", async (kernel, args, output, columns, wanted) => {
        const results = (await run(programOf(kernel), args(), { device, kernel })) as unknown as Results;
        const found = Array.from(results[output] ?? [], Number);
        for (let row = 0; row < M; row++) {
            const value = row === NAN_ROW ? Number.NaN : row === INFINITE_ROW ? Number.POSITIVE_INFINITY : wanted;
            expect(found.slice(row * columns, (row + 1) * columns), `row ${row}`).toEqual(full(value, [columns]));
        }
    });

    it("NaN in a query, and in no other", async () => {
        const [s, d] = [40, 64];
        const q = new Array<number>(s * d).fill(0.125);
        q[NAN_ROW * d] = Number.NaN;
        const tensors = { q: view("f16", [1, s, d], q), k: f16([1, 50, d]), v: f16([1, 50, d], 3), o: f16([1, s, d]) };
        const { o } = await run(programOf("attention"), { ...tensors, scale: 1 }, { device, kernel: "attention" });
        const found = Array.from(o ?? [], Number);
        // Weights are alike, so what comes out is the values; f16 holds 3 exactly, and sums of equal weights.
        for (let row = 0; row < s; row++) {
            const value = row === NAN_ROW ? Number.NaN : 3;
            for (const each of found.slice(row * d, (row + 1) * d)) {
                if (Number.isNaN(value)) expect(each).toBeNaN();
                else expect(Math.abs(each - value)).toBeLessThanOrEqual(3 * 2 ** -10);
            }
        }
    });
});
