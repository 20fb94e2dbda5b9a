// Functions that take and give tiles: expanded where they are called, so that masks of the caller's ranges hold in them.

import { describe, expect, test } from "vitest";
import { run, view } from "../run/harness.js";
import { exactly } from "./reference.js";

const SOURCE = `
/// Rows without their mean; m and n are the tile's extents.
fn centred<T: Float>(x: tile T[m, n], count: index) -> tile f32[m, n] {
    let wide = x as f32
    wide - mean_of(wide, count)[:, none]
}

fn mean_of(x: tile f32[m, n], count: index) -> tile f32[m] { reduce_sum(x, axis: 1) / (count as f32) }

fn largest(x: tile f32[n]) -> f32 { reduce_max(x, axis: 0) }

fn block<const M: index, const N: index>(a: tile f16[M, k], b: tile f16[k, N], sum: tile f32[M, N]) -> tile f32[M, N] {
    sum + a @ b
}

matrix kernel centre(x: f16[m, n], y: mut f32[m, n], top: mut f32[g]) over i in m by 4 {
    for j in n by 64 { y[i, j] = centred(x[i, j], n) }
    top[(reduce_min(indices(i), axis: 0) / 4)] = largest(x[i, 0] as f32)
}

matrix kernel multiply(a: f16[m, k], b: f16[k, n], c: mut f32[m, n]) over (i in m by 32, j in n by 32) {
    var acc: tile f32[32, 32] = 0.0
    for p in k by 32 { acc = block(a[i, p], b[p, j], acc) }
    c[i, j] = acc
}`;

describe.each(["gfx1100", "gfx942", "gfx1030"])("on %s", (target) => {
    const device = `vgpu:${target}`;

    test("reductions in functions leave out what is past the caller's ranges", async () => {
        const [m, n, g] = [6, 50, 2];
        const x = exactly(m * n, 13, 5);
        const args = { x: view("f16", [m, n], Array.from(x)), y: view("f32", [m, n]), top: view("f32", [g]) };
        const { y, top } = await run(SOURCE, args, { kernel: "centre", device });
        for (let i = 0; i < m; i++) {
            const row = Array.from(x.subarray(i * n, i * n + n));
            const mean = row.reduce((sum, value) => sum + value, 0) / n;
            for (const [j, value] of row.entries()) {
                expect(Math.abs((y[i * n + j] ?? 0) - (value - mean))).toBeLessThanOrEqual((n + 2) * 2 ** -24 * 32);
            }
        }
        for (let block = 0; block < g; block++) {
            const first = Array.from({ length: Math.min(4, m - 4 * block) }, (_, at) => x[(4 * block + at) * n] ?? 0);
            expect(top[block]).toBe(Math.max(...first));
        }
    });

    test("a product onto a sum", async () => {
        const [m, n, k] = [40, 35, 50];
        const [a, b] = [exactly(m * k, 7, 5), exactly(k * n, 11, 5)];
        const args = {
            a: view("f16", [m, k], Array.from(a)),
            b: view("f16", [k, n], Array.from(b)),
            c: view("f32", [m, n]),
        };
        const { c } = await run(SOURCE, args, { kernel: "multiply", device });
        for (let i = 0; i < m; i++) {
            for (let j = 0; j < n; j++) {
                let sum = 0;
                let size = 0;
                for (let p = 0; p < k; p++) {
                    const term = (a[i * k + p] ?? 0) * (b[p * n + j] ?? 0);
                    sum += term;
                    size += Math.abs(term);
                }
                expect(Math.abs((c[i * n + j] ?? 0) - sum)).toBeLessThanOrEqual(k * 2 ** -22 * size);
            }
        }
    });
});
