// Products whose sums several workgroups share (split-K), against double precision: shapes that are no multiple of anything, more
// parts than there are terms, and the same bits in every run.

import { describe, expect, test } from "vitest";
import { matmul, partsOf } from "../../runtime/library/index.js";
import { exactly, productAt, roundingBound, sumBound } from "../matrix/reference.js";
import { expectElements, testGpu } from "../run/harness.js";

describe.each(["vgpu:gfx1100", "vgpu:gfx942"])("on %s", (device) => {
    test.each([
        [5, 70, 1000, 4],
        [64, 64, 4096, 16],
        [1, 1, 777, 3],
        [3, 9, 40, 8],
        [3, 9, 0, 2],
        [0, 9, 5, 2],
    ])("%i by %i, sums of %i in %i parts", async (m, n, k, parts) => {
        const gpu = await testGpu(device);
        const [x, y] = [exactly(m * k, 7, 9), exactly(k * n, 11, 9)];
        using a = gpu.tensor("f16", [m, k], Array.from(x));
        using b = gpu.tensor("f16", [k, n], Array.from(y));
        using c = gpu.tensor("f16", [m, n]);
        expect(await matmul(a, b, c, { parts })).toEqual({ parts, shares: 0 });
        const first = await c.read();
        for (let at = 0; at < m * n; at++) {
            const { value, magnitude } = productAt(x, y, [Math.floor(at / n), at % n], [k, n]);
            // Adding the parts in f32 is one more rounding for each.
            const bound = sumBound(k + parts, magnitude) + roundingBound(value, 11, 2 ** -25);
            expect(Math.abs((first[at] ?? Number.NaN) - value)).toBeLessThanOrEqual(bound);
        }
        await matmul(a, b, c, { parts });
        expectElements(await c.read(), first);
    });
});

test("sums are split where blocks don't suffice for the compute units", () => {
    // 304 units, as an MI300X has: 1024 blocks are enough, 4 blocks are not.
    expect(partsOf([2048, 2048, 8192], 304)).toBe(1);
    expect(partsOf([128, 128, 16384], 304)).toBe(64);
    expect(partsOf([128, 128, 1024], 304)).toBe(4);
    expect(partsOf([1, 1, 255], 304)).toBe(1);
    // 64 blocks, of which 4 × 64 are at most 304.
    expect(partsOf([512, 512, 4096], 304)).toBe(4);
});

test("what it can't multiply", async () => {
    const gpu = await testGpu("vgpu:gfx1100");
    using a = gpu.tensor("f16", [4, 8]);
    using b = gpu.tensor("f16", [9, 4]);
    using c = gpu.tensor("f16", [4, 4]);
    using d = gpu.tensor("f32", [4, 4]);
    await expect(matmul(a, b, c)).rejects.toThrow(
        "matmul takes tensors of [m, k], [k, n] and [m, n], not of [4, 8], [9, 4], [4, 4]",
    );
    await expect(matmul(a, b, d)).rejects.toThrow("matmul takes elements of type f16, bf16, not f32");
    await expect(matmul(c, c, c, { parts: 0 })).rejects.toThrow("matmul splits sums into 1 part or more, not 0");
});
