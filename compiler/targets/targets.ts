// The targets: what each processor has, once; NVIDIA's are in nvidia.ts. Facts about AMD's gfx processors from LLVM's "User
// Guide for AMDGPU Backend" (Processors) and AMD's ISA manuals: CDNA2, CDNA3 and CDNA4 section "Kernel State", RDNA1 to
// RDNA4 sections "Wave State" and "LDS"; a test holds the register and LDS limits against the occupancy that LLVM itself
// computes.

import { NVIDIA_TARGETS, type NvidiaTarget } from "./nvidia.js";

export type Family =
    | "gcn5"
    | "cdna1"
    | "cdna2"
    | "cdna3"
    | "cdna4"
    /** What CDNA 3 and 4 have in common. */
    | "cdna3-4"
    | "rdna1"
    | "rdna2"
    | "rdna3"
    | "rdna3.5"
    | "rdna4"
    | "gfx1250";

/** Versions of AMD's code objects that LLVM writes ("Code Object V4" to V6 of its guide). */
export const CODE_OBJECT_VERSIONS = [4, 5, 6] as const;
export type CodeObjectVersion = (typeof CODE_OBJECT_VERSIONS)[number];

export type Target = AmdTarget | NvidiaTarget;

/** The back end of LLVM that makes code for a target. */
export type BackendName = Target["backend"];

export interface AmdTarget {
    /** Such as `gfx1100`. */
    readonly name: string;
    readonly backend: "amdgpu";
    readonly family: Family;
    /** Lanes of a wave where a kernel doesn't say. */
    readonly waveSize: 32 | 64;
    readonly waveSizes: readonly (32 | 64)[];
    readonly laneMoves: LaneMoves;
    /** Accesses to global memory take a base that all lanes share, and an offset of 32 bits for each (the ISA's SADDR). */
    readonly addressing: "offset";
    /**
     * Dies with an L2 each, to which workgroups are dealt in turn; absent for one. MI300X, MI325X and MI355X have eight
     * (AMD CDNA 3 and 4 white papers); a GPU that has or is given fewer computes the same.
     */
    readonly dies?: number;
    readonly limits: Limits;
    /** Versions that its code objects can have, the usual one first: only 6 can say that code runs on several processors. */
    readonly codeObjectVersions: readonly CodeObjectVersion[];
}

/**
 * What moves values between lanes beside DPP within rows of 16: `dpp9` DPP that broadcasts and shifts across rows, and an
 * LDS crossbar for all lanes; `permlanex16` an instruction between the rows of a pair; `permlane64` that, and one between
 * the halves of a wave of 64.
 */
export type LaneMoves = "dpp9" | "permlanex16" | "permlane64";

/** A compute unit here is what a workgroup runs on: a CU of GCN and CDNA, a pair of CUs (WGP) of RDNA. */
export interface Limits {
    readonly maxWorkgroup: number;
    /** Work-items of a workgroup along x, y and z. */
    readonly maxWorkgroupAxes: readonly [number, number, number];
    /** Bytes of private memory of all lanes of a wave: what COMPUTE_TMPRING_SIZE.WAVESIZE can say. */
    readonly privatePerWave: number;
    readonly simdsPerUnit: number;
    readonly maxWavesPerSimd: number;
    /** Workgroups of more than one wave that a compute unit holds, by its barrier slots. */
    readonly maxWorkgroupsPerUnit: number;
    /** Bytes of LDS that one workgroup can have. */
    readonly ldsPerWorkgroup: number;
    /** Bytes of LDS that a kernel can declare, where that is less. */
    readonly ldsDeclared?: number;
    /** Bytes of LDS of a compute unit. */
    readonly ldsPerUnit: number;
    /** Banks of LDS, each of 4 bytes. */
    readonly ldsBanks: number;
    /** Vector registers of a SIMD for each lane of the default wave size, accumulation registers among them. */
    readonly vgprsPerSimd: number;
    /** Vector registers are given to a wave in multiples of this. */
    readonly vgprGranule: number;
    /** Vector registers that one wave can have. */
    readonly maxVgprs: number;
    /** Scalar registers that one wave can have. */
    readonly maxSgprs: number;
    /** Scalar registers of a SIMD, where waves share them; null where every wave has the full set. */
    readonly sgprsPerSimd: number | null;
}

const KIB = 1024;

const GCN5: Limits = {
    maxWorkgroup: 1024,
    maxWorkgroupAxes: [1024, 1024, 1024],
    privatePerWave: 1024 * (2 ** 13 - 1),
    simdsPerUnit: 4,
    maxWavesPerSimd: 10,
    maxWorkgroupsPerUnit: 16,
    ldsPerWorkgroup: 64 * KIB,
    ldsPerUnit: 64 * KIB,
    ldsBanks: 32,
    vgprsPerSimd: 256,
    vgprGranule: 4,
    maxVgprs: 256,
    maxSgprs: 102,
    sgprsPerSimd: 800,
};
const CDNA2: Limits = { ...GCN5, maxWavesPerSimd: 8, vgprsPerSimd: 512, vgprGranule: 8, maxVgprs: 512 };
const CDNA4: Limits = { ...CDNA2, ldsPerWorkgroup: 160 * KIB, ldsPerUnit: 160 * KIB, ldsBanks: 64 };
const RDNA1: Limits = {
    maxWorkgroup: 1024,
    maxWorkgroupAxes: [1024, 1024, 1024],
    privatePerWave: 1024 * (2 ** 13 - 1),
    simdsPerUnit: 4,
    maxWavesPerSimd: 20,
    maxWorkgroupsPerUnit: 32,
    ldsPerWorkgroup: 64 * KIB,
    ldsPerUnit: 128 * KIB,
    ldsBanks: 32,
    vgprsPerSimd: 1024,
    vgprGranule: 8,
    maxVgprs: 256,
    maxSgprs: 106,
    sgprsPerSimd: null,
};
const RDNA2: Limits = { ...RDNA1, maxWavesPerSimd: 16, vgprGranule: 16 };
const RDNA3: Limits = { ...RDNA2, privatePerWave: 256 * (2 ** 15 - 1) };
/** The larger chips of RDNA3 and all of RDNA4 have half as many vector registers more. */
const RDNA3_LARGE: Limits = { ...RDNA3, vgprsPerSimd: 1536, vgprGranule: 24 };
const RDNA4: Limits = { ...RDNA3_LARGE, privatePerWave: 256 * (2 ** 18 - 1) };
const GFX1250: Limits = {
    ...RDNA4,
    vgprsPerSimd: 1024,
    vgprGranule: 16,
    maxWorkgroupsPerUnit: 16,
    ldsPerWorkgroup: 320 * KIB,
    ldsPerUnit: 320 * KIB,
    maxVgprs: 1024,
};

const wave64 = { waveSize: 64, waveSizes: [64], laneMoves: "dpp9" } as const;
const either10 = { waveSize: 32, waveSizes: [32, 64], laneMoves: "permlanex16" } as const;
const either = { ...either10, laneMoves: "permlane64" } as const;
const wave32 = { waveSize: 32, waveSizes: [32], laneMoves: "permlane64" } as const;

/** In ascending order of generation, AMD's first, the generic ones behind the others. */
export const TARGETS: readonly Target[] = [
    ...named(["gfx900", "gfx902", "gfx904", "gfx906", "gfx909", "gfx90c"], { family: "gcn5", ...wave64, limits: GCN5 }),
    ...named(["gfx908"], { family: "cdna1", ...wave64, limits: GCN5 }),
    ...named(["gfx90a"], { family: "cdna2", ...wave64, limits: CDNA2 }),
    ...named(["gfx942"], { family: "cdna3", ...wave64, dies: 8, limits: CDNA2 }),
    ...named(["gfx950"], { family: "cdna4", ...wave64, dies: 8, limits: CDNA4 }),
    ...named(["gfx1010", "gfx1011", "gfx1012", "gfx1013"], { family: "rdna1", ...either10, limits: RDNA1 }),
    ...named(["gfx1030", "gfx1031", "gfx1032", "gfx1033", "gfx1034", "gfx1035", "gfx1036"], {
        family: "rdna2",
        ...either10,
        limits: RDNA2,
    }),
    ...named(["gfx1100", "gfx1101"], { family: "rdna3", ...either, limits: RDNA3_LARGE }),
    ...named(["gfx1102", "gfx1103"], { family: "rdna3", ...either, limits: RDNA3 }),
    ...named(["gfx1150"], { family: "rdna3.5", ...either, limits: RDNA3 }),
    ...named(["gfx1151"], { family: "rdna3.5", ...either, limits: RDNA3_LARGE }),
    ...named(["gfx1152", "gfx1153"], { family: "rdna3.5", ...either, limits: RDNA3 }),
    ...named(["gfx1200", "gfx1201"], { family: "rdna4", ...either, limits: RDNA4 }),
    ...named(["gfx1250", "gfx1251"], { family: "gfx1250", ...wave32, limits: GFX1250 }),
    // What runs on all of a family ("Generic processors"): the least of its processors' limits.
    ...named(["gfx9-generic"], { family: "gcn5", ...wave64, limits: GCN5 }),
    ...named(["gfx9-4-generic"], { family: "cdna3-4", ...wave64, limits: CDNA2 }),
    ...named(["gfx10-1-generic"], { family: "rdna1", ...either10, limits: RDNA1 }),
    ...named(["gfx10-3-generic"], { family: "rdna2", ...either10, limits: RDNA2 }),
    ...named(["gfx11-generic"], { family: "rdna3", ...either, limits: RDNA3 }),
    ...named(["gfx12-generic"], { family: "rdna4", ...either, limits: RDNA4 }),
    ...NVIDIA_TARGETS,
];

function named(
    names: readonly string[],
    target: Omit<AmdTarget, "name" | "backend" | "addressing" | "codeObjectVersions">,
): AmdTarget[] {
    return names.map((name) => ({
        name,
        backend: "amdgpu",
        addressing: "offset",
        codeObjectVersions: name.endsWith("-generic") ? [6] : [5, 4, 6],
        ...target,
    }));
}

/** What code objects of a target are: an ELF file of machine code, or PTX, which the driver assembles as it loads it. */
export type CodeObjectFormat = "hsaco" | "ptx";

export function codeObjectFormat({ backend }: Target): CodeObjectFormat {
    return backend === "amdgpu" ? "hsaco" : "ptx";
}

export function findTarget(name: string): Target | undefined {
    return TARGETS.find((target) => target.name === name);
}

/** What a program is checked for where no target is named. */
export const DEFAULT_TARGET: Target = findTarget("gfx1100") as Target;
