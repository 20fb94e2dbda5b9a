// Operands and results below the smallest normal number of their type, by multiples of the least: every product and sum is
// exact, so that nothing but zero could stand for what is taken for zero: on gfx90a all of this in products of f16 and bf16.

import { describe, expect, test } from "vitest";
import { run, view } from "../run/harness.js";
import { MATRIX_DEVICES } from "./reference.js";

const SOURCE = `
matrix kernel product<T: MatrixInput>(a: T[m, k], b: T[k, n], c: mut f32[m, n]) over (i in m by 16, j in n by 16) {
    var acc: tile f32[16, 16] = 0.0
    for p in k by 32 { acc += a[i, p] @ b[p, j] }
    c[i, j] = acc
}

instance of_f16 = product<f16>
instance of_bf16 = product<bf16>
instance of_f32 = product<f32>
`;

const [M, N, K] = [16, 16, 40];

/** Integers that a factor makes elements of: each to 7 in a, to 3 in b. */
const [A, B] = [7, 3].map((most, side) =>
    Array.from({ length: (side === 0 ? M : N) * K }, (_, at) => ((at * 7919) % (2 * most + 1)) - most),
) as [number[], number[]];

const CASES = [
    ["f16", "subnormal operands", 2 ** -24, 1],
    ["bf16", "subnormal operands", 2 ** -133, 2 ** 30],
    ["f32", "subnormal operands", 2 ** -149, 2 ** 30],
    ["bf16", "subnormal results", 2 ** -70, 2 ** -70],
    ["f32", "subnormal results", 2 ** -70, 2 ** -70],
] as const;

describe.each(MATRIX_DEVICES)("on $target", ({ target, device }) => {
    test.each(CASES)("%s, %s", async (type, _what, left, right) => {
        const args = {
            a: view(
                type,
                [M, K],
                A.map((each) => each * left),
            ),
            b: view(
                type,
                [K, N],
                B.map((each) => each * right),
            ),
            c: view("f32", [M, N]),
        };
        const { c } = await run(SOURCE, args, { kernel: `of_${type}`, device });
        const isFlushed = target === "gfx90a" && type !== "f32";
        const expected = Array.from({ length: M * N }, (_, at) => {
            let sum = 0;
            for (let p = 0; p < K; p++) sum += (A[Math.floor(at / N) * K + p] ?? 0) * (B[p * N + (at % N)] ?? 0);
            return isFlushed ? 0 : sum * left * right;
        });
        expect(Array.from(c, (value) => value + 0)).toEqual(expected.map((value) => value + 0));
    });
});
