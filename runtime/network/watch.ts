// Watching a network that runs: spikes, states and weights as frames for a viewer, thinned out in time and in number.

import type { NetworkManifest } from "../../codeobject/network/manifest.js";
import { describeValue } from "../elements.js";
import { ArgumentError } from "../errors.js";
import { requireOptions } from "../options.js";
import { didYouMean } from "../suggest.js";
import type { Memory } from "./memory.js";
import { requireInstance } from "./options.js";
import { readSpikes, type Spikes } from "./recorder.js";

export interface WatchOptions {
    /** Populations whose spikes are wanted. */
    readonly spikes?: readonly string[];
    /** What else is: states such as `exc.v`, weights such as `a->b.i.weights`, by the names of `net.state`. */
    readonly values?: readonly string[];
    /** At least so much time is between frames, in ms. Default 10. */
    readonly every?: number;
    /** At most so many numbers of each are passed on, evenly picked. Default 1024. */
    readonly most?: number;
    /** Which instance of a batch. Default 0. */
    readonly instance?: number;
}

/** A part of an array: every `stride`-th element from the first. */
export interface Sample {
    readonly stride: number;
    readonly data: Float32Array;
}

export interface Frame {
    /** Steps so far; `time` is in ms. */
    readonly step: number;
    readonly time: number;
    /** Since the last frame, by population; those of the neurons that are watched. */
    readonly spikes: Readonly<Record<string, Spikes>>;
    readonly values: Readonly<Record<string, Sample>>;
}

export class Watch {
    private readonly options: Required<WatchOptions>;
    private readonly found = new Map<string, { readonly steps: number[]; readonly neurons: number[] }>();
    private last: number;

    /** @throws ArgumentError for names that aren't there */
    constructor(
        manifest: NetworkManifest,
        private readonly memory: Memory,
        options: WatchOptions,
        private readonly listener: (frame: Frame) => void,
        start: number,
        batch: number,
    ) {
        requireOptions("watch", options, ["spikes", "values", "every", "most", "instance"]);
        if (typeof listener !== "function")
            throw new ArgumentError(`watch takes a function that gets the frames, not ${describeValue(listener)}`);
        this.options = { spikes: [], values: [], every: 10, most: 1024, instance: 0, ...options };
        const { spikes, values, every, most, instance } = this.options;
        const emitting = manifest.parts.flatMap((part) =>
            part.kind === "population" && part.emits ? [part.name] : [],
        );
        const buffers = manifest.buffers.flatMap(({ name, element }) => (element === "f32" ? [name] : []));
        const require = (given: readonly string[], known: readonly string[], what: string) => {
            if (!Array.isArray(given))
                throw new ArgumentError(
                    `watch: names of ${what === "state" ? "states" : "populations"} come in a list, not as ${describeValue(given)}`,
                );
            const wrong = given.find((name) => !known.includes(name));
            if (wrong === undefined) return;
            throw new ArgumentError(
                `network ${manifest.name} has no ${what} ${wrong} to watch${didYouMean(wrong, known) || `: it has ${known.join(", ")}`}`,
            );
        };
        require(spikes, emitting, "spikes of");
        require(values, buffers, "state");
        if (!(Number.isSafeInteger(most) && most > 0))
            throw new ArgumentError(`watch: \`most\` is a whole number from 1, not ${describeValue(most)}`);
        if (!(typeof every === "number" && every >= 0))
            throw new ArgumentError(`watch: \`every\` is a time in ms, not ${describeValue(every)}`);
        requireInstance(instance, batch);
        for (const name of spikes) this.found.set(name, { steps: [], neurons: [] });
        this.last = start;
    }

    /** Looks at the steps `from` up to `to`, whose spikes the rings still have. */
    async look(from: number, to: number, dt: number): Promise<void> {
        const { spikes, values, every, most, instance } = this.options;
        for (const name of spikes) {
            const list = this.found.get(name) as { steps: number[]; neurons: number[] };
            const size = this.memory.get(`${name}.spikes`).shape[2] as number;
            const stride = Math.ceil(size / most);
            await readSpikes(this.memory, name, from, to, (r, step, neurons) => {
                if (r !== instance) return;
                for (const neuron of neurons) {
                    if (neuron % stride !== 0) continue;
                    list.steps.push(step);
                    list.neurons.push(neuron);
                }
            });
        }
        if ((to - this.last) * dt < every * (1 - 1e-9)) return;
        this.last = to;
        const samples = await Promise.all(values.map(async (name) => [name, await this.sample(name)] as const));
        const all = [...this.found].map(([name, list]) => {
            const own: Spikes = { steps: Int32Array.from(list.steps), neurons: Int32Array.from(list.neurons) };
            list.steps.length = 0;
            list.neurons.length = 0;
            return [name, own] as const;
        });
        this.listener({
            step: to,
            time: to * dt,
            spikes: Object.fromEntries(all),
            values: Object.fromEntries(samples),
        });
    }

    private async sample(name: string): Promise<Sample> {
        const { most, instance } = this.options;
        const tensor = this.memory.get(name);
        // What learns, and states, have an instance each; weights that stay are shared.
        const instances = tensor.shape[0] as number;
        const size = tensor.size / instances;
        const first = Math.min(instance, instances - 1) * size;
        const own = (await tensor
            .reshape(tensor.size)
            .slice([first, first + size])
            .read()) as Float32Array;
        const stride = Math.max(1, Math.ceil(size / most));
        return { stride, data: own.filter((_, at) => at % stride === 0) };
    }
}
