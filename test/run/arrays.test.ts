// Arrays as values: lists, copies, results, fields, arguments; constants of several scalars. Every expected number is
// worked out by hand.

import { expect, test } from "vitest";
import { run, testGpu, view } from "./harness.js";

const LEVELS = [0, 3] as const;

const VALUES = `
struct Poly {
    c: f32[4], n: i32

    fn at(self, x: f32) -> f32 {
        var sum: f32 = 0.0
        for i in 0 .. 4 { sum = sum * x + self.c[3 - i] }
        sum
    }
}
fn reversed(a: f32[4]) -> f32[4] { [a[3], a[2], a[1], a[0]] }
fn changed(a: f32[2, 2]) -> f32[2, 2] {
    var b = a
    b[1, 0] *= 2
    b
}
fn total(a: f32[n]) -> f32 {
    var s: f32 = 0.0
    for i in 0 .. n { s += a[i] }
    s
}
fn squares<const N: index>() -> i32[N] {
    var a: i32[N]
    for i in 0 .. N { a[i] = (i * i) as i32 }
    a
}
kernel k(x: f32[n], y: mut f32[n], z: mut i32[n], w: mut f32[n]) over i in n {
    let a = [x[i], 1, 2, 3]
    var b = reversed(a)
    let p = Poly(c: b, n: 1)
    b[0] = 10.0
    var c: f32[4] = if x[i] > 2.0 { b } else { a }
    c = [c[0], c[0], 1, 2]
    y[i] = p.at(2.0) + total(c) + total(p.c) + total([1.0, x[i]])
    let m: i32[2, 2] = [[1, 2], [3, 4]]
    z[i] = squares::<4>()[i] + m[1, i % 2]
    var q = changed([[x[i], 1], [2, 3]])
    for _j in 0 .. 2 { q = changed(q) }
    w[i] = q[0, 0] + q[1, 0] + b[0]
}`;

test("arrays are copied, passed, given back and put together", async () => {
    for (const optimisation of LEVELS) {
        const args = {
            x: view("f32", [4], [0, 1, 2, 3]),
            y: view("f32", [4]),
            z: view("i32", [4]),
            w: view("f32", [4]),
        };
        const { y, z, w } = await run(VALUES, args, { optimisation });
        // c is [3, 2, 1, x], so 3 + 4 + 4 + 8x; [x, x, 1, 2] or [10, 10, 1, 2]; 6 + x; 1 + x.
        expect([...y]).toEqual([21, 33, 45, 71]);
        expect([...z]).toEqual([0 + 3, 1 + 4, 4 + 3, 9 + 4]);
        expect([...w]).toEqual([26, 27, 28, 29]);
    }
});

test("a shared array is read as a whole, and prints show arrays and structures", async () => {
    const source = `struct P { a: f32, b: i32[2] }
    kernel k(y: mut i32[1]) groups 1 workgroup(2) {
        shared s: i32[2]
        s[local_id()] = 7 + local_id() as i32
        barrier()
        let t = s
        if local_id() == 0 {
            print("{} {}", t, P(b: [2, 3], a: 1))
            y[0] = t[1]
        }
    }`;
    const printed: string[] = [];
    const gpu = await testGpu();
    gpu.reports({ print: ({ text }) => printed.push(text) });
    const { y } = await run(source, { y: view("i32", [1]) });
    expect([...y]).toEqual([8]);
    expect(printed).toEqual(["[7, 8] P(a: 1, b: [2, 3])"]);
});

const CONSTANTS = `
enum Mode: u8 { off, slow = 5, fast }
struct P {
    v: f32x3, items: i32[3], m: Mode

    fn sum(self) -> f32 { self.v.x + self.v.y + self.v.z }
}
const UP: f32x3 = f32x3(0, 0, 1)
const TWICE = 2.0 * UP + f32x3(1)
const TABLE: i32[4] = [1, 4, 9, 16]
const GRID: f32[2, 2] = [[1.0, 2.0], [3.0, 4.0]]
const ORIGIN = P(items: [7, 8, 9], v: TWICE, m: Mode.fast)
const N: i32 = ORIGIN.items[1] + TABLE[3]
const HALF: bf16 = half_of(3.0)
const SQUARES: i32[5] = squares()
const UNIT = scaled(P(v: UP, items: [1, 2, 3], m: ORIGIN.m), 2.0)
fn half_of(x: bf16) -> bf16 { x / 2 }
fn squares() -> i32[5] {
    var a: i32[5]
    for i in 0 .. 5 { a[i] = (i * i) as i32 }
    a
}
fn scaled(p: P, s: f32) -> P { P(v: s * p.v, items: p.items, m: p.m) }
fn total(a: f32[n]) -> f32 {
    var s: f32 = 0.0
    for i in 0 .. n { s += a[i] }
    s
}
kernel k(x: f32[n], y: mut f32[n], z: mut i32[n]) over i in n {
    const LOCAL = [1.0, TWICE.z]
    var b: f32[TABLE[1] as index]
    b[3] = ORIGIN.v.z + HALF as f32
    y[i] = x[i] * TWICE.z + GRID[1, i % 2] + ORIGIN.sum() + total(LOCAL) + total(b) + UNIT.v.z
    z[i] = TABLE[i % 4] + SQUARES[4] + N + UNIT.items[2] + (if UNIT.m == Mode.fast { 1 } else { 0 })
}`;

test("constants may be vectors, arrays and structures", async () => {
    for (const optimisation of LEVELS) {
        const args = { x: view("f32", [4], [0, 1, 2, 3]), y: view("f32", [4]), z: view("i32", [4]) };
        const { y, z } = await run(CONSTANTS, args, { optimisation });
        // TWICE is (1, 1, 3): 3x + 3 or 4, + 5 + (1 + 3) + (3 + 1.5) + 2.
        expect([...y]).toEqual([18.5, 22.5, 24.5, 28.5]);
        // TABLE[i] + 16 + (8 + 16) + 3 + 1
        expect([...z]).toEqual([45, 48, 53, 60]);
    }
});

test("literals of a list that a view parameter takes have its elements' type", async () => {
    const source = `
fn total(a: f32[n]) -> f32 {
    var s: f32 = 0.0
    for i in 0 .. n { s += a[i] }
    s
}
fn trace(a: f64[m, m]) -> f64 {
    var s: f64 = 0.0
    for i in 0 .. m { s += a[i, i] }
    s
}
kernel k(y: mut f32[n]) over i in n {
    y[i] = total([1, 2, 3]) + total([0.5, i as f32]) + (trace([[1, 2], [3, 4]]) as f32)
}`;
    for (const optimisation of LEVELS) {
        const { y } = await run(source, { y: view("f32", [2]) }, { optimisation });
        expect([...y]).toEqual([11.5, 12.5]);
    }
});
