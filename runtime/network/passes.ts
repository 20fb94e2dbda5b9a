// Passes of layers: activities that come in, what layers make of them, and what rules learn of it.

import type { NetworkManifest } from "../../codeobject/network/manifest.js";
import { describeValue } from "../elements.js";
import { ArgumentError, ShapeError } from "../errors.js";
import type { Gpu } from "../gpu.js";
import { requireOptions, requireText } from "../options.js";
import { didYouMean } from "../suggest.js";
import type { Tensor } from "../tensor.js";
import { type Activity, activityOf, copyActivity, isActivity } from "./activity.js";
import type { Memory } from "./memory.js";
import type { Schedules } from "./schedules.js";
import type { Values } from "./values.js";

export interface TrainOptions {
    /** What the output layer should have had, for rules that name a `target`. */
    readonly target?: Activity;
    /** Activities that stand in place of layers' own when the rules see them, by layer. */
    readonly clamp?: Readonly<Record<string, Activity>>;
}

export class Passes {
    private samples = 1;

    /** @param prepare brings the constants on the device up to date */
    constructor(
        private readonly gpu: Gpu,
        private readonly manifest: NetworkManifest,
        private readonly memory: Memory,
        private readonly values: Values,
        private readonly schedules: Schedules,
        private readonly prepare: () => void,
    ) {}

    input(layer: string, samples = 1): Tensor<"f32"> {
        if (!(Number.isSafeInteger(samples) && samples >= 1))
            throw new ArgumentError(`input takes a number of samples from 1, not ${describeValue(samples)}`);
        const name = `${requireText("a layer's name", layer)}.activity`;
        if (!this.layers("isInput").includes(layer)) {
            const known = this.layers("isInput");
            throw new ArgumentError(
                `network ${this.manifest.name} has no input layer ${layer}${didYouMean(layer, known) || `: it has ${known.join(", ") || "none"}`}`,
            );
        }
        this.resize(samples);
        return this.memory.get(name) as Tensor<"f32">;
    }

    async forward(input?: Activity | Readonly<Record<string, Activity>>): Promise<Tensor<"f32">> {
        const inputs = this.layers("isInput");
        const outputs = this.layers("isOutput");
        if (input === undefined && outputs.length > 0) {
            await this.run("forward");
            return this.memory.get(`${outputs[0]}.activity`) as Tensor<"f32">;
        }
        const given = input === undefined ? {} : isActivity(input) ? { [inputs[0] ?? ""]: input } : input;
        if (
            outputs.length === 0 ||
            Object.keys(given ?? {})
                .sort()
                .join() !== [...inputs].sort().join()
        ) {
            const wanted =
                outputs.length === 0 ? "it has no layers" : `its input layers are ${inputs.join(", ") || "none"}`;
            throw new ArgumentError(
                `network ${this.manifest.name}: forward takes an activity for each input layer; ${wanted}`,
            );
        }
        const done = Object.entries(given).map(([layer, activity], at) =>
            this.put(`${layer}.activity`, layer, activity, at > 0),
        );
        await Promise.all([...done, this.run("forward")]);
        return this.memory.get(`${outputs[0]}.activity`) as Tensor<"f32">;
    }

    async train(
        input: Activity | Readonly<Record<string, Activity>> | undefined,
        options: TrainOptions,
    ): Promise<Tensor<"f32">> {
        const { target, clamp = {} } = requireOptions("train", options, ["target", "clamp"]);
        requireOptions(
            "train: clamp",
            clamp,
            this.manifest.parts.flatMap(({ kind, name }) => (kind === "layer" ? [name] : [])),
        );
        if (this.manifest.schedules.learn.length === 0)
            throw new ArgumentError(
                `network ${this.manifest.name} has no rules that learn from layers: write \`plasticity hebbian()\`, or use forward`,
            );
        const output = await this.forward(input);
        const outputs = this.layers("isOutput");
        const wantsTarget = this.manifest.buffers.some(({ name }) => name.endsWith(".target"));
        if (wantsTarget !== (target !== undefined)) {
            const what = wantsTarget ? "its rules need a target" : "no rule of it names a target";
            throw new ArgumentError(`network ${this.manifest.name}: ${what}`);
        }
        if (target !== undefined) await this.put(`${outputs[0]}.target`, outputs[0] as string, target, true);
        for (const [layer, activity] of Object.entries(clamp))
            await this.put(`${layer}.activity`, layer, activity, true);
        await this.run("learn");
        return output;
    }

    private layers(which: "isInput" | "isOutput"): string[] {
        return this.manifest.parts.flatMap((part) => (part.kind === "layer" && part[which] ? [part.name] : []));
    }

    /**
     * Writes an activity into a buffer [batch, samples, size]. What comes to a pass whose other activities are there already has as
     * many samples as they; all others say how many the pass has.
     */
    private async put(buffer: string, layer: string, activity: Activity, joins: boolean): Promise<void> {
        if (!this.manifest.buffers.some(({ name }) => name === buffer)) {
            throw new ArgumentError(`network ${this.manifest.name} has no layer ${layer}`);
        }
        const place = `network ${this.manifest.name}: the activity of ${layer}`;
        const form = { place, batch: this.values.batch, size: this.values.get(`size.${layer}`) };
        if (!isActivity(activity))
            throw new ArgumentError(`${place} is a tensor or numbers, not ${describeValue(activity)}`);
        const { tensor, samples } = activityOf(this.gpu, activity, form);
        try {
            if (joins && samples !== this.samples)
                throw new ShapeError(`${place} has ${samples} samples, and the input of this pass has ${this.samples}`);
            this.resize(samples);
            await copyActivity(this.gpu, this.memory.get(buffer) as Tensor<"f32">, tensor, this.values.batch);
        } finally {
            if (tensor !== activity) tensor.dispose();
        }
    }

    private resize(samples: number): void {
        if (samples === this.samples) return;
        this.memory.resize("samples", samples);
        this.schedules.forgetPasses();
        this.samples = samples;
    }

    private async run(schedule: "forward" | "learn"): Promise<void> {
        this.prepare();
        await this.schedules.pass(schedule).replay();
    }
}
