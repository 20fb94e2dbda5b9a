// The attentions of std.nn against double precision, on both kinds of matrix cores: with and without a causal mask, heads that
// share keys, more keys than queries and fewer, sequences of different lengths, scores that would overflow.

import { describe, expect, it } from "vitest";
import { exactly } from "../matrix/reference.js";
import { run, view } from "../run/harness.js";

const DEVICES = ["vgpu:gfx1100", "vgpu:gfx942"] as const;
const D = 64;

const SOURCE = `import std.nn { attention, attention_packed }
instance causal = attention<CAUSAL: true>
instance causal_packed = attention_packed<CAUSAL: true>
`;

interface Rows {
    readonly data: Float64Array;
    /** The first row and the row behind the last. */
    readonly from: number;
    readonly end: number;
}

/** What a query gives, and how far a device may be from it. */
function attend(q: ArrayLike<number>, query: number, k: Rows, v: Rows, scale: number) {
    const [keys, out] = [k.end - k.from, new Float64Array(D)];
    const dot = (key: number) => {
        let sum = 0;
        for (let e = 0; e < D; e++) sum += (q[query * D + e] ?? 0) * (k.data[(k.from + key) * D + e] ?? 0);
        return sum * scale;
    };
    const length = (x: ArrayLike<number>, row: number) =>
        Math.hypot(...Array.from({ length: D }, (_, e) => x[row * D + e] ?? 0));
    const scores = Array.from({ length: keys }, (_, key) => dot(key));
    const top = Math.max(...scores);
    const weights = scores.map((score) => Math.exp(score - top));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    for (let e = 0; e < D && keys > 0; e++) {
        for (const [key, weight] of weights.entries())
            out[e] = (out[e] ?? 0) + (weight / total) * (v.data[(v.from + key) * D + e] ?? 0);
    }
    const longest = Math.max(0, ...scores.map((_, key) => length(k.data, k.from + key)));
    const largest = v.data.slice(v.from * D, v.end * D).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const products = D * length(q, query) * longest * scale;
    const bound = largest * (2 ** -10 + keys * 2 ** -25 + 8 * (keys + products) * 2 ** -24);
    return { out, bound };
}

function expectRow(o: ArrayLike<number>, row: number, { out, bound }: ReturnType<typeof attend>): void {
    for (const [e, value] of out.entries()) {
        const got = o[row * D + e] ?? Number.NaN;
        if (!(Math.abs(got - value) <= bound)) expect.fail(`row ${row}, ${e}: ${got}, not ${value} ± ${bound}`);
    }
}

describe.each(DEVICES)("on %s", (device) => {
    it.each([
        ["attention", 1, 1, 70, 45, 1],
        ["attention", 4, 2, 20, 130, 1],
        // Scores of some hundred: their exponentials would overflow.
        ["attention", 1, 1, 33, 50, 64],
        ["causal", 2, 1, 90, 90, 1],
        ["causal", 1, 1, 20, 75, 1],
        ["causal", 1, 1, 40, 9, 1],
    ] as const)("%s of %i heads, %i of keys, %i queries, %i keys", async (kernel, h, g, s, t, size) => {
        const [q, k, v] = [exactly(h * s * D, 3, 5, size), exactly(g * t * D, 5, 5, size), exactly(g * t * D, 7, 5)];
        const tensors = {
            q: view("f16", [h, s, D], Array.from(q)),
            k: view("f16", [g, t, D], Array.from(k)),
            v: view("f16", [g, t, D], Array.from(v)),
            o: view("f16", [h, s, D]),
        };
        const scale = 0.125;
        const { o } = await run(SOURCE, { ...tensors, scale }, { device, kernel });
        for (let row = 0; row < h * s; row++) {
            const first = Math.floor((Math.floor(row / s) * g) / h) * t;
            const seen = kernel === "causal" ? Math.max(0, Math.min(t, (row % s) + t - s + 1)) : t;
            const rows = (data: Float64Array) => ({ data, from: first, end: first + seen });
            expectRow(o, row, attend(q, row, rows(k), rows(v), scale));
        }
    });

    it("weights about and below the smallest normal number are as nothing", async () => {
        const [s, t] = [2, 40];
        // Scores of 0 for the first key, of -86.5 to -105.5 for the others: e^-87.3 is 2^-126. Their values are the largest.
        const q = new Float64Array(s * D).fill(0).map((_, at) => (at % D === 0 ? 8 : 0));
        const k = new Float64Array(t * D).map((_, at) => (at % D !== 0 || at === 0 ? 0 : -86 - at / D / 2));
        const v = new Float64Array(t * D).map((_, at) => (at < D ? at * 2 ** -24 : 65504));
        const args = {
            q: view("f16", [1, s, D], Array.from(q)),
            k: view("f16", [1, t, D], Array.from(k)),
            v: view("f16", [1, t, D], Array.from(v)),
            o: view("f16", [1, s, D]),
        };
        const { o } = await run(SOURCE, { ...args, scale: 0.125 }, { device, kernel: "attention" });
        // A weight of 1 times multiples of the least f16, and what rounds to zero beside them.
        expect(Array.from(o)).toEqual(Array.from({ length: s * D }, (_, at) => (at % D) * 2 ** -24));
    });

    // Queries and keys of each sequence: as many, none of either, fewer queries (as with a cache of keys) and more.
    it.each([
        ["attention_packed", 1, 1, [70, 0, 1, 33], [70, 0, 1, 33]],
        ["attention_packed", 4, 2, [20, 3, 0, 40], [90, 0, 5, 7]],
        ["causal_packed", 1, 1, [70, 0, 1, 33], [70, 0, 1, 33]],
        ["causal_packed", 4, 2, [20, 3, 0, 40], [90, 0, 5, 7]],
    ] as const)(
        "%s: %i heads, %i of keys, sequences of %j queries and %j keys",
        async (kernel, h, g, queries, keys) => {
            const endsOf = (lengths: readonly number[]) =>
                lengths.map((_, at) => lengths.slice(0, at + 1).reduce((sum, each) => sum + each, 0));
            const startsOf = (lengths: readonly number[]) => endsOf(lengths).map((end, at) => end - (lengths[at] ?? 0));
            const [s, t] = [endsOf(queries).at(-1) ?? 0, endsOf(keys).at(-1) ?? 0];
            const [q, k, v] = [exactly(h * s * D, 3, 5), exactly(g * t * D, 5, 5), exactly(g * t * D, 7, 5)];
            const bounds = (list: readonly number[]) => view("index", [list.length], list.map(BigInt));
            const args = {
                q: view("f16", [h, s, D], Array.from(q)),
                k: view("f16", [g, t, D], Array.from(k)),
                v: view("f16", [g, t, D], Array.from(v)),
                o: view("f16", [h, s, D]),
                starts: bounds(startsOf(queries)),
                ends: bounds(endsOf(queries)),
                key_starts: bounds(startsOf(keys)),
                key_ends: bounds(endsOf(keys)),
                scale: 0.125,
            };
            const { o } = await run(SOURCE, args, { device, kernel });
            for (let row = 0; row < h * s; row++) {
                const [head, place] = [Math.floor(row / s), row % s];
                const which = endsOf(queries).findIndex((end) => place < end);
                const first = startsOf(keys)[which] ?? 0;
                const [end, past] = [endsOf(queries)[which] ?? 0, endsOf(keys)[which] ?? 0];
                const seen = kernel === "causal_packed" ? Math.max(first, past - (end - 1 - place)) : past;
                const offset = Math.floor((head * g) / h) * t;
                const rows = (data: Float64Array) => ({ data, from: offset + first, end: offset + seen });
                expectRow(o, row, attend(q, row, rows(k), rows(v), 0.125));
            }
        },
    );
});
