// Everything on tiles beside the product: element-wise operations, broadcasting, reductions in both directions and over
// waves, transposition, shapes, scans, indices, conditions, loops that carry tiles, and edges of every kind.

import { describe, expect, test } from "vitest";
import { run, view } from "../run/harness.js";
import { exactly } from "./reference.js";

const TARGETS = ["gfx1100", "gfx942", "gfx1030"] as const;

describe.each(TARGETS)("on %s", (target) => {
    const device = `vgpu:${target}`;

    test.each([
        [3, 20],
        [5, 64],
        [70, 130],
    ])("softmax of %i rows of %i", async (m, n) => {
        const source = `
matrix kernel softmax(x: f32[m, n], y: mut f32[m, n]) over i in m by 4 {
    var top: tile f32[4] = -inf
    for j in n by 64 { top = max(top, reduce_max(x[i, j], axis: 1)) }
    var sum: tile f32[4] = 0.0
    for j in n by 64 { sum += reduce_sum(exp(x[i, j] - top[:, none]), axis: 1) }
    for j in n by 64 { y[i, j] = exp(x[i, j] - top[:, none]) / sum[:, none] }
}`;
        const x = exactly(m * n, 13, 8, 90);
        const { y } = await run(source, { x: view("f32", [m, n], Array.from(x)), y: view("f32", [m, n]) }, { device });
        for (let i = 0; i < m; i++) {
            const row = Array.from(x.subarray(i * n, i * n + n));
            const top = Math.max(...row);
            const sum = row.reduce((total, value) => total + Math.exp(value - top), 0);
            for (const [j, value] of row.entries()) {
                const wanted = Math.exp(value - top) / sum;
                // exp to 2 ulp of f32, n additions of at most 1, a division.
                expect(Math.abs((y[i * n + j] ?? 0) - wanted)).toBeLessThanOrEqual(
                    (n + 8) * 2 ** -24 * wanted + 2 ** -126,
                );
            }
        }
    });

    test("a transpose, and a broadcast along both sides", async () => {
        const source = `
matrix kernel turned(x: f16[m, n], r: f32[m], c: f32[n], y: mut f32[n, m]) over (i in m by 32, j in n by 16) {
    let table = (x[i, j] as f32) * r[i][:, none] + c[j][none, :]
    y[j, i] = table.T
}`;
        const [m, n] = [45, 21];
        const [x, r, c] = [exactly(m * n, 3, 5), exactly(m, 5, 5), exactly(n, 7, 5)];
        const args = {
            x: view("f16", [m, n], x),
            r: view("f32", [m], Array.from(r)),
            c: view("f32", [n], Array.from(c)),
            y: view("f32", [n, m]),
        };
        const { y } = await run(source, args, { device });
        for (let i = 0; i < m; i++) {
            for (let j = 0; j < n; j++) {
                // Products of 6 bits by 6 and sums of 7 are exact.
                expect(y[j * m + i]).toBe((x[i * n + j] ?? 0) * (r[i] ?? 0) + (c[j] ?? 0));
            }
        }
    });

    test("sums down the columns, which cross waves, and of everything", async () => {
        const source = `
matrix kernel sums(x: i32[m, n], down: mut i32[n], all: mut i32[g]) over j in n by 16 {
    var total: tile i32[16] = 0
    var whole: i32 = 0
    for i in m by 64 {
        total += reduce_sum(x[i, j], axis: 0)
        whole += reduce_sum(reduce_sum(x[i, j], axis: 1), axis: 0)
    }
    down[j] = total
    all[0] = whole
}`;
        const [m, n] = [150, 11];
        const x = Int32Array.from({ length: m * n }, (_, at) => ((at * 7919) % 1013) - 500);
        const args = { x: view("i32", [m, n], x), down: view("i32", [n]), all: view("i32", [1]) };
        const { down, all } = await run(source, args, { device });
        const wanted = Array.from({ length: n }, (_, j) =>
            Array.from({ length: m }, (_, i) => x[i * n + j] ?? 0).reduce((sum, value) => sum + value, 0),
        );
        expect(Array.from(down)).toEqual(wanted);
        expect(all[0]).toBe(wanted.reduce((sum, value) => sum + value, 0));
    });

    test("a scan, indices and conditions", async () => {
        const source = `
matrix kernel ranked(x: i32[m, n], y: mut i32[m, n]) over i in m by 8 {
    for j in n by 32 {
        let place = indices(j)[none, :] as i32
        let row = indices(i)[:, none] as i32
        let kept = where(place <= row, x[i, j], 0)
        y[i, j] = scan_sum(kept, axis: 1)
    }
}`;
        const [m, n] = [19, 30];
        const x = Int32Array.from({ length: m * n }, (_, at) => (at * 31) % 17);
        const { y } = await run(source, { x: view("i32", [m, n], x), y: view("i32", [m, n]) }, { device });
        for (let i = 0; i < m; i++) {
            let sum = 0;
            for (let j = 0; j < n; j++) {
                sum += j <= i ? (x[i * n + j] ?? 0) : 0;
                expect(y[i * n + j]).toBe(sum);
            }
        }
    });

    test("functions on elements, a shape and back, and a loop that leaves early", async () => {
        const source = `
fn leaky(x: f32) -> f32 { if x > 0.0 { x } else { 0.25 * x } }
matrix kernel halved(x: f32[n], limit: f32, y: mut f32[n], rounds: mut i32[1]) over i in n by 256 {
    var t = leaky(x[i])
    var count: i32 = 0
    while reduce_max(t, axis: 0) > limit {
        t = reshape(reshape(t, 16, 16).T.T * 0.5, 256)
        count += 1
    }
    y[i] = t
    rounds[0] = count
}`;
        const n = 200;
        const x = exactly(n, 17, 8, 100);
        x[7] = 100;
        const args = { x: view("f32", [n], Array.from(x)), limit: 3, y: view("f32", [n]), rounds: view("i32", [1]) };
        const { y, rounds } = await run(source, args, { device });
        // 100 / 2^6 is the first below 3.
        expect(rounds[0]).toBe(6);
        for (const [at, value] of x.entries()) expect(y[at]).toBe((value > 0 ? value : value / 4) / 64);
    });
});
