// One launch, from checked arguments to what is reported of it. Launches of one device run in the order of the calls.

import type { KernelManifest } from "../codeobject/manifest.js";
import { bindArguments, encodeArguments, type KernelArguments } from "./arguments.js";
import { type Extent3, type LaunchLimits, launchGeometry } from "./grid.js";
import type { NativeCounters, NativeDevice, NativeKernel, NativeLaunch, NativeStream } from "./hip/binding.js";
import { fromNative } from "./hip/failure.js";

/** What is known of a launch when its kernel has finished. */
export interface LaunchResult {
    /** Workgroups on each axis, x first; with a 0 among them there was nothing to run. */
    readonly grid: Extent3;
    /** Work-items of a workgroup on each axis. */
    readonly block: Extent3;
    /** Time on the device between the events before and after the kernel. */
    readonly milliseconds: number;
    /**
     * What the virtual GPU counted. Unavailable on other devices, and for launches that were in flight together, whose
     * counts can't be told apart: await each launch to have its own.
     */
    readonly counters: Counters | "unavailable";
}

/** Counts of one launch by name: `instructions` (once a wave), `waves`, and others that the device counts. */
export type Counters = Readonly<Record<string, number>>;

/** A kernel as a function of its arguments by name. Resolves when it has finished. */
export type Kernel<A extends object = KernelArguments> = (args: A) => Promise<LaunchResult>;

/** Where kernels are launched: a device, its queue, and what it takes. */
export interface LaunchQueue {
    readonly device: NativeDevice;
    readonly stream: NativeStream;
    readonly launchLimits: LaunchLimits;
}

/** @throws ArgumentError, ShapeError, LaunchError, DisposedError, HipError, KernelFault */
export async function launch(
    queue: LaunchQueue,
    manifest: KernelManifest,
    kernel: NativeKernel,
    args: unknown,
): Promise<LaunchResult> {
    const bound = bindArguments(manifest, args, queue);
    const geometry = launchGeometry(manifest, bound.dims, queue.launchLimits);
    if (geometry.grid.includes(0)) {
        return { ...geometry, milliseconds: 0, counters: "unavailable" };
    }
    const { device } = queue;
    try {
        const before = device.counters();
        const milliseconds = await run(queue, kernel, {
            ...geometry,
            arguments: encodeArguments(manifest, bound),
            buffers: [...bound.views.values()].map((tensor) => tensor.buffer),
        });
        for (const [name, tensor] of bound.views) {
            tensor.requireContents(`${manifest.name}: ${name}`);
        }
        return { ...geometry, milliseconds, counters: countersOfOne(before, device.counters()) };
    } catch (error) {
        throw fromNative(error, manifest.name);
    }
}

/** Milliseconds on the device. */
async function run({ device, stream }: LaunchQueue, kernel: NativeKernel, launch: NativeLaunch): Promise<number> {
    const start = device.createEvent();
    const end = device.createEvent();
    try {
        // All three are queued now, so that nothing else gets between them; the first failure is what is reported.
        await Promise.all([stream.record(start), stream.launch(kernel, launch), stream.record(end)]);
        return end.elapsedSince(start);
    } finally {
        start.dispose();
        end.dispose();
    }
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
