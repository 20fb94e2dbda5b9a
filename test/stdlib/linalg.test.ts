// std.linalg against sums in double precision over plain arrays: elimination with pivots for inverses and determinants.
// Bounds are the module's, in units of u = 2⁻²⁴; those of inverses grow with the condition, by the residual A·A⁻¹ − 1.

import { describe, expect, it } from "vitest";
import { array, struct } from "../../runtime/index.js";
import { kernelsOf, run, testGpu, view, WAVE_DEVICES } from "../run/harness.js";
import { floats } from "./data.js";

const U = 2 ** -24;

/** By columns, as in memory: element (i, j) is at j·n + i. */
type Matrix = readonly number[];

/** A·B for B of any number of columns. */
function product(a: Matrix, b: Matrix, n: number): number[] {
    return b.map((_, at) => {
        const [i, j] = [at % n, Math.floor(at / n)];
        let sum = 0;
        for (let k = 0; k < n; k++) sum += (a[k * n + i] as number) * (b[j * n + k] as number);
        return sum;
    });
}

const absolute = (a: Matrix): number[] => a.map(Math.abs);

/** By elimination with partial pivots. */
function determinant(a: Matrix, n: number): number {
    const rows = Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => a[j * n + i] as number));
    let result = 1;
    for (let k = 0; k < n; k++) {
        const pivot = rows
            .slice(k)
            .reduce((best, row) => (Math.abs(row[k] as number) > Math.abs(best[k] as number) ? row : best));
        const at = rows.indexOf(pivot);
        if (at !== k) {
            [rows[k], rows[at]] = [pivot, rows[k] as number[]];
            result = -result;
        }
        const head = pivot[k] as number;
        result *= head;
        for (const row of rows.slice(k + 1)) {
            const factor = (row[k] as number) / head;
            for (let j = k; j < n; j++) row[j] = (row[j] as number) - factor * (pivot[j] as number);
        }
    }
    return result;
}

function source(n: number): string {
    return `import std.linalg { Mat${n} }
kernel all(
    a: Mat${n}[m], b: Mat${n}[m], v: f32x${n}[m], out: mut Mat${n}[6, m], image: mut f32x${n}[m], det: mut f32[m]
) over i in m {
    out[0, i] = a[i].mul(b[i])
    out[1, i] = a[i].transpose()
    out[2, i] = a[i].inverse()
    out[3, i] = a[i].add(b[i]).scale(3)
    out[4, i] = Mat${n}.identity()
    out[5, i] = Mat${n}.diagonal(v[i])
    image[i] = a[i].apply(v[i])
    det[i] = a[i].determinant()
}
`;
}

function near(actual: Matrix, expected: Matrix, bounds: Matrix, factor: number): void {
    for (const [i, value] of expected.entries()) {
        expect(Math.abs((actual[i] as number) - value)).toBeLessThanOrEqual(factor * U * (bounds[i] as number));
    }
}

describe.each(WAVE_DEVICES)("on %s", (device) => {
    it.each([2, 3, 4] as const)("matrices of %i columns", async (n) => {
        const m = 100;
        const gpu = await testGpu(device);
        const size = n * n;
        const [a, b] = [floats(m * size, n, -2, 2), floats(m * size, 10 + n, -2, 2)];
        const v = floats(m * n, 20 + n, -1, 1);
        const names = Array.from({ length: n }, (_, i) => `c${i}`);
        const type = struct(`Mat${n}`, Object.fromEntries(names.map((name) => [name, `f32x${n}` as const])));
        expect(type.size).toBe(4 * size);
        const bytes = (data: Float32Array<ArrayBuffer>) => new Uint8Array(data.buffer);
        using left = gpu.tensor(type, [m], bytes(a));
        using right = gpu.tensor(type, [m], bytes(b));
        using vectors = gpu.tensor(`f32x${n}`, [m], v);
        using out = gpu.tensor(type, [6, m]);
        using image = gpu.tensor(`f32x${n}`, [m]);
        using det = gpu.tensor("f32", [m]);
        const { all } = await kernelsOf(source(n), 3, device);
        await all?.({ a: left, b: right, v: vectors, out, image, det });
        const results = new Float32Array((await out.readBytes()).buffer);
        const images = await image.read();
        const determinants = await det.read();
        const identity = Array.from({ length: size }, (_, i) => (i % (n + 1) === 0 ? 1 : 0));
        for (let i = 0; i < m; i++) {
            const part = (data: ArrayLike<number>, each: number, at = i) =>
                Array.from({ length: each }, (_, j) => data[at * each + j] as number);
            const [p, q, x] = [part(a, size), part(b, size), part(v, n)];
            const result = (row: number) => part(results, size, row * m + i);
            near(result(0), product(p, q, n), product(absolute(p), absolute(q), n), n);
            expect(result(1)).toEqual(p.map((_, at) => p[(at % n) * n + Math.floor(at / n)]));
            near(
                result(3),
                p.map((each, at) => 3 * (each + (q[at] as number))),
                p.map(() => 12),
                2,
            );
            expect(result(4)).toEqual(identity);
            expect(result(5)).toEqual(identity.map((one, at) => (one === 1 ? x[at % n] : 0)));
            near(part(images, n), product(p, x, n), product(absolute(p), absolute(x), n), n);
            // Products of n factors below 2, n! of them.
            const exact = determinant(p, n);
            const terms = [0, 0, 2, 6, 24][n] as number;
            near([determinants[i] as number], [exact], [terms * 2 ** n], n);
            // Each minor's error, and the determinant's: relative to the products of which they are sums.
            const inverse = result(2);
            const bound = (terms * 2 ** n * 2 * n) / Math.abs(exact);
            const residual = product(absolute(p), absolute(inverse), n).map((each) => (1 + each) * bound + bound);
            near(product(p, inverse, n), identity, residual, n);
        }
    });

    it("turns about axes, looks at points and moves", async () => {
        const text = `import std.linalg { Mat2, Mat3, Mat4 }
kernel k(x: f32x3[n], y: mut f32x3[4, n], plane: mut f32x2[n]) over i in n {
    let quarter: f32 = 1.5707964
    y[0, i] = Mat3.rotation(f32x3(0, 0, 1), quarter).apply(x[i])
    y[1, i] = Mat3.rotation(normalize(f32x3(1)), 4 * quarter / 3).apply(x[i])
    y[2, i] = Mat4.look_at(f32x3(5, 2, 1), f32x3(5, 2, -9), f32x3(0, 1, 0)).apply(f32x4(x[i], 1)).xyz
    y[3, i] = Mat4.affine(Mat3.diagonal(f32x3(2, 3, 4)), f32x3(1, 2, 3)).inverse().apply(f32x4(x[i], 1)).xyz
    plane[i] = Mat2.rotation(quarter).apply(x[i].xy)
}
`;
        const n = 20;
        const x = floats(3 * n, 30, -1, 1);
        const args = { x: view("f32x3", [n], x), y: view("f32x3", [4, n]), plane: view("f32x2", [n]) };
        const { y, plane } = await run(text, args, { device });
        for (let i = 0; i < n; i++) {
            const [a = 0, b = 0, c = 0] = x.subarray(3 * i);
            // A quarter turn takes x to y; a third of a turn about the diagonal x to y to z; from (5, 2, 1) along -z.
            const expected = [
                [-b, a, c],
                [c, a, b],
                [a - 5, b - 2, c - 1],
                [(a - 1) / 2, (b - 2) / 3, (c - 3) / 4],
            ];
            for (const [row, values] of expected.entries()) {
                for (const [j, value] of values.entries()) expect(y[(row * n + i) * 3 + j]).toBeCloseTo(value, 5);
            }
            expect(plane[2 * i]).toBeCloseTo(-b, 5);
            expect(plane[2 * i + 1]).toBeCloseTo(a, 5);
        }
    });
});

it("a singular matrix has no finite inverse, and matrices are fields of structures", async () => {
    const gpu = await testGpu();
    const text = `import std.linalg { Mat2 }
struct Pose { name: u32, turn: Mat2, weights: f32[2] }
kernel k(pose: mut Pose[n]) over i in n { pose[i].turn = pose[i].turn.inverse() }
`;
    const Mat2 = struct("Mat2", { c0: "f32x2", c1: "f32x2" });
    const Pose = struct("Pose", { name: "u32", turn: Mat2, weights: array("f32", 2) });
    const turns = [
        { c0: [2, 1], c1: [2, 2] },
        { c0: [1, 2], c1: [2, 4] },
    ];
    const poses = turns.map((turn, name) => ({ name, turn, weights: [5, 6] }));
    using pose = gpu.tensor(Pose, [2], poses);
    const { k } = await kernelsOf(text);
    await k?.({ pose });
    const infinite = {
        c0: [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
        c1: [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
    };
    expect(await pose.read()).toEqual([
        { ...poses[0], turn: { c0: [1, -0.5], c1: [-1, 1] } },
        { ...poses[1], turn: infinite },
    ]);
});
