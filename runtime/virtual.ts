// What only the virtual GPU can tell of its launches: `gpu.virtual`. spec/vgpu.md defines every count.

import type { NativeDevice } from "./hip/binding.js";
import { native } from "./hip/failure.js";
import type { Subscription } from "./telemetry/telemetry.js";
import {
    type LaneSample,
    type StopRequest,
    type TraceRequest,
    TraceSettings,
    type VirtualTrace,
} from "./virtual-trace.js";

/** Sums over launches. */
export interface ProfileCounts {
    /** Instructions by class (`valu`, `vector load`, …), counted once a wave. */
    readonly instructions: Readonly<Record<string, number>>;
    readonly global: {
        /** Cache lines that vector instructions asked for. */
        readonly transactions: number;
        readonly bytesPerTransaction: number;
        /** Different bytes that lanes wanted of those lines. */
        readonly usefulBytes: number;
        /** usefulBytes / (transactions · bytesPerTransaction): 1 where every byte that came was wanted. */
        readonly coalescing: number;
    };
    readonly lds: {
        readonly cycles: number;
        /** Cycles of these that conflicts cost. */
        readonly bankConflicts: number;
    };
    /** How often an instruction turned some lanes off, but not all. */
    readonly divergentBranches: number;
    /** Floating-point operations of vector instructions. */
    readonly flops: number;
    /** Floating-point operations of matrix instructions. */
    readonly matrixFlops: number;
}

export interface LineProfile extends ProfileCounts {
    /** As the compiler was given it; empty where the code object has no line for an instruction. */
    readonly file: string;
    /** From 1; 0 for instructions without a line. */
    readonly line: number;
    /** Instructions in all, counted once a wave. */
    readonly executed: number;
    /** Lanes that were on, summed over vector and memory instructions. */
    readonly lanes: number;
}

/** From the target's peaks alone: nothing was timed on hardware. */
export interface RooflineEstimate {
    readonly note: string;
    readonly memoryMicroseconds: number;
    readonly vectorMicroseconds: number;
    readonly matrixMicroseconds: number;
    /** What takes longest. */
    readonly bound: "memory" | "vector" | "matrix" | "nothing";
    readonly flopsPerByte: number;
    readonly peakVectorTflops: number;
    readonly peakMatrixTflops: number;
    readonly peakGigabytesPerSecond: number;
}

export interface KernelProfile extends ProfileCounts {
    readonly name: string;
    readonly launches: number;
    readonly workgroups: number;
    readonly waves: number;
    readonly waveSize: number;
    /** Time on the host, with counting: no measure of a GPU's. */
    readonly hostMilliseconds: number;
    /** Share of lanes that were on, over vector instructions. */
    readonly lanesOn: number;
    /** Conditional branches executed. */
    readonly branches: number;
    /** Lines of 128 bytes that a launch touched, and their bytes: the most of its launches. */
    readonly footprintLines: number;
    readonly footprintBytes: number;
    /** What a compute unit holds at once, and the most waves that it could. */
    readonly occupancy: { readonly workgroups: number; readonly waves: number; readonly mostWaves: number };
    readonly rooflineEstimate: RooflineEstimate;
    readonly lines: readonly LineProfile[];
}

export interface Profile {
    readonly target: string;
    readonly kernels: readonly KernelProfile[];
}

/** Where in the code something happened. */
export interface ReportPlace {
    /** As the compiler was given it; empty where it is not known. */
    readonly file: string;
    /** From 1; 0 where it is not known. */
    readonly line: number;
    readonly column: number;
    /** In LLVM's syntax. */
    readonly instruction: string;
    /** As llvm-objdump shows it. */
    readonly codeOffset: number;
}

/** Who did it; without `lane` the wave as a whole. */
export interface ReportWorkItem {
    readonly workgroup: readonly [number, number, number];
    readonly wave: number;
    readonly lane?: number;
    readonly workItem?: readonly [number, number, number];
}

export type ReportKind =
    | "out-of-bounds"
    | "use-after-free"
    | "uninitialized"
    | "data-race"
    | "missing-wait"
    | "divergent-barrier"
    | "misaligned"
    | "leak";

/** What the sanitizer found, once for each kind and place. */
export interface SanitizerReport extends ReportPlace, ReportWorkItem {
    readonly kind: ReportKind;
    readonly kernel: string;
    readonly what: string;
    /** All of it, in several lines. */
    readonly text: string;
    /** In hexadecimal; in LDS and private memory an offset. */
    readonly address: string;
    /** What lies at the address, in words. */
    readonly allocation: string;
    /** The other access of a race; the load of what was never written, or was used too early. */
    readonly other?: ReportPlace & Partial<ReportWorkItem> & { readonly what: string };
}

export class Virtual {
    private readonly traces: TraceSettings;

    /** @internal */
    constructor(private readonly device: NativeDevice) {
        this.traces = new TraceSettings(device);
    }

    /** Counts every later launch in detail, from zero, or stops to. Launches take several times as long meanwhile. */
    profiling(on: boolean): void {
        native(() => this.device.setProfiling(on));
    }

    /** Checks every later launch, or stops to. Memory that is allocated already counts as written. */
    sanitizing(on: boolean): void {
        native(() => this.device.setSanitizing(on));
    }

    /** What the sanitizer has found since it was switched on. */
    sanitizerReports(): readonly SanitizerReport[] {
        return JSON.parse(native(() => this.device.sanitizerReports()) ?? "") as readonly SanitizerReport[];
    }

    /** What was counted since profiling was switched on, by kernel and source line. */
    profile(): Profile {
        return JSON.parse(native(() => this.device.profile()) ?? "") as Profile;
    }

    /** Records the instructions that later launches' waves execute, and the registers that they change; undefined: no longer. */
    trace(request: TraceRequest | undefined): void {
        const { kernel, group, wave } = request ?? {};
        this.traces.set({ kernel, group, wave, instructions: request !== undefined });
    }

    /** Records the registers of a work-item each time it comes to a source line; undefined: no longer. */
    stopAt(request: StopRequest | undefined): void {
        const { kernel, group, wave, file, line = 0, item } = request ?? {};
        this.traces.set({ kernel, group, wave, file, line, item });
    }

    /** Records when later launches' workgroups run and where, or no longer. */
    timeline(on: boolean): void {
        this.traces.set({ workgroups: on });
    }

    /** What has been recorded since what is to be recorded was last changed. */
    traced(): VirtualTrace {
        return this.traces.read();
    }

    /**
     * A live feed: `listener` hears which lanes of a wave were on, sampled once in `every` instructions of each host thread.
     * At most 4,096 samples are kept between two polls, `interval` milliseconds apart: what comes too fast is lost, and
     * shows as gaps in the samples' numbers. One feed at a time; while there is none nothing is sampled.
     * @throws ArgumentError
     */
    lanes(
        listener: (sample: LaneSample) => void,
        { every = 1000, interval = 50 }: { readonly every?: number; readonly interval?: number } = {},
    ): Subscription {
        return this.traces.lanes(listener, every, interval);
    }
}
