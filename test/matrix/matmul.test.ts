// DESIGN's matrix product as it stands, and its instances, on every kind of matrix core and without one: shapes that are
// no multiples of anything, every type, and what is not finite.

import { describe, expect, test } from "vitest";
import { run, view } from "../run/harness.js";
import { exactly, MATRIX_DEVICES, productAt, random, roundingBound, sumBound } from "./reference.js";

const MATMUL = `
/// c = a·b on the matrix cores, accumulated in f32. Any m, n, k: edges are masked.
matrix kernel matmul<T: MatrixInput = f16, const BM: index = 128, const BN: index = 128, const BK: index = 32>(
    a: T[m, k], b: T[k, n], c: mut T[m, n]
) over (i in m by BM, j in n by BN) {
    var acc: tile f32[BM, BN] = 0.0
    for p in k by BK {
        acc += a[i, p] @ b[p, j]
    }
    c[i, j] = acc as T
}

instance small = matmul<f16, BM: 32, BN: 32, BK: 32>
instance wide = matmul<bf16, BM: 32, BN: 64, BK: 16>
instance single = matmul<f32, BM: 32, BN: 32, BK: 8>
`;

/** Significant bits, and the least number that rounding can be wrong by. */
const FORMATS = { f16: [11, 2 ** -25], bf16: [8, 2 ** -134], f32: [24, 2 ** -150] } as const;
type Format = keyof typeof FORMATS;

async function multiply(
    device: string,
    kernel: string,
    type: Format,
    [m, n, k]: readonly [number, number, number],
    a: Float64Array,
    b: Float64Array,
): Promise<ArrayLike<number>> {
    const args = { a: view(type, [m, k], Array.from(a)), b: view(type, [k, n], Array.from(b)), c: view(type, [m, n]) };
    return (await run(MATMUL, args, { kernel, device })).c;
}

/** Every element within the bound of sums in f32 and the rounding of the result. */
function expectProduct(
    c: ArrayLike<number>,
    type: Format,
    [m, n, k]: readonly [number, number, number],
    a: Float64Array,
    b: Float64Array,
): void {
    const [bits, least] = FORMATS[type];
    for (let i = 0; i < m; i++) {
        for (let j = 0; j < n; j++) {
            const { value, magnitude } = productAt(a, b, [i, j], [k, n]);
            const bound = sumBound(k, magnitude) + roundingBound(value, bits, least);
            const got = c[i * n + j] ?? Number.NaN;
            if (!(Math.abs(got - value) <= bound)) expect.fail(`c[${i}, ${j}] is ${got}, not ${value} ± ${bound}`);
        }
    }
}

describe.each(MATRIX_DEVICES)("on $target", ({ device }) => {
    test.each([
        ["matmul", "f16", [150, 70, 100]],
        ["small", "f16", [45, 33, 1]],
        ["small", "f16", [1, 1, 77]],
        ["small", "f16", [64, 96, 64]],
        ["wide", "bf16", [50, 90, 33]],
        ["single", "f32", [40, 35, 19]],
    ] as const)("%s of %s", async (kernel, type, shape) => {
        const [m, n, k] = shape;
        // Of 6 significant bits, so that every format holds them.
        const [a, b] = [exactly(m * k, 7, 5), exactly(k * n, 11, 5)];
        expectProduct(await multiply(device, kernel, type, shape, a, b), type, shape, a, b);
    });

    test("no rows, no columns, and nothing to sum", async () => {
        const empty = new Float64Array(0);
        expect((await multiply(device, "small", "f16", [0, 5, 3], empty, exactly(15, 3, 4))).length).toBe(0);
        expect([...Array.from(await multiply(device, "small", "f16", [2, 3, 0], empty, empty))]).toEqual([
            0, 0, 0, 0, 0, 0,
        ]);
    });

    test("what is not finite stays in its rows and columns", async () => {
        const [m, n, k] = [20, 24, 40];
        const [a, b] = [exactly(m * k, 5, 4), exactly(k * n, 9, 4)];
        a[3 * k + 17] = Number.POSITIVE_INFINITY;
        a[5 * k + 39] = Number.NaN;
        b[2 * n + 11] = Number.NaN;
        b[17 * n + 4] = 1;
        const c = await multiply(device, "small", "f16", [m, n, k], a, b);
        for (let i = 0; i < m; i++) {
            for (let j = 0; j < n; j++) {
                const { value } = productAt(a, b, [i, j], [k, n]);
                const got = c[i * n + j] ?? 0;
                if (Number.isFinite(value))
                    expect(Math.abs(got - value)).toBeLessThan(0.02 * Math.max(1, Math.abs(value)));
                else expect(got).toBe(value);
            }
        }
    });
});

test("large and tiny magnitudes", async () => {
    const shape = [16, 16, 48] as const;
    const [m, n, k] = shape;
    const next = random(21);
    const spread = (count: number) =>
        Float64Array.from({ length: count }, () => (next() > 0 ? 1 : -1) * 2 ** Math.round(next() * 60));
    const [a, b] = [spread(m * k), spread(k * n)];
    expectProduct(await multiply(MATRIX_DEVICES[0]?.device ?? "", "wide", "bf16", shape, a, b), "bf16", shape, a, b);
});
