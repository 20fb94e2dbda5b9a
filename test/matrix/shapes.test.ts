// Parts of tiles, rows that a tile names, batches of products, layouts that are asked for: on every kind of target, and in
// the interpreter, which works on whole tiles.

import { describe, expect, test } from "vitest";
import { run, view } from "../run/harness.js";
import { interpreted } from "./interpreted.js";
import { exactly } from "./reference.js";

const PARTS = `
/// The quarters of every row turned round, and the lower half of each block of rows added to the upper.
matrix kernel quarters(x: f32[m, 64], y: mut f32[m, 64], z: mut f32[g, 4, 64]) over i in m by 8 {
    let rows = x[i, :]
    y[i, 0 .. 16] = rows[:, 48 .. 64]
    y[i, 16 .. 32] = rows[:, 32 .. 48]
    y[i, 32 .. 48] = rows[:, 16 .. 32] * 2.0
    y[i, 48 .. 64] = x[i, 0 .. 16]
    z[reduce_min(indices(i), axis: 0) / 8, 0 .. 4, :] = rows[0 .. 4, :] + rows[4 .. 8, :]
}

/// The sums of the second half of every block of columns, of which the last runs past the end.
matrix kernel later(x: f32[m, n], y: mut f32[m]) over i in m by 4 {
    var sum: tile f32[4] = 0.0
    for j in n by 32 { sum += reduce_sum((x[i, j] + 1.0)[:, 16 .. 32], axis: 1) }
    y[i] = sum
}`;

const GATHER = `
/// Rows of a table, as an embedding has them, and what a column of it has at those places.
matrix kernel rows(table: f16[v, d], ids: i32[n], y: mut f16[n, d], z: mut f32[d, n]) over i in n by 16 {
    for j in d by 32 {
        y[i, j] = table[ids[i], j]
        z[j, i] = (table[ids[i], j] as f32).T * 2.0
    }
}

matrix kernel picked(x: f32[m, n], which: index[k], y: mut f32[m, k]) over (i in m by 8, p in k by 16) {
    y[i, p] = x[i, which[p]]
}`;

const BATCH = `
/// Products of a few heads at once.
matrix kernel heads(a: f16[h, m, 32], b: f16[h, n, 32], c: mut f32[h, m, n])
    over (g in h by 2, i in m by 32, j in n by 32) {
    c[g, i, j] = a[g, i, :] @ b[g, j, :].T
}`;

const LAYOUT = `
matrix kernel asked(x: f32[m, n], y: mut f32[m, n]) over (i in m by 32, j in n by 32) {
    y[i, j] = layout(layout(x[i, j], 4, 2) * 2.0, 1, 4) + 1.0
}`;

describe.each(["gfx1100", "gfx942", "gfx1030"])("on %s", (target) => {
    const device = `vgpu:${target}`;

    test("parts of tiles and of views", async () => {
        const m = 11;
        const x = exactly(m * 64, 3, 8);
        const args = { x: view("f32", [m, 64], Array.from(x)), y: view("f32", [m, 64]), z: view("f32", [2, 4, 64]) };
        const { y, z } = await run(PARTS, args, { kernel: "quarters", device });
        const at = (row: number, column: number) => x[row * 64 + column] ?? 0;
        for (let i = 0; i < m; i++) {
            for (let j = 0; j < 64; j++) {
                const quarter = Math.floor(j / 16);
                expect(y[i * 64 + j]).toBe(at(i, (3 - quarter) * 16 + (j % 16)) * (quarter === 2 ? 2 : 1));
            }
        }
        for (let at4 = 0; at4 < 2 * 4 * 64; at4++) {
            const [block, row, column] = [Math.floor(at4 / 256), Math.floor(at4 / 64) % 4, at4 % 64];
            expect(z[at4]).toBe(Math.fround(at(block * 8 + row, column) + at(block * 8 + row + 4, column)));
        }
        expect(interpreted(PARTS, "quarters", args)).toMatchObject({ y: Array.from(y), z: Array.from(z) });
    });

    test("a part of a dimension that runs past the end of its range", async () => {
        const [m, n] = [5, 57];
        const x = exactly(m * n, 5, 6);
        const args = { x: view("f32", [m, n], Array.from(x)), y: view("f32", [m]) };
        const { y } = await run(PARTS, args, { kernel: "later", device });
        for (let i = 0; i < m; i++) {
            let sum = 0;
            for (let j = 0; j < n; j++) if (j % 32 >= 16) sum += (x[i * n + j] ?? 0) + 1;
            // Multiples of 2⁻⁶ below 2⁷: exact.
            expect(y[i]).toBe(sum);
        }
        expect(interpreted(PARTS, "later", args).y).toEqual(Array.from(y));
    });

    test("rows that a tile names; those outside of the view are zero", async () => {
        const [v, d, n] = [9, 40, 21];
        const table = exactly(v * d, 7, 5);
        const ids = Array.from({ length: n }, (_, at) => (at === 3 ? -1 : at === 8 ? v : (at * 5) % v));
        const args = {
            table: view("f16", [v, d], Array.from(table)),
            ids: view("i32", [n], ids),
            y: view("f16", [n, d]),
            z: view("f32", [d, n]),
        };
        const { y, z } = await run(GATHER, args, { kernel: "rows", device });
        for (const [i, id] of ids.entries()) {
            for (let j = 0; j < d; j++) {
                const wanted = id < 0 || id >= v ? 0 : (table[id * d + j] ?? 0);
                expect(y[i * d + j]).toBe(wanted);
                expect(z[j * n + i]).toBe(2 * wanted);
            }
        }
        expect(interpreted(GATHER, "rows", args)).toMatchObject({ y: Array.from(y), z: Array.from(z) });
    });

    test("columns that a tile names", async () => {
        const [m, n, k] = [10, 30, 20];
        const x = exactly(m * n, 9, 5);
        const which = Array.from({ length: k }, (_, at) => (at * 7) % n);
        const args = {
            x: view("f32", [m, n], Array.from(x)),
            which: view("index", [k], which.map(BigInt)),
            y: view("f32", [m, k]),
        };
        const { y } = await run(GATHER, args, { kernel: "picked", device });
        for (let i = 0; i < m; i++) {
            for (const [p, column] of which.entries()) expect(y[i * k + p]).toBe(x[i * n + column]);
        }
        expect(interpreted(GATHER, "picked", args).y).toEqual(Array.from(y));
    });

    test("a batch of products", async () => {
        const [h, m, n] = [3, 40, 35];
        const [a, b] = [exactly(h * m * 32, 7, 5), exactly(h * n * 32, 11, 5)];
        const args = {
            a: view("f16", [h, m, 32], Array.from(a)),
            b: view("f16", [h, n, 32], Array.from(b)),
            c: view("f32", [h, m, n]),
        };
        const { c } = await run(BATCH, args, { kernel: "heads", device });
        for (let at = 0; at < h * m * n; at++) {
            const [g, i, j] = [Math.floor(at / (m * n)), Math.floor(at / n) % m, at % n];
            let sum = 0;
            for (let p = 0; p < 32; p++) sum += (a[(g * m + i) * 32 + p] ?? 0) * (b[(g * n + j) * 32 + p] ?? 0);
            // Products are multiples of 2⁻¹⁰ below 1, so sums of 32 are exact in f32.
            expect(c[at]).toBe(sum);
        }
        expect(interpreted(BATCH, "heads", args).c).toEqual(Array.from(c));
    });

    test("layouts that are asked for change no value", async () => {
        const [m, n] = [40, 50];
        const x = exactly(m * n, 5, 8);
        const args = { x: view("f32", [m, n], Array.from(x)), y: view("f32", [m, n]) };
        const { y } = await run(LAYOUT, args, { kernel: "asked", device });
        expect(Array.from(y)).toEqual(Array.from(x, (value) => 2 * value + 1));
    });
});
