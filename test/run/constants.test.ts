// Constants that call functions: the compiler's value has the bits that the device computes for the same call.

import { expect, test } from "vitest";
import { run, view } from "./harness.js";

const SOURCE = `
fn newton(x: f32) -> f32 {
    var y = x
    for _i in 0 .. 9 { y = (y + x / y) * 0.5 }
    y
}
fn horner<T: Float>(x: T) -> T {
    var sum: T = 0
    for _i in 0 .. 20 { sum = sum * x + 0.3 }
    sum - x * x
}
fn mix(x: u32) -> u32 {
    var h = x
    while h > 1000 { h = (h >> 3) ^ (h * 0x9e3779b9) & 0xffff }
    h * 0x85ebca6b
}
fn table(k: index) -> i32 {
    var a: i32[16]
    for i in 0 .. 16 { a[(i * 7) % 16] = (i * i) as i32 - 100 }
    a[k] / 7 + a[k + 1] % 5
}
fn angle(x: f64) -> f64 { sin(x) + exp(-x) * log(x + 2) }

kernel k(x: f64[1], f: mut f32[4], d: mut f64[4], u: mut u32[2], i: mut i32[2]) groups 1 workgroup(1) {
    const F0: f32 = newton(1.7)
    const F1: f32 = horner(1.7)
    const D0: f64 = horner(1.7)
    const D1: f64 = angle(1.7)
    const U0: u32 = mix(0xdeadbeef)
    const I0: i32 = table(5)
    f[0] = F0
    f[1] = newton(x[0] as f32)
    f[2] = F1
    f[3] = horner(x[0] as f32)
    d[0] = D0
    d[1] = horner(x[0])
    d[2] = D1
    d[3] = angle(x[0])
    u[0] = U0
    u[1] = mix((x[0] as u32) + 0xdeadbeee)
    i[0] = I0
    i[1] = table((x[0] * 3) as index)
}`;

test("constants have the bits that the device computes", async () => {
    const { f, d, u, i } = await run(SOURCE, {
        x: view("f64", [1], Float64Array.of(1.7)),
        f: view("f32", [4]),
        d: view("f64", [4]),
        u: view("u32", [2]),
        i: view("i32", [2]),
    });
    for (const values of [f, d, u, i]) {
        const list = Array.from(values as ArrayLike<number>);
        const [constants, computed] = [0, 1].map((side) => list.filter((_, at) => at % 2 === side));
        expect(constants).toEqual(computed);
    }
    // The fixed point of Newton's iteration is the square root.
    expect((f as Float32Array)[0]).toBeCloseTo(Math.sqrt(1.7), 6);
});
