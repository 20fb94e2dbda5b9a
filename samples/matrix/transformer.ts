// A block of a transformer on matrix cores: layer norm, causal attention of several heads, a perceptron, and both residuals, held
// against double precision on the host.

import type { Gpu } from "soma-lang/runtime";
import { largestError } from "../common/check.js";
import { main } from "../common/main.js";
import { randomFloats } from "../common/random.js";
import { loadSample } from "../common/sample.js";

/** The extent of a head's vectors. */
const D = 64;
const EPSILON = 1e-5;

type Kernels = "layer_norm" | "halve" | "project" | "causal" | "merge" | "widen" | "narrow";

/** s tokens of d numbers, h heads, a perceptron n wide. No size but d is a multiple of a tile's. */
export async function run(gpu: Gpu, s = 75, d = 128, h = 2, n = 200) {
    const { kernels, compileMilliseconds } = await loadSample<Kernels>(gpu, "transformer", "matrix");
    // Weights of a size that keeps what comes out as large as what goes in.
    const weights = (shape: readonly number[], inputs: number, seed: number) => {
        const count = shape.reduce((product, extent) => product * extent, 1);
        return gpu.tensor(
            "f16",
            shape,
            randomFloats(count, seed).map((value) => value * Math.sqrt(3 / inputs)),
        );
    };
    using x = gpu.tensor("f32", [s, d], randomFloats(s * d, 1));
    using into = weights([d, 3 * h, D], d, 2);
    using out = weights([h, D, d], h * D, 3);
    using w1 = weights([d, n], d, 4);
    using w2 = weights([n, d], n, 5);
    using b1 = gpu.tensor("f32", [n], randomFloats(n, 6));
    using b2 = gpu.tensor("f32", [d], randomFloats(d, 7));
    using gain = gpu.tensor("f32", [d], new Float32Array(d).fill(1));
    using bias = gpu.tensor("f32", [d]);

    using norm = gpu.tensor("f32", [s, d]);
    using half = gpu.tensor("f16", [s, d]);
    using qkv = gpu.tensor("f16", [3 * h, s, D]);
    using heads = gpu.tensor("f16", [h, s, D]);
    using y = gpu.tensor("f32", [s, d]);
    using wide = gpu.tensor("f16", [s, n]);
    using z = gpu.tensor("f32", [s, d]);
    const normalised = async (from: typeof x) => {
        const layer_norm = await kernels.layer_norm({ x: from, gain, bias, y: norm, epsilon: EPSILON });
        return { layer_norm, halve: await kernels.halve({ x: norm, y: half }) };
    };
    const first = await normalised(x);
    const project = await kernels.project({ x: half, w: into, y: qkv });
    const [q, k, v] = [0, 1, 2].map((which) => qkv.slice([which * h, (which + 1) * h], null, null)) as [
        typeof qkv,
        typeof qkv,
        typeof qkv,
    ];
    const causal = await kernels.causal({ q, k, v, o: heads, scale: 1 / Math.sqrt(D) });
    const merge = await kernels.merge({ o: heads, w: out, x, y });
    await normalised(y);
    const widen = await kernels.widen({ x: half, w: w1, b: b1, y: wide });
    const narrow = await kernels.narrow({ x: wide, w: w2, b: b2, y, z });
    const read = {
        x: await x.read(),
        into: await into.read(),
        out: await out.read(),
        w1: await w1.read(),
        w2: await w2.read(),
    };
    const parameters = { ...read, b1: await b1.read(), b2: await b2.read() };
    const sizes = { s, d, h, n };
    return {
        sizes,
        parameters,
        z: await z.read(),
        compileMilliseconds,
        launches: { ...first, project, causal, merge, widen, narrow },
    };
}

/** Rows of a times a matrix of k rows and n columns. */
function times(a: ArrayLike<number>, b: ArrayLike<number>, [m, k, n]: readonly [number, number, number]): Float64Array {
    const c = new Float64Array(m * n);
    for (let i = 0; i < m; i++) {
        for (let p = 0; p < k; p++) {
            const left = a[i * k + p] as number;
            for (let j = 0; j < n; j++) c[i * n + j] = (c[i * n + j] as number) + left * (b[p * n + j] as number);
        }
    }
    return c;
}

function normOf(x: ArrayLike<number>, s: number, d: number): Float64Array {
    const y = new Float64Array(s * d);
    for (let i = 0; i < s; i++) {
        const row = Array.from({ length: d }, (_, j) => x[i * d + j] as number);
        const mean = row.reduce((sum, value) => sum + value, 0) / d;
        const variance = row.reduce((sum, value) => sum + (value - mean) ** 2, 0) / d;
        for (const [j, value] of row.entries()) y[i * d + j] = (value - mean) / Math.sqrt(variance + EPSILON);
    }
    return y;
}

function attended(qkv: Float64Array, s: number, h: number): Float64Array {
    const width = 3 * h * D;
    const at = (row: number, which: number, head: number, e: number) =>
        qkv[row * width + (which * h + head) * D + e] as number;
    const o = new Float64Array(s * h * D);
    for (let head = 0; head < h; head++) {
        for (let i = 0; i < s; i++) {
            const scores = Array.from({ length: i + 1 }, (_, j) => {
                let sum = 0;
                for (let e = 0; e < D; e++) sum += at(i, 0, head, e) * at(j, 1, head, e);
                return sum / Math.sqrt(D);
            });
            const top = Math.max(...scores);
            const exponentials = scores.map((score) => Math.exp(score - top));
            const total = exponentials.reduce((sum, each) => sum + each, 0);
            for (let e = 0; e < D; e++) {
                const values = exponentials.map((each, j) => (each / total) * at(j, 2, head, e));
                o[(i * h + head) * D + e] = values.reduce((sum, each) => sum + each, 0);
            }
        }
    }
    return o;
}

/**
 * What comes out is of the order of 1. Of each of the seven values that are rounded to f16 on the way a result sees at most a
 * relative 2⁻¹¹, and products of matrices whose columns have length about 1 keep errors as large as they are: 16 · 2⁻¹¹
 * leaves room for scores that differ.
 */
const TOLERANCE = 16 * 2 ** -11;

export function check({ sizes: { s, d, h, n }, parameters, z, launches }: Awaited<ReturnType<typeof run>>) {
    const { x, into, out, w1, w2, b1, b2 } = parameters;
    const qkv = times(normOf(x, s, d), into, [s, d, 3 * h * D]);
    const y = times(attended(qkv, s, h), out, [s, h * D, d]).map((value, at) => value + (x[at] as number));
    const hidden = times(normOf(y, s, d), w1, [s, d, n]).map((value, at) =>
        Math.max(0, value + (b1[at % n] as number)),
    );
    const expected = times(hidden, w2, [s, n, d]).map(
        (value, at) => value + (b2[at % d] as number) + (y[at] as number),
    );
    const error = largestError("transformer", z, expected, TOLERANCE);
    return Object.fromEntries(Object.keys(launches).map((kernel) => [kernel, error]));
}

await main(import.meta.url, { run, check });
