// A kernel as programs call it, and what a launch gives.

import type { KernelArguments } from "./arguments.js";
import type { TensorType } from "./contents.js";
import type { Extent3 } from "./grid.js";
import type { Stream } from "./stream.js";
import type { Tensor } from "./tensor.js";

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
    /** The `mut` views that were not given, by name: new tensors, whose extents follow from the other arguments. */
    readonly outputs: Readonly<Record<string, Tensor<TensorType>>>;
}

/** Counts of one launch by name: `instructions` (once a wave), `waves`, and others that the device counts. */
export type Counters = Readonly<Record<string, number>>;

export interface LaunchOptions {
    /** Where it runs. Default: a stream by its data dependencies. */
    readonly stream?: Stream | undefined;
    /** All of its workgroups run at the same time, or it fails. Default false. */
    readonly cooperative?: boolean | undefined;
    /**
     * Ends the wait with an AbortError: a launch that has not begun does not run; one that has is stopped on the virtual GPU, and goes
     * on to its end on any other. `AbortSignal.timeout(ms)` is a time-out.
     */
    readonly signal?: AbortSignal | undefined;
}

/** A kernel as a function of its arguments by name. */
export interface Kernel<A extends object = KernelArguments> {
    /** Resolves when it has finished. A `mut` view may be left out where its extents follow from the other arguments. */
    (args: A, options?: LaunchOptions): Promise<LaunchResult>;
    /**
     * Queues a launch and returns, without a promise: for many small launches, which go to the device together. A failure
     * on the device is told by the next thing behind it that is awaited, such as `gpu.synchronize()`.
     * @throws ArgumentError, ShapeError, LaunchError, DisposedError
     */
    enqueue(args: A, options?: LaunchOptions): void;
}
