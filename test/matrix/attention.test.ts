// DESIGN's attention as it stands, and the same with a causal mask, on every kind of matrix core and without one. Rows are
// no multiple of a tile, and scores so large that padding that took part would overflow the exponential.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { run, view } from "../run/harness.js";
import { exactly, MATRIX_DEVICES } from "./reference.js";

const DESIGN = readFileSync(new URL("../design/matrix.soma", import.meta.url), "utf8");
const ATTENTION = DESIGN.slice(DESIGN.indexOf("matrix kernel attention"));
const D = 64;

/** softmax(scale·q·kᵀ)·v for one head, in double precision. */
function attention(
    q: Float64Array,
    k: Float64Array,
    v: Float64Array,
    [h, s]: readonly [number, number],
    scale: number,
) {
    const out = new Float64Array(q.length);
    for (let head = 0; head < h; head++) {
        for (let i = 0; i < s; i++) {
            const at = (head * s + i) * D;
            const scores = Array.from({ length: s }, (_, j) => {
                let sum = 0;
                for (let e = 0; e < D; e++) sum += (q[at + e] ?? 0) * (k[(head * s + j) * D + e] ?? 0);
                return sum * scale;
            });
            const top = Math.max(...scores);
            const weights = scores.map((score) => Math.exp(score - top));
            const total = weights.reduce((sum, weight) => sum + weight, 0);
            for (const [j, weight] of weights.entries()) {
                for (let e = 0; e < D; e++)
                    out[at + e] = (out[at + e] ?? 0) + (weight / total) * (v[(head * s + j) * D + e] ?? 0);
            }
        }
    }
    return out;
}

/**
 * Of weights in f16 each is wrong by 2^-11 of itself, of their sum in f32 by less; scores of magnitude w in f32 make the
 * exponential wrong by w·2^-22; the result is rounded to f16. Values are below 1.
 */
function bound(score: number): number {
    return 2 ** -10 + 2 * score * 2 ** -22 + 2 ** -11;
}

describe.each(MATRIX_DEVICES)("on $target", ({ device }) => {
    test.each([
        ["ordinary scores", 0.125, 4],
        ["scores below -90, whose padding would be far above", -3.0, 4],
    ] as const)("%s", async (_name, scale, size) => {
        const [h, s] = [2, 75];
        const [q, k, v] = [exactly(h * s * D, 3, 6, size), exactly(h * s * D, 5, 6, size), exactly(h * s * D, 7, 6)];
        if (scale < 0) {
            // Every score is about -3·64·4·4/3: the least is far below what exp of f32 can tell from 0.
            q.fill(2);
            k.forEach((value, at) => {
                k[at] = Math.abs(value) / 8 + 0.25;
            });
        }
        const shape = [h, s, D] as const;
        const args = {
            q: view("f16", shape, q),
            k: view("f16", shape, k),
            v: view("f16", shape, v),
            o: view("f16", shape),
            scale,
        };
        const { o } = await run(ATTENTION, args, { device });
        const expected = attention(q, k, v, [h, s], scale);
        const most = 200;
        for (const [at, value] of expected.entries()) {
            if (!(Math.abs((o[at] ?? Number.NaN) - value) <= bound(most))) {
                expect.fail(`o[${at}] is ${o[at]}, not ${value}`);
            }
        }
    });
});
