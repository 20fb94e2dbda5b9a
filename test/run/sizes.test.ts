import { describe, expect, it } from "vitest";
import { expectElements, run, view } from "./harness.js";

const SAXPY = `
kernel saxpy(a: f32, x: f32[n], y: mut f32[n]) over i in n {
    y[i] = a * x[i] + y[i]
}
`;

const PARTIAL_SUMS = `
kernel partial_sums(x: f32[n], out: mut f32[g]) groups g workgroup(256) {
    shared buf: f32[256]
    var sum: f32 = 0.0
    for i in global_id() .. n by global_size() { sum += x[i] }
    buf[local_id()] = sum
    barrier()
    var s: index = 128
    while s > 0 {
        if local_id() < s { buf[local_id()] += buf[local_id() + s] }
        barrier()
        s /= 2
    }
    if local_id() == 0 { out[group_id()] = buf[0] }
}
`;

const TRANSPOSE = `
kernel transpose(a: i32[m, n], b: mut i32[n, m]) over (i in m, j in n) {
    b[j, i] = a[i, j]
}
`;

/** Around what a workgroup computes, 256 or 1024, and a prime number of elements that fills no last workgroup. */
const SIZES = [0, 1, 255, 256, 257, 1023, 1025, 1_000_003];

describe.each(SIZES)("%i elements", (n) => {
    it("saxpy gives every element what it gives in double precision, rounded once", async () => {
        const x = Float32Array.from({ length: n }, (_, i) => i * 0.25 - 1000);
        const y = Float32Array.from({ length: n }, (_, i) => (i % 17) - 8);
        const result = await run(SAXPY, { a: 2.5, x: view("f32", [n], x), y: view("f32", [n], y) });
        // 2.5 · x is exact in double precision here, and so is the sum: the fma rounds once, as fround does.
        const expected = y.map((each, i) => 2.5 * (x[i] as number) + each);
        expectElements(result.y, expected);
        expectElements(result.x, x);
        // Each work-item computes four elements, which make an access of 16 bytes.
        expect(result.launch.grid).toEqual([Math.ceil(n / (4 * 256)), 1, 1]);
    });

    it.each([1, 7])("%i workgroups sum them", async (groups) => {
        // Whole numbers whose sums f32 holds exactly, in any order.
        const x = Float32Array.from({ length: n }, (_, i) => i % 16);
        const { out } = await run(PARTIAL_SUMS, { x: view("f32", [n], x), out: view("f32", [groups]) });
        const total = x.reduce((sum, each) => sum + each, 0);
        expect(out.reduce((sum, each) => sum + each, 0)).toBe(total);
    });
});

describe("two dimensions", () => {
    it.each([
        [0, 5],
        [1, 1],
        [8, 32],
        [9, 33],
        [255, 257],
    ])("%i × %i transposed", async (m, n) => {
        const a = Int32Array.from({ length: m * n }, (_, i) => i);
        const { b } = await run(TRANSPOSE, { a: view("i32", [m, n], a), b: view("i32", [n, m]) });
        expectElements(
            b,
            a.map((_, k) => (k % m) * n + Math.floor(k / m)),
        );
    });
});
