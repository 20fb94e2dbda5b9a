// Generic functions and kernels and `if const`, on the device: each instance computes in its own type.

import { describe, expect, test } from "vitest";
import { expectElements, run, view } from "./harness.js";

const N = 257;
const index = Array.from({ length: N }, (_, i) => i);

describe("generic functions", () => {
    const source = `
fn lerp<T: Float>(a: T, b: T, t: T) -> T { a + (b - a) * t }
fn sum<T: Number, const M: index>(x: T[M]) -> T {
    var total: T = 0
    for i in 0 .. M { total += x[i] }
    total
}
fn wrap<T: Int>(a: T) -> T { a * 3 + 1 }
kernel k(x: f32[n], z: f64[n], weights: i32[5], b: u8[n], y: mut f32[n], w: mut f64[n], s: mut i32[n], c: mut u8[n]) over i in n {
    y[i] = lerp(x[i], 2, 0.25)
    w[i] = lerp(0, z[i], 0.125)
    s[i] = sum(weights) + wrap(i as i32)
    c[i] = wrap(b[i])
}`;
    test("compute in the type that they are called with", async () => {
        const bytes = index.map((i) => i % 256);
        const { y, w, s, c } = await run(source, {
            x: view("f32", [N], Float32Array.from(index)),
            z: view(
                "f64",
                [N],
                Float64Array.from(index, (i) => i / 3),
            ),
            weights: view("i32", [5], Int32Array.of(1, -2, 3, -4, 50)),
            b: view("u8", [N], Uint8Array.from(bytes)),
            y: view("f32", [N]),
            w: view("f64", [N]),
            s: view("i32", [N]),
            c: view("u8", [N]),
        });
        // Products with powers of two are exact, so contraction changes nothing.
        expectElements(
            y,
            Float32Array.from(index, (i) => Math.fround(i + (2 - i) * 0.25)),
        );
        expectElements(
            w,
            Float64Array.from(index, (i) => i / 3 / 8),
        );
        expectElements(
            s,
            Int32Array.from(index, (i) => 48 + 3 * i + 1),
        );
        expectElements(
            c,
            Uint8Array.from(bytes, (b) => b * 3 + 1),
        );
    });
});

describe("generic kernels", () => {
    const source = `
kernel scale<T: Number = f32, const F: i32 = 2, const NEGATE: bool = false>(x: T[n], y: mut T[n]) over i in n {
    let scaled = x[i] * (F as T)
    if const NEGATE { y[i] = 0 - scaled } else { y[i] = scaled }
}
instance scale_index = scale<index, NEGATE: true>
instance scale_bytes = scale<u8, 100>`;
    test("are emitted with their defaults and as their instances say", async () => {
        const floats = { x: view("f32", [N], Float32Array.from(index)), y: view("f32", [N]) };
        expectElements(
            (await run(source, floats, { kernel: "scale" })).y,
            Float32Array.from(index, (i) => 2 * i),
        );
        const wide = { x: view("index", [N], BigInt64Array.from(index, BigInt)), y: view("index", [N]) };
        const negated = await run(source, wide, { kernel: "scale_index" });
        expectElements(
            negated.y,
            BigInt64Array.from(index, (i) => BigInt(-2 * i)),
        );
        const bytes = { x: view("u8", [N], Uint8Array.from(index)), y: view("u8", [N]) };
        const wrapped = await run(source, bytes, { kernel: "scale_bytes" });
        expectElements(
            wrapped.y,
            Uint8Array.from(index, (i) => 100 * (i & 255)),
        );
        expect(wrapped.launch).toBeDefined();
    });
});
