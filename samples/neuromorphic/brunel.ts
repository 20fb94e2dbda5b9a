// Brunel's network in two of its regimes: fast and in step where excitation wins, irregular and at the rate of his mean-field theory where
// inhibition does.

import type { Gpu, NetworkDefinition } from "soma-lang/runtime";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { runIfStarted } from "../common/main.js";

/**
 * His mean-field theory (equations 4 and 5 and the first-passage time of appendix A): the rate ν in Hz at which neurons that get input with the mean μ and the
 * deviation σ of such a rate fire at that rate, 1/ν = τ_rp + τ√π ∫ e^(u²) (1 + erf u) du, and the variation of their intervals,
 * CV² = 2π (ντ)² ∫ e^(x²) ∫ e^(y²) (1 + erf y)² dy dx, both from (V_r − μ)/σ to (θ − μ)/σ. It is of small jumps, j ≪ θ − V_r.
 */
export function theory(n: number, g: number, eta: number): { readonly rate: number; readonly variation: number } {
    const [tau, refractory, theta, reset, jump, fanIn] = [0.02, 0.002, 20, 10, 250 / n, (4 * n) / 10];
    const threshold = theta / (jump * fanIn * tau);
    const at = (rate: number) => {
        const mean = jump * fanIn * tau * (eta * threshold + rate * (1 - g / 4));
        const sigma = jump * Math.sqrt(fanIn * tau * (eta * threshold + rate * (1 + (g * g) / 4)));
        return [(reset - mean) / sigma, (theta - mean) / sigma] as const;
    };
    const response = (rate: number) => 1 / (refractory + tau * Math.sqrt(Math.PI) * integral(...at(rate), scaledErfc));
    // The response falls short of a high rate and exceeds a low one: halving finds where they meet.
    let [low, high] = [0, 1 / refractory];
    for (let k = 0; k < 60; k++) {
        const middle = (low + high) / 2;
        if (response(middle) > middle) low = middle;
        else high = middle;
    }
    const [from, to] = at(low);
    const inner = (x: number) =>
        Math.exp(x * x) * integral(Math.min(-6, x - 6), x, (y) => Math.exp(-y * y) * scaledErfc(y) ** 2);
    return { rate: low, variation: Math.sqrt(2 * Math.PI * (low * tau) ** 2 * integral(from, to, inner)) };
}

/** ∫ f by Simpson's rule. */
function integral(from: number, to: number, f: (x: number) => number): number {
    const parts = 400;
    const h = (to - from) / parts;
    let sum = f(from) + f(to);
    for (let k = 1; k < parts; k++) sum += (k % 2 === 0 ? 2 : 4) * f(from + k * h);
    return (sum * h) / 3;
}

/** e^(u²) (1 + erf u), of which below −3 the continued fraction of erfc is taken: M. Abramowitz, I. Stegun, 7.1.5 and 7.1.14. */
function scaledErfc(u: number): number {
    if (u > -3) {
        let [term, sum] = [u, u];
        for (let k = 1; Math.abs(term) > 1e-17 * Math.abs(sum) && k < 200; k++) {
            term *= (-u * u) / k;
            sum += term / (2 * k + 1);
        }
        return Math.exp(u * u) * (1 + (2 / Math.sqrt(Math.PI)) * sum);
    }
    let fraction = 0;
    for (let k = 60; k > 0; k--) fraction = k / 2 / (-u + fraction);
    return 1 / (Math.sqrt(Math.PI) * (-u + fraction));
}

/** Runs one point of the plane (g, eta), without the first part of the time (ms). */
export async function run(
    gpu: Gpu,
    options: { n?: number; g?: number; eta?: number; milliseconds?: number; skipped?: number } = {},
) {
    const { n = 250, g = 5, eta = 2, milliseconds = 300, skipped = 100 } = options;
    const module = await gpu.load<{ brunel: NetworkDefinition }>(`${packageRoot()}/samples/neuromorphic/brunel.soma`);
    using net = gpu.network(module.brunel, { seed: 1, parameters: { n, g, eta } });
    const steps = (time: number) => Math.round(time / net.get("dt"));
    await net.step(steps(skipped));
    net.clearRecords();
    await net.step(steps(milliseconds));
    const { steps: at, neurons } = net.spikes("exc");
    const own = new Map<number, number[]>();
    at.forEach((step, k) => {
        const neuron = neurons[k] as number;
        own.set(neuron, [...(own.get(neuron) ?? []), step]);
    });
    // The coefficient of variation of the intervals between a neuron's spikes: 0 for clocks, 1 for Poisson processes.
    const variations = [...own.values()]
        .filter((times) => times.length > 4)
        .map((times) => {
            const intervals = times.slice(1).map((time, k) => time - (times[k] as number));
            const mean = intervals.reduce((a, b) => a + b, 0) / intervals.length;
            const variance = intervals.reduce((sum, each) => sum + (each - mean) ** 2, 0) / intervals.length;
            return Math.sqrt(variance) / mean;
        });
    return {
        rate: at.length / (4 * n) / (milliseconds / 1000),
        variation: variations.reduce((a, b) => a + b, 0) / variations.length,
        expected: theory(n, g, eta),
    };
}

await runIfStarted(import.meta.url, async (gpu) => {
    for (const [g, eta] of [
        [3, 2],
        [5, 2],
        [6, 4],
    ] as const) {
        const { rate, variation, expected } = await run(gpu, { g, eta });
        console.log(
            `g = ${g}, eta = ${eta}: ${rate.toFixed(1)} Hz, by theory ${expected.rate.toFixed(1)} Hz; intervals vary by ${variation.toFixed(2)}, by theory ${expected.variation.toFixed(2)}`,
        );
    }
});
