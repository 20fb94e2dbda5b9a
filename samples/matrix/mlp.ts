// A perceptron learns handwritten digits on matrix cores, forward and backward, and classifies digits that it has not seen: in
// half precision, and then with weights and activations in integers of 8 bits.

import type { Gpu, Tensor } from "soma-lang/runtime";
import { runIfStarted } from "../common/main.js";
import { DIGIT_SIZE } from "../common/mnist.js";
import { randomFloats } from "../common/random.js";
import { loadSample } from "../common/sample.js";
import { accuracy, type Labelled, split } from "../neuromorphic/digits.js";

const PIXELS = DIGIT_SIZE ** 2;
const CLASSES = 10;
const BATCH = 32;
/** Of the rate, from one time through the digits to the next. */
const DECAY = 0.6;

type Kernels =
    | "hidden"
    | "classify"
    | "output_error"
    | "hidden_error"
    | "learn"
    | "learn_bias"
    | "quantise"
    | "transpose"
    | "layer_i8"
    | "hidden_i8";

/** Weights [inputs, outputs] in both precisions, how they move, and what is added. */
class Layer {
    readonly w: Tensor<"f32">;
    readonly half: Tensor<"f16">;
    readonly v: Tensor<"f32">;
    readonly b: Tensor<"f32">;

    /** Uniform weights whose variance keeps that of what comes in (X. Glorot, Y. Bengio, 2010). */
    constructor(gpu: Gpu, inputs: number, outputs: number, seed: number) {
        const limit = Math.sqrt(6 / (inputs + outputs));
        const values = randomFloats(inputs * outputs, seed).map((value) => value * limit);
        this.w = gpu.tensor("f32", [inputs, outputs], values);
        this.half = gpu.tensor("f16", [inputs, outputs], values);
        this.v = gpu.tensor("f32", [inputs, outputs]);
        this.b = gpu.tensor("f32", [outputs]);
    }

    [Symbol.dispose](): void {
        for (const tensor of [this.w, this.half, this.v, this.b]) tensor.dispose();
    }
}

export interface MlpOptions {
    readonly learn?: number;
    readonly test?: number;
    readonly epochs?: number;
    readonly width?: number;
    readonly rate?: number;
    readonly seed?: number;
    readonly onEpoch?: (epoch: number, accuracy: number) => void;
}

/** Accuracies on digits that were not learnt: of the net, and of it in 8 bits. */
export async function run(gpu: Gpu, options: MlpOptions = {}) {
    const { learn = 9000, test = 1000, epochs = 5, width = 64, rate = 0.05, seed = 1, onEpoch } = options;
    const { kernels } = await loadSample<Kernels>(gpu, "mlp", "matrix");
    const [known, held] = await split(seed, learn, test);
    using first = new Layer(gpu, PIXELS, width, 2);
    using second = new Layer(gpu, width, CLASSES, 3);
    using images = gpu.tensor("f16", [learn, PIXELS], known.images);
    using labels = gpu.tensor("u8", [learn], known.labels);
    using h = gpu.tensor("f16", [BATCH, width]);
    using dh = gpu.tensor("f16", [BATCH, width]);
    using d = gpu.tensor("f16", [BATCH, CLASSES]);
    using p = gpu.tensor("f32", [BATCH, CLASSES]);
    const accuracies: number[] = [];
    for (let epoch = 0; epoch < epochs; epoch++) {
        const step = { rate: (rate * DECAY ** epoch) / BATCH, momentum: 0.9 };
        for (let start = 0; start + BATCH <= learn; start += BATCH) {
            const x = images.slice([start, start + BATCH], null);
            kernels.hidden.enqueue({ x, w: first.half, b: first.b, h });
            kernels.classify.enqueue({ h, w: second.half, b: second.b, p });
            kernels.output_error.enqueue({ p, labels: labels.slice([start, start + BATCH]), d });
            kernels.hidden_error.enqueue({ d, w: second.half, h, dh });
            for (const [layer, from, error] of [
                [second, h, d],
                [first, x, dh],
            ] as const) {
                kernels.learn.enqueue({ x: from, d: error, v: layer.v, w: layer.w, w_half: layer.half, ...step });
                kernels.learn_bias.enqueue({ d: error, b: layer.b, rate: step.rate });
            }
        }
        accuracies.push(accuracy(await classified(gpu, kernels, [first, second], held), held.labels));
        onEpoch?.(epoch + 1, accuracies[epoch] as number);
    }
    const quantised = await classifiedInEightBits(gpu, kernels, [first, second], held);
    return { accuracies, inEightBits: accuracy(quantised, held.labels) };
}

type Loaded = Awaited<ReturnType<typeof loadSample<Kernels>>>["kernels"];

async function classified(gpu: Gpu, kernels: Loaded, [first, second]: readonly [Layer, Layer], digits: Labelled) {
    const m = digits.labels.length;
    using x = gpu.tensor("f16", [m, PIXELS], digits.images);
    using h = gpu.tensor("f16", [m, first.b.shape[0] as number]);
    using p = gpu.tensor("f32", [m, CLASSES]);
    await kernels.hidden({ x, w: first.half, b: first.b, h });
    await kernels.classify({ h, w: second.half, b: second.b, p });
    return await p.read();
}

async function classifiedInEightBits(gpu: Gpu, kernels: Loaded, layers: readonly [Layer, Layer], digits: Labelled) {
    using x = gpu.tensor("f32", [digits.labels.length, PIXELS], digits.images);
    using h = await inEightBits(gpu, kernels, "hidden_i8", layers[0], x);
    using y = await inEightBits(gpu, kernels, "layer_i8", layers[1], h);
    return await y.read();
}

/** Weights get a scale for each output, activations one for each digit; products are of integers. */
async function inEightBits(
    gpu: Gpu,
    kernels: Loaded,
    kernel: "hidden_i8" | "layer_i8",
    { w, b }: Layer,
    x: Tensor<"f32">,
): Promise<Tensor<"f32">> {
    const [k, n] = w.shape as [number, number];
    const m = x.shape[0] as number;
    using turned = gpu.tensor("f32", [n, k]);
    await kernels.transpose({ x: w, y: turned });
    using inputs = gpu.tensor("i8", [m, k]);
    using x_scale = gpu.tensor("f32", [m]);
    await kernels.quantise({ x, q: inputs, scale: x_scale });
    using weights = gpu.tensor("i8", [n, k]);
    using w_scale = gpu.tensor("f32", [n]);
    await kernels.quantise({ x: turned, q: weights, scale: w_scale });
    const y = gpu.tensor("f32", [m, n]);
    await kernels[kernel]({ x: inputs, x_scale, w: weights, w_scale, b, y });
    return y;
}

await runIfStarted(import.meta.url, async (gpu) => {
    const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
    const { inEightBits } = await run(gpu, {
        onEpoch: (epoch, part) => console.log(`after ${epoch} times 9000 digits: ${percent(part)} of 1000 others`),
    });
    console.log(`the same net in integers of 8 bits: ${percent(inEightBits)}`);
});
