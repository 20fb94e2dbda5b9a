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
        // Brian2 2.5.1 has 5.65 Hz of the same network, as `bench/neuro/brian_cuba.py 1000 200` prints; the review gives no rate. 4000
        // neurons have 5.8 Hz there, and 1250 of them 6.8 Hz in 50 ms: so far may draws be apart.
        expect(Math.abs(rate - 5.65)).toBeLessThan(1.5);
    });

    it("izhikevich: both populations fire as those of the published script, and the raster is a picture", async () => {
        const result = await izhikevich.run(await testGpu());
        // The script of the paper in NumPy, in double precision, over 12 seeds: 7.58 ± 0.19 Hz and 7.32 ± 0.29 Hz (mean and deviation).
        expect(Math.abs(result.exc.steps.length / 800 - 7.58)).toBeLessThan(5 * 0.19);
        expect(Math.abs(result.inh.steps.length / 200 - 7.32)).toBeLessThan(5 * 0.29);
        const png = PNG.sync.read(readFileSync(await izhikevich.drawRaster(result)));
        expect([png.width, png.height]).toEqual([1000, 1000]);
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
        // Mean-field theory is exact for vanishing jumps; its error is of the order of a jump by the way from reset to threshold, 10 mV.
        const n = 250;
        const error = (2 * 250) / n / 10;
        for (const [g, eta, milliseconds] of [
            [3, 2, 60],
            // Of few intervals a neuron the variation comes out too small.
            [6, 4, 200],
        ] as const) {
            const { rate, variation, expected } = await brunel.run(gpu, { g, eta, n, milliseconds, skipped: 50 });
            expect(Math.abs(rate / expected.rate - 1)).toBeLessThan(error);
            // The larger the jumps the more intervals vary: where noise makes neurons fire, at least as at the paper's size; at
            // most as the theory, which takes jumps for white noise, has it at this one.
            expect(variation).toBeLessThan(expected.variation);
            if (g > 4) expect(variation).toBeGreaterThan(brunel.theory(2500, g, eta).variation);
        }
    }, 180_000);

    it("brunel: the theory gives the rates of the paper", () => {
        // What the paper has by its theory for the networks B, C and D of figure 8, which fired at 60.7, 37.7 and 5.5 Hz.
        for (const [g, eta, rate] of [
            [6, 4, 55.8],
            [5, 2, 38.0],
            [4.5, 0.9, 6.5],
        ] as const) {
            expect(Math.abs(brunel.theory(2500, g, eta).rate - rate)).toBeLessThan(0.06);
        }
        // Strong drive: 1/ν = τ_rp + τ ln((μ − V_r) / (μ − θ)) has the solution 328.7 Hz with μ = 40 mV + 0.5 mV/Hz · ν.
        expect(Math.abs(brunel.theory(2500, 3, 2).rate / 328.7 - 1)).toBeLessThan(0.01);
    });

    it("conditioning: the cue that a reward follows gets the stronger synapses", async () => {
        const { weights } = await conditioning.compare(await testGpu(), 8);
        // Student's t with four degrees of freedom exceeds 4.604 in one case of a hundred by chance.
        expect((weights.mean / weights.deviation) * Math.sqrt(5)).toBeGreaterThan(4.604);
    }, 180_000);

    it("microcircuit: rates near the published ones, at a hundredth of the size", async () => {
        const scale = 0.01;
        const { synapses, rates, synchrony } = await microcircuit.run(await testGpu(), scale, 100, 50);
        // Potjans and Diesmann: 298 880 969 synapses, of which a smaller column has the square of the scale.
        expect(Math.abs(synapses / (298_880_969 * 0.01 ** 2) - 1)).toBeLessThan(2e-3);
        // The paper's criterion of asynchronous activity: rates below 30 Hz, synchrony below 8.
        expect(Math.max(...rates)).toBeLessThan(30);
        expect(Math.max(...synchrony)).toBeLessThan(8);
        // And the rates of the full model, within five deviations of counts that vary as much as that criterion admits.
        const sizes = [20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948];
        for (const [at, rate] of rates.entries()) {
            const seconds = (sizes[at] as number) * scale * 0.1;
            const expected = (microcircuit.PUBLISHED[at] as number) * seconds;
            expect(Math.abs(rate * seconds - expected)).toBeLessThan(5 * Math.sqrt(8 * expected));
        }
    });

    it("STDP on digits: neurons fire, and come to stand for several digits", async () => {
        const result = await stdpDigits.run(await testGpu(), {
            learn: 8,
            label: 20,
            validate: 10,
            test: 20,
            neurons: 20,
        });
        expect(result.spikesPerDigit).toBeGreaterThan(0.2);
        expect(result.digits).toBeGreaterThan(1);
    });

    it("a search finds an architecture that reads digits", async () => {
        const { best, trials } = await choice.run(await testGpu(), { candidates: 4 });
        expect(trials.map(({ budget }) => budget)).toEqual([1, 1, 1, 1, 2, 2, 4]);
        expect(best.score).toBeGreaterThan(0.3);
    });
});
