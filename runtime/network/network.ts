// An instance of a network on a device, or a batch of them: its parameters, its state as tensors, and what makes it run.

import type { ConnectionManifest, NetworkLaunch } from "../../codeobject/network/manifest.js";
import { describeValue } from "../elements.js";
import { ArgumentError, DisposedError } from "../errors.js";
import type { Gpu } from "../gpu.js";
import { requireText } from "../options.js";
import { didYouMean } from "../suggest.js";
import type { Tensor } from "../tensor.js";
import type { Activity } from "./activity.js";
import { restoreCheckpoint, saveCheckpoint } from "./checkpoint.js";
import type { NetworkDefinition } from "./definition.js";
import { drawConnections } from "./drawing.js";
import { requireSound } from "./findings.js";
import { Memory } from "./memory.js";
import { decodeNpy, encodeNpy } from "./npy.js";
import { type NetworkOptions, requireBatch, requireInstance, requireNetworkOptions, requireSeed } from "./options.js";
import { Passes, type TrainOptions } from "./passes.js";
import { Recorder, type Spikes, type Trajectory } from "./recorder.js";
import { Schedules } from "./schedules.js";
import type { DrawnConnection } from "./synapses.js";
import { type ParameterValue, Values } from "./values.js";
import { type Frame, Watch, type WatchOptions } from "./watch.js";

/** Steps that are queued before what is recorded is fetched and findings looked at. */
const CHUNK = 64;

/** What findings have room to count. */
const MOST_STEPS = 2 ** 28 - 1;

export class Network {
    readonly batch: number;
    readonly seed: bigint;
    /** @internal */
    readonly values: Values;
    /** @internal */
    readonly memory: Memory;
    private readonly schedules: Schedules;
    private readonly passes: Passes;
    private readonly drawn: readonly DrawnConnection[];
    private readonly recorder: Recorder;
    private readonly watches = new Set<Watch>();
    private steps = 0;
    /** Of a network without time. */
    private passCount = 0;
    private isDisposed = false;
    private constantsAreStale = true;

    /** @internal */
    constructor(
        private readonly gpu: Gpu,
        readonly definition: NetworkDefinition,
        options: NetworkOptions,
    ) {
        const { manifest } = definition;
        requireNetworkOptions(options);
        this.batch = requireBatch(options.batch ?? 1);
        this.seed = requireSeed(options.seed ?? 0);
        this.values = new Values(manifest, this.batch, options.dt, options.parameters ?? {});
        this.memory = new Memory(gpu, manifest, this.values, this.seed);
        this.values.define("samples", 1);
        this.values.define("chunk", CHUNK);
        this.values.define("groups", gpu.kind === "virtual" ? 8 : 4 * gpu.properties.computeUnits);
        this.drawn = drawConnections(gpu, manifest, this.memory, this.values, this.seed, options.data ?? {}, CHUNK);
        this.schedules = new Schedules(gpu, definition, this.memory, this.values, this.seed);
        this.passes = new Passes(gpu, manifest, this.memory, this.values, this.schedules, () => this.updateConstants());
        this.recorder = new Recorder(manifest, this.memory, this.values);
    }

    get name(): string {
        return this.definition.name;
    }

    /** The names of its parameters. */
    get parameters(): readonly string[] {
        return this.definition.manifest.parameters.map(({ name }) => name);
    }

    /** A parameter's value. @throws ArgumentError */
    get(name: string, instance = 0): number {
        this.requireLive();
        requireText("a parameter's name", name);
        requireInstance(instance, this.batch);
        if (!this.parameters.includes(name) && name !== "dt") {
            throw new ArgumentError(
                `network ${this.name} has no parameter ${name}${didYouMean(name, this.parameters)}`,
            );
        }
        return this.values.get(name, instance);
    }

    /** Changes a parameter, from the next step or pass on; sizes stay what they were. @throws ArgumentError */
    set(name: string, value: ParameterValue): void {
        this.requireLive();
        this.values.set(name, value);
        this.constantsAreStale = true;
        // Periods may depend on it.
        this.schedules.checkSteps();
    }

    /** What lies on the device, by name: `v` of a population as `exc.v`, a layer's `hidden.activity`. @throws ArgumentError */
    state(name: string): Tensor {
        this.requireLive();
        const names = this.definition.manifest.buffers.map((buffer) => buffer.name);
        requireText("a state's name", name);
        if (!names.includes(name)) {
            throw new ArgumentError(
                `network ${this.name} has no state ${name}${didYouMean(name, names) || `: it has ${names.join(", ")}`}`,
            );
        }
        return this.memory.get(name);
    }

    /**
     * The weights of a connection, to be read and written: of layers [batch, pre, post]. @throws ArgumentError
     * @param connection such as `input->hidden`
     */
    weights(connection: string): Tensor {
        return this.state(this.bufferOf(this.connection(connection), "weights"));
    }

    private connection(name: string): ConnectionManifest {
        const { connections } = this.definition.manifest;
        const plain = requireText("a connection's name", name).replace(/\s/g, "");
        const found = connections.find((each) => each.name === plain);
        if (found !== undefined) return found;
        const names = connections.map((each) => each.name);
        throw new ArgumentError(
            `network ${this.name} has no connection ${name}${didYouMean(plain, names) || `: it has ${names.join(", ") || "none"}`}`,
        );
    }

    private bufferOf({ name, buffers }: ConnectionManifest, role: "weights"): string {
        const buffer = buffers[role];
        if (buffer !== undefined) return buffer;
        throw new ArgumentError(
            `network ${this.name}: the weights of ${name} are one value, which is its parameter ${name}.weight`,
        );
    }

    /**
     * Where the activity of a layer lies, [batch, samples, neurons], for kernels that write it: `forward()` then takes it as it is, without a copy.
     * It is the network's own memory until a pass has another number of samples.
     * @throws ArgumentError
     */
    input(layer: string, samples = 1): Tensor<"f32"> {
        this.requireLive();
        return this.passes.input(layer, samples);
    }

    /**
     * Passes activities from the input layers to the output layers.
     * @param input of the input layer; where there are several, by their names; without it layers have what lies in
     *     `input(…)` already
     * @returns the output layer's activity, [batch, samples, neurons]: the network's own memory until the next pass
     * @throws ArgumentError, ShapeError
     */
    async forward(input?: Activity | Readonly<Record<string, Activity>>): Promise<Tensor<"f32">> {
        this.requireLive();
        const output = await this.passes.forward(input);
        await this.lookAtPass();
        return output;
    }

    /**
     * A forward pass, and what the rules make of it: the activities are those of the weights before, and the rules see the
     * samples in order.
     * @returns the output layer's activity
     */
    async train(
        input?: Activity | Readonly<Record<string, Activity>>,
        options: TrainOptions = {},
    ): Promise<Tensor<"f32">> {
        this.requireLive();
        const output = await this.passes.train(input, options);
        await this.lookAtPass();
        return output;
    }

    /** A network without time is watched pass by pass. */
    private async lookAtPass(): Promise<void> {
        if (this.definition.manifest.dt !== null) return;
        this.passCount++;
        for (const watch of this.watches) await watch.look(this.passCount - 1, this.passCount, 1);
    }

    /** The steps so far; `time` is in ms. */
    get stepCount(): number {
        return this.steps;
    }

    get time(): number {
        return this.steps * this.values.get("dt");
    }

    /**
     * Steps of dt.
     * @throws NetworkFault where a state is no finite number any more, or sums could overflow; ArgumentError
     */
    async step(count = 1): Promise<void> {
        this.requireLive();
        const { manifest } = this.definition;
        if (manifest.dt === null)
            throw new ArgumentError(`network ${this.name} has layers only, and no steps: use forward and train`);
        if (!(Number.isSafeInteger(count) && count >= 0))
            throw new ArgumentError(`step takes a number of steps, not ${describeValue(count)}`);
        if (this.steps + count > MOST_STEPS) throw new ArgumentError(`a network has at most ${MOST_STEPS} steps`);
        this.updateConstants();
        const { periodic } = this.schedules;
        for (let left = count; left > 0; ) {
            const from = this.steps;
            // What rules do once in a period comes between chunks.
            const due = periodic.map(({ steps }) => steps - (from % steps));
            const to = from + Math.min(left, CHUNK, this.recorder.roomFrom(from), ...due);
            for (let at = from; at < to; ) {
                const { count, graph } = this.schedules.from(at, to - at);
                at += count;
                if (at < to) graph.enqueue();
                else await graph.replay();
            }
            for (const { steps, graph, launch } of periodic) {
                if (to % steps !== 0) continue;
                this.schedules.setClock(to - 1);
                await graph.replay();
                await this.rewire(launch);
            }
            await requireSound(manifest, this.memory, this.values.get("dt"));
            await this.recorder.fetch(from, to);
            this.steps = to;
            for (const watch of this.watches) await watch.look(from, to, this.values.get("dt"));
            left -= to - from;
        }
    }

    /** The spikes that `record spikes of` a population has kept. @throws ArgumentError where it has none */
    spikes(population: string, instance = 0): Spikes {
        this.requireLive();
        requireText("a population's name", population);
        requireInstance(instance, this.batch);
        const found = this.recorder.spikesOf(population, instance);
        if (found !== undefined) return found;
        throw new ArgumentError(
            `network ${this.name} doesn't record the spikes of ${population}: write \`record spikes of ${population}\``,
        );
    }

    /** What a `record` of a state has kept. @param name such as `exc.v` @throws ArgumentError */
    recorded(name: string, instance = 0): Trajectory {
        this.requireLive();
        requireText("a state's name", name);
        requireInstance(instance, this.batch);
        const found = this.recorder.trajectoryOf(name, instance);
        if (found !== undefined) return found;
        const dot = name.lastIndexOf(".");
        const help =
            dot < 0
                ? "name a population's state, as in `exc.v`"
                : `write \`record ${name.slice(dot + 1)} of ${name.slice(0, dot)}\``;
        throw new ArgumentError(`network ${this.name} doesn't record ${name}: ${help}`);
    }

    /**
     * Passes frames of what the network does on to a listener while it steps, thinned out as the options say. Of a network of layers alone, which
     * has no time, passes count as steps of 1 ms.
     * @returns what ends it
     * @throws ArgumentError for names that the network doesn't have
     */
    watch(options: WatchOptions, listener: (frame: Frame) => void): () => void {
        this.requireLive();
        const seen = this.steps + this.passCount;
        const watch = new Watch(this.definition.manifest, this.memory, options, listener, seen, this.batch);
        this.watches.add(watch);
        return () => {
            this.watches.delete(watch);
        };
    }

    /** The weights of a connection as a .npy file, in the shape of `weights`. @throws ArgumentError */
    async saveNpy(connection: string): Promise<Uint8Array> {
        const weights = this.weights(connection) as Tensor<"f32">;
        return encodeNpy({ shape: weights.shape, data: await weights.read() });
    }

    /** Takes the weights of a connection from a .npy file of its shape, or of one instance's for all. @throws ArgumentError */
    async loadNpy(connection: string, file: Uint8Array): Promise<void> {
        const weights = this.weights(connection) as Tensor<"f32">;
        const { shape, data } = decodeNpy(file);
        const own = weights.shape.join();
        const instances = weights.shape[0] as number;
        if (shape.join() !== own && shape.join() !== weights.shape.slice(1).join())
            throw new ArgumentError(
                `network ${this.name}: the file has the shape (${shape.join(", ")}), and the weights of ${connection} have (${weights.shape.join(", ")})`,
            );
        const all = new Float32Array(weights.size);
        for (let r = 0; r < weights.size / data.length && r < instances; r++) all.set(data, r * data.length);
        await weights.write(all);
        await this.measure(connection);
    }

    /**
     * Chooses the unit anew in which a connection's input is summed, so that no sum can overflow: for weights of spikes that the program
     * has written (`net.weights(…).write`) and that are larger than they were.
     */
    async measure(connection: string): Promise<void> {
        const { name } = this.connection(connection);
        const weights = (await this.weights(name).read()) as Float32Array;
        this.drawn.find(({ manifest }) => manifest.name === name)?.measure(weights);
        this.constantsAreStale = true;
    }

    /** Forgets what was recorded so far. */
    clearRecords(): void {
        this.requireLive();
        this.recorder.clear();
    }

    /**
     * All that a run depends on, as a safetensors file: states, weights, what is on its way, parameters and the number of the step. A
     * network of the same source, seed and batch that restores it goes on as this one does, to the bit.
     */
    async save(): Promise<Uint8Array> {
        this.requireLive();
        return saveCheckpoint(this, this.steps);
    }

    /**
     * Goes back, or on, to what `save` has kept; records stay.
     * @throws ArgumentError for what is no checkpoint of such a network
     */
    async restore(checkpoint: Uint8Array): Promise<void> {
        this.requireLive();
        const { step, written } = restoreCheckpoint(this, checkpoint, MOST_STEPS);
        this.constantsAreStale = true;
        this.steps = step;
        await written;
    }

    /** How many synapses each connection has, by its name. */
    get synapses(): Readonly<Record<string, number>> {
        return Object.fromEntries(this.drawn.map(({ manifest, count }) => [manifest.name, count]));
    }

    /** Bytes of device memory. */
    get bytes(): number {
        return this.memory.bytes();
    }

    /** Lists by postsynaptic neuron, and the unit of sums, of a connection whose synapses have other targets now. */
    private async rewire({ arguments: args }: NetworkLaunch): Promise<void> {
        const targets = args.targets;
        const name = targets && "buffer" in targets ? targets.buffer : undefined;
        const drawn = this.drawn.find(({ manifest }) => manifest.rewires && manifest.buffers.targets === name);
        if (drawn === undefined) return;
        drawn.rewire((await this.memory.get(name as string).read()) as Int32Array);
        this.constantsAreStale = true;
        this.updateConstants();
    }

    /** What formulas over the parameters are worth now, for the kernels. */
    private updateConstants(): void {
        if (!this.constantsAreStale) return;
        this.constantsAreStale = false;
        this.memory.tabulate();
    }

    /** Frees its memory. */
    dispose(): void {
        if (this.isDisposed) return;
        this.isDisposed = true;
        this.schedules.dispose();
        this.memory.dispose();
    }

    [Symbol.dispose](): void {
        this.dispose();
    }

    private requireLive(): void {
        this.gpu.requireOpen(`network ${this.name}`);
        if (this.isDisposed) throw new DisposedError(`network ${this.name} was disposed`);
    }
}
