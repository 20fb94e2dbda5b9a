// Host time of launches: of one launch among many, by the number of its arguments.

import type { Gpu, Kernel, KernelArguments } from "../../runtime/index.js";
import { Tensor } from "../../runtime/tensor.js";

const COUNTS = [0, 4, 16] as const;

/** Half of the arguments are tensors, half numbers; the kernels add up what they are given. */
function sourceOf(count: number): string {
    if (count === 0) return "kernel args_0() over i in 256 {}";
    const parameters = Array.from({ length: count }, (_, i) =>
        i % 2 === 0 ? `v${i}: ${i === 0 ? "mut " : ""}f32[n]` : `s${i}: f32`,
    );
    const terms = Array.from({ length: count / 2 }, (_, i) => (i === 0 ? "s1" : `v${2 * i}[i] * s${2 * i + 1}`));
    return `kernel args_${count}(${parameters.join(", ")}) over i in n { v0[i] = ${terms.join(" + ")} }`;
}

function argumentsOf(gpu: Gpu, count: number): KernelArguments {
    return Object.fromEntries(
        Array.from({ length: count }, (_, i) => (i % 2 === 0 ? [`v${i}`, gpu.tensor("f32", [256])] : [`s${i}`, i / 2])),
    );
}

function disposeOf(args: KernelArguments): void {
    for (const value of Object.values(args)) if (value instanceof Tensor) value.dispose();
}

export interface LaunchTimes {
    readonly count: number;
    /** Microseconds of the JavaScript thread for a launch that is queued. */
    readonly enqueue: number;
    /** The same, until the device has ended, divided by the launches. */
    readonly enqueueToEnd: number;
    /** For a launch with a promise, of many that are called before the first is awaited. */
    readonly call: number;
    /** From the call to the result, of launches that are awaited one by one. */
    readonly awaited: number;
}

/** Microseconds of each way of launching, the least of some rounds. */
export async function measureLaunches(gpu: Gpu, launches: number, rounds: number): Promise<readonly LaunchTimes[]> {
    using module = await gpu.load({ source: COUNTS.map(sourceOf).join("\n"), path: "launches.soma" });
    const times: LaunchTimes[] = [];
    for (const count of COUNTS) {
        const kernel = module.kernels[`args_${count}`] as Kernel;
        const args = argumentsOf(gpu, count);
        const all: Omit<LaunchTimes, "count">[] = [];
        for (let round = 0; round < rounds; round++) all.push(await measureOne(gpu, kernel, args, launches));
        const least = (pick: (each: Omit<LaunchTimes, "count">) => number): number => Math.min(...all.map(pick));
        times.push({
            count,
            enqueue: least((each) => each.enqueue),
            enqueueToEnd: least((each) => each.enqueueToEnd),
            call: least((each) => each.call),
            awaited: least((each) => each.awaited),
        });
        disposeOf(args);
    }
    return times;
}

async function measureOne(gpu: Gpu, kernel: Kernel, args: KernelArguments, launches: number) {
    await gpu.synchronize();
    let start = performance.now();
    const microseconds = (count: number): number => ((performance.now() - start) * 1000) / count;
    for (let i = 0; i < launches; i++) kernel.enqueue(args);
    const enqueue = microseconds(launches);
    await gpu.synchronize();
    const enqueueToEnd = microseconds(launches);

    start = performance.now();
    const called = Array.from({ length: launches }, () => kernel(args));
    const call = microseconds(launches);
    await Promise.all(called);

    start = performance.now();
    const few = Math.ceil(launches / 10);
    for (let i = 0; i < few; i++) await kernel(args);
    return { enqueue, enqueueToEnd, call, awaited: microseconds(few) };
}

const NODES = 100;

/** Microseconds of the JavaScript thread, and until the device has ended, for each launch of a graph of a hundred. */
export async function measureGraph(gpu: Gpu, replays: number, rounds: number) {
    using module = await gpu.load({ source: sourceOf(4), path: "graph.soma" });
    const kernel = module.kernels.args_4 as Kernel;
    const args = argumentsOf(gpu, 4);
    using graph = await gpu.capture({ s1: 1 }, ({ s1 }) => {
        for (let node = 0; node < NODES; node++) kernel.enqueue({ ...args, s1 });
    });
    let [same, toEnd, changed] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let round = 0; round < rounds; round++) {
        await gpu.synchronize();
        let start = performance.now();
        const perNode = (): number => ((performance.now() - start) * 1000) / (replays * NODES);
        for (let i = 0; i < replays; i++) graph.enqueue();
        same = Math.min(same, perNode());
        await gpu.synchronize();
        toEnd = Math.min(toEnd, perNode());
        start = performance.now();
        for (let i = 0; i < replays; i++) graph.enqueue({ s1: round + i });
        changed = Math.min(changed, perNode());
    }
    disposeOf(args);
    return { same, toEnd, changed };
}
