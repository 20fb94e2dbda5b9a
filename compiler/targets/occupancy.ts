// How many waves a SIMD of a target can hold of a kernel at once, and what limits it. The method is LLVM's (functions
// of AMDGPU::IsaInfo): the least of what vector registers, scalar registers, LDS and workgroup slots allow.

import { findTarget, type Limits } from "./targets.js";

/** What a kernel needs: registers of each kind for a wave, LDS bytes for a workgroup, work-items of a workgroup. */
export interface Needs {
    readonly vgprs: number;
    readonly sgprs: number;
    readonly lds: number;
    readonly workgroup: number;
}

export interface Occupancy {
    readonly wavesPerSimd: number;
    readonly maxWavesPerSimd: number;
    /** What allows no more waves; null where the target's own maximum is reached. */
    readonly limitedBy: "VGPRs" | "SGPRs" | "LDS" | "workgroup size" | null;
}

const SGPR_GRANULE = 16;

/** Null for a target that is not in the table, and for NVIDIA's, whose registers only the driver gives out. */
export function occupancy(targetName: string, needs: Needs): Occupancy | null {
    const target = findTarget(targetName);
    if (target?.backend !== "amdgpu") return null;
    const { limits } = target;
    const { maxWavesPerSimd } = limits;
    const wavesPerWorkgroup = Math.max(1, Math.ceil(needs.workgroup / target.waveSize));
    const slots = wavesPerWorkgroup === 1 ? Number.POSITIVE_INFINITY : limits.maxWorkgroupsPerUnit;
    const byLds = needs.lds > 0 ? Math.floor(limits.ldsPerUnit / needs.lds) : Number.POSITIVE_INFINITY;
    const candidates = [
        { limitedBy: null, waves: maxWavesPerSimd },
        { limitedBy: "VGPRs", waves: wavesByVgprs(limits, needs.vgprs) },
        { limitedBy: "SGPRs", waves: wavesBySgprs(limits, needs.sgprs) },
        { limitedBy: "LDS", waves: wavesByWorkgroups(limits, byLds, wavesPerWorkgroup) },
        { limitedBy: "workgroup size", waves: wavesByWorkgroups(limits, slots, wavesPerWorkgroup) },
    ] as const;
    const { limitedBy, waves } = candidates.reduce((least, next) => (next.waves < least.waves ? next : least));
    return { wavesPerSimd: Math.max(1, waves), maxWavesPerSimd, limitedBy };
}

function roundUp(count: number, granule: number): number {
    return Math.ceil(Math.max(1, count) / granule) * granule;
}

function wavesByVgprs({ vgprsPerSimd, vgprGranule }: Limits, vgprs: number): number {
    return Math.floor(vgprsPerSimd / roundUp(vgprs, vgprGranule));
}

function wavesBySgprs({ sgprsPerSimd }: Limits, sgprs: number): number {
    return sgprsPerSimd === null ? Number.POSITIVE_INFINITY : Math.floor(sgprsPerSimd / roundUp(sgprs, SGPR_GRANULE));
}

/** Workgroups stay together on a compute unit, whose SIMDs share their waves. */
function wavesByWorkgroups({ simdsPerUnit }: Limits, workgroups: number, wavesPerWorkgroup: number): number {
    return Math.ceil((workgroups * wavesPerWorkgroup) / simdsPerUnit);
}
