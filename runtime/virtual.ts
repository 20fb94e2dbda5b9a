// What only the virtual GPU can tell of its launches: `gpu.virtual`. spec/vgpu.md defines every count.

import type { NativeDevice } from "./hip/binding.js";
import { native } from "./hip/failure.js";

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

export class Virtual {
    /** @internal */
    constructor(private readonly device: NativeDevice) {}

    /** Counts every later launch in detail, from zero, or stops to. Launches take several times as long meanwhile. */
    profiling(on: boolean): void {
        native(() => this.device.setProfiling(on));
    }

    /** What was counted since profiling was switched on, by kernel and source line. */
    profile(): Profile {
        return JSON.parse(native(() => this.device.profile()) ?? "") as Profile;
    }
}
