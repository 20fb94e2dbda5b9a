// One launch, from arguments to what is reported of it. It goes the quick way (encoder.ts) or, where that leaves it, the
// general one; both put it into the command buffer of the device, on the stream that the scheduler says.

import type { KernelManifest, ReportManifest } from "../codeobject/manifest.js";
import { abortable } from "./abort.js";
import { type BoundArguments, bindArguments, encodeArguments, type KernelArguments } from "./arguments.js";
import { CommandBuffer, LAUNCH_HEADER_BYTES, LAUNCH_WORD } from "./commands.js";
import type { TensorType } from "./contents.js";
import { type Encoder, makeEncoder } from "./encoder.js";
import { ArgumentError, ReportedFault } from "./errors.js";
import { currentRecorder } from "./graph.js";
import { type Extent3, type Geometry, type LaunchLimits, launchGeometry, sharedBytes } from "./grid.js";
import type { NativeCounters, NativeDevice, NativeKernel } from "./hip/binding.js";
import { fromNative } from "./hip/failure.js";
import { tickets } from "./hip/tickets.js";
import type { Counters, LaunchOptions, LaunchResult } from "./kernel.js";
import type { Lane } from "./lanes.js";
import type { Storage } from "./memory/storage.js";
import { requireOptions } from "./options.js";
import { missingOutputs } from "./outputs.js";
import { deliverRest, type LaunchReports, type Reports } from "./reports.js";
import type { Scheduler } from "./scheduler.js";
import { Stream } from "./stream.js";
import { beginLaunch, type ToldLaunch } from "./telemetry/launches.js";
import { telemetry } from "./telemetry/telemetry.js";
import type { Tensor, TensorOwner } from "./tensor.js";

/** Where kernels are launched: a device, its streams, and what it takes. */
export interface LaunchQueue extends TensorOwner {
    readonly kernelReports: Reports;
    readonly device: NativeDevice;
    readonly scheduler: Scheduler;
    readonly launchLimits: LaunchLimits;
    /** Whether the device counts what it executes. */
    readonly counts: boolean;
    /** Tells the failure of what nobody awaits at the next `synchronize()`. */
    tellLater(operation: Promise<unknown>): void;
    tensor(type: TensorType, shape: readonly number[]): Tensor<TensorType>;
}

const NO_OUTPUTS = Object.freeze({});

/** Where launches of graphs are written, one at a time. */
const CAPTURED = new CommandBuffer(undefined);

/** A launch that passed every check. */
interface Prepared {
    readonly bound: BoundArguments;
    readonly geometry: Geometry;
    readonly dynamicSharedBytes: number;
    /** For a cooperative launch: where each argument lies. */
    readonly offsets: readonly number[] | undefined;
}

/** A launch that is part of a graph. */
export interface CapturedLaunch {
    /** As commands.ts lays it out; undefined where there is nothing to run. */
    readonly command: Uint8Array | undefined;
    /** What the caller gets while it captures: nothing has run. */
    readonly result: LaunchResult;
    readonly reads: readonly Storage[];
    readonly writes: readonly Storage[];
    /** Of a kernel that can report. */
    readonly reporting?: Reporting | undefined;
}

/** What a kernel's reports are read with: one object for each kernel that is loaded. */
export interface Reporting {
    readonly manifest: KernelManifest;
    /** The module's places that report to the host. */
    readonly places: readonly ReportManifest[];
    /** Where in a launch's command the report buffer's address lies, in bytes. */
    readonly address: number;
}

/** A kernel that is loaded. */
export class Launcher {
    private readonly encoder: Encoder;
    private readonly views: readonly string[];
    /** The views that it writes, by name and by their place among all. */
    private readonly written: ReadonlySet<string>;
    private readonly isWritten: readonly boolean[];
    private readonly reporting: Reporting | undefined;
    /** Of a persistent kernel. */
    private readonly resident: number | undefined;

    /** @param reports the module's places that report to the host */
    constructor(
        private readonly queue: LaunchQueue,
        private readonly manifest: KernelManifest,
        private readonly reports: readonly ReportManifest[],
        private readonly kernel: NativeKernel,
    ) {
        this.resident = residentGroups(manifest, kernel, queue);
        this.encoder = makeEncoder(manifest, kernel.slot, queue, queue.launchLimits, this.resident);
        const views = manifest.parameters.filter((parameter) => parameter.kind === "view");
        this.views = views.map(({ name }) => name);
        this.written = new Set(views.filter(({ mutable }) => mutable).map(({ name }) => name));
        this.isWritten = views.map(({ mutable }) => mutable);
        const buffer = manifest.arguments.find(({ kind }) => kind === "reports");
        if (buffer !== undefined) {
            this.reporting = { manifest, places: reports, address: LAUNCH_HEADER_BYTES + buffer.offset };
        }
    }

    /** @throws ArgumentError, ShapeError, LaunchError, DisposedError, HipError, KernelFault, AssertionFault, BoundsFault */
    call(args: unknown, options: LaunchOptions | undefined): Promise<LaunchResult> {
        if (options !== undefined || currentRecorder(this.queue) !== undefined)
            return this.callGenerally(args, options);
        // No function here is asynchronous: a plain launch makes one promise.
        try {
            const lane = this.encodeQuickly(args, undefined, undefined);
            return lane === undefined
                ? this.callNow(args, options, undefined)
                : this.finishQuickly(args as KernelArguments, lane, undefined);
        } catch (error) {
            return Promise.reject(error);
        }
    }

    private async callGenerally(args: unknown, options: LaunchOptions | undefined): Promise<LaunchResult> {
        if (options !== undefined) requireOptions(this.manifest.name, options);
        const signal = options?.signal;
        if (signal === undefined) return this.callNow(args, options, undefined);
        const submitted = new Submitted(this.queue.scheduler);
        return abortable(
            this.manifest.name,
            signal,
            () => this.callNow(args, options, submitted),
            () => submitted.stop(),
        );
    }

    private async callNow(
        args: unknown,
        options: LaunchOptions | undefined,
        submitted: Submitted | undefined,
    ): Promise<LaunchResult> {
        const recorder = currentRecorder(this.queue);
        if (recorder !== undefined) return recorder.launch(this, args).result;
        const named = laneOf(this.queue, this.manifest, options);
        const lane = this.encodeQuickly(args, named, options);
        if (lane !== undefined) return this.finishQuickly(args as KernelArguments, lane, submitted);
        const outputs = missingOutputs(this.manifest, args, (type, shape) => this.queue.tensor(type, shape));
        try {
            const given = Object.keys(outputs).length === 0 ? args : { ...(args as KernelArguments), ...outputs };
            return await this.run(this.prepare(given, options), named, outputs, submitted);
        } catch (error) {
            for (const output of Object.values(outputs)) output.dispose();
            throw error;
        }
    }

    enqueue(args: unknown, options: LaunchOptions | undefined): void {
        const recorder = currentRecorder(this.queue);
        if (recorder !== undefined) {
            recorder.launch(this, args);
            return;
        }
        const named = laneOf(this.queue, this.manifest, options);
        if (options !== undefined && requireOptions(this.manifest.name, options).signal !== undefined) {
            throw new ArgumentError(
                `${this.manifest.name}.enqueue takes no signal, because it waits for nothing: pass it to a launch that is awaited`,
            );
        }
        const quick = this.encodeQuickly(args, named, options);
        if (quick !== undefined) {
            if (telemetry.listening)
                this.queue.tellLater(this.finishQuickly(args as KernelArguments, quick, undefined));
            return;
        }
        const prepared = this.prepare(args, options);
        if (this.reporting !== undefined || telemetry.listening) {
            // What it reports has to be fetched, and what it takes to be told.
            this.queue.tellLater(this.run(prepared, named, NO_OUTPUTS, undefined));
        } else if (!prepared.geometry.grid.includes(0)) {
            const lane = this.place(prepared.bound, named);
            this.write(lane, prepared, 0n);
            lane.submitted++;
            this.marked(prepared.bound, lane);
        }
    }

    /** For a graph: the launch as a command, on no stream yet. */
    capture(args: unknown): CapturedLaunch {
        CAPTURED.clear();
        if (this.encoder.capture(args, CAPTURED)) {
            const tensors = this.views.map((name) => (args as KernelArguments)[name] as Tensor);
            return this.captured(NO_OUTPUTS, (index) => (tensors[index] as Tensor).storage);
        }
        const outputs = missingOutputs(this.manifest, args, (type, shape) => this.queue.tensor(type, shape));
        const given = Object.keys(outputs).length === 0 ? args : { ...(args as KernelArguments), ...outputs };
        const { bound, geometry, dynamicSharedBytes, offsets } = this.prepare(given, undefined);
        CAPTURED.launch({ slot: 0 }, this.kernel.slot, {
            ...geometry,
            dynamicSharedBytes,
            arguments: encodeArguments(this.manifest, bound),
            offsets,
        });
        return this.captured(outputs, (index) => (bound.views.get(this.views[index] as string) as Tensor).storage);
    }

    /** The launch that is in the buffer. */
    private captured(outputs: LaunchResult["outputs"], storageOf: (view: number) => Storage): CapturedLaunch {
        const geometry = geometryAt(CAPTURED, 0);
        const reads: Storage[] = [];
        const writes: Storage[] = [];
        for (let index = 0; index < this.views.length; index++) {
            (this.isWritten[index] ? writes : reads).push(storageOf(index));
        }
        return {
            command: geometry.grid.includes(0) ? undefined : CAPTURED.written(),
            result: { ...geometry, milliseconds: 0, counters: "unavailable", outputs },
            reads,
            writes,
            reporting: this.reporting,
        };
    }

    private encodeQuickly(
        args: unknown,
        named: Lane | undefined,
        options: LaunchOptions | undefined,
    ): Lane | undefined {
        if (options?.cooperative === true) return undefined;
        // Listeners are told what products are for, which takes the dimensions.
        if (this.manifest.tiles !== undefined && telemetry.listening) return undefined;
        return this.encoder.launch(args, named, this.queue.scheduler);
    }

    /** The end of the launch that was written last. */
    private finishQuickly(args: KernelArguments, lane: Lane, submitted: Submitted | undefined): Promise<LaunchResult> {
        const { queue, manifest, views } = this;
        const { commands } = queue.scheduler;
        const { grid, block } = geometryAt(commands, commands.last);
        const tensors = views.map((name) => args[name] as Tensor);
        const before = queue.counts ? queue.device.counters() : undefined;
        let told: ToldLaunch | undefined;
        const ended = new Promise<LaunchResult>((resolve, reject) => {
            const failed = (error: unknown): void => {
                told?.failed(error);
                reject(fromNative(error, manifest.name));
            };
            const finished = (milliseconds: number, start: number): void => {
                try {
                    requireAllContents(manifest.name, views, tensors);
                    const counters = queue.counts ? countersOfOne(before, queue.device.counters()) : "unavailable";
                    told?.finished(start, milliseconds, counters);
                    resolve({ grid, block, milliseconds, counters, outputs: NO_OUTPUTS });
                } catch (error) {
                    failed(error);
                }
            };
            const ticket = commands.track({ finished, failed }, telemetry.listening);
            submitted?.at(lane, ticket);
        });
        // Behind the command's ticket: listeners may launch as well.
        told = beginLaunch({ id: queue.id, stream: lane.native }, manifest, undefined, { grid, block });
        return ended;
    }

    private prepare(args: unknown, options: LaunchOptions | undefined): Prepared {
        const { manifest, queue } = this;
        const bound = bindArguments(manifest, args, queue);
        return {
            bound,
            geometry: launchGeometry(manifest, bound.dims, queue.launchLimits, this.resident),
            dynamicSharedBytes: sharedBytes(manifest, bound.dims, this.kernel.sharedBytes, queue.launchLimits),
            offsets: options?.cooperative === true ? manifest.arguments.map(({ offset }) => offset) : undefined,
        };
    }

    private async run(
        prepared: Prepared,
        named: Lane | undefined,
        outputs: LaunchResult["outputs"],
        submitted: Submitted | undefined,
    ): Promise<LaunchResult> {
        const { queue, manifest, reports } = this;
        const { bound, geometry } = prepared;
        if (geometry.grid.includes(0)) {
            return { ...geometry, milliseconds: 0, counters: "unavailable", outputs };
        }
        const { device, counts } = queue;
        const lane = this.place(bound, named);
        const told = beginLaunch({ id: queue.id, stream: lane.native }, manifest, bound.dims, geometry);
        const reporting = this.reporting !== undefined ? queue.kernelReports.acquire(lane) : undefined;
        try {
            const before = counts ? device.counters() : undefined;
            const { milliseconds, start, head } = await this.launch(lane, prepared, reporting, submitted);
            if (reporting !== undefined && head !== undefined) {
                await reporting.deliver(manifest, reports, head);
            }
            requireAllContents(manifest.name, [...bound.views.keys()], [...bound.views.values()]);
            const counters = counts ? countersOfOne(before, device.counters()) : "unavailable";
            told?.finished(start, milliseconds, counters);
            return { ...geometry, milliseconds, counters, outputs };
        } catch (error) {
            told?.failed(error);
            if (!(error instanceof ReportedFault)) {
                await deliverRest(reporting, manifest, reports);
            }
            throw fromNative(error, manifest.name);
        } finally {
            reporting?.done();
        }
    }

    /** Queues it, with what is read of its reports behind it. */
    private async launch(
        lane: Lane,
        prepared: Prepared,
        reporting: LaunchReports | undefined,
        submitted: Submitted | undefined,
    ): Promise<Run> {
        const { scheduler } = this.queue;
        // All are queued now, so that nothing else gets between them.
        const initialised = reporting?.prepare();
        initialised?.catch(() => {});
        this.write(lane, prepared, reporting?.buffer.address ?? 0n);
        const launched = new Promise<Ran>((resolve, failed) => {
            const finished = (milliseconds: number, start: number): void => resolve({ milliseconds, start });
            const ticket = scheduler.commands.track({ finished, failed }, telemetry.listening);
            submitted?.at(lane, ticket);
        });
        lane.submitted++;
        this.marked(prepared.bound, lane);
        const read = reporting?.readHead();
        // The first failure is what is reported: the others are of what is queued behind it.
        await Promise.allSettled([initialised, launched, read]);
        await initialised;
        return { ...(await launched), head: await read };
    }

    /** The lane of a launch, behind what it needs. */
    private place({ views }: BoundArguments, named: Lane | undefined): Lane {
        const { scheduler } = this.queue;
        scheduler.begin();
        for (const [name, { storage }] of views) {
            if (this.written.has(name)) scheduler.writes(storage.uses);
            else scheduler.reads(storage.uses);
        }
        return scheduler.choose(named);
    }

    private write(lane: Lane, { bound, geometry, dynamicSharedBytes, offsets }: Prepared, reports: bigint): void {
        this.queue.scheduler.commands.launch(lane, this.kernel.slot, {
            ...geometry,
            dynamicSharedBytes,
            arguments: encodeArguments(this.manifest, bound, reports),
            offsets,
        });
    }

    private marked({ views }: BoundArguments, lane: Lane): void {
        for (const [name, { storage }] of views) {
            if (this.written.has(name)) storage.uses.didWrite(lane);
            else storage.uses.didRead(lane);
        }
    }
}

/** How many workgroups of a persistent kernel the device holds at once; undefined for others. */
function residentGroups(
    manifest: KernelManifest,
    kernel: NativeKernel,
    { device, launchLimits }: LaunchQueue,
): number | undefined {
    const { launch } = manifest;
    if (launch.kind !== "groups" || !launch.persistent) return undefined;
    const workItems = launch.workgroup.reduce((product, size) => product * size, 1);
    const shared = sharedBytes(manifest, new Map(), kernel.sharedBytes, launchLimits);
    // A library that knows no better says 0 of what it can launch all the same.
    return device.attribute("multiprocessorCount") * Math.max(1, kernel.resident(workItems, shared));
}

/** A launch that its caller may not want to its end. */
class Submitted {
    private place: { readonly lane: Lane; readonly ticket: number } | undefined;

    constructor(private readonly scheduler: Scheduler) {}

    at(lane: Lane, ticket: number): void {
        this.place = { lane, ticket };
    }

    stop(): void {
        const { place } = this;
        if (place === undefined || place.lane.native.disposed) return;
        this.scheduler.commands.flushQuietly();
        place.lane.native.stop(tickets.channel, place.ticket);
    }
}

/** Of the launch that begins there, in bytes. */
function geometryAt({ u32 }: CommandBuffer, at: number): Geometry {
    const extent = (word: number): Extent3 => {
        const first = at / 4 + word;
        return [u32[first] as number, u32[first + 1] as number, u32[first + 2] as number];
    };
    return { grid: extent(LAUNCH_WORD.grid), block: extent(LAUNCH_WORD.block) };
}

/** @throws DisposedError where an earlier write to one of the tensors failed, so that the kernel read something else */
function requireAllContents(kernel: string, names: readonly string[], tensors: readonly Tensor<TensorType>[]): void {
    for (let index = 0; index < tensors.length; index++) {
        const tensor = tensors[index] as Tensor<TensorType>;
        if (tensor.storage.lost !== undefined) tensor.requireContents(`${kernel}: ${names[index]}`);
    }
}

/** The stream that a caller names. @throws ArgumentError where it is none of this device */
function laneOf(queue: LaunchQueue, { name }: KernelManifest, options: LaunchOptions | undefined): Lane | undefined {
    const stream = options?.stream;
    if (stream === undefined) return undefined;
    if (!(stream instanceof Stream) || stream.owner !== queue) {
        throw new ArgumentError(`${name}: the stream is none of ${queue.id}: make one with gpu.stream()`);
    }
    return stream.lane;
}

interface Ran {
    readonly milliseconds: number;
    /** On the device's clock; NaN where nobody listens. */
    readonly start: number;
}

interface Run extends Ran {
    /** Of the report buffer, if there is one. */
    readonly head: ArrayBuffer | undefined;
}

/** The difference, if exactly one kernel finished in between. */
function countersOfOne(
    before: NativeCounters | undefined,
    after: NativeCounters | undefined,
): Counters | "unavailable" {
    if (before === undefined || after === undefined || after.launches - before.launches !== 1) {
        return "unavailable";
    }
    const names = Object.keys(after);
    return Object.fromEntries(names.map((name) => [name, (after[name] ?? 0) - (before[name] ?? 0)]));
}
