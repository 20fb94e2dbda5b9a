// The samples of networks on the device under test, at sizes that take seconds.

import { readFileSync } from "node:fs";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import * as cuba from "../../samples/neuromorphic/cuba.js";
import * as digits from "../../samples/neuromorphic/digits.js";
import * as izhikevich from "../../samples/neuromorphic/izhikevich.js";
import { testGpu } from "../run/harness.js";

describe("networks", () => {
    it("cuba: sustained, irregular activity at a few Hz (Brette and others, 2007)", async () => {
        const { rate, synapses, n } = await cuba.run(await testGpu(), 1000, 200);
        expect(synapses / n).toBeCloseTo(80, -1);
        expect(rate).toBeGreaterThan(1);
        expect(rate).toBeLessThan(40);
    });

    it("izhikevich: both populations fire, and the raster is a picture", async () => {
        const result = await izhikevich.run(await testGpu(), 200);
        expect(result.exc.steps.length).toBeGreaterThan(100);
        expect(result.inh.steps.length).toBeGreaterThan(100);
        const png = PNG.sync.read(readFileSync(await izhikevich.drawRaster(result)));
        expect([png.width, png.height]).toEqual([200, 1000]);
    });

    it("digits: 200 of them teach more than chance by far", async () => {
        const { accuracies } = await digits.run(await testGpu(), { at: [200], test: 200 });
        expect(accuracies[0]).toBeGreaterThan(0.6);
    });
});
