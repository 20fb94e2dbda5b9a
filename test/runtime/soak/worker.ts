// One thread of the soak: loads, allocates, launches, captures and trims at random until it is told to stop, and checks every result.
// When it is told to pause, it gives back what it has.

import { parentPort, workerData } from "node:worker_threads";
import { type Gpu, type Kernel, keepCompiled, open, type Tensor } from "../../../runtime/index.js";
import { randomNumbers } from "../faults/sequences.js";
import { collectGarbage } from "./settled.js";

/** How many variants of the module there are, and how many of them a thread keeps. */
const VARIANTS = 24;
const KEPT = 6;
const MOST_TENSORS = 24;

const SOURCE = `
const FACTOR: f32 = 1.0
kernel scale(x: f32[n], y: mut f32[n]) over i in n { y[i] = FACTOR * x[i] }
`;

export interface SoakCounts {
    rounds: number;
    loads: number;
    launches: number;
    trims: number;
}

export type ToThread = "pause" | "go" | "stop";

/** The answer to `pause` and `stop`. */
export interface FromThread {
    readonly counts: SoakCounts;
}

const { seed } = workerData as { readonly seed: number };
const random = randomNumbers(seed);
const counts: SoakCounts = { rounds: 0, loads: 0, launches: 0, trims: 0 };
let told = "go" as ToThread;
let heard: (() => void) | undefined;
parentPort?.on("message", (message: ToThread) => {
    told = message;
    heard?.();
});
const answer = (): void => parentPort?.postMessage({ counts } satisfies FromThread);

async function round(gpu: Gpu, tensors: { tensor: Tensor<"f32">; value: number }[]): Promise<void> {
    const factor = 1 + Math.floor(random() * VARIANTS);
    using module = await gpu.load({ source: SOURCE, path: "soak.soma" }, { const: { FACTOR: factor } });
    counts.loads++;
    const scale = module.kernels.scale as Kernel;
    for (let step = 0; step < 20; step++) {
        const size = 2 ** Math.floor(random() * 16);
        const value = Math.floor(random() * 100);
        const x = gpu.tensor("f32", [size], new Float32Array(size).fill(value));
        const y = gpu.tensor("f32", [size], undefined, { memory: random() < 0.2 ? "host" : "device" });
        if (random() < 0.5) await scale({ x, y });
        else scale.enqueue({ x, y });
        counts.launches++;
        x.dispose();
        tensors.push({ tensor: y, value: factor * value });
        while (tensors.length > MOST_TENSORS) {
            const [oldest] = tensors.splice(Math.floor(random() * tensors.length), 1);
            if (oldest === undefined) break;
            const found = await oldest.tensor.read();
            if (found.some((each) => each !== oldest.value)) {
                throw new Error(`expected ${oldest.value}, found ${found.find((each) => each !== oldest.value)}`);
            }
            oldest.tensor.dispose();
        }
    }
    if (random() < 0.3) {
        using x = gpu.tensor("f32", [64], new Float32Array(64).fill(1));
        using y = gpu.tensor("f32", [64]);
        using graph = await gpu.capture({ x, y }, () => {
            scale.enqueue({ x, y });
            scale.enqueue({ x: y, y: x });
        });
        await graph.replay();
        if ((await x.read())[0] !== factor * factor) throw new Error("a replay gave a wrong result");
    }
    if (random() < 0.2) {
        gpu.trim();
        counts.trims++;
    }
    counts.rounds++;
}

keepCompiled(KEPT);

/** Devices come and go as well. */
async function soak(): Promise<void> {
    using gpu = await open("vgpu:gfx1100", { memory: { pool: true, limit: 256 << 20 } });
    const tensors: { tensor: Tensor<"f32">; value: number }[] = [];
    for (let each = 0; each < 50 && told === "go"; each++) await round(gpu, tensors);
}

while (told !== "stop") {
    if (told === "go") {
        await soak();
        continue;
    }
    // What a device had is given back after its streams have ended, and what JavaScript had of it after that.
    await new Promise((resolve) => setTimeout(resolve, 100));
    collectGarbage();
    const next = new Promise<void>((resolve) => {
        heard = resolve;
    });
    answer();
    await next;
}
answer();
parentPort?.close();
