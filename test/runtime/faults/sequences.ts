// Random sequences of calls on a device whose HIP calls fail by chance, beside a model of what memory should hold. A sequence
// fails if something is thrown that is not a SomaError, if what is read is not what the program says, if the device
// can't be used when nothing fails any more, or if memory stays behind.

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { type Gpu, type Kernel, type KernelModule, SomaError, type Tensor } from "../../../runtime/index.js";
import type { FaultyHip } from "./faulty.js";

export const SOURCE = `
kernel add(a: f32, x: f32[n], y: mut f32[n]) over i in n { y[i] = x[i] + a }
kernel twice(x: mut f32[n]) over i in n { x[i] = 2.0 * x[i] }
kernel refuse(x: mut f32[n]) over i in n { assert(x[i] < 0.0, "refused") }
`;

const ELEMENTS = 64;

interface Modelled {
    readonly tensor: Tensor<"f32">;
    /** The value of all elements; undefined where a failure left it open. */
    value: number | undefined;
}

/** mulberry32: numbers from 0 to 1. */
export function randomNumbers(seed: number): () => number {
    let state = seed >>> 0;
    return () => {
        state = (state + 0x6d2b79f5) >>> 0;
        let z = Math.imul(state ^ (state >>> 15), state | 1);
        z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
        return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
    };
}

export interface Outcome {
    /** Calls of the runtime, and how many of them failed. */
    readonly calls: number;
    readonly failures: number;
}

/**
 * Sequences one after the other, behind which no memory may be left: that is looked at once, since it takes collecting garbage.
 * @param chanceOf of a HIP call to fail, by the sequence's seed; where it is 0 no call may
 * @throws Error that says what is wrong
 */
export async function runSequences(
    hip: FaultyHip,
    image: Uint8Array,
    seeds: readonly number[],
    chanceOf: (seed: number) => number,
): Promise<Outcome> {
    const observer = await hip.open();
    const before = observer.device.memory().free;
    let [calls, failures] = [0, 0];
    for (const seed of seeds) {
        try {
            const outcome = await runSequence(hip, image, seed, chanceOf(seed));
            calls += outcome.calls;
            failures += outcome.failures;
        } catch (error) {
            throw new Error(`the sequence of seed ${seed} went wrong`, { cause: error });
        }
    }
    await expectFreed(observer, before, `the sequences of seeds ${seeds[0]} to ${seeds[seeds.length - 1]}`);
    observer.close();
    return { calls, failures };
}

async function runSequence(hip: FaultyHip, image: Uint8Array, seed: number, chance: number): Promise<Outcome> {
    const gpu = await hip.open();
    const outcome = await play(gpu, hip, image, seed, chance);
    gpu.close();
    if (chance === 0 && outcome.failures > 0) {
        throw new Error(`${outcome.failures} calls failed, though no HIP call did`);
    }
    return outcome;
}

/** The sequence's own objects end with it. */
async function play(gpu: Gpu, hip: FaultyHip, image: Uint8Array, seed: number, chance: number): Promise<Outcome> {
    const sequence = new Sequence(gpu, image, seed);
    if (chance > 0) hip.plan({ function: "*", chance, code: seed % 2 === 0 ? 999 : 2, seed });
    try {
        await sequence.run();
    } finally {
        hip.stop();
    }
    await sequence.expectUsable();
    const { calls, failures } = sequence;
    return { calls, failures };
}

class Sequence implements Outcome {
    calls = 0;
    failures = 0;
    private readonly random: () => number;
    private readonly tensors: Modelled[] = [];
    private module: KernelModule | undefined;

    constructor(
        private readonly gpu: Gpu,
        private readonly image: Uint8Array,
        seed: number,
    ) {
        this.random = randomNumbers(seed);
    }

    async run(): Promise<void> {
        const steps = 5 + Math.floor(this.random() * 15);
        for (let step = 0; step < steps; step++) {
            if (this.random() < 0.75) await this.alone();
            else await this.together();
        }
    }

    /** One call, whose outcome is known before the next. */
    private async alone(): Promise<void> {
        const choice = this.random();
        if (this.tensors.length === 0 || choice < 0.2) return this.create();
        const at = this.pick();
        if (choice < 0.35) return this.write(at);
        if (choice < 0.55) return this.read(at);
        if (choice < 0.62) {
            at.tensor.dispose();
            this.tensors.splice(this.tensors.indexOf(at), 1);
            return;
        }
        if (choice < 0.66) {
            await this.attempt(() => this.gpu.synchronize());
            return;
        }
        const module = await this.load();
        if (module !== undefined) await this.launch(module, at, choice);
    }

    private async launch(module: KernelModule, at: Modelled, choice: number): Promise<void> {
        const { add, twice, refuse } = module.kernels as Record<"add" | "twice" | "refuse", Kernel>;
        const { value } = at;
        if (choice < 0.78) {
            at.value = undefined;
            const ok = await this.attempt(() => twice({ x: at.tensor }));
            if (ok) at.value = value === undefined ? undefined : Math.fround(2 * value);
        } else if (choice < 0.92) {
            const target = this.pick();
            if (target === at) return;
            target.value = undefined;
            const ok = await this.attempt(() => add({ a: 1, x: at.tensor, y: target.tensor }));
            if (ok) target.value = value === undefined ? undefined : Math.fround(value + 1);
        } else {
            let refused = false;
            await this.attempt(async () => {
                await refuse({ x: at.tensor }).catch((error: unknown) => {
                    refused = error instanceof SomaError && error.code === "ERR_SOMA_ASSERT";
                    if (!refused) throw error;
                });
                if (!refused && value !== undefined && value >= 0) throw new Error("the assertion did not fail");
            });
        }
    }

    /** Several calls that nobody awaits in between: if one fails, what they were about is open. */
    private async together(): Promise<void> {
        const module = await this.load();
        if (module === undefined || this.tensors.length === 0) return;
        const { twice } = module.kernels as Record<"twice", Kernel>;
        const { failures } = this;
        const chosen = Array.from({ length: 2 + Math.floor(this.random() * 4) }, () => this.pick());
        const expected = chosen.map((at) => {
            const value = at.value === undefined ? undefined : Math.fround(2 * at.value);
            at.value = value;
            return value;
        });
        const reads: Promise<Float32Array | undefined>[] = [];
        const calls = chosen.map((at) => {
            const launched = this.attempt(() => twice({ x: at.tensor }));
            let contents: Float32Array | undefined;
            reads.push(
                this.attempt(async () => {
                    contents = await at.tensor.read();
                }).then(() => contents),
            );
            return launched;
        });
        await Promise.all(calls);
        const contents = await Promise.all(reads);
        if (this.failures > failures) {
            for (const at of chosen) at.value = undefined;
            return;
        }
        for (const [i, found] of contents.entries()) expectContents(found, expected[i]);
    }

    private async create(): Promise<void> {
        const value = Math.floor(this.random() * 100);
        await this.attempt(async () => {
            const tensor = this.gpu.tensor("f32", [ELEMENTS], new Float32Array(ELEMENTS).fill(value));
            this.tensors.push({ tensor, value });
        });
    }

    private async write(at: Modelled): Promise<void> {
        const value = Math.floor(this.random() * 100);
        at.value = undefined;
        if (await this.attempt(() => at.tensor.write(new Float32Array(ELEMENTS).fill(value)))) at.value = value;
    }

    private async read(at: Modelled): Promise<void> {
        let contents: Float32Array | undefined;
        await this.attempt(async () => {
            contents = await at.tensor.read();
        });
        if (contents !== undefined) expectContents(contents, at.value);
    }

    private async load(): Promise<KernelModule | undefined> {
        if (this.module !== undefined && this.random() < 0.05) {
            this.module.dispose();
            this.module = undefined;
        }
        if (this.module === undefined) {
            await this.attempt(async () => {
                this.module = await this.gpu.load(this.image);
            });
        }
        return this.module;
    }

    /** With nothing failing, everything works, whatever was before. */
    async expectUsable(): Promise<void> {
        const { tensors } = this;
        // What failed before, and nobody awaited, is told to what comes next.
        await this.attempt(() => this.gpu.synchronize());
        for (const at of tensors) {
            await at.tensor.write(new Float32Array(ELEMENTS).fill(3));
            at.value = 3;
        }
        if (tensors.length === 0) {
            tensors.push({ tensor: this.gpu.tensor("f32", [ELEMENTS], new Float32Array(ELEMENTS).fill(3)), value: 3 });
        }
        this.module ??= await this.gpu.load(this.image);
        const { twice } = this.module.kernels as Record<"twice", Kernel>;
        for (const { tensor } of tensors) {
            await twice({ x: tensor });
            expectContents(await tensor.read(), 6);
        }
    }

    private pick(): Modelled {
        return this.tensors[Math.floor(this.random() * this.tensors.length)] as Modelled;
    }

    /** Whether a call succeeds; a failure is a SomaError. */
    private async attempt(call: () => unknown): Promise<boolean> {
        this.calls++;
        try {
            await call();
            return true;
        } catch (error) {
            if (!(error instanceof SomaError)) throw error;
            this.failures++;
            return false;
        }
    }
}

function expectContents(found: Float32Array | undefined, value: number | undefined): void {
    if (found === undefined || value === undefined) return;
    const wrong = found.findIndex((each) => each !== value);
    if (wrong >= 0) throw new Error(`element ${wrong} is ${found[wrong]}, not ${value}`);
}

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;

/** What a closed device had is given back when its streams have ended, and nothing holds its kernels. */
async function expectFreed(gpu: Gpu, before: number, what: string): Promise<void> {
    const deadline = performance.now() + 5000;
    for (;;) {
        const { free } = gpu.device.memory();
        if (free >= before) return;
        if (performance.now() > deadline)
            throw new Error(`${before - free} bytes of device memory stayed behind ${what}`);
        await new Promise((resolve) => setTimeout(resolve, 1));
        collect();
    }
}
