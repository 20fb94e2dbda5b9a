// Three paths in one program: an Aura kernel prepares images, a matrix kernel projects them, a network learns from what it gives. The
// projection is written to where the network's input lies: nothing is copied between them.

import type { Gpu, NetworkDefinition } from "soma-lang/runtime";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { runIfStarted } from "../common/main.js";
import { accuracy, type Labelled, split } from "./digits.js";

const FEATURES = 128;

type Arguments = Readonly<Record<string, unknown>>;

export async function run(gpu: Gpu, learn = 1000, test = 500) {
    const module = await gpu.load<{ prepare: Arguments; project: Arguments; reader: NetworkDefinition }>(
        `${packageRoot()}/samples/neuromorphic/three-paths.soma`,
    );
    const [known, held] = await split(1, learn, test);
    // Random directions from an own generator, scaled so that features are about as large as pixels.
    let state = 1;
    const uniform = () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32 - 0.5;
    };
    using directions = gpu.tensor(
        "f16",
        [784, FEATURES],
        Float32Array.from({ length: 784 * FEATURES }, () => 0.25 * uniform()),
    );
    using net = gpu.network(module.reader, { seed: 1 });
    let launches = 0;
    /** The features of images, as the network's input. */
    const feed = async ({ images, labels }: Labelled, from: number, count: number): Promise<void> => {
        const pixels = Uint8Array.from(images.subarray(from * 784, (from + count) * 784), (each) =>
            Math.round(each * 255),
        );
        using bytes = gpu.tensor("u8", [labels.length > 0 ? count : 0, 784], pixels);
        using prepared = gpu.tensor("f16", [count, 784]);
        const features = net.input("features", count).reshape(count, FEATURES);
        await module.prepare({ images: bytes, out: prepared });
        await module.project({ images: prepared, directions, features });
        launches += 2;
    };
    const group = 20;
    for (let first = 0; first < learn; first += group) {
        await feed(known, first, group);
        const target = new Float32Array(group * 10);
        for (let s = 0; s < group; s++) target[s * 10 + (known.labels[first + s] as number)] = 1;
        await net.train(undefined, { target });
    }
    await feed(held, 0, test);
    const output = await (await net.forward()).read();
    return { accuracy: accuracy(output, held.labels), launches };
}

await runIfStarted(import.meta.url, async (gpu) => {
    const { accuracy: part } = await run(gpu);
    console.log(`${(100 * part).toFixed(1)} % of 500 digits that it had not seen, after 1000`);
});
