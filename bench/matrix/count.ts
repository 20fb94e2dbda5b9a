// What one launch executed, by the virtual GPU's counters, and what its code takes.

import { loadCodegen } from "../../compiler/shell/codegen.js";
import { occupancy } from "../../compiler/targets/occupancy.js";
import type { ScalarType } from "../../runtime/elements.js";
import type { Gpu } from "../../runtime/index.js";

export type Shape = readonly [type: ScalarType, extents: readonly number[]];

export interface Arguments {
    readonly views: Readonly<Record<string, Shape>>;
    readonly scalars?: Readonly<Record<string, number>>;
}

export interface Counted {
    /** Waits and hints left out, matrix instructions among them. */
    readonly executed: number;
    readonly matrix: number;
    readonly conflicts: number;
    /** Bytes of global memory that were asked for. */
    readonly asked: number;
    /** Bytes of the tensors. */
    readonly bytes: number;
}

/** Launches a kernel of a code object once; `grid` for code without a manifest. */
export async function count(gpu: Gpu, code: Uint8Array, kernel: string, given: Arguments): Promise<Counted> {
    using module = await gpu.load(code);
    gpu.virtual?.profiling(true);
    const tensors = Object.entries(given.views).map(
        ([name, [type, shape]]) => [name, gpu.tensor(type, shape)] as const,
    );
    const launched = await module.kernels[kernel]?.({ ...given.scalars, ...Object.fromEntries(tensors) });
    const bytes = tensors.reduce((sum, [, tensor]) => sum + tensor.byteLength, 0);
    for (const [, tensor] of tensors) tensor.dispose();
    if (launched === undefined || launched.counters === "unavailable") throw new Error(`${kernel} was not counted`);
    const { instructions = 0, wait = 0, other = 0, matrix = 0 } = launched.counters;
    const { ldsBankConflicts: conflicts = 0, globalUsefulBytes: asked = 0 } = launched.counters;
    return { executed: instructions - wait - other, matrix, conflicts, asked, bytes };
}

export interface Resources {
    readonly vgprs: number;
    readonly spills: number;
    readonly lds: number;
    /** Waves of a SIMD; null where nobody says. */
    readonly waves: number | null;
}

export async function resources(target: string, code: Uint8Array, kernel: string): Promise<Resources> {
    const { kernels } = await loadCodegen().inspect(code);
    const info = kernels.find(({ name }) => name === kernel);
    if (!info) throw new Error(`no ${kernel}`);
    const workgroup = (info.requiredWorkgroupSize ?? [256]).reduce((all, one) => all * one, 1);
    const held = occupancy(target, { vgprs: info.vgprs, sgprs: info.sgprs, lds: info.ldsBytes, workgroup });
    return { vgprs: info.vgprs, spills: info.vgprSpills, lds: info.ldsBytes, waves: held?.wavesPerSimd ?? null };
}
