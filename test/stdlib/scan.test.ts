// Prefix sums against sums one after the other.

import { describe, expect, it } from "vitest";
import { scan } from "../../runtime/library/index.js";
import { expectElements, testGpu, WAVE_DEVICES } from "../run/harness.js";
import { floats, words } from "./data.js";

describe.each(WAVE_DEVICES)("on %s", (device) => {
    // One element, a tile but one, a tile, one more, and more tiles than scan_totals has work-items.
    it.each([0, 1, 2047, 2048, 2049, 7 * 2048 + 5, 300 * 2048 + 1])("%i integers wrap", async (n) => {
        const gpu = await testGpu(device);
        const data = words(n, 3);
        using x = gpu.tensor("u32", [n], data);
        using y = gpu.tensor("u32", [n]);
        let total = 0;
        const inclusive = data.map((value) => (total = (total + value) >>> 0));
        await scan(x, y);
        expectElements(await y.read(), inclusive);
        await scan(x, y, { exclusive: true });
        const before = new Uint32Array(n);
        before.set(inclusive.subarray(0, Math.max(n - 1, 0)), Math.min(n, 1));
        expectElements(await y.read(), before);
    });

    it("floats are near sums in double precision", async () => {
        const gpu = await testGpu(device);
        const n = 10_000;
        const data = floats(n, 4, 0, 1);
        using x = gpu.tensor("f32", [n], data);
        using y = gpu.tensor("f32", [n]);
        await scan(x, y);
        let total = 0;
        for (const [i, value] of (await y.read()).entries()) {
            total += data[i] as number;
            expect(Math.abs(value - total)).toBeLessThan(24 * 2 ** -24 * total);
        }
    });
});
