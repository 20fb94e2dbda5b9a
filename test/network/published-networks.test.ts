// The published networks among the samples: their numbers as the papers have them, and the same spikes from the same seed on both kinds of device.

import { describe, expect, test } from "vitest";
import { evaluate } from "../../codeobject/network/formula.js";
import { packageRoot } from "../../compiler/shell/package-root.js";
import type { Network, NetworkDefinition, NetworkOptions } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { NETWORK_DEVICES } from "./reference.js";

async function make(device: string, file: string, name: string, options: NetworkOptions = {}): Promise<Network> {
    const gpu = await testGpu(device);
    const { networks } = await gpu.load(`${packageRoot()}/samples/neuromorphic/${file}.soma`);
    return gpu.network(networks[name] as NetworkDefinition, options);
}

describe("T. C. Potjans, M. Diesmann, 2014: the cortical microcircuit", () => {
    const NAMES = ["l23e", "l23i", "l4e", "l4i", "l5e", "l5i", "l6e", "l6i"];
    const SIZES = [20683, 5834, 21915, 5479, 4850, 1065, 14395, 2948];
    /** 10⁴ times the probability of a connection; rows are targets (their table 5). */
    const PROBABILITIES = [
        [1009, 1689, 437, 818, 323, 0, 76, 0],
        [1346, 1371, 316, 515, 755, 0, 42, 0],
        [77, 59, 497, 1350, 67, 3, 453, 0],
        [691, 29, 794, 1597, 33, 0, 1057, 0],
        [1004, 622, 505, 57, 831, 3726, 204, 0],
        [548, 269, 257, 22, 600, 3158, 86, 0],
        [156, 66, 211, 166, 572, 197, 396, 2252],
        [364, 10, 34, 5, 277, 80, 658, 1443],
    ];
    const EXTERNAL = [1600, 1500, 2100, 1900, 2000, 1900, 2900, 2100];

    test("sizes, external synapses, and Σ ln(1 − C) / ln(1 − 1/(N N')) = 298 880 969 synapses", async () => {
        const gpu = await testGpu();
        const { networks } = await gpu.load(`${packageRoot()}/samples/neuromorphic/microcircuit.soma`);
        const { parts, connections, parameters } = (networks.microcircuit as NetworkDefinition).manifest;
        const whole = (name: string) => (name === "scale" ? 1 : Number.NaN);
        expect(parts.map(({ name, size }) => [name, evaluate(size, whole)])).toEqual(
            NAMES.map((name, at) => [name, SIZES[at]]),
        );
        for (const [at, name] of NAMES.entries()) {
            const found = parameters.find((each) => each.name === `${name}.k_ext`)?.value ?? Number.NaN;
            expect(evaluate(found, whole)).toBe(EXTERNAL[at]);
        }
        let sum = 0;
        for (const [to, row] of PROBABILITIES.entries()) {
            for (const [from, tenThousandths] of row.entries()) {
                const name = `${NAMES[from]}->${NAMES[to]}.i`;
                const pairs = (SIZES[from] as number) * (SIZES[to] as number);
                const synapses = Math.log1p(-tenThousandths / 1e4) / Math.log1p(-1 / pairs);
                const found = connections.find((each) => each.name === name)?.connectivity;
                sum += synapses;
                expect(found?.value ? evaluate(found.value, whole) : 0, name).toBe(Math.round(synapses));
                if (found) expect([found.kind, found.autapses, found.multapses], name).toEqual(["total", true, true]);
            }
        }
        expect(Math.round(sum)).toBe(298_880_969);
    });

    test("weights of 87.81 pA, −4 times that of inhibition and twice from 4E to 23E, 10 % apart; delays of 1.5 and 0.75 ms, 50 % apart", async () => {
        const scale = 0.004;
        using net = await make(NETWORK_DEVICES[0], "microcircuit", "microcircuit", { seed: 2, parameters: { scale } });
        const erf = (x: number) => {
            let [term, sum] = [x, x];
            for (let k = 1; k < 80; k++) {
                term *= (-x * x) / k;
                sum += term / (2 * k + 1);
            }
            return (2 / Math.sqrt(Math.PI)) * sum;
        };
        // A normal distribution that is cut at `least` has so much of it there, and the rest above it.
        const cutMean = (mean: number, deviation: number, least: number) => {
            const z = (least - mean) / deviation;
            const below = 0.5 * (1 + erf(z / Math.SQRT2));
            return least * below + mean * (1 - below) + (deviation * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI);
        };
        for (const [name, times, delay] of [
            ["l23e->l23e.i", 1, 1.5],
            ["l4e->l23e.i", 2, 1.5],
            ["l4i->l4e.i", -4, 0.75],
        ] as const) {
            const weights = Float64Array.from((await net.weights(name).read()) as Float32Array);
            const mean = weights.reduce((a, b) => a + b, 0) / weights.length;
            const deviation = Math.sqrt(weights.reduce((sum, w) => sum + (w - mean) ** 2, 0) / weights.length);
            // Within five deviations of a mean and of a deviation of so many draws.
            const wanted = (87.81 * times) / Math.sqrt(scale);
            const n = weights.length;
            expect(n).toBeGreaterThan(200);
            expect(Math.abs(mean / wanted - 1), name).toBeLessThan((5 * 0.1) / Math.sqrt(n));
            expect(Math.abs(deviation / Math.abs(wanted) / 0.1 - 1), name).toBeLessThan(5 / Math.sqrt(2 * n));
            const delays = Float64Array.from((await net.state(`${name}.delays`).read()) as Int32Array, Number);
            const late = (0.1 * delays.reduce((a, b) => a + b, 0)) / delays.length;
            expect(Math.abs(late - cutMean(delay, delay / 2, 0.1)), name).toBeLessThan((5 * delay) / 2 / Math.sqrt(n));
        }
    });
});

describe.each(NETWORK_DEVICES)("on %s", (device) => {
    test("N. Brunel, 2000: 10 Hz from outside reach the threshold without the network, at any size", async () => {
        using net = await make(device, "brunel", "brunel", { parameters: { n: 20, eta: 1, g: 5 } });
        expect(net.get("exc.rate")).toBeCloseTo(0.01, 12);
        expect(net.get("exc.external") * net.get("exc.j") * net.get("exc.tau") * 0.01).toBeCloseTo(20, 9);
    });

    test("CUBA (R. Brette and others, 2007): neurons without synapses fire each 5 ms + 20 ms · ln((−49 + 60) / (−49 + 50))", async () => {
        using net = await make(device, "cuba", "cuba_network", { parameters: { n: 100 } });
        for (const connection of ["exc->exc.g_e", "exc->inh.g_e", "inh->exc.g_i", "inh->inh.g_i"])
            net.set(`${connection}.weight`, 0);
        await net.state("exc.v").write(new Float32Array(80).fill(-60));
        await net.step(1200);
        const period = Math.ceil((5 + 20 * Math.log(11)) / 0.1);
        const { steps, neurons } = net.spikes("exc");
        const own = [...steps].filter((_, at) => neurons[at] === 3);
        expect(own).toHaveLength(2);
        expect((own[1] as number) - (own[0] as number)).toBe(period);
    });
});

test.each([
    ["cuba", "cuba_network", { n: 400 }, 600],
    ["coba", "coba_network", { n: 400 }, 600],
    ["brunel", "brunel", { n: 50 }, 600],
    ["izhikevich", "thousand", {}, 100],
    ["microcircuit", "microcircuit", { scale: 0.003 }, 300],
] as const)("the same seed gives the same spikes on every device: %s", async (file, name, parameters, steps) => {
    const run = async (device: string) => {
        using net = await make(device, file, name, { seed: 4, parameters });
        // COBA begins at rest; this much current makes it fire.
        if (file === "coba") await net.state("exc.i_ext").write(new Float32Array(320).fill(500));
        await net.step(steps);
        const populations = net.definition.manifest.parts.filter((part) => part.kind === "population");
        return populations.map((population) => net.spikes(population.name));
    };
    const [one, other] = [await run(NETWORK_DEVICES[0]), await run(NETWORK_DEVICES[1])];
    expect(one.reduce((sum, spikes) => sum + spikes.steps.length, 0)).toBeGreaterThan(50);
    expect(other).toEqual(one);
});
