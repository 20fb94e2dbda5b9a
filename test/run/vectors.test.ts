// Vectors on the device: every scalar type and length in views, shared memory, arrays and arguments; operators and
// built-in functions lane by lane; lanes by letters and by index.

import { describe, expect, test } from "vitest";
import type { ElementType, ScalarType } from "../../runtime/index.js";
import { expectElements, kernelsOf, run, testGpu, view } from "./harness.js";

const LEVELS = [0, 3] as const;
const LENGTHS = [2, 3, 4, 8, 16] as const;
const SCALARS: readonly ScalarType[] = [
    "bool",
    "i8",
    "i16",
    "i32",
    "i64",
    "u8",
    "u16",
    "u32",
    "u64",
    "index",
    "f16",
    "f32",
    "f64",
];

/** Values that every type but bool holds. */
function samples(type: ScalarType, count: number): (number | bigint)[] {
    const plain = Array.from({ length: count }, (_, i) => (type === "bool" ? ((i * 7) % 3) & 1 : (i * 37) % 101));
    return ["i64", "u64", "index"].includes(type) ? plain.map(BigInt) : plain;
}

describe.each(LEVELS)("at -O%d", (optimisation) => {
    test.each(SCALARS)("%s in views, shared memory and arrays", async (type) => {
        for (const length of LENGTHS) {
            const vector = `${type}x${length}` as ElementType;
            const source = `
kernel k(x: ${vector}[n], y: mut ${vector}[n]) groups (n + 31) / 32 workgroup(32) {
    shared tile: ${vector}[32]
    var own: ${vector}[2]
    let i = global_id()
    if i < n { tile[local_id()] = x[i] }
    barrier()
    let other = local_id() ^ 1
    own[other & 1] = tile[other]
    own[1 - (other & 1)] = x[0]
    if i < n { y[i] = own[other & 1] }
}`;
            const n = 64;
            const data = samples(type, n * length);
            const { y } = await run(source, { x: view(vector, [n], data), y: view(vector, [n]) }, { optimisation });
            const expected = Array.from({ length: n }, (_, i) => data.slice((i ^ 1) * length, ((i ^ 1) + 1) * length));
            expectElements(Array.from(y as ArrayLike<number | bigint>), expected.flat());
        }
    });

    test("operators, repeated scalars, comparisons and conversions work lane by lane", async () => {
        const source = `
kernel k(a: f32x3[n], b: f32x3[n], s: f32, out: mut f32x3[7, n], truth: mut boolx3[n], i: mut i32x3[n]) over j in n {
    out[0, j] = a[j] + b[j]
    out[1, j] = a[j] * s
    out[2, j] = 2 * a[j] - b[j]
    out[3, j] = -a[j] / b[j]
    var v = a[j]
    v *= b[j]
    v += 1
    out[4, j] = v
    out[5, j] = max(a[j], 0)
    out[6, j] = select(a[j] < b[j], a[j], b[j])
    truth[j] = (a[j] >= b[j]) & !(a[j] == f32x3(0))
    i[j] = (a[j] as i32x3) << 1 | 1
}`;
        const n = 40;
        const a = Float32Array.from({ length: 3 * n }, (_, i) => ((i * 29) % 17) - 8);
        const b = Float32Array.from({ length: 3 * n }, (_, i) => ((i * 13) % 7) + 0.5);
        const got = await run(
            source,
            {
                a: view("f32x3", [n], a),
                b: view("f32x3", [n], b),
                s: 0.25,
                out: view("f32x3", [7, n]),
                truth: view("boolx3", [n]),
                i: view("i32x3", [n]),
            },
            { optimisation },
        );
        // Sums and products of these are exact; only the quotient is rounded.
        const rows: ((x: number, y: number) => number)[] = [
            (x, y) => x + y,
            (x) => x / 4,
            (x, y) => 2 * x - y,
            (x, y) => Math.fround(-x / y),
            (x, y) => x * y + 1,
            (x) => Math.max(x, 0),
            (x, y) => Math.min(x, y),
        ];
        const expected = rows.flatMap((f) => Array.from(a, (x, at) => f(x, b[at] as number)));
        expectElements(got.out, Float32Array.from(expected));
        expectElements(
            got.truth,
            Array.from(a, (x, at) => Number(x >= (b[at] as number) && x !== 0)),
        );
        expectElements(
            got.i,
            Array.from(a, (x) => (x << 1) | 1),
        );
    });

    test("lanes are read and written by letters and by index, in variables and in memory", async () => {
        const source = `
fn turned(v: i32x4) -> i32x4 {
    if v.x == 0 { return v }
    v.wzyx
}
kernel k(x: mut i32x4[n], y: mut i32x2[n], which: index) over i in n {
    var v = turned(x[i])
    v.yz = v.zy
    v[which] += 100
    v[i % 4] *= 2
    for j in 0 .. 4 { v.x += v[j] * (j as i32) }
    y[i] = i32x2(v[which], x[i][(i + 1) % 4])
    x[i][i % 4] = -1
    x[i].xw = v.xw
}`;
        const n = 37;
        const data = Int32Array.from({ length: 4 * n }, (_, i) => i % 11);
        const { x, y } = await run(
            source,
            { x: view("i32x4", [n], data), y: view("i32x2", [n]), which: 2 },
            { optimisation },
        );
        const expected = { x: [] as number[], y: [] as number[] };
        for (let i = 0; i < n; i++) {
            const old = [...data.subarray(4 * i, 4 * i + 4)];
            const v = (old[0] === 0 ? [...old] : [...old].reverse()) as [number, number, number, number];
            [v[1], v[2]] = [v[2], v[1]];
            v[2] += 100;
            v[i % 4] = (v[i % 4] as number) * 2;
            for (let j = 0; j < 4; j++) v[0] += (v[j] as number) * j;
            expected.y.push(v[2], old[(i + 1) % 4] as number);
            old[i % 4] = -1;
            expected.x.push(v[0], old[1] as number, old[2] as number, v[3]);
        }
        expectElements(x, expected.x);
        expectElements(y, expected.y);
    });

    test("dot, length, distance, normalize, cross, any and all", async () => {
        const source = `
kernel k(a: f64x3[n], b: f64x3[n], s: mut f64[3, n], v: mut f64x3[2, n], t: mut bool[2, n]) over i in n {
    s[0, i] = dot(a[i], b[i])
    s[1, i] = length(a[i])
    s[2, i] = distance(a[i], b[i])
    v[0, i] = normalize(a[i])
    v[1, i] = cross(a[i], b[i])
    t[0, i] = any(a[i] > b[i])
    t[1, i] = all(a[i] > b[i])
}`;
        const n = 33;
        const a = Float64Array.from({ length: 3 * n }, (_, i) => Math.sin(i + 1) * 3);
        const b = Float64Array.from({ length: 3 * n }, (_, i) => Math.cos(i * 1.7));
        const got = await run(
            source,
            {
                a: view("f64x3", [n], a),
                b: view("f64x3", [n], b),
                s: view("f64", [3, n]),
                v: view("f64x3", [2, n]),
                t: view("bool", [2, n]),
            },
            { optimisation },
        );
        for (let i = 0; i < n; i++) {
            const [x, y] = [a, b].map((all) => [...all.subarray(3 * i, 3 * i + 3)]) as [number[], number[]];
            const at = (v: number[], j: number) => v[j % 3] as number;
            const length = Math.hypot(...x);
            expect(got.s[i]).toBeCloseTo(at(x, 0) * at(y, 0) + at(x, 1) * at(y, 1) + at(x, 2) * at(y, 2), 13);
            expect(got.s[n + i]).toBeCloseTo(length, 13);
            expect(got.s[2 * n + i]).toBeCloseTo(Math.hypot(...x.map((each, j) => each - at(y, j))), 13);
            for (let j = 0; j < 3; j++) {
                expect(got.v[3 * i + j]).toBeCloseTo(at(x, j) / length, 13);
                const turned = at(x, j + 1) * at(y, j + 2) - at(x, j + 2) * at(y, j + 1);
                expect(got.v[3 * (n + i) + j]).toBeCloseTo(turned, 13);
            }
            const greater = x.map((each, j) => each > at(y, j));
            expect([got.t[i], got.t[n + i]]).toEqual([
                Number(greater.includes(true)),
                Number(!greater.includes(false)),
            ]);
        }
    });

    test("arguments by value, atomics on lanes, vectors carried by loops", async () => {
        const source = `
type Bins = u32x4
kernel k(flag: bool, weights: f16x3, offset: i64x2, small: u8x2, bins: mut Bins[m], out: mut f64x2[1]) over i in 256 {
    atomic_add(bins[i % m].z, 3)
    atomic_max(bins[0][i % 2], i as u32)
    if i == 0 {
        var sum = f64x2(0)
        for j in 0 .. 3 { sum += f64x2(weights[j] as f64, 1) * (j as f64) }
        while sum.y < 10 { sum.y += 4 }
        out[0] = sum + (offset as f64x2) + (small as f64x2) + (if flag { f64x2(0.5) } else { f64x2(0) })
    }
}`;
        const { bins, out } = await run(
            source,
            {
                flag: true,
                weights: [1, 2, 4],
                offset: [2n ** 40n, -1n],
                small: Uint8Array.of(7, 9),
                bins: view("u32x4", [5]),
                out: view("f64x2", [1]),
            },
            { optimisation },
        );
        const counts = Array.from(
            { length: 5 },
            (_, m) => Array.from({ length: 256 }, (_, i) => i).filter((i) => i % 5 === m).length,
        );
        expectElements(
            bins,
            counts.flatMap((count, m) => (m === 0 ? [254, 255, 3 * count, 0] : [0, 0, 3 * count, 0])),
        );
        // Σ j·weights[j] = 0 + 2 + 8; Σ j = 3, then 7, 11.
        expectElements(out, [10 + 2 ** 40 + 7 + 0.5, 11 - 1 + 9 + 0.5]);
    });
});

test("what is passed for a vector is checked", async () => {
    const gpu = await testGpu();
    const { k } = await kernelsOf("kernel k(a: f32x3, x: mut f32x4[n]) over i in n { x[i].xyz = a }\n");
    using x = gpu.tensor(
        "f32x4",
        [2],
        [
            [1, 2, 3, 4],
            [5, 6, 7, 8],
        ],
    );
    await k?.({ a: [9, 8, 7], x });
    expect(await x.read()).toEqual(Float32Array.of(9, 8, 7, 4, 9, 8, 7, 8));
    await expect(k?.({ a: 1, x })).rejects.toThrow("k: a is f32x3 and takes an array of 3 values, not 1");
    await expect(k?.({ a: [1, 2], x })).rejects.toThrow("k: a is f32x3 and takes an array of 3 values, not one of 2");
    await expect(k?.({ a: [1, 2, "3" as never], x })).rejects.toThrow('k: a[2] is f32 and takes a number, not "3"');
    using scalars = gpu.tensor("f32", [8]);
    await expect(k?.({ a: [1, 2, 3], x: scalars })).rejects.toThrow("takes elements of f32x4, not of f32");
    expect(() => gpu.tensor("f32x4", [2], [1, 2, 3])).toThrow("data has 3 scalars, and the shape [2] of f32x4 takes 8");
    expect(() => gpu.tensor("f32x5" as never, [2])).toThrow('or a vector such as f32x4, not "f32x5"');
});
