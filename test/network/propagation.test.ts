// Sums of layers as matrix products, against sums in double precision of what the operands are, within the bounds that the specification
// gives; and what a network that asks for more than the target has is told.

import { describe, expect, test } from "vitest";
import type { NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { NETWORK_DEVICES } from "./reference.js";

const [SAMPLES, ONE, OTHER, BEHIND] = [21, 50, 20, 37];

const network = (name: string, propagate: string) => `
network ${name} {
    layer one(${ONE}, activation: identity)
    layer other(${OTHER}, activation: identity)
    layer behind(${BEHIND}, activation: identity, bias: normal(0.0, 1.0))
    connect one -> behind (weight: normal(0.0, 1.0)${propagate})
    connect other -> behind (weight: random(-1.0, 1.0)${propagate})
}`;

const KINDS = {
    chosen: "",
    vector: ", propagate: vector",
    half: ", propagate: matrix(f16)",
    brain: ", propagate: matrix(bf16)",
};
const SOURCE = Object.entries(KINDS)
    .map(([name, propagate]) => network(name, propagate))
    .join("");

/** Numbers in [-1, 1) that repeat at no power of two. */
const numbers = (count: number) => Float32Array.from({ length: count }, (_, i) => ((i * 7919) % 1009) / 504.5 - 1);

/** Sums in double precision, and Σ|xᵢ·wᵢ| with the bias. */
function reference(inputs: readonly { x: Float32Array; w: Float32Array }[], bias: Float32Array, samples: number) {
    const sums = new Float64Array(samples * BEHIND);
    const sizes = new Float64Array(samples * BEHIND);
    for (let s = 0; s < samples; s++) {
        for (let j = 0; j < BEHIND; j++) {
            let [sum, size] = [bias[j] as number, Math.abs(bias[j] as number)];
            for (const { x, w } of inputs) {
                const pre = x.length / samples;
                for (let i = 0; i < pre; i++) {
                    const product = (x[s * pre + i] as number) * (w[i * BEHIND + j] as number);
                    sum += product;
                    size += Math.abs(product);
                }
            }
            sums[s * BEHIND + j] = sum;
            sizes[s * BEHIND + j] = size;
        }
    }
    return { sums, sizes };
}

describe.each(NETWORK_DEVICES)("on %s", (device) => {
    async function run(name: string, samples: number, seed = 3) {
        const gpu = await testGpu(device);
        const { networks } = await gpu.load({ source: SOURCE, path: "propagation.soma" });
        using net = gpu.network(networks[name] as NetworkDefinition, { seed });
        const [one, other] = [numbers(SAMPLES * ONE).subarray(0, samples * ONE), numbers(samples * OTHER)];
        const before = gpu.device.counters()?.matrix ?? 0;
        const output = await (await net.forward({ one, other })).read();
        const matrix = (gpu.device.counters()?.matrix ?? 0) - before;
        const [w, v, bias] = await Promise.all([
            net.weights("one->behind").read(),
            net.weights("other->behind").read(),
            net.state("behind.bias").read(),
        ]);
        const inputs = [
            { x: one, w: w as Float32Array },
            { x: other, w: v as Float32Array },
        ];
        return {
            output,
            matrix,
            ...reference(inputs, bias as Float32Array, samples),
            notes: net.definition.manifest.notes,
        };
    }

    /** The largest error in units of what a sum of 70 terms and a bias may have, with operands within `u` of what they were. */
    const worst = ({ output, sums, sizes }: Awaited<ReturnType<typeof run>>, u: number) =>
        output.reduce((most, y, at) => {
            const bound = (71 * 2 ** -22 + 2 * u + u * u) * (sizes[at] as number);
            return Math.max(most, Math.abs(y - (sums[at] as number)) / bound);
        }, 0);

    const hasF32 = device === "vgpu:gfx942";

    test("many samples are products of tiles, on the matrix cores where they multiply f32", async () => {
        const chosen = await run("chosen", SAMPLES);
        expect(worst(chosen, 0)).toBeLessThan(1);
        expect(chosen.matrix > 0).toBe(hasF32);
        expect(chosen.notes.join("\n")).toMatch(
            hasF32
                ? /behind: sums of 16 samples .* matrix cores \(mfma\.f32\.16x16x4f32\)/
                : /on tiles \(fused multiply-adds\)/,
        );
        const vector = await run("vector", SAMPLES);
        expect(worst(vector, 0)).toBeLessThan(1);
        expect(vector.matrix).toBe(0);
        // Fused multiply-adds on tiles go in the order of the neurons as work-items do.
        if (!hasF32) expect(chosen.output).toEqual(vector.output);
    });

    test("few samples are summed by work-items", async () => {
        const few = await run("chosen", 15);
        expect(few.matrix).toBe(0);
        expect(few.output).toEqual((await run("vector", 15)).output);
    });

    test("operands of 16 bits are rounded to them, and then multiplied without error", async () => {
        for (const [name, u] of [
            ["half", 2 ** -11],
            ["brain", 2 ** -8],
        ] as const) {
            for (const samples of [SAMPLES, 1]) {
                const found = await run(name, samples);
                expect(found.matrix).toBeGreaterThan(0);
                expect(worst(found, u)).toBeLessThan(1);
                expect(worst(found, 0)).toBeGreaterThan(1);
            }
        }
    });

    test("instances of a batch have products of their own", async () => {
        const gpu = await testGpu(device);
        const { networks } = await gpu.load({ source: SOURCE, path: "propagation.soma" });
        using net = gpu.network(networks.chosen as NetworkDefinition, { seed: 3, batch: 2 });
        const weights = net.weights("one->behind");
        const first = (await weights.read()) as Float32Array;
        await weights.write(first.map((w, at) => (at < ONE * BEHIND ? w : -2 * w)));
        const twice = (list: Float32Array) => Float32Array.of(...list, ...list);
        const zero = new Float32Array(2 * SAMPLES * OTHER);
        const output = await (await net.forward({ one: twice(numbers(SAMPLES * ONE)), other: zero })).read();
        const bias = (await net.state("behind.bias").read()) as Float32Array;
        const half = output.length / 2;
        for (let at = 0; at < half; at++) {
            const [a, b] = [0, 1].map(
                (r) => (output[r * half + at] as number) - (bias[r * BEHIND + (at % BEHIND)] as number),
            );
            expect(Math.abs(-2 * (a as number) - (b as number))).toBeLessThan(1e-4);
        }
    });
});

test("where spikes depend on a sum it keeps its order, unless the source says otherwise", async () => {
    const gpu = await testGpu("vgpu:gfx942");
    const source = (propagate: string) => `network driven {
        layer image(64, activation: identity)
        layer features(32, activation: relu)
        stimulus drive(32, poisson: 0 Hz)
        connect image -> features (weight: 0.1${propagate})
        connect features -> drive.rate (one_to_one: true, weight: 60 Hz)
    }`;
    const notes = async (propagate: string) => {
        const { networks } = await gpu.load({ source: source(propagate), path: "driven.soma" });
        return (networks.driven as NetworkDefinition).manifest.notes.join("\n");
    };
    expect(await notes("")).toContain(
        "features: sums by work-items in the order of the neurons, as spikes depend on them",
    );
    expect(await notes(", propagate: matrix")).toContain(
        "features: sums on the matrix cores (mfma.f32.16x16x4f32), as the source says",
    );
});
