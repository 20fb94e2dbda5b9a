// NVIDIA's targets. Names as in LLVM's NVPTX back end ("User Guide for NVPTX Back-end", Target CPUs), limits from the CUDA
// C++ Programming Guide, "Technical Specifications per Compute Capability". They are told in Soma's words: a warp is a
// wave, a block a workgroup, shared memory LDS.

export interface NvidiaTarget {
    /** `sm_` and the compute capability, such as `sm_90`. */
    readonly name: string;
    readonly backend: "nvptx";
    readonly family: "volta" | "turing" | "ampere" | "ada" | "hopper" | "blackwell";
    /** The compute capability: 90 for 9.0. */
    readonly capability: number;
    readonly waveSize: 32;
    readonly waveSizes: readonly [32];
    /** Accesses to global memory take a pointer of 64 bits for each lane, and a constant. */
    readonly addressing: "pointer";
    readonly limits: NvidiaLimits;
}

export interface NvidiaLimits {
    readonly maxWorkgroup: number;
    /** Work-items of a workgroup along x, y and z. */
    readonly maxWorkgroupAxes: readonly [number, number, number];
    /** Bytes of private memory of all lanes of a wave. */
    readonly privatePerWave: number;
    /** Bytes of a kernel's arguments. */
    readonly argumentBytes: number;
    /** Bytes of LDS that a workgroup can have. */
    readonly ldsPerWorkgroup: number;
    /** Bytes of LDS that a kernel can declare: where it has more, the launch reserves all of it. */
    readonly ldsDeclared: number;
    /** Banks of shared memory, each of 4 bytes (CUDA C++ Programming Guide, "Shared Memory"). */
    readonly ldsBanks: number;
}

const KIB = 1024;

/** From this compute capability on LLVM writes PTX 8.1 or later, in which kernels take more arguments (PTX ISA, ".param"). */
const LARGE_ARGUMENTS = 100;

/** In ascending order of generation. */
export const NVIDIA_TARGETS: readonly NvidiaTarget[] = [
    target("sm_70", "volta", 96),
    target("sm_75", "turing", 64),
    target("sm_80", "ampere", 163),
    target("sm_86", "ampere", 99),
    target("sm_89", "ada", 99),
    target("sm_90", "hopper", 227),
    target("sm_90a", "hopper", 227),
    target("sm_100", "blackwell", 227),
];

/** @param lds "Maximum amount of shared memory per thread block", KiB */
function target(name: string, family: NvidiaTarget["family"], lds: number): NvidiaTarget {
    const capability = Number.parseInt(name.slice("sm_".length), 10);
    return {
        name,
        backend: "nvptx",
        family,
        capability,
        waveSize: 32,
        waveSizes: [32],
        addressing: "pointer",
        limits: {
            maxWorkgroup: 1024,
            maxWorkgroupAxes: [1024, 1024, 64],
            privatePerWave: 32 * 512 * KIB,
            argumentBytes: capability < LARGE_ARGUMENTS ? 4096 : 32_764,
            ldsPerWorkgroup: lds * KIB,
            ldsDeclared: 48 * KIB,
            ldsBanks: 32,
        },
    };
}
