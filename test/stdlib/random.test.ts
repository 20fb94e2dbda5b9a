// std.random against Random123's known answers, and its distributions against closed forms.

import { describe, expect, it } from "vitest";
import { run, view, WAVE_DEVICES } from "../run/harness.js";

const BLOCKS = `import std.random { philox4x32 }
kernel blocks(low: u64[n], high: u64[n], seed: u64[n], first: mut u64[n], last: mut u64[n]) over i in n {
    first[i] = philox4x32::<HALF: 0>(low[i], high[i], seed[i])
    last[i] = philox4x32::<HALF: 1>(low[i], high[i], seed[i])
}
`;

/** Random123's kat_vectors, `philox4x32 10`: counter, key and result, words in order. */
const KNOWN: readonly (readonly [counter: number[], key: number[], result: number[]])[] = [
    [
        [0, 0, 0, 0],
        [0, 0],
        [0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8],
    ],
    [
        [0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff],
        [0xffffffff, 0xffffffff],
        [0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd],
    ],
    [
        [0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344],
        [0xa4093822, 0x299f31d0],
        [0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1],
    ],
];

/** Two words as a u64, the first one low. */
function pair(words: readonly number[], at = 0): bigint {
    return BigInt(words[at] as number) | (BigInt(words[at + 1] as number) << 32n);
}

const COUNT = 1 << 17;

function moments(values: ArrayLike<number>): { readonly mean: number; readonly variance: number } {
    const all = Array.from(values);
    const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
    return { mean, variance: all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / all.length };
}

/** The mean of COUNT numbers lies within 6 standard errors of what it should be. */
function expectMean(mean: number, expected: number, deviation: number): void {
    expect(Math.abs(mean - expected)).toBeLessThan((6 * deviation) / Math.sqrt(COUNT));
}

describe.each(WAVE_DEVICES)("on %s", (device) => {
    it("Philox gives the known answers", async () => {
        const column = (of: (known: (typeof KNOWN)[number]) => bigint) => view("u64", [KNOWN.length], KNOWN.map(of));
        const { first, last } = await run(
            BLOCKS,
            {
                low: column(([counter]) => pair(counter)),
                high: column(([counter]) => pair(counter, 2)),
                seed: column(([, key]) => pair(key)),
                first: view("u64", [KNOWN.length]),
                last: view("u64", [KNOWN.length]),
            },
            { device },
        );
        expect(Array.from(first)).toEqual(KNOWN.map(([, , result]) => pair(result)));
        expect(Array.from(last)).toEqual(KNOWN.map(([, , result]) => pair(result, 2)));
    });

    it("fill_random gives the words of blocks 0, 1, …, the last one in part", async () => {
        const source = "import std.random { fill_random, fill_uniform }\n";
        const [, , [w0, w1, w2, w3]] = KNOWN[0] as (typeof KNOWN)[number];
        for (const n of [1, 2, 3, 4]) {
            const { y } = await run(
                source,
                { seed: 0, stream: 0, y: view("u32", [n]) },
                { device, kernel: "fill_random" },
            );
            expect(Array.from(y)).toEqual([w0, w1, w2, w3].slice(0, n));
        }
        const { y } = await run(
            source,
            { seed: 0, stream: 0, low: -1, high: 1, y: view("f32", [7]) },
            { device, kernel: "fill_uniform" },
        );
        expect(y[1]).toBe(Math.fround(2 * (((w1 as number) >>> 8) / 2 ** 24) - 1));
    });
});

describe("distributions", () => {
    const fill = (kernel: string, args: Readonly<Record<string, number>>) =>
        run(
            `import std.random { ${kernel} }\n`,
            { seed: 7, stream: 3, ...args, y: view("f32", [COUNT]) },
            { kernel },
        ).then(({ y }) => Array.from(y as Float32Array));

    it("uniform: mean, variance and the share of each of 64 equal intervals", async () => {
        const y = await fill("fill_uniform", { low: 0, high: 1 });
        const { mean, variance } = moments(y);
        expectMean(mean, 1 / 2, Math.sqrt(1 / 12));
        expectMean(variance, 1 / 12, Math.sqrt(1 / 180));
        expect(Math.min(...y.slice(0, 65536))).toBeGreaterThanOrEqual(0);
        const bins = new Float64Array(64);
        for (const x of y) bins[Math.floor(x * 64)] = (bins[Math.floor(x * 64)] as number) + 1;
        const expected = COUNT / 64;
        const chi2 = bins.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
        // χ² of 63 degrees of freedom: mean 63, deviation √126.
        expect(Math.abs(chi2 - 63)).toBeLessThan(6 * Math.sqrt(126));
    });

    it("normal: moments, and the shares within 1, 2 and 3 deviations", async () => {
        const y = await fill("fill_normal", { mean: 0, deviation: 1 });
        const { mean, variance } = moments(y);
        expectMean(mean, 0, 1);
        expectMean(variance, 1, Math.sqrt(2));
        // erf(k/√2), Abramowitz and Stegun, table 26.1.
        for (const [k, share] of [
            [1, 0.6826894921],
            [2, 0.9544997361],
            [3, 0.9973002039],
        ] as const) {
            expectMean(y.filter((x) => Math.abs(x) < k).length / COUNT, share, Math.sqrt(share * (1 - share)));
        }
        expect(y.every(Number.isFinite)).toBe(true);
    });

    it("other functions: exponential, f64, and integers below a bound without bias", async () => {
        const source = `import std.random { exponential_f32, normal_f64, uniform_f64, below_u32, below_u64 }
kernel draw(seed: u64, e: mut f32[n], z: mut f64[n], u: mut f64[n], small: mut u32[n], large: mut u64[n]) over i in n {
    e[i] = exponential_f32(seed, i as u64, 0, 0)
    z[i] = normal_f64(seed, i as u64, 1, 0)
    u[i] = uniform_f64(seed, i as u64, 2, 0)
    small[i] = below_u32(3000000000, seed, i as u64, 3, 0)
    large[i] = below_u64(6, seed, i as u64, 4, 0)
}
`;
        const doubles = () => view("f64", [COUNT]);
        const { e, z, u, small, large } = await run(source, {
            seed: 11n,
            e: view("f32", [COUNT]),
            z: doubles(),
            u: doubles(),
            small: view("u32", [COUNT]),
            large: view("u64", [COUNT]),
        });
        expectMean(moments(e).mean, 1, 1);
        expectMean(moments(z).mean, 0, 1);
        expectMean(moments(z).variance, 1, Math.sqrt(2));
        expectMean(moments(u).mean, 1 / 2, Math.sqrt(1 / 12));
        // Without rejection, every third of the bound's range would be hit 2, 1 and 1 times out of 4.
        const thirds = [0, 0, 0];
        for (const x of small) thirds[Math.floor(x / 1e9)] = (thirds[Math.floor(x / 1e9)] as number) + 1;
        for (const count of thirds) expectMean(count / COUNT, 1 / 3, Math.sqrt(2 / 9));
        const faces = [0, 0, 0, 0, 0, 0];
        for (const x of large) faces[Number(x)] = (faces[Number(x)] as number) + 1;
        for (const count of faces) expectMean(count / COUNT, 1 / 6, Math.sqrt(5 / 36));
    });
});
