// Events as a trace for Perfetto (https://ui.perfetto.dev) and chrome://tracing: Google's "Trace Event Format", its JSON object
// form. The host is one process, with a track for compiling and one for calls; each device is another, with a track for each
// stream, on which kernels and copies lie where the device ran them, and a counter of its memory.

import type { WorkgroupSpan } from "../virtual-trace.js";
import type { CopyEvent, FinishEvent, ReplayEvent, TelemetryEvent } from "./events.js";
import { type Subscription, telemetry } from "./telemetry.js";

/** One entry of the format: `ph` is its phase, `ts` and `dur` are in microseconds. */
export interface TraceEntry {
    readonly name: string;
    readonly ph: "X" | "i" | "C" | "s" | "f" | "M";
    readonly ts: number;
    readonly pid: number;
    readonly tid: number;
    readonly [field: string]: unknown;
}

/** What a file of the format has. */
export interface Trace {
    readonly traceEvents: readonly TraceEntry[];
    readonly displayTimeUnit: "ms";
}

/** A trace of what happens until it is stopped; `JSON.stringify` of it is a file for Perfetto. */
export class TraceRecording implements Subscription {
    private readonly events: TelemetryEvent[] = [];
    private readonly workgroups = new Map<string, readonly WorkgroupSpan[]>();
    private readonly subscription = telemetry.subscribe((event) => this.events.push(event));

    stop(): void {
        this.subscription.stop();
    }

    [Symbol.dispose](): void {
        this.stop();
    }

    /** Shows when a virtual device's workgroups ran on its compute units (`gpu.virtual.traced()`). */
    addWorkgroups(device: string, spans: readonly WorkgroupSpan[]): void {
        this.workgroups.set(device, [...(this.workgroups.get(device) ?? []), ...spans]);
    }

    toJSON(): Trace {
        return traceOf(this.events, this.workgroups);
    }
}

/** Begins to record a trace. Its events are kept until the recording is collected: about 300 bytes for each. */
export function recordTrace(): TraceRecording {
    return new TraceRecording();
}

const HOST = 1;
const CALLS = 1;
const COMPILER = 2;

/** The events as a trace, in the order of their times. */
export function traceOf(
    events: readonly TelemetryEvent[],
    workgroups: ReadonlyMap<string, readonly WorkgroupSpan[]> = new Map(),
): Trace {
    const first = events.reduce((earliest, { time, ...event }) => {
        const began = "milliseconds" in event ? time - event.milliseconds : time;
        return Math.min(earliest, began);
    }, Number.POSITIVE_INFINITY);
    const origin = [...workgroups.values()].flat().reduce((earliest, { start }) => Math.min(earliest, start), first);
    const microseconds = (time: number): number => (time - origin) * 1000;
    const devices = new DeviceTracks(events);
    const memory = new Map<string, number>();
    const entriesOf = (event: TelemetryEvent): readonly TraceEntry[] => {
        const ts = microseconds(event.time);
        switch (event.kind) {
            case "compile":
            case "cache-hit": {
                const { kind, time: _, milliseconds, path, ...args } = event;
                const began = microseconds(event.time - milliseconds);
                const name = kind === "compile" ? `compile ${path}` : `${path} from cache`;
                return [{ name, ph: "X", ts: began, dur: milliseconds * 1000, pid: HOST, tid: COMPILER, args }];
            }
            case "allocate":
            case "free": {
                const { device, bytes } = event;
                const total = (memory.get(device) ?? 0) + (event.kind === "allocate" ? bytes : -bytes);
                memory.set(device, total);
                const pid = devices.process(device);
                // What was there before the recording began is not counted, and can be freed in it.
                return [{ name: "memory", ph: "C", ts, pid, tid: 0, args: { bytes: Math.max(total, 0) } }];
            }
            case "launch": {
                const { kernel, id, grid, block } = event;
                const call: TraceEntry = {
                    ...{ name: `launch ${kernel}`, ph: "X", ts, dur: 1, pid: HOST, tid: CALLS },
                    args: { id, grid, block },
                };
                return [call, { ...flow(event.id), ph: "s", ts, pid: HOST, tid: CALLS }];
            }
            case "product": {
                const { kernel, kind: _, time: _time, device: _device, ...args } = event;
                return [{ name: `products of ${kernel}`, ph: "i", s: "t", ts, pid: HOST, tid: CALLS, args }];
            }
            case "choice": {
                const { kernel, kind: _, time: _time, device: _device, ...args } = event;
                return [{ name: `choice for ${kernel}`, ph: "i", s: "t", ts, pid: HOST, tid: CALLS, args }];
            }
            case "copy": {
                const { direction, bytes, milliseconds } = event;
                return devices.entry(event, microseconds, `copy ${direction}`, { bytes, milliseconds });
            }
            case "replay": {
                const { kernels, copies, milliseconds } = event;
                return devices.entry(event, microseconds, "replay", { kernels, copies, milliseconds });
            }
            case "finish": {
                const { id, kernel, counters } = event;
                const [entry] = devices.entry(event, microseconds, kernel, { id, counters });
                if (entry === undefined) return [];
                const { ts: began, pid, tid } = entry;
                return [entry, { ...flow(id), ph: "f", bp: "e", ts: began, pid, tid }];
            }
            case "fault": {
                const { device, stream, kernel, message, code, place } = event;
                const where = { pid: devices.process(device), tid: stream };
                const name = `fault${kernel === undefined ? "" : ` in ${kernel}`}`;
                return [{ name, ph: "i", s: "p", ts, ...where, args: { message, code, place } }];
            }
        }
    };
    const units = [...workgroups].flatMap(([device, spans]) => {
        const pid = devices.process(`${device}, compute units`);
        return spans.map(({ kernel, group, unit: tid, start, milliseconds }): TraceEntry => {
            const name = `${kernel} workgroup ${group}`;
            return { name, ph: "X", ts: microseconds(start), dur: milliseconds * 1000, pid, tid, args: { group } };
        });
    });
    const entries = [...events.flatMap(entriesOf), ...units].sort((a, b) => a.ts - b.ts);
    return { traceEvents: [...devices.names(), ...entries], displayTimeUnit: "ms" };
}

/** An arrow from the call to the run. */
function flow(id: number): { readonly name: string; readonly cat: string; readonly id: number } {
    return { name: "launch", cat: "launch", id };
}

/** What lies on a stream's track. */
type RunEvent = CopyEvent | FinishEvent | ReplayEvent;
type Timed = RunEvent & { readonly interval: object };

/** The processes of the trace that are devices, and how their clocks lie to the host's. */
class DeviceTracks {
    private readonly processes = new Map<string, number>();
    private readonly streams = new Map<string, { readonly pid: number; readonly stream: number }>();
    /** What to add to the device's time for the host's, in milliseconds. */
    private readonly offsets = new Map<string, number>();

    constructor(events: readonly TelemetryEvent[]) {
        // The host hears of an end some time after it: where it heard soonest, the clocks are the best known.
        for (const event of events) {
            if (isTimed(event)) {
                const offset = event.time - (event.interval.start + event.interval.milliseconds);
                const known = this.offsets.get(event.device) ?? Number.POSITIVE_INFINITY;
                this.offsets.set(event.device, Math.min(known, offset));
            }
        }
    }

    process(device: string): number {
        let pid = this.processes.get(device);
        if (pid === undefined) {
            pid = HOST + 1 + this.processes.size;
            this.processes.set(device, pid);
        }
        return pid;
    }

    /** What a device did, at its time there; none where the device could not measure it. */
    entry(
        event: RunEvent,
        microseconds: (time: number) => number,
        name: string,
        args: Readonly<Record<string, unknown>>,
    ): TraceEntry[] {
        if (!isTimed(event)) return [];
        const pid = this.process(event.device);
        this.streams.set(`${pid}:${event.stream}`, { pid, stream: event.stream });
        const ts = microseconds((this.offsets.get(event.device) ?? 0) + event.interval.start);
        return [{ name, ph: "X", ts, dur: event.interval.milliseconds * 1000, pid, tid: event.stream, args }];
    }

    names(): TraceEntry[] {
        const name = (what: string, pid: number, tid: number, text: string): TraceEntry => ({
            ...{ name: what, ph: "M", ts: 0, pid, tid, args: { name: text } },
        });
        return [
            name("process_name", HOST, 0, "host"),
            name("thread_name", HOST, CALLS, "calls"),
            name("thread_name", HOST, COMPILER, "compiler"),
            ...[...this.processes].map(([device, pid]) => name("process_name", pid, 0, device)),
            ...[...this.streams.values()].map(({ pid, stream }) =>
                name("thread_name", pid, stream, `stream ${stream}`),
            ),
        ];
    }
}

function isTimed(
    event: TelemetryEvent,
): event is Timed & { readonly interval: { start: number; milliseconds: number } } {
    return (
        (event.kind === "copy" || event.kind === "finish" || event.kind === "replay") && event.interval !== undefined
    );
}
