// What a network records: spikes and states, which lie in rings on the device until they are fetched.

import type { Formula } from "../../codeobject/network/formula.js";
import type { NetworkManifest } from "../../codeobject/network/manifest.js";
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
    readonly ring: string;
    /** In steps. */
    readonly every: Formula;
    readonly times: number[];
    /** By instance. */
    readonly values: Float32Array[][];
}

export class Recorder {
    private readonly spikes: SpikeLog[];
    private readonly states: StateLog[];

    constructor(
        { records }: Pick<NetworkManifest, "records">,
        private readonly memory: Memory,
        private readonly values: Values,
    ) {
        const batch = Array.from({ length: values.batch });
        this.spikes = records.flatMap(({ ring, of }) =>
            ring === null ? [{ part: of, steps: batch.map(() => []), neurons: batch.map(() => []) }] : [],
        );
        this.states = records.flatMap(({ what, of, every, ring }) =>
            ring === null ? [] : [{ buffer: `${of}.${what}`, ring, every, times: [], values: batch.map(() => []) }],
        );
    }

    /** How many steps from this one on the rings have room for: parameters, and so the steps between moments, may have changed. */
    roomFrom(step: number): number {
        const rooms = this.states.map(({ ring, every }) => {
            const [, moments] = this.memory.get(ring).shape as [number, number, number];
            const steps = this.values.evaluate(every);
            return (moments + 1) * steps - (step % steps) - 1;
        });
        return Math.min(Number.POSITIVE_INFINITY, ...rooms);
    }

    /** Fetches what steps `from` up to `to` left, which the rings still have. */
    async fetch(from: number, to: number): Promise<void> {
        for (const log of this.spikes) {
            await readSpikes(this.memory, log.part, from, to, (r, step, found) => {
                for (const neuron of found) {
                    (log.steps[r] as number[]).push(step);
                    (log.neurons[r] as number[]).push(neuron);
                }
            });
        }
        for (const log of this.states) await this.fetchState(log, from, to);
    }

    private async fetchState(log: StateLog, from: number, to: number): Promise<void> {
        const every = this.values.evaluate(log.every);
        const [first, end] = [Math.floor(from / every), Math.floor(to / every)];
        if (first === end) return;
        const ring = this.memory.get(log.ring);
        const [batch, moments, size] = ring.shape as [number, number, number];
        const data = (await ring.read()) as Float32Array;
        for (let moment = first; moment < end; moment++) {
            log.times.push((moment + 1) * every * this.values.get("dt"));
            for (let r = 0; r < batch; r++) {
                const at = (r * moments + (moment % moments)) * size;
                log.values[r]?.push(data.slice(at, at + size));
            }
        }
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
