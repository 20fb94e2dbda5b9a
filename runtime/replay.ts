// One replay of a graph, from its commands to what is reported and told of it. Its kernels report as in plain launches: a replay has
// report buffers of its own, one for each kernel that can report, however often the graph launches it.
// Invariant: where nobody waits or listens and no kernel reports, a replay is a write into the command buffer and no more.

import type { Program, Used } from "./device-graph.js";
import { DisposedError, KernelFault, ReportedFault } from "./errors.js";
import { fromNative } from "./hip/failure.js";
import type { Lane } from "./lanes.js";
import type { CapturedLaunch, LaunchQueue, Reporting } from "./launch.js";
import { deliverRest, type LaunchReports } from "./reports.js";
import type { Stream } from "./stream.js";
import { beginReplay, type ReplayedWork } from "./telemetry/replays.js";
import { telemetry } from "./telemetry/telemetry.js";

/** What a replay reads and writes. */
export type Uses = Pick<Program, "reads" | "writes">;

/** The report buffers of a replay, by what they are of. */
export type ReplayReports = ReadonlyMap<Reporting, LaunchReports>;

const NO_REPORTS: ReplayReports = new Map();

/** The lane of a replay, behind what it depends on. */
export function placeReplay({ scheduler }: LaunchQueue, { reads, writes }: Uses, stream: Stream | undefined): Lane {
    scheduler.begin();
    for (const { uses } of reads) scheduler.reads(uses);
    for (const { uses } of writes) scheduler.writes(uses);
    return scheduler.choose(stream?.lane);
}

/** A report buffer for each kernel that can report. */
export function acquireReports(
    { kernelReports }: LaunchQueue,
    lane: Lane,
    launches: readonly CapturedLaunch[],
): ReplayReports {
    const kernels = new Set(launches.flatMap(({ reporting }) => reporting ?? []));
    if (kernels.size === 0) return NO_REPORTS;
    const acquired = new Map<Reporting, LaunchReports>();
    try {
        for (const kernel of kernels) acquired.set(kernel, kernelReports.acquire(lane));
    } catch (error) {
        for (const { done } of acquired.values()) done();
        throw error;
    }
    return acquired;
}

/** The launch with its report buffer; itself where it has that one already, or none. */
export function withReports(launch: CapturedLaunch, reports: ReplayReports): CapturedLaunch {
    const { command, reporting } = launch;
    const buffer = reporting && reports.get(reporting)?.buffer;
    if (command === undefined || reporting === undefined || buffer === undefined) return launch;
    const at = command.byteOffset + reporting.address;
    if (new DataView(command.buffer).getBigUint64(at, true) === buffer.address) return launch;
    const changed = command.slice();
    new DataView(changed.buffer).setBigUint64(reporting.address, buffer.address, true);
    return { ...launch, command: changed };
}

/**
 * Queues a replay on its lane. Gives its end where somebody is told of it.
 * @param isAwaited whether the caller wants to know its end
 */
export function runReplay(
    queue: LaunchQueue,
    lane: Lane,
    program: Program,
    reports: ReplayReports,
    work: ReplayedWork,
    isAwaited: boolean,
): Promise<void> | undefined {
    if (!isAwaited && reports.size === 0 && !telemetry.listening) {
        append(queue, lane, program);
        return undefined;
    }
    return follow(queue, lane, program, reports, work);
}

async function follow(
    queue: LaunchQueue,
    lane: Lane,
    program: Program,
    reports: ReplayReports,
    work: ReplayedWork,
): Promise<void> {
    const told = beginReplay({ id: queue.id, stream: lane.native }, work);
    const buffers = [...reports.values()];
    try {
        // All are queued now, so that nothing else gets between them.
        const initialised = buffers.map((each) => each.prepare());
        for (const each of initialised) each.catch(() => {});
        const ran = append(queue, lane, program, true) as Promise<{ start: number; milliseconds: number }>;
        const heads = buffers.map((each) => each.readHead());
        // The first failure is what is reported: the others are of what is queued behind it.
        await Promise.allSettled([...initialised, ran, ...heads]);
        await Promise.all(initialised);
        const { start, milliseconds } = await ran;
        await deliverAll(reports, await Promise.all(heads));
        told?.finished(start, milliseconds);
    } catch (cause) {
        if (!(cause instanceof ReportedFault)) {
            for (const [{ manifest, places }, each] of reports) await deliverRest(each, manifest, places);
        }
        const error = fromNative(cause);
        const isOfKernel = error instanceof ReportedFault || error instanceof KernelFault;
        told?.failed(error, isOfKernel ? error.kernel : undefined);
        throw error;
    } finally {
        for (const { done } of buffers) done();
    }
}

/** Hands on what all kernels printed. @throws the fault of the first kernel that reported one */
async function deliverAll(reports: ReplayReports, heads: readonly ArrayBuffer[]): Promise<void> {
    const faults: unknown[] = [];
    for (const [index, [{ manifest, places }, each]] of [...reports].entries()) {
        try {
            await each.deliver(manifest, places, heads[index] as ArrayBuffer);
        } catch (error) {
            faults.push(error);
        }
    }
    if (faults.length > 0) throw faults[0];
}

/** Writes the commands, and marks what they use. */
function append(
    { scheduler: { commands } }: LaunchQueue,
    lane: Lane,
    { bytes, starts, commands: count, reads, writes }: Program,
    isTracked = false,
): Promise<{ readonly start: number; readonly milliseconds: number }> | undefined {
    commands.append(lane, bytes, starts);
    const tracked = isTracked ? commands.trackedFrom(telemetry.listening) : undefined;
    lane.submitted += count;
    for (const { uses } of reads) uses.didRead(lane);
    for (const { uses } of writes) uses.didWrite(lane);
    return tracked;
}

export function requireMemory(used: readonly Used[]): void {
    for (const { block } of used) {
        if (block.wasReset === true) {
            throw new DisposedError(
                "its memory was lost when the device was reset: what was captured has to be made anew",
            );
        }
    }
}
