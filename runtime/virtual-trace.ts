// What the virtual GPU records of its launches, one thing after the other: executed instructions, the registers of a
// work-item at a source line, when workgroups ran, and which lanes were on. spec/vgpu.md, "Traces".

import { ArgumentError } from "./errors.js";
import type { NativeDevice } from "./hip/binding.js";
import { native } from "./hip/failure.js";
import type { Subscription } from "./telemetry/telemetry.js";

/** Which waves are traced; what is not given matches all. */
export interface TraceRequest {
    readonly kernel?: string;
    /** The workgroup's number, x fastest. */
    readonly group?: number;
    readonly wave?: number;
}

/** Where a work-item is looked at: each time it comes to the line. */
export interface StopRequest extends TraceRequest {
    /** The end of the path, as the compiler was given it; without it any file's line. */
    readonly file?: string;
    /** From 1. */
    readonly line: number;
    /** The work-item's number in its workgroup, x fastest. Default 0. */
    readonly item?: number;
}

/** A register with other values than before. */
export interface RegisterChange {
    /** As LLVM names it, such as `v3`, `s[4]` as `s4`, `vcc_lo`, `scc`. */
    readonly register: string;
    /** Of a vector register: the lanes whose value changed, a bit each, in hexadecimal; else 0x0. */
    readonly lanes: string;
    /** The lanes' values, from the lowest on, or the scalar's, as bits. */
    readonly values: readonly number[];
}

/** What a variable of the source is for a work-item. */
export interface SourceVariable {
    readonly name: string;
    /** Of one element, in the source's words: `u32`, or `unsigned int` of other compilers. */
    readonly type: string;
    readonly kind: "signed" | "unsigned" | "float" | "boolean" | "pointer";
    readonly elementBytes: number;
    /** Elements, of vectors and arrays; else 1. */
    readonly count: number;
    /** All elements, the lowest byte first, in hexadecimal. */
    readonly bytes: string;
}

export interface TraceStep {
    readonly kernel: string;
    readonly group: number;
    readonly wave: number;
    readonly codeOffset: number;
    /** In LLVM's syntax. */
    readonly instruction: string;
    readonly file: string;
    /** From 1; 0 where it is not known. */
    readonly line: number;
    /** Lanes that were on, a bit each, in hexadecimal. */
    readonly exec: string;
    /** Of a stop: all registers that are not 0. */
    readonly changes: readonly RegisterChange[];
    /** Of a stop, in code that is not optimised (`-O 0`): those that are declared before the line. */
    readonly variables: readonly SourceVariable[];
}

/** When a workgroup ran, and on which of the host's threads: a compute unit of the virtual GPU. */
export interface WorkgroupSpan {
    readonly kernel: string;
    readonly group: number;
    readonly unit: number;
    /** Milliseconds since 1970, with fractions. */
    readonly start: number;
    readonly milliseconds: number;
}

/** One look at a wave: which of its lanes were on. */
export interface LaneSample {
    /** Counts up: a gap is samples that were lost. */
    readonly number: number;
    /** Milliseconds since 1970, with fractions. */
    readonly time: number;
    readonly kernel: string;
    readonly group: number;
    readonly wave: number;
    readonly waveSize: number;
    /** A bit for each lane, in hexadecimal. */
    readonly exec: string;
}

export interface VirtualTrace {
    readonly steps: readonly TraceStep[];
    readonly stops: readonly TraceStep[];
    readonly workgroups: readonly WorkgroupSpan[];
    readonly samples: readonly LaneSample[];
    /** What had no room: 100,000 steps, 64 stops and 65,536 workgroups are kept. */
    readonly lost: number;
}

/** What is recorded of one device. Changing it begins anew. */
export class TraceSettings {
    private settings: Readonly<Record<string, unknown>> = {};
    private feed: Subscription | undefined;

    constructor(private readonly device: NativeDevice) {}

    set(settings: Readonly<Record<string, unknown>>): void {
        this.settings = { ...this.settings, ...settings };
        native(() => this.device.setTrace(JSON.stringify(this.settings)));
    }

    read(): VirtualTrace {
        return JSON.parse(native(() => this.device.trace()) ?? "") as VirtualTrace;
    }

    /** Calls `listener` every so many milliseconds for each new sample, until it is stopped. */
    lanes(listener: (sample: LaneSample) => void, every: number, interval: number): Subscription {
        if (!Number.isSafeInteger(every) || every < 1) {
            throw new ArgumentError(`every is a positive integer, not ${every}`);
        }
        this.feed?.stop();
        this.set({ lanesEvery: every });
        let last = 0;
        const poll = (): void => {
            for (const sample of this.read().samples) {
                if (sample.number > last) {
                    last = sample.number;
                    listener(sample);
                }
            }
        };
        const timer = setInterval(poll, interval);
        timer.unref();
        let isOn = true;
        const stop = (): void => {
            if (!isOn) return;
            isOn = false;
            clearInterval(timer);
            poll();
            this.set({ lanesEvery: 0 });
        };
        this.feed = { stop, [Symbol.dispose]: stop };
        return this.feed;
    }
}
