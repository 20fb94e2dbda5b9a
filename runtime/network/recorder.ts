// What a network records: spikes, which lie in rings on the device until they are fetched, and states, which are copied
// aside as often as they are asked for.

import type { NetworkManifest, RecordManifest } from "../../codeobject/network/manifest.js";
import type { Tensor } from "../tensor.js";
import type { Memory } from "./memory.js";
import type { Values } from "./values.js";

/** Spikes in the order of time, and within a step of the neurons. */
export interface Spikes {
    /** The number of the step at whose end each happened; its time is (step + 1)·dt. */
    readonly steps: Int32Array;
    readonly neurons: Int32Array;
}

/** Values of a state: of each neuron, moment after moment. */
export interface Trajectory {
    /** In ms. */
    readonly times: Float64Array;
    /** [moment][neuron], one after the other. */
    readonly values: Float32Array;
}

interface SpikeLog {
    readonly part: string;
    readonly steps: number[][];
    readonly neurons: number[][];
}

interface StateLog {
    readonly buffer: string;
    readonly every: number;
    readonly times: number[];
    /** By instance. */
    readonly values: Float32Array[][];
}

export class Recorder {
    private readonly spikes: SpikeLog[];
    private readonly states: StateLog[];
    private pending: Promise<void>[] = [];

    constructor(
        { records }: Pick<NetworkManifest, "records">,
        private readonly memory: Memory,
        private readonly values: Values,
    ) {
        const isSpikes = ({ what }: RecordManifest) => what === "spikes";
        const batch = Array.from({ length: values.batch });
        this.spikes = records.filter(isSpikes).map(({ of }) => ({
            part: of,
            steps: batch.map(() => []),
            neurons: batch.map(() => []),
        }));
        this.states = records
            .filter((record) => !isSpikes(record))
            .map(({ what, of, every }) => ({
                buffer: `${of}.${what}`,
                every: every === null ? 1 : Math.max(1, Math.round(values.evaluate(every) / values.get("dt"))),
                times: [],
                values: batch.map(() => []),
            }));
    }

    /** How many steps there are from this one on, until a state is to be kept. */
    stepsToNext(step: number): number {
        return Math.min(...this.states.map(({ every }) => every - (step % every)));
    }

    /** Queues what is to be kept of the state after a step. */
    afterStep(step: number): void {
        for (const log of this.states) {
            if ((step + 1) % log.every !== 0) continue;
            const tensor = this.memory.get(log.buffer) as Tensor<"f32">;
            log.times.push((step + 1) * this.values.get("dt"));
            const at = log.times.length - 1;
            const each = tensor.size / this.values.batch;
            this.pending.push(
                tensor.read().then((data) => {
                    log.values.forEach((list, r) => {
                        list[at] = data.slice(r * each, (r + 1) * each);
                    });
                }),
            );
        }
    }

    /** Fetches the spikes of steps `from` up to `to`, which the rings still have, and waits for states. */
    async fetch(from: number, to: number): Promise<void> {
        for (const log of this.spikes) {
            await readSpikes(this.memory, log.part, from, to, (r, step, found) => {
                for (const neuron of found) {
                    (log.steps[r] as number[]).push(step);
                    (log.neurons[r] as number[]).push(neuron);
                }
            });
        }
        const { pending } = this;
        this.pending = [];
        await Promise.all(pending);
    }

    spikesOf(part: string, instance: number): Spikes | undefined {
        const log = this.spikes.find((each) => each.part === part);
        if (log === undefined) return undefined;
        return {
            steps: Int32Array.from(log.steps[instance] ?? []),
            neurons: Int32Array.from(log.neurons[instance] ?? []),
        };
    }

    trajectoryOf(buffer: string, instance: number): Trajectory | undefined {
        const log = this.states.find((each) => each.buffer === buffer);
        if (log === undefined) return undefined;
        const list = log.values[instance] ?? [];
        const size = list[0]?.length ?? 0;
        const values = new Float32Array(list.length * size);
        for (const [at, each] of list.entries()) values.set(each, at * size);
        return { times: Float64Array.from(log.times), values };
    }

    clear(): void {
        for (const log of this.spikes) for (const list of [...log.steps, ...log.neurons]) list.length = 0;
        for (const log of this.states) {
            log.times.length = 0;
            for (const list of log.values) list.length = 0;
        }
    }
}

/** Hands on the spikes of steps `from` up to `to`, which the ring of a population still has, neurons in order. */
export async function readSpikes(
    memory: Memory,
    part: string,
    from: number,
    to: number,
    take: (instance: number, step: number, neurons: Int32Array) => void,
): Promise<void> {
    const counts = (await memory.get(`${part}.counts`).read()) as Int32Array;
    if (counts.every((count) => count === 0)) return;
    const ring = memory.get(`${part}.spikes`);
    const [batch, slots, size] = ring.shape as [number, number, number];
    const spikes = (await ring.read()) as Int32Array;
    for (let r = 0; r < batch; r++) {
        for (let step = from; step < to; step++) {
            const slot = r * slots + (step % slots);
            take(r, step, spikes.slice(slot * size, slot * size + (counts[slot] as number)).sort());
        }
    }
}
