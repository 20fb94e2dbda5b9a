// soma-lang/library's reductions and std.reduce, against sums in double precision and in exact integers.

import { describe, expect, it } from "vitest";
import { ArgumentError, ShapeError } from "../../runtime/index.js";
import { dot, maximum, minimum, sum } from "../../runtime/library/index.js";
import { testGpu, WAVE_DEVICES } from "../run/harness.js";
import { floats, words } from "./data.js";

describe.each(WAVE_DEVICES)("on %s", (device) => {
    it.each([0, 1, 255, 257, 100_003])("integers: sum, minimum and maximum of %i elements", async (n) => {
        const gpu = await testGpu(device);
        const data = Int32Array.from(words(n, 5));
        using x = gpu.tensor("i32", [n], data);
        expect(await sum(x)).toBe(data.reduce((total, value) => total + BigInt(value), 0n));
        if (n === 0) return;
        expect(await minimum(x)).toBe(data.reduce((a, b) => Math.min(a, b)));
        expect(await maximum(x)).toBe(data.reduce((a, b) => Math.max(a, b)));
    });

    it("floats: sum and dot product near those in double precision", async () => {
        const gpu = await testGpu(device);
        const n = 70_000;
        const [a, b] = [floats(n, 1, -1, 1), floats(n, 2, -1, 1)];
        using x = gpu.tensor("f32", [n], a);
        using y = gpu.tensor("f32", [n], b);
        const exact = a.reduce((total, value) => total + value, 0);
        const product = a.reduce((total, value, i) => total + value * (b[i] as number), 0);
        // Each of the n·Σ|x| roundings is at most half a unit of 2⁻²⁴; summed in a tree of depth about 2 + 8 + 8.
        const bound = 20 * 2 ** -24 * n;
        expect(Math.abs(Number(await sum(x)) - exact)).toBeLessThan(bound);
        expect(Math.abs(Number(await dot(x, y)) - product)).toBeLessThan(bound);
    });

    it("bytes are summed in 64 bits, and every type has its extremes", async () => {
        const gpu = await testGpu(device);
        using bytes = gpu.tensor(
            "u8",
            [300],
            Uint8Array.from({ length: 300 }, () => 255),
        );
        expect(await sum(bytes)).toBe(300n * 255n);
        for (const [type, values] of [
            ["i8", [-128, 127]],
            ["u16", [0, 65535]],
            ["i64", [-(2n ** 63n), 2n ** 63n - 1n]],
            ["u64", [0n, 2n ** 64n - 1n]],
            ["f16", [-65504, 65504]],
            ["f64", [-Number.MAX_VALUE, Number.POSITIVE_INFINITY]],
        ] as const) {
            using x = gpu.tensor(type, [2], [...values]);
            expect([await minimum(x), await maximum(x)]).toEqual(values);
        }
    });
});

it("NaN yields to numbers", async () => {
    const gpu = await testGpu();
    using some = gpu.tensor("f32", [3], [Number.NaN, 2, 1]);
    expect([await minimum(some), await maximum(some)]).toEqual([1, 2]);
    using all = gpu.tensor("f32", [2], [Number.NaN, Number.NaN]);
    expect(await maximum(all)).toBeNaN();
});

it("refuses types and shapes with reasons", async () => {
    const gpu = await testGpu();
    using flags = gpu.tensor("bool", [2]);
    using matrix = gpu.tensor("f32", [2, 2]);
    using none = gpu.tensor("f32", [0]);
    await expect(sum(flags)).rejects.toThrow(ArgumentError);
    await expect(sum(flags)).rejects.toThrow(/sum takes elements of type f16, .*, not bool/);
    await expect(sum(matrix)).rejects.toThrow(
        "sum takes tensors of one dimension and equal length, not of the shapes [2, 2]",
    );
    await expect(dot(matrix, none)).rejects.toThrow(ShapeError);
    await expect(minimum(none)).rejects.toThrow("minimum of no elements");
});
