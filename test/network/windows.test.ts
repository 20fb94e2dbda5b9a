// Convolution and pooling, between layers and between populations, against sums in double precision.

import { describe, expect, test } from "vitest";
import { philoxWords } from "../../codeobject/philox.js";
import type { NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { distance, NETWORK_DEVICES } from "./reference.js";

const SOURCE = `
network vision {
    layer image(2, 7, 6, activation: identity)
    layer maps(3, 4, 3, activation: relu)
    layer top(3, 2, 1, activation: identity)
    layer mean(3, 2, 1, activation: identity)
    connect image -> maps (window: 3, stride: 2, padding: 1, weight: random(-0.5, 0.5))
    connect maps -> top (pool: max, window: 2)
    connect maps -> mean (pool: mean, window: 2)
    plasticity hebbian(learning_rate: 0.1)
}

network sized(n: index = 4) {
    layer a(1, n, n, activation: identity)
    layer b(1, 2, 2, activation: identity)
    connect a -> b (pool: mean, window: 2)
}

neuron relay {
    param go: f32 = 0.0
    spike when go > 0.0 {}
}

neuron store {
    port i: f32
    state v: f32 = 0.0
    spike when v > 1000000.0 {}
}

network retina(dt: time = 1 ms) {
    population pixels(1, 5, 5, neuron: relay())
    population maps(2, 3, 3, neuron: store())
    population pooled(1, 2, 2, neuron: store())
    connect pixels -> maps.v (window: 3, weight: random(-1.0, 1.0))
    connect pixels -> pooled.v (pool: sum, window: 2, weight: 0.5)
}
`;

async function load(device: string) {
    const gpu = await testGpu(device);
    const { networks } = await gpu.load({ source: SOURCE, path: "windows.soma" });
    return { gpu, networks };
}

/** Cross-correlation over [channels, rows, columns] with filters [channels·k·k, maps]. */
function correlate(
    x: ArrayLike<number>,
    [channels, rows, columns]: readonly [number, number, number],
    w: ArrayLike<number>,
    [maps, high, wide]: readonly [number, number, number],
    k: number,
    stride: number,
    padding: number,
): Float64Array {
    const y = new Float64Array(maps * high * wide);
    for (let o = 0; o < maps; o++)
        for (let r = 0; r < high; r++)
            for (let c = 0; c < wide; c++)
                for (let i = 0; i < channels; i++)
                    for (let ky = 0; ky < k; ky++)
                        for (let kx = 0; kx < k; kx++) {
                            const [row, column] = [r * stride + ky - padding, c * stride + kx - padding];
                            if (row < 0 || row >= rows || column < 0 || column >= columns) continue;
                            const at = (o * high + r) * wide + c;
                            const value = x[(i * rows + row) * columns + column] as number;
                            y[at] = (y[at] as number) + value * (w[((i * k + ky) * k + kx) * maps + o] as number);
                        }
    return y;
}

describe.each(NETWORK_DEVICES)("on %s", (device) => {
    test("layers: a convolution with stride and padding, and pooling by maximum and mean", async () => {
        const { gpu, networks } = await load(device);
        using net = gpu.network(networks.vision as NetworkDefinition, { seed: 3 });
        const word = philoxWords(1n);
        const image = Float32Array.from({ length: 84 }, () => word() / 2 ** 32 - 0.5);
        const filters = net.weights("image->maps");
        expect(filters.shape).toEqual([1, 18, 3]);
        const w = (await filters.read()) as Float32Array;
        await net.forward(image);
        const maps = correlate(image, [2, 7, 6], w, [3, 4, 3], 3, 2, 1).map((sum) => Math.max(sum, 0));
        expect(distance((await net.state("maps.activity").read()) as Float32Array, maps)).toBeLessThan(1e-5);
        const windows = Array.from({ length: 6 }, (_, at) => {
            const [channel, row] = [Math.floor(at / 2), at % 2];
            return [0, 1].flatMap((r) => [0, 1].map((c) => maps[(channel * 4 + 2 * row + r) * 3 + c] as number));
        });
        const [top, mean] = [
            windows.map((each) => Math.max(...each)),
            windows.map((each) => each.reduce((a, b) => a + b) / 4),
        ];
        expect(distance((await net.state("top.activity").read()) as Float32Array, top)).toBeLessThan(1e-5);
        expect(distance((await net.state("mean.activity").read()) as Float32Array, mean)).toBeLessThan(1e-5);

        // Hebb's rule, at each place that a filter comes to.
        await net.train(image);
        const learnt = Float64Array.from(w);
        for (let at = 0; at < 54; at++) {
            const one = new Float64Array(54);
            one[at] = 1;
            // What the weight sees before, place by place: the map of a filter that has it alone.
            const seen = correlate(image, [2, 7, 6], one, [3, 4, 3], 3, 2, 1);
            seen.forEach((pre, place) => {
                learnt[at] = (learnt[at] as number) + 0.1 * pre * (maps[place] as number);
            });
        }
        expect(distance((await filters.read()) as Float32Array, learnt)).toBeLessThan(1e-5);
    });

    test("populations: filters whose weights are shared, and sums over windows", async () => {
        const { gpu, networks } = await load(device);
        using net = gpu.network(networks.retina as NetworkDefinition, { seed: 9 });
        expect(net.synapses).toEqual({ "pixels->maps.v": 2 * 81, "pixels->pooled.v": 16 });
        const weights = (await net.weights("pixels->maps.v").read()) as Float32Array;
        expect(new Set(weights).size).toBe(18);
        const image = Float32Array.from({ length: 25 }, (_, at) => ((at * 7) % 3 === 0 ? 1 : 0));
        await net.state("pixels.go").write(image);
        await net.step(2);
        const response = (await net.state("maps.v").read()) as Float32Array;
        // Each filter by what it answers to single pixels: pixel (ky, kx) is at the first place of the map.
        const filters = new Float64Array(18);
        for (let at = 0; at < 9; at++) {
            using one = gpu.network(networks.retina as NetworkDefinition, { seed: 9 });
            const pixel = new Float32Array(25);
            pixel[Math.floor(at / 3) * 5 + (at % 3)] = 1;
            await one.state("pixels.go").write(pixel);
            await one.step(2);
            const v = (await one.state("maps.v").read()) as Float32Array;
            for (let map = 0; map < 2; map++) filters[at * 2 + map] = v[map * 9] as number;
        }
        expect(distance(response, correlate(image, [1, 5, 5], filters, [2, 3, 3], 3, 1, 0))).toBeLessThan(1e-5);
        const sums = [0, 2, 10, 12].map(
            (at) => 0.5 * [at, at + 1, at + 5, at + 6].reduce((sum, each) => sum + (image[each] as number), 0),
        );
        expect([...((await net.state("pooled.v").read()) as Float32Array)]).toEqual(sums);
    });
});

test("extents that don't fit are refused, when they are known", async () => {
    const { gpu, networks } = await load(NETWORK_DEVICES[0]);
    expect(() => gpu.network(networks.sized as NetworkDefinition, { parameters: { n: 5 } }).dispose()).not.toThrow();
    expect(() => gpu.network(networks.sized as NetworkDefinition, { parameters: { n: 7 } })).toThrow(
        "a window of 2 by steps of 2 with padding 0 makes 3 rows of 7, not 2,",
    );
});
