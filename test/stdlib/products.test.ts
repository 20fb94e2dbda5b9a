// The products of std.linalg and std.nn against double precision, on both kinds of matrix cores: every transposition, batches,
// groups, strides, shapes that are no multiple of anything and sides of 0, scales of 8-bit operands, a convolution.

import { describe, expect, it } from "vitest";
import { exactly, productAt, roundingBound, sumBound } from "../matrix/reference.js";
import { kernelsOf, run, testGpu, view } from "../run/harness.js";
import { floats } from "./data.js";

const U = 2 ** -24;
const DEVICES = ["vgpu:gfx1100", "vgpu:gfx942"] as const;

const LINALG = `import std.linalg { matmul, matmul_nt, matmul_tn, matmul_tt, matmul_strided, matmul_batched, matmul_grouped, gemv, transpose }
instance gemv_f16 = gemv<f16>
instance transpose_u8 = transpose<u8>
`;
const NN = "import std.nn { mlp, conv2d, quantise, dequantise, matmul_i8, matmul_f8 }\n";

type Values = ArrayLike<number>;

/** The transpose of an m by n matrix. */
const turned = (x: Float64Array, [m, n]: readonly [number, number]) =>
    x.map((_, at) => x[(at % m) * n + Math.floor(at / m)] ?? 0);

/** c within the bound of a·b in f32 and its rounding to f16. */
function expectProduct(c: Values, a: Values, b: Values, [m, n, k]: readonly [number, number, number], from = 0): void {
    for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
            const { value, magnitude } = productAt(a, b, [i, j], [k, n]);
            const bound = sumBound(k, magnitude) + roundingBound(value, 11, 2 ** -25);
            const got = c[from + i * n + j] ?? Number.NaN;
            if (!(Math.abs(got - value) <= bound)) expect.fail(`c[${i}, ${j}] is ${got}, not ${value} ± ${bound}`);
        }
    }
}

describe.each(DEVICES)("on %s", (device) => {
    const f16 = (shape: readonly number[], data?: Float64Array) => view("f16", shape, data && Array.from(data));

    it.each([
        ["matmul", false, false],
        ["matmul_nt", false, true],
        ["matmul_tn", true, false],
        ["matmul_tt", true, true],
    ] as const)("%s", async (kernel, isLeftTurned, isRightTurned) => {
        for (const [m, n, k] of [
            [70, 45, 33],
            [3, 130, 0],
            [0, 5, 3],
        ] as const) {
            const [a, b] = [exactly(m * k, 7, 5), exactly(k * n, 11, 5)];
            const args = {
                a: isLeftTurned ? f16([k, m], turned(a, [m, k])) : f16([m, k], a),
                b: isRightTurned ? f16([n, k], turned(b, [k, n])) : f16([k, n], b),
                c: f16([m, n]),
            };
            const { c } = await run(LINALG, args, { device, kernel });
            expectProduct(c, a, b, [m, n, k]);
        }
    });

    it("a product of parts of tensors and transposes", async () => {
        const gpu = await testGpu(device);
        const { matmul_strided } = await kernelsOf(LINALG, 3, device);
        const [m, n, k] = [20, 25, 30];
        const [whole, b] = [exactly(2 * m * k, 3, 5), exactly(k * n, 5, 5)];
        const a = gpu.tensor("f16", [m, 2 * k], Array.from(whole)).slice(null, [k, 2 * k]);
        const right = gpu.tensor("f16", [n, k], Array.from(b)).transpose();
        const c = gpu.tensor("f16", [m, n]);
        await matmul_strided?.({ a, b: right, c });
        const left = Float64Array.from(
            { length: m * k },
            (_, at) => whole[Math.floor(at / k) * 2 * k + k + (at % k)] ?? 0,
        );
        const columns = Float64Array.from({ length: k * n }, (_, at) => b[(at % n) * k + Math.floor(at / n)] ?? 0);
        expectProduct(await c.read(), left, columns, [m, n, k]);
    });

    it("a batch", async () => {
        const [g, m, n, k] = [3, 20, 17, 40];
        const [a, b] = [exactly(g * m * k, 7, 5), exactly(g * k * n, 11, 5)];
        const args = { a: f16([g, m, k], a), b: f16([g, k, n], b), c: f16([g, m, n]) };
        const { c } = await run(LINALG, args, { device, kernel: "matmul_batched" });
        for (let e = 0; e < g; e++) {
            const [left, right] = [a.subarray(e * m * k, (e + 1) * m * k), b.subarray(e * k * n, (e + 1) * k * n)];
            expectProduct(c, left, right, [m, n, k], e * m * n);
        }
    });

    it("groups of rows, of which one is empty", async () => {
        const [m, n, k] = [90, 20, 24];
        const offsets = [0, 70, 70, 73, 90];
        const g = offsets.length - 1;
        const [a, b] = [exactly(m * k, 7, 5), exactly(g * k * n, 11, 5)];
        const args = {
            a: f16([m, k], a),
            offsets: view("index", [g + 1], offsets.map(BigInt)),
            b: f16([g, k, n], b),
            c: f16([m, n]),
        };
        const { c } = await run(LINALG, args, { device, kernel: "matmul_grouped" });
        for (let e = 0; e < g; e++) {
            const [first = 0, end = 0] = offsets.slice(e, e + 2);
            const left = a.subarray(first * k, end * k);
            expectProduct(c, left, b.subarray(e * k * n, (e + 1) * k * n), [end - first, n, k], first * n);
        }
    });

    it.each([
        ["gemv", "f32", 24],
        ["gemv_f16", "f16", 11],
    ] as const)("%s", async (kernel, type, bits) => {
        const [m, k] = [9, 301];
        const [a, x] = [exactly(m * k, 3, 8), exactly(k, 5, 8)];
        const args = { a: view(type, [m, k], Array.from(a)), x: view(type, [k], Array.from(x)), y: view(type, [m]) };
        const { y } = await run(LINALG, args, { device, kernel });
        for (let i = 0; i < m; i++) {
            const { value, magnitude } = productAt(a, x, [i, 0], [k, 1]);
            const bound = k * U * magnitude + roundingBound(value, bits, 2 ** -25);
            expect(Math.abs((y[i] ?? 0) - value)).toBeLessThanOrEqual(bound);
        }
    });

    it("transposes of f32 and of bytes", async () => {
        const [m, n] = [70, 33];
        const x = Array.from({ length: m * n }, (_, at) => (at * 7) % 251);
        for (const [kernel, type] of [
            ["transpose", "f32"],
            ["transpose_u8", "u8"],
        ] as const) {
            const { y } = await run(LINALG, { x: view(type, [m, n], x), y: view(type, [n, m]) }, { device, kernel });
            expect(Array.from(y)).toEqual(
                Array.from({ length: m * n }, (_, at) => x[(at % m) * n + Math.floor(at / m)]),
            );
        }
    });

    it("two layers in one launch", async () => {
        const [m, k, h, n] = [37, 50, 70, 20];
        const [x, w1, w2] = [exactly(m * k, 3, 5), exactly(k * h, 5, 5), exactly(h * n, 7, 5)];
        const [b1, b2] = [floats(h, 1, -1, 1), floats(n, 2, -1, 1)];
        const args = {
            x: f16([m, k], x),
            w1: f16([k, h], w1),
            b1: view("f32", [h], b1),
            w2: f16([h, n], w2),
            b2: view("f32", [n], b2),
            y: f16([m, n]),
        };
        const { y } = await run(NN, args, { device, kernel: "mlp" });
        const hidden = new Float64Array(m * h);
        const slack = new Float64Array(m * h);
        for (let i = 0; i < m; i++) {
            for (let q = 0; q < h; q++) {
                const { value, magnitude } = productAt(x, w1, [i, q], [k, h]);
                const sum = value + (b1[q] ?? 0);
                hidden[i * h + q] = Math.max(0, sum);
                slack[i * h + q] = sumBound(k, magnitude) + roundingBound(sum, 11, 2 ** -25) + Math.abs(sum) * U;
            }
        }
        for (let i = 0; i < m; i++) {
            for (let j = 0; j < n; j++) {
                const { value, magnitude } = productAt(hidden, w2, [i, j], [h, n]);
                let carried = 0;
                for (let q = 0; q < h; q++) carried += (slack[i * h + q] ?? 0) * Math.abs(w2[q * n + j] ?? 0);
                const wanted = value + (b2[j] ?? 0);
                const bound = carried + sumBound(h, magnitude * (1 + 2 ** -10)) + roundingBound(wanted, 10, 2 ** -24);
                expect(Math.abs((y[i * n + j] ?? 0) - wanted)).toBeLessThanOrEqual(bound);
            }
        }
    });

    it("a convolution with zeros around the images", async () => {
        const [images, height, width, c, f] = [2, 7, 6, 5, 9];
        const [x, w] = [exactly(images * height * width * c, 3, 5), exactly(9 * c * f, 5, 5)];
        const places = images * height * width;
        const args = { x: f16([places, c], x), w: f16([9, c, f], w), y: f16([places, f]), height, width };
        const { y } = await run(NN, args, { device, kernel: "conv2d" });
        for (let at = 0; at < places * f; at++) {
            const [place, filter] = [Math.floor(at / f), at % f];
            const [image, row, column] = [
                Math.floor(place / (height * width)),
                Math.floor(place / width) % height,
                place % width,
            ];
            let [value, magnitude] = [0, 0];
            for (let tap = 0; tap < 9; tap++) {
                const [r, s] = [row + Math.floor(tap / 3) - 1, column + (tap % 3) - 1];
                if (r < 0 || r >= height || s < 0 || s >= width) continue;
                for (let p = 0; p < c; p++) {
                    const term =
                        (x[((image * height + r) * width + s) * c + p] ?? 0) * (w[(tap * c + p) * f + filter] ?? 0);
                    value += term;
                    magnitude += Math.abs(term);
                }
            }
            const bound = sumBound(9 * c, magnitude) + roundingBound(value, 11, 2 ** -25);
            if (!(Math.abs((y[at] ?? Number.NaN) - value) <= bound))
                expect.fail(`${at}: ${y[at]}, not ${value} ± ${bound}`);
        }
    });

    it("rows as integers of 8 bits, and back", async () => {
        const [m, n] = [5, 300];
        const x = floats(m * n, 9, -3, 5);
        x.fill(0, n, 2 * n);
        const args = { x: view("f32", [m, n], x), q: view("i8", [m, n]), scale: view("f32", [m]) };
        const { q, scale } = await run(NN, args, { device, kernel: "quantise" });
        const back = { q: view("i8", [m, n], Array.from(q)), scale: view("f32", [m], scale), x: view("f32", [m, n]) };
        const { x: again } = await run(NN, back, { device, kernel: "dequantise" });
        for (let at = 0; at < m * n; at++) {
            const step = scale[Math.floor(at / n)] ?? 0;
            const wanted = x[at] ?? 0;
            expect(Math.abs((again[at] ?? 0) - wanted)).toBeLessThanOrEqual(step / 2 + 4 * U * Math.abs(wanted));
        }
        expect(scale[1]).toBe(1);
        expect(Math.max(...Array.from(q))).toBe(127);
    });

    it("products of scaled integers and floats of 8 bits", async () => {
        const [m, n, k] = [20, 30, 100];
        const [sa, sb] = [floats(m, 1, 0.1, 2), floats(n, 2, 0.1, 2)];
        const whole = Float64Array.from(floats(m * k + k * n, 3, -127.4, 127.4), Math.round);
        const small = exactly(m * k + k * n, 5, 3);
        for (const [kernel, type, data] of [
            ["matmul_i8", "i8", whole],
            ["matmul_f8", "f8e4m3", small],
        ] as const) {
            const [a, b] = [data.subarray(0, m * k), data.subarray(m * k)];
            const args = {
                a: view(type, [m, k], Array.from(a)),
                a_scale: view("f32", [m], sa),
                b: view(type, [k, n], Array.from(b)),
                b_scale: view("f32", [n], sb),
                c: view("f32", [m, n]),
            };
            const { c } = await run(NN, args, { device, kernel });
            for (let at = 0; at < m * n; at++) {
                const [i, j] = [Math.floor(at / n), at % n];
                const { value, magnitude } = productAt(a, b, [i, j], [k, n]);
                const scale = (sa[i] ?? 0) * (sb[j] ?? 0);
                const sums = type === "i8" ? 0 : sumBound(k, magnitude);
                expect(Math.abs((c[at] ?? 0) - value * scale)).toBeLessThanOrEqual(
                    (sums + 4 * U * Math.abs(value)) * scale,
                );
            }
        }
    });
});
