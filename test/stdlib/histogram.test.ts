// std.histogram against counting one after the other.

import { describe, expect, it } from "vitest";
import { expectElements, run, view, WAVE_DEVICES } from "../run/harness.js";
import { floats, words } from "./data.js";

const SOURCE = `import std.histogram { histogram_u8, histogram_keys, histogram_even, histogram_wide }
instance keys_100 = histogram_keys<BINS: 100>
instance even_10 = histogram_even<f32, BINS: 10>
`;

function count(keys: Iterable<number>, bins: number, start = 0): Uint32Array {
    const counts = new Uint32Array(bins).fill(start);
    for (const key of keys) if (key < bins) counts[key] = (counts[key] as number) + 1;
    return counts;
}

describe.each(WAVE_DEVICES)("on %s", (device) => {
    const n = 20_001;

    it("of bytes, added to what is there", async () => {
        const data = Uint8Array.from(words(n, 1));
        const args = { x: view("u8", [n], data), g: 7, bins: view("u32", [256], new Uint32Array(256).fill(3)) };
        const { bins } = await run(SOURCE, args, { device, kernel: "histogram_u8" });
        expectElements(bins, count(data, 256, 3));
    });

    it("of keys, those without a bin left out", async () => {
        const data = words(n, 2).map((word) => word % 150);
        const small = { keys: view("u32", [n], data), g: 5, bins: view("u32", [100]) };
        const { bins } = await run(SOURCE, small, { device, kernel: "keys_100" });
        expectElements(bins, count(data, 100));
        const wide = { keys: view("u32", [n], data), bins: view("u32", [120]) };
        expectElements((await run(SOURCE, wide, { device, kernel: "histogram_wide" })).bins, count(data, 120));
    });

    it("of intervals: ends belong to it, others and NaN don't", async () => {
        const data = Float32Array.of(-1, 1, -1.001, 1.001, Number.NaN, Infinity, ...floats(n - 6, 3, -1.5, 1.5));
        const args = { x: view("f32", [n], data), low: -1, high: 1, g: 3, bins: view("u32", [10]) };
        const { bins } = await run(SOURCE, args, { device, kernel: "even_10" });
        const inside = data.filter((x) => x >= -1 && x <= 1);
        const scaled = Array.from(inside, (x) => Math.min(Math.floor(Math.fround(Math.fround(x + 1) * 5)), 9));
        expectElements(bins, count(scaled, 10));
        expect(bins.reduce((sum, one) => sum + one)).toBe(inside.length);
    });
});
