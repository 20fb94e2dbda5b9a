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
interface Layer {
    readonly w: Tensor<"f32">;
    readonly half: Tensor<"f16">;
    readonly v: Tensor<"f32">;
    readonly b: Tensor<"f32">;
}

/** Uniform weights whose variance keeps that of what comes in (X. Glorot, Y. Bengio, 2010). */
function makeLayer(gpu: Gpu, inputs: number, outputs: number, seed: number): Layer {
    const limit = Math.sqrt(6 / (inputs + outputs));
    const values = randomFloats(inputs * outputs, seed).map((value) => value * limit);
    return {
        w: gpu.tensor("f32", [inputs, outputs], values),
        half: gpu.tensor("f16", [inputs, outputs], values),
        v: gpu.tensor("f32", [inputs, outputs]),
        b: gpu.tensor("f32", [outputs]),
    };
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
    const [first, second] = [makeLayer(gpu, PIXELS, width, 2), makeLayer(gpu, width, CLASSES, 3)];
    const images = gpu.tensor("f16", [learn, PIXELS], known.images);
    const labels = gpu.tensor("u8", [learn], known.labels);
    const part = (shape: readonly number[]) => gpu.tensor("f16", shape);
    const [h, dh, d] = [part([BATCH, width]), part([BATCH, width]), part([BATCH, CLASSES])];
    const p = gpu.tensor("f32", [BATCH, CLASSES]);
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
    const inEightBits = accuracy(await classifiedInEightBits(gpu, kernels, [first, second], held), held.labels);
    return { accuracies, inEightBits };
}

type Loaded = Awaited<ReturnType<typeof loadSample<Kernels>>>["kernels"];

async function classified(gpu: Gpu, kernels: Loaded, [first, second]: readonly [Layer, Layer], digits: Labelled) {
    const m = digits.labels.length;
    const x = gpu.tensor("f16", [m, PIXELS], digits.images);
    const h = gpu.tensor("f16", [m, first.b.shape[0] as number]);
    const p = gpu.tensor("f32", [m, CLASSES]);
    await kernels.hidden({ x, w: first.half, b: first.b, h });
    await kernels.classify({ h, w: second.half, b: second.b, p });
    return p.read();
}

/** Weights get a scale for each output, activations one for each digit; products are of integers. */
async function classifiedInEightBits(gpu: Gpu, kernels: Loaded, layers: readonly [Layer, Layer], digits: Labelled) {
    const m = digits.labels.length;
    let x = gpu.tensor("f32", [m, PIXELS], digits.images);
    for (const [at, { w, b }] of layers.entries()) {
        const [k, n] = w.shape as [number, number];
        const turned = gpu.tensor("f32", [n, k]);
        await kernels.transpose({ x: w, y: turned });
        const rows = (count: number) => ({ q: gpu.tensor("i8", [count, k]), scale: gpu.tensor("f32", [count]) });
        const [inputs, weights] = [rows(m), rows(n)];
        await kernels.quantise({ x, ...inputs });
        await kernels.quantise({ x: turned, ...weights });
        const y = gpu.tensor("f32", [m, n]);
        const layer = at === 0 ? kernels.hidden_i8 : kernels.layer_i8;
        await layer({ x: inputs.q, x_scale: inputs.scale, w: weights.q, w_scale: weights.scale, b, y });
        x = y;
    }
    return x.read();
}

await runIfStarted(import.meta.url, async (gpu) => {
    const percent = (part: number) => `${(100 * part).toFixed(1)} %`;
    const { inEightBits } = await run(gpu, {
        onEpoch: (epoch, part) => console.log(`after ${epoch} times 9000 digits: ${percent(part)} of 1000 others`),
    });
    console.log(`the same net in integers of 8 bits: ${percent(inEightBits)}`);
});
