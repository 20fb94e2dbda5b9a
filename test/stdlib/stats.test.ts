// std.stats against double precision, also where sums of squares would cancel, and quantiles against their definition.

import { describe, expect, it } from "vitest";
import { moments } from "../../runtime/library/index.js";
import { run, testGpu, view, WAVE_DEVICES } from "../run/harness.js";
import { floats } from "./data.js";

function exactMoments(data: ArrayLike<number>) {
    const all = Array.from(data);
    const mean = all.reduce((sum, x) => sum + x, 0) / all.length;
    return { mean, variance: all.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (all.length - 1) };
}

describe.each(WAVE_DEVICES)("on %s", (device) => {
    it.each([
        ["around 0", 0],
        // The sum of squares in f32 has no correct digit here: the deviation is 10⁻⁴ of the mean.
        ["far from 0", 5000],
    ])("mean and variance of 30,001 numbers %s", async (_, center) => {
        const gpu = await testGpu(device);
        const data = floats(30_001, 1, center - 1, center + 1);
        using x = gpu.tensor("f32", [data.length], data);
        const { count, mean, variance } = await moments(x);
        const exact = exactMoments(data);
        expect(count).toBe(data.length);
        expect(Math.abs(mean - exact.mean)).toBeLessThan(64 * 2 ** -24 * Math.max(center, 1));
        // Means carry an error of 2⁻²⁴·center, which enters the variance with the deviation as its factor.
        expect(Math.abs(variance / exact.variance - 1)).toBeLessThan(2e-3);
    });

    it("covariance", async () => {
        const n = 10_000;
        const [x, noise] = [floats(n, 2, -1, 3), floats(n, 3, -0.5, 0.5)];
        const y = x.map((value, i) => 100 - 2 * value + (noise[i] as number));
        const parts = () => view("f32", [64]);
        const args = { x: view("f32", [n], x), y: view("f32", [n], y), mean_x: parts(), mean_y: parts(), m2: parts() };
        const source = "import std.stats { comoments }\n";
        const { count, mean_x, mean_y, m2 } = await run(source, { ...args, count: view("u32", [64]) }, { device });
        const total = count.reduce((sum, one) => sum + one);
        expect(total).toBe(n);
        const [mx, my] = [exactMoments(x).mean, exactMoments(y).mean];
        const exact = x.reduce((sum, value, i) => sum + (value - mx) * ((y[i] as number) - my), 0);
        // The groups' own products, and those of their means (Chan's merge as one sum).
        const merged = m2.reduce(
            (sum, own, i) =>
                sum + own + (count[i] as number) * ((mean_x[i] as number) - mx) * ((mean_y[i] as number) - my),
            0,
        );
        expect(Math.abs(merged / exact - 1)).toBeLessThan(1e-4);
    });

    it("quantiles lie between elements in proportion", async () => {
        const source = `import std.stats { quantile }
kernel quantiles(x: f64[n], q: f64[m], out: mut f64[m]) over i in m { out[i] = quantile(x, q[i]) }
`;
        const q = [0, 0.1, 0.25, 0.5, 0.9, 1, -3, 7];
        const args = { x: view("f64", [5], [1, 2, 4, 8, 16]), q: view("f64", [q.length], q) };
        const { out } = await run(source, { ...args, out: view("f64", [q.length]) }, { device });
        // Definition 7: place (n − 1)·q, here 4q, counted from 0.
        const expected = [1, 1.4, 2, 4, 12.8, 16, 1, 16];
        for (const [i, value] of out.entries()) expect(value).toBeCloseTo(expected[i] as number, 12);
    });
});

it("of one element and of none", async () => {
    const gpu = await testGpu();
    using one = gpu.tensor("f64", [1], [3]);
    expect(await moments(one)).toEqual({ count: 1, mean: 3, variance: Number.NaN });
    using none = gpu.tensor("f64", [0]);
    expect(await moments(none)).toEqual({ count: 0, mean: 0, variance: Number.NaN });
});
