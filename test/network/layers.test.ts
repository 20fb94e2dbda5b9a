// Networks of layers on the device, against sums in double precision.

import { describe, expect, test } from "vitest";
import { philoxWords } from "../../codeobject/philox.js";
import type { NetworkDefinition } from "../../runtime/index.js";
import { testGpu } from "../run/harness.js";
import { digitsOf, distance, NETWORK_DEVICES, PIXELS, product, softmax } from "./reference.js";

/** DESIGN's seed program, as it stands there. */
const SEED = `network testNetwork {
    layer input(784, activation: identity)
    layer hidden(256, activation: relu)
    layer output(10, activation: softmax)

    connect input -> hidden (weight: random(-0.5, 0.5))
    connect hidden -> output (weight: random(-0.5, 0.5))

    plasticity hebbian(learning_rate: 0.001)
}
`;

async function load(source: string, device: string) {
    const gpu = await testGpu(device);
    const module = await gpu.load<Record<string, NetworkDefinition>>({ source, path: "test.soma" });
    return { gpu, module };
}

describe.each(NETWORK_DEVICES)("on %s", (device) => {
    test("testNetwork: the forward pass over digits, and Hebb's rule", async () => {
        const { gpu, module } = await load(SEED, device);
        using net = gpu.network(module.testNetwork as NetworkDefinition, { seed: 7 });
        const { images } = await digitsOf(1);
        const [first, second] = ["input->hidden", "hidden->output"].map((name) => net.weights(name));
        const w1 = (await first?.read()) as Float32Array;
        const w2 = (await second?.read()) as Float32Array;
        expect([first?.shape, second?.shape]).toEqual([
            [1, 784, 256],
            [1, 256, 10],
        ]);
        // Uniform in [−½, ½): the mean of n such numbers has the deviation 1 / √(12 n).
        const mean = w1.reduce((a, b) => a + b, 0) / w1.length;
        expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(12 * w1.length));
        expect(Math.min(...w1.slice(0, 9999))).toBeLessThan(-0.49);
        expect(w1.every((w) => w >= -0.5 && w < 0.5)).toBe(true);

        const output = await (await net.forward(images)).read();
        const hidden = product(images, w1, PIXELS, 256).map((sum) => Math.max(sum, 0));
        const expected = softmax(product(hidden, w2, 256, 10), 10);
        expect(distance(output, expected)).toBeLessThan(5e-5);
        for (let s = 0; s < 10; s++) {
            const sum = output.slice(s * 10, s * 10 + 10).reduce((a, b) => a + b, 0);
            expect(Math.abs(sum - 1)).toBeLessThan(1e-6);
        }

        await net.train(images);
        const learnt = [(await first?.read()) as Float32Array, (await second?.read()) as Float32Array];
        const hebb = (w: Float32Array, x: ArrayLike<number>, y: ArrayLike<number>, pre: number, post: number) => {
            const next = Float64Array.from(w);
            for (let s = 0; s < 10; s++) {
                for (let i = 0; i < pre; i++) {
                    for (let j = 0; j < post; j++) {
                        const dw = 0.001 * (x[s * pre + i] as number) * (y[s * post + j] as number);
                        next[i * post + j] = (next[i * post + j] as number) + dw;
                    }
                }
            }
            return next;
        };
        expect(distance(learnt[0] as Float32Array, hebb(w1, images, hidden, PIXELS, 256))).toBeLessThan(1e-5);
        expect(distance(learnt[1] as Float32Array, hebb(w2, hidden, expected, 256, 10))).toBeLessThan(1e-5);
    });

    test("a batch has weights of its own, and parameters of its own", async () => {
        const { gpu, module } = await load(SEED, device);
        using net = gpu.network(module.testNetwork as NetworkDefinition, {
            batch: 2,
            parameters: { "hebbian.learning_rate": [0, 0.5] },
        });
        const { images } = await digitsOf(1);
        const before = (await net.weights("hidden->output").read()) as Float32Array;
        await net.train(images.subarray(0, PIXELS));
        const after = (await net.weights("hidden->output").read()) as Float32Array;
        expect(after.slice(0, 2560)).toEqual(before.slice(0, 2560));
        expect(after.slice(2560)).not.toEqual(before.slice(2560));
        net.set("hebbian.learning_rate", 0);
        await net.train(images.subarray(0, PIXELS));
        expect(await net.weights("hidden->output").read()).toEqual(after);
    });

    test("Oja's rule finds the first principal component, of length 1", async () => {
        const { gpu, module } = await load(
            `network component {
                layer x(2, activation: identity)
                layer y(1, activation: identity)
                connect x -> y (weight: 0.3)
                plasticity oja(learning_rate: 0.02)
            }`,
            device,
        );
        using net = gpu.network(module.component as NetworkDefinition);
        // Points (3 a, a) with noise across: the component lies along (3, 1) / √10.
        const word = philoxWords(5n);
        const uniform = () => word() / 2 ** 32 - 0.5;
        for (let round = 0; round < 400; round++) {
            const [along, across] = [2 * uniform(), 0.1 * uniform()];
            await net.train([3 * along - across, along + 3 * across]);
        }
        const [a = 0, b = 0] = (await net.weights("x->y").read()) as Float32Array;
        expect(Math.hypot(a, b)).toBeCloseTo(1, 1);
        expect(Math.abs(a * 3 + b) / Math.sqrt(10)).toBeCloseTo(1, 1);
    });

    test("the perceptron learns AND with the delta rule", async () => {
        const { gpu, module } = await load(
            `network perceptron {
                layer x(3, activation: identity)
                layer y(1, activation: step)
                connect x -> y (weight: 0.0)
                plasticity delta(learning_rate: 1.0)
            }`,
            device,
        );
        using net = gpu.network(module.perceptron as NetworkDefinition);
        const inputs = [0, 0, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1];
        const target = [0, 0, 0, 1];
        for (let epoch = 0; epoch < 10; epoch++) {
            for (let s = 0; s < 4; s++) {
                await net.train(inputs.slice(3 * s, 3 * s + 3), { target: [target[s] as number] });
            }
        }
        expect([...(await (await net.forward(inputs)).read())]).toEqual(target);
    });

    test("BCM: the threshold follows the mean of y² and the weights follow from it", async () => {
        const { gpu, module } = await load(
            `network one {
                layer x(1, activation: identity)
                layer y(1, activation: identity)
                connect x -> y (weight: 0.5)
                plasticity bcm(learning_rate: 0.1, memory: 4.0)
            }`,
            device,
        );
        using net = gpu.network(module.one as NetworkDefinition);
        let [w, theta] = [0.5, 0];
        for (let round = 0; round < 20; round++) {
            await net.train([1]);
            const y = w;
            w += 0.1 * y * (y - theta);
            theta += (y * y - theta) / 4;
        }
        expect(((await net.weights("x->y").read()) as Float32Array)[0]).toBeCloseTo(w, 5);
        expect(((await net.state("x->y.theta").read()) as Float32Array)[0]).toBeCloseTo(theta, 5);
    });
});

test("activations are those of std.activation, the bias is added", async () => {
    const names = ["sigmoid", "tanh", "gelu", "leaky_relu(0.1)", "softplus", "silu"];
    const source = names
        .map(
            (name, at) => `network n${at} {
                layer x(3, activation: identity)
                layer y(3, activation: ${name}, bias: 0.25)
                connect x -> y (weight: if i == j { 1.0 } else { 0.0 })
            }`,
        )
        .join("\n");
    const { gpu, module } = await load(source, NETWORK_DEVICES[0]);
    const x = [-1.5, 0.25, 2];
    const erf = (z: number) => {
        let [sum, term] = [0, z];
        for (let k = 0; k < 60; k++) {
            sum += term / (2 * k + 1);
            term *= -(z * z) / (k + 1);
        }
        return (2 / Math.sqrt(Math.PI)) * sum;
    };
    const expected: ((v: number) => number)[] = [
        (v) => 1 / (1 + Math.exp(-v)),
        Math.tanh,
        (v) => 0.5 * v * (1 + erf(v / Math.SQRT2)),
        (v) => (v < 0 ? 0.1 * v : v),
        (v) => Math.log1p(Math.exp(v)),
        (v) => v / (1 + Math.exp(-v)),
    ];
    for (const [at, activation] of expected.entries()) {
        using net = gpu.network(module[`n${at}`] as NetworkDefinition);
        const y = await (await net.forward(x)).read();
        expect(
            distance(
                y,
                x.map((value) => activation(value + 0.25)),
            ),
        ).toBeLessThan(2e-6);
    }
});

describe("mistakes", () => {
    test("of shapes, names and values are errors that say what is wanted", async () => {
        const { gpu, module } = await load(SEED, NETWORK_DEVICES[0]);
        const definition = module.testNetwork as NetworkDefinition;
        using net = gpu.network(definition);
        await expect(net.forward([1, 2, 3])).rejects.toThrow("3 numbers, which is no whole number of samples of 784");
        await expect(net.train(new Float32Array(784), { target: [1] })).rejects.toThrow("no rule of it names a target");
        expect(() => net.weights("input->outptu")).toThrow("no connection input->outptu");
        expect(() => net.set("hebbian.learning_rat", 1)).toThrow("did you mean hebbian.learning_rate");
        expect(() => gpu.network(definition, { dt: 1 })).toThrow("no time");
        expect(() => gpu.network(definition, { seed: -1 })).toThrow("a seed is an integer");
        expect(() => gpu.network(definition, { batch: 0 })).toThrow("batch is a number of instances");
    });

    test("a network beyond the device's memory is refused before it is made, with sizes", async () => {
        const { gpu, module } = await load(
            "network huge(n: index = 400000) {\n layer a(n, activation: identity)\n layer b(n, activation: relu)\n connect a -> b (weight: 0.1)\n}",
            NETWORK_DEVICES[0],
        );
        expect(() => gpu.network(module.huge as NetworkDefinition)).toThrow(
            /takes 596\.\d GiB .* a->b.weights \[1, 400000, 400000\]/,
        );
        using small = gpu.network(module.huge as NetworkDefinition, { parameters: { n: 3 } });
        expect(small.weights("a->b").shape).toEqual([1, 3, 3]);
    });
});
