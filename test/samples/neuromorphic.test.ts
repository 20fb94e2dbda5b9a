// The samples of networks on the device under test, at sizes that take seconds.

import { readFileSync } from "node:fs";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import * as brunel from "../../samples/neuromorphic/brunel.js";
import * as choice from "../../samples/neuromorphic/choice.js";
import * as coba from "../../samples/neuromorphic/coba.js";
import * as conditioning from "../../samples/neuromorphic/conditioning.js";
import * as cuba from "../../samples/neuromorphic/cuba.js";
import * as digits from "../../samples/neuromorphic/digits.js";
import * as izhikevich from "../../samples/neuromorphic/izhikevich.js";
import * as microcircuit from "../../samples/neuromorphic/microcircuit.js";
import * as perceptron from "../../samples/neuromorphic/perceptron.js";
import * as stdpDigits from "../../samples/neuromorphic/stdp-digits.js";
import * as threePaths from "../../samples/neuromorphic/three-paths.js";
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

    it("perceptron: its outputs are those of double precision", async () => {
        const { output, distance } = await perceptron.run(await testGpu(), 5);
        expect(output).toHaveLength(50);
        expect(distance).toBeLessThan(1e-6);
    });

    it("three paths: what two kernels make of digits teaches a network", async () => {
        const { accuracy, launches } = await threePaths.run(await testGpu(), 200, 100);
        expect(accuracy).toBeGreaterThan(0.4);
        expect(launches).toBe(22);
    });

    it("coba: activity that sustains itself (Brette and others, 2007)", async () => {
        const { lateRate } = await coba.run(await testGpu(), 2000, 60);
        expect(lateRate).toBeGreaterThan(3);
        expect(lateRate).toBeLessThan(60);
    });

    it("brunel: in step and regular where excitation wins, irregular where inhibition does (Brunel, 2000, figure 8)", async () => {
        const gpu = await testGpu();
        const regular = await brunel.run(gpu, { g: 3, eta: 2, n: 100, milliseconds: 100 });
        expect(regular.rate).toBeGreaterThan(250);
        expect(regular.variation).toBeLessThan(0.3);
        const irregular = await brunel.run(gpu, { g: 6, eta: 4, n: 100, milliseconds: 150 });
        expect(irregular.variation).toBeGreaterThan(0.7);
        // Mean-field theory is of small jumps; these are ten times the paper's.
        expect(irregular.rate / irregular.expected).toBeGreaterThan(0.5);
        expect(irregular.rate / irregular.expected).toBeLessThan(2);
    });

    it("conditioning: the cue that a reward follows gets the stronger synapses", async () => {
        const { weights } = await conditioning.run(await testGpu(), 12);
        expect(weights.tone).toBeGreaterThan(weights.light + 0.05);
    });

    it("microcircuit: rates near the published ones, at a hundredth of the size", async () => {
        const { synapses, rates } = await microcircuit.run(await testGpu(), 0.01, 100, 50);
        // Potjans and Diesmann: 298 880 969 synapses, of which a smaller column has the square of the scale.
        expect(Math.abs(synapses / (298_880_969 * 0.01 ** 2) - 1)).toBeLessThan(2e-3);
        // 2.9, 4.7, 8.1 Hz in the paper: no population is silent or runs away.
        expect(rates.every((rate) => rate < 40)).toBe(true);
        expect(rates.reduce((a, b) => a + b, 0) / rates.length).toBeGreaterThan(1);
    });

    it("STDP on digits: neurons fire, and come to stand for several digits", async () => {
        const result = await stdpDigits.run(await testGpu(), { learn: 8, label: 20, test: 20, neurons: 20 });
        expect(result.spikesPerDigit).toBeGreaterThan(0.2);
        expect(result.digits).toBeGreaterThan(1);
    });

    it("a search finds an architecture that reads digits", async () => {
        const { best, trials } = await choice.run(await testGpu(), { candidates: 4 });
        expect(trials.map(({ budget }) => budget)).toEqual([1, 1, 1, 1, 2, 2, 4]);
        expect(best.score).toBeGreaterThan(0.3);
    });
});
