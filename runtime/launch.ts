// One launch, from checked arguments to what is reported of it. Launches of one device run in the order of the calls.

import type { KernelManifest, ReportManifest } from "../codeobject/manifest.js";
import { bindArguments, encodeArguments, type KernelArguments } from "./arguments.js";
import { ReportedFault } from "./errors.js";
import { type Extent3, type LaunchLimits, launchGeometry, sharedBytes } from "./grid.js";
import type { NativeCounters, NativeDevice, NativeKernel, NativeLaunch, NativeStream } from "./hip/binding.js";
import { fromNative } from "./hip/failure.js";
import type { LaunchReports, Reports } from "./reports.js";
import type { DeviceInterval } from "./telemetry/events.js";
import { beginLaunch } from "./telemetry/launches.js";
import { telemetry } from "./telemetry/telemetry.js";
import { intervalBetween, release } from "./telemetry/timing.js";

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
    /** The device, as events name it. */
    readonly id: string;
    readonly kernelReports: Reports;
    readonly device: NativeDevice;
    readonly stream: NativeStream;
    readonly launchLimits: LaunchLimits;
}

/**
 * @param reports the module's places that report to the host
 * @throws ArgumentError, ShapeError, LaunchError, DisposedError, HipError, KernelFault, AssertionFault, BoundsFault
 */
export async function launch(
    queue: LaunchQueue,
    manifest: KernelManifest,
    reports: readonly ReportManifest[],
    kernel: NativeKernel,
    args: unknown,
): Promise<LaunchResult> {
    const bound = bindArguments(manifest, args, queue);
    const geometry = launchGeometry(manifest, bound.dims, queue.launchLimits);
    const dynamicSharedBytes = sharedBytes(manifest, bound.dims, kernel.sharedBytes, queue.launchLimits);
    if (geometry.grid.includes(0)) {
        return { ...geometry, milliseconds: 0, counters: "unavailable" };
    }
    const { device } = queue;
    const told = beginLaunch(queue, manifest.name, geometry);
    const canReport = manifest.arguments.some(({ kind }) => kind === "reports");
    const reporting = canReport ? queue.kernelReports.acquire() : undefined;
    try {
        const before = device.counters();
        const buffers = [...bound.views.values()].map((tensor) => tensor.buffer);
        const { milliseconds, interval, head } = await run(queue, kernel, reporting, {
            ...geometry,
            dynamicSharedBytes,
            arguments: encodeArguments(manifest, bound, reporting?.buffer.address ?? 0n),
            buffers: reporting === undefined ? buffers : [...buffers, reporting.buffer],
        });
        if (reporting !== undefined && head !== undefined) {
            await reporting.deliver(manifest, reports, head);
        }
        for (const [name, tensor] of bound.views) {
            tensor.requireContents(`${manifest.name}: ${name}`);
        }
        const result = { ...geometry, milliseconds, counters: countersOfOne(before, device.counters()) };
        told?.finished(interval, result.counters);
        return result;
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

/** What a kernel printed before the device stopped it, where the device can be used again. */
async function deliverRest(
    reporting: LaunchReports | undefined,
    manifest: KernelManifest,
    reports: readonly ReportManifest[],
): Promise<void> {
    try {
        await reporting?.deliver(manifest, reports, await reporting.readHead());
    } catch {
        // The launch's own failure is what is reported.
    }
}

interface Run {
    readonly milliseconds: number;
    /** Where somebody listens. */
    readonly interval: DeviceInterval | undefined;
    /** Of the report buffer, if there is one. */
    readonly head: ArrayBuffer | undefined;
}

async function run(
    { device, stream }: LaunchQueue,
    kernel: NativeKernel,
    reporting: LaunchReports | undefined,
    launch: NativeLaunch,
): Promise<Run> {
    const start = device.createEvent();
    const end = device.createEvent();
    try {
        // All are queued now, so that nothing else gets between them; the first failure is what is reported.
        const initialised = reporting?.prepare();
        const done = [stream.record(start), stream.launch(kernel, launch), stream.record(end)];
        const read = reporting?.readHead();
        const [head] = await Promise.all([read, initialised, ...done]);
        const interval = telemetry.listening ? intervalBetween(device, start, end) : undefined;
        return { milliseconds: interval?.milliseconds ?? end.elapsedSince(start), interval, head };
    } finally {
        release(device, start);
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
