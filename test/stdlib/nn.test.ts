// std.nn against double precision, on both kinds of matrix cores: rows that are no multiple of a tile, large magnitudes,
// means far from 0, and what infinities and NaN become. Bounds are the module's, in units of u = 2⁻²⁴.

import { describe, expect, it } from "vitest";
import { exactly, productAt, sumBound } from "../matrix/reference.js";
import { run, view } from "../run/harness.js";
import { floats } from "./data.js";

const U = 2 ** -24;
const DEVICES = ["vgpu:gfx1100", "vgpu:gfx942"] as const;
const SHAPES = [
    [3, 20],
    [5, 256],
    [9, 700],
] as const;
const EPSILON = 1e-5;

type Values = ArrayLike<number>;

const SOURCE = `import std.nn { softmax, layer_norm, linear, rms_norm }
instance softmax_f16 = softmax<f16, BM: 16, BN: 64>
instance linear_relu = linear<f16, RELU: true>
`;

const sumOf = (row: readonly number[], of: (value: number) => number): number =>
    row.reduce((sum, value) => sum + of(value), 0);

/** Row i of a matrix of n columns. */
const rowOf = (x: Values, i: number, n: number): number[] =>
    Array.from({ length: n }, (_, j) => x[i * n + j] as number);

/** Each row of y within a bound of what the row of x should give. */
function expectRows(
    [x, y]: readonly [Values, Values],
    [m, n]: readonly [number, number],
    wanted: (row: readonly number[]) => readonly (readonly [value: number, bound: number])[],
): void {
    for (let i = 0; i < m; i++) {
        for (const [j, [value, bound]] of wanted(rowOf(x, i, n)).entries()) {
            const actual = y[i * n + j] as number;
            if (!(Math.abs(actual - value) <= bound)) {
                expect.fail(`element (${i}, ${j}) is ${actual}, not ${value} (bound ${bound})`);
            }
        }
    }
}

function softmaxOf(row: readonly number[]): number[] {
    const top = Math.max(...row);
    const sum = sumOf(row, (value) => Math.exp(value - top));
    return row.map((value) => Math.exp(value - top) / sum);
}

describe.each(DEVICES)("on %s", (device) => {
    const options = (kernel: string) => ({ device, kernel });

    it.each(SHAPES)("softmax of %i rows of %i", async (m, n) => {
        // e^1000 would overflow.
        const x = floats(m * n, n, 900, 1000);
        const { y } = await run(SOURCE, { x: view("f32", [m, n], x), y: view("f32", [m, n]) }, options("softmax"));
        expectRows([x, y], [m, n], (row) => {
            const top = Math.max(...row);
            return softmaxOf(row).map((value, j) => {
                const relative = (2 * n + 12 + 3 * (top - (row[j] as number))) * U;
                return [value, relative * value + 2 ** -126];
            });
        });
    });

    it("softmax of results about the smallest normal number", async () => {
        // e^-87 is just above 2^-126, e^-104 just below the least subnormal number.
        const n = 256;
        const x = Array.from({ length: n }, (_, at) => Math.fround(at === 0 ? 0 : -80 - at / 8));
        const args = { x: view("f32", [1, n], x), y: view("f32", [1, n]) };
        const { y } = await run(SOURCE, args, options("softmax"));
        expectRows([Float32Array.from(x), y], [1, n], (row) =>
            softmaxOf(row).map((value, j) => {
                const relative = (2 * n + 12 - 3 * (row[j] as number)) * U;
                return [value, value > 2 ** -126 ? relative * value : 2 ** -126];
            }),
        );
    });

    it("softmax of f16 with infinities and NaN", async () => {
        const [m, n] = [4, 70];
        const x = Float32Array.from(floats(m * n, 5, -8, 8), (value) => Math.round(value * 64) / 64);
        x[3] = -Infinity;
        x[n] = Number.NaN;
        x.fill(-Infinity, 2 * n, 3 * n);
        x[3 * n + 69] = Infinity;
        const args = { x: view("f16", [m, n], x), y: view("f16", [m, n]) };
        const { y } = await run(SOURCE, args, options("softmax_f16"));
        expect(y[3]).toBe(0);
        expectRows([x, y], [1, n], (row) => softmaxOf(row).map((value) => [value, 2 ** -10 * value + 2 ** -24]));
        expect(Array.from(y.subarray(n)).every(Number.isNaN)).toBe(true);
    });

    it.each(SHAPES)("layer norm of %i rows of %i", async (m, n) => {
        // A mean of 100 deviations.
        const [x, gain, bias] = [floats(m * n, n, 99, 102), floats(n, 7, -2, 2), floats(n, 8, -1, 1)];
        const args = {
            x: view("f32", [m, n], x),
            gain: view("f32", [n], gain),
            bias: view("f32", [n], bias),
            y: view("f32", [m, n]),
            epsilon: EPSILON,
        };
        const { y } = await run(SOURCE, args, options("layer_norm"));
        expectRows([x, y], [m, n], (row) => {
            const mean = sumOf(row, (value) => value) / n;
            const deviation = Math.sqrt(sumOf(row, (value) => (value - mean) ** 2) / n + EPSILON);
            const most = Math.max(...row.map(Math.abs));
            return row.map((value, j) => {
                const [g, b] = [gain[j] as number, bias[j] as number];
                const normal = (value - mean) / deviation;
                const wanted = normal * g + b;
                const off = (n + 8) * (most / deviation + Math.abs(normal));
                return [wanted, (Math.abs(g) * off + Math.abs(wanted)) * U];
            });
        });
    });

    it.each(SHAPES)("RMS norm of %i rows of %i", async (m, n) => {
        // Squares of 10^12, and with them sums of squares, are far below the largest f32.
        const [x, gain] = [floats(m * n, n, -1e12, 1e12), floats(n, 7, -2, 2)];
        const args = {
            x: view("f32", [m, n], x),
            gain: view("f32", [n], gain),
            y: view("f32", [m, n]),
            epsilon: EPSILON,
        };
        const { y } = await run(SOURCE, args, options("rms_norm"));
        expectRows([x, y], [m, n], (row) => {
            const root = Math.sqrt(sumOf(row, (value) => value ** 2) / n + EPSILON);
            return row.map((value, j) => {
                const wanted = ((gain[j] as number) * value) / root;
                return [wanted, (n / 2 + 8) * U * Math.abs(wanted)];
            });
        });
    });

    it("rows of zeros are the bias, and 0", async () => {
        const n = 30;
        const bias = floats(n, 9, -1, 1);
        const rows = { x: view("f32", [1, n]), gain: view("f32", [n], floats(n, 7, -2, 2)), y: view("f32", [1, n]) };
        const args = { ...rows, epsilon: EPSILON };
        const layer = await run(SOURCE, { ...args, bias: view("f32", [n], bias) }, options("layer_norm"));
        expect(layer.y).toEqual(bias);
        const { y } = await run(SOURCE, args, options("rms_norm"));
        expect(Array.from(y).every((value) => value === 0)).toBe(true);
    });

    it.each(["linear", "linear_relu"] as const)("%s", async (kernel) => {
        const [m, k, n] = [70, 45, 33];
        const [x, w] = [exactly(m * k, 3, 8), exactly(k * n, 5, 8)];
        const bias = floats(n, 9, -3, 3);
        const args = { x: view("f16", [m, k], x), w: view("f16", [k, n], w), bias: view("f32", [n], bias) };
        const { y } = await run(SOURCE, { ...args, y: view("f16", [m, n]) }, options(kernel));
        for (let i = 0; i < m; i++) {
            for (let j = 0; j < n; j++) {
                const { value, magnitude } = productAt(x, w, [i, j], [k, n]);
                const sum = value + (bias[j] as number);
                const wanted = kernel === "linear" ? sum : Math.max(sum, 0);
                const bound = sumBound(k, magnitude) + Math.abs(wanted) * (U + 2 ** -11) + 2 ** -25;
                expect(Math.abs((y[i * n + j] as number) - wanted)).toBeLessThanOrEqual(bound);
            }
        }
    });
});
