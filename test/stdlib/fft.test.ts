// std.fft against the definition in double precision, Σ x[j]·e^(−2πi·jk/N), whose roots of unity are exact to 2⁻⁵³; the bound of
// the error's root of mean square is the module's, 8.5·u·log₂ N (N. J. Higham, theorem 24.2).

import { describe, expect, it } from "vitest";
import { fft, ifft } from "../../runtime/library/index.js";
import { expectElements, run, testGpu, view, WAVE_DEVICES } from "../run/harness.js";
import { floats } from "./data.js";

/** The transform of pairs by the definition; sums of up to 4096 terms lose little of double precision. */
function dft(x: ArrayLike<number>, sign: 1 | -1 = -1): Float64Array {
    const n = x.length / 2;
    const roots = Array.from({ length: n }, (_, j) => {
        const angle = (2 * Math.PI * j) / n;
        return [Math.cos(angle), sign * Math.sin(angle)] as const;
    });
    const y = new Float64Array(2 * n);
    for (let k = 0; k < n; k++) {
        let [re, im] = [0, 0];
        for (let j = 0; j < n; j++) {
            const [c, s] = roots[(j * k) % n] as readonly [number, number];
            re += (x[2 * j] as number) * c - (x[2 * j + 1] as number) * s;
            im += (x[2 * j] as number) * s + (x[2 * j + 1] as number) * c;
        }
        y[2 * k] = re;
        y[2 * k + 1] = im;
    }
    return sign === 1 ? y.map((each) => each / n) : y;
}

/** ‖actual − expected‖₂ / ‖expected‖₂. */
function distance(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
    let [error, size] = [0, 0];
    for (let i = 0; i < expected.length; i++) {
        error += ((actual[i] as number) - (expected[i] as number)) ** 2;
        size += (expected[i] as number) ** 2;
    }
    expect(actual.length).toBe(expected.length);
    return Math.sqrt(error / size);
}

const bound = (n: number, u: number): number => 8.5 * u * Math.max(Math.log2(n), 1);

describe.each(WAVE_DEVICES)("on %s", (device) => {
    it.each([2, 4, 8, 64, 512, 4096])("rows of %i numbers of f32, forward and inverse", async (n) => {
        const source = `import std.fft { fft_rows }
instance forward = fft_rows<f32, ${n}>
instance inverse = fft_rows<f32, ${n}, INVERSE: true>
`;
        // Not a multiple of the rows that a workgroup takes.
        const rows = n > 1024 ? 2 : 3;
        const data = floats(rows * n * 2, n, -1, 1);
        const args = () => ({ x: view("f32", [rows, n, 2], data), y: view("f32", [rows, n, 2]) });
        const forward = await run(source, args(), { kernel: "forward", device });
        const inverse = await run(source, args(), { kernel: "inverse", device });
        // One row is enough of the long ones, the last: the definition takes n² steps.
        for (let row = n > 512 ? rows - 1 : 0; row < rows; row++) {
            const part = [row * n * 2, (row + 1) * n * 2] as const;
            const x = data.subarray(...part);
            expect(distance(forward.y.subarray(...part), dft(x))).toBeLessThan(bound(n, 2 ** -24));
            expect(distance(inverse.y.subarray(...part), dft(x, 1))).toBeLessThan(bound(n, 2 ** -24));
        }
    });

    it("a row of f64 in double precision", async () => {
        const n = 2048;
        const source = `import std.fft { fft_rows }\ninstance forward = fft_rows<f64, ${n}>\n`;
        const data = Float64Array.from(floats(n * 2, 5, -1, 1));
        const args = { x: view("f64", [1, n, 2], data), y: view("f64", [1, n, 2]) };
        const { y } = await run(source, args, { kernel: "forward", device });
        // The definition's own sums have errors of about √n·u.
        expect(distance(y, dft(data))).toBeLessThan(bound(n, 2 ** -53) + 64 * 2 ** -53);
    });

    it("columns, whose number is no power of 2", async () => {
        const [batch, n, m] = [2, 32, 45];
        const source = `import std.fft { fft_columns }\ninstance forward = fft_columns<f32, ${n}>\n`;
        const data = floats(batch * n * m * 2, 6, -1, 1);
        const args = { x: view("f32", [batch, n, m, 2], data), y: view("f32", [batch, n, m, 2]) };
        const { y } = await run(source, args, { kernel: "forward", device });
        for (let b = 0; b < batch; b++) {
            for (let j = 0; j < m; j++) {
                const column = (from: ArrayLike<number>) =>
                    Float64Array.from({ length: 2 * n }, (_, i) => {
                        const k = Math.floor(i / 2);
                        return from[((b * n + k) * m + j) * 2 + (i % 2)] as number;
                    });
                expect(distance(column(y), dft(column(data)))).toBeLessThan(bound(n, 2 ** -24));
            }
        }
    });

    it.each([
        ["f32", 8192, 2 ** -24],
        ["f64", 4096, 2 ** -53],
    ] as const)("the four-step method, of %s and %i numbers", async (type, n, u) => {
        const gpu = await testGpu(device);
        const rows = 2;
        const data = floats(rows * n * 2, 7, -1, 1);
        using x = gpu.tensor(type, [rows, n, 2], type === "f32" ? data : Array.from(data));
        using y = gpu.tensor(type, [rows, n, 2]);
        await fft(x, y);
        const result = Float64Array.from(await y.read(), Number);
        expect(distance(result.subarray(2 * n), dft(data.subarray(2 * n)))).toBeLessThan(
            bound(2 * n, u) + 64 * 2 ** -53,
        );
        await ifft(y, y);
        expect(distance(Float64Array.from(await y.read(), Number), data)).toBeLessThan(2 * bound(2 * n, u));
    });
});

/** Closed forms: the transform of e^(2πi·fj/n) is n at f, that of 1 at the place 0 is 1 everywhere. */
it("a wave of 2^17 numbers has one line, and a pulse has all", async () => {
    const gpu = await testGpu();
    const n = 2 ** 17;
    const line = 54321;
    const waves = new Float32Array(2 * 2 * n);
    for (let j = 0; j < n; j++) {
        const angle = (2 * Math.PI * ((line * j) % n)) / n;
        waves[2 * j] = Math.cos(angle);
        waves[2 * j + 1] = Math.sin(angle);
    }
    waves[2 * n] = 1;
    using x = gpu.tensor("f32", [2, n, 2], waves);
    using y = gpu.tensor("f32", [2, n, 2]);
    await fft(x, y);
    const result = await y.read();
    const expected = new Float32Array(2 * n);
    expected[2 * line] = n;
    expect(distance(result.subarray(0, 2 * n), expected)).toBeLessThan(bound(2 * n, 2 ** -24));
    expectElements(
        result.subarray(2 * n),
        Float32Array.from({ length: 2 * n }, (_, i) => 1 - (i % 2)),
    );
});

it("short arrays, empty batches and the transform in place", async () => {
    const gpu = await testGpu();
    using x = gpu.tensor("f32", [2, 2], [1, 2, 3, -4]);
    await fft(x, x);
    // (1 + 2i) ± (3 − 4i).
    expectElements(await x.read(), Float32Array.of(4, -2, -2, 6));
    using one = gpu.tensor("f32", [3, 1, 2], [1, 2, 3, 4, 5, 6]);
    using same = gpu.tensor("f32", [3, 1, 2]);
    await ifft(one, same);
    expectElements(await same.read(), Float32Array.of(1, 2, 3, 4, 5, 6));
    using none = gpu.tensor("f32", [0, 8, 2]);
    await fft(none, none);
});

it("refuses what it can't transform", async () => {
    const gpu = await testGpu();
    using odd = gpu.tensor("f32", [12, 2]);
    using real = gpu.tensor("f32", [16]);
    using pairs = gpu.tensor("f32", [16, 2]);
    using halves = gpu.tensor("f16", [16, 2]);
    await expect(fft(odd, odd)).rejects.toThrow("a power of 2 from 1 to 16777216 complex numbers in a row, not of 12");
    await expect(fft(real, real)).rejects.toThrow("fft takes tensors of one shape [..., n, 2]");
    await expect(fft(pairs, odd)).rejects.toThrow("fft takes tensors of one shape [..., n, 2]");
    await expect(fft(halves as never, halves as never)).rejects.toThrow("fft takes elements of type f32, f64, not f16");
    using wide = gpu.tensor("f32", [2, 16]);
    const columns = wide.transpose();
    await expect(fft(columns, pairs)).rejects.toThrow("fft takes row-major tensors");
});
