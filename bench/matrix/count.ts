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
    readonly valu: number;
    readonly transcendental: number;
    readonly ldsCycles: number;
    readonly conflicts: number;
    /** Bytes of global memory that were asked for. */
    readonly asked: number;
}

/** Launches a kernel of a code object once. */
export async function count(gpu: Gpu, code: Uint8Array, kernel: string, given: Arguments): Promise<Counted> {
    using module = await gpu.load(code);
    const views = Object.entries(given.views);
    const tensors = views.map(([name, [type, shape]]) => [name, gpu.tensor(type, shape)] as const);
    const args = { ...given.scalars, ...Object.fromEntries(tensors) };
    const found = await counted(gpu, async () => void (await module.kernels[kernel]?.(args)));
    for (const [, tensor] of tensors) tensor.dispose();
    return found;
}

/** What the one kernel that is launched executes. */
export async function counted(gpu: Gpu, launch: () => Promise<void>): Promise<Counted> {
    const { virtual } = gpu;
    if (!virtual) throw new Error("only a virtual GPU counts");
    await gpu.synchronize();
    virtual.profiling(true);
    await launch();
    await gpu.synchronize();
    const [profile] = virtual.profile().kernels;
    virtual.profiling(false);
    if (!profile) throw new Error("nothing was launched");
    const { instructions, global, lds } = profile;
    const of = (name: string) => instructions[name] ?? 0;
    const all = Object.values(instructions).reduce((sum, each) => sum + each, 0);
    return {
        executed: all - of("wait") - of("other"),
        matrix: of("matrix"),
        valu: of("valu"),
        transcendental: of("transcendental"),
        ldsCycles: lds.cycles,
        conflicts: lds.bankConflicts,
        asked: global.usefulBytes,
    };
}

/** What a launch had of each more than another. */
export function difference(more: Counted, less: Counted): Counted {
    return {
        executed: more.executed - less.executed,
        matrix: more.matrix - less.matrix,
        valu: more.valu - less.valu,
        transcendental: more.transcendental - less.transcendental,
        ldsCycles: more.ldsCycles - less.ldsCycles,
        conflicts: more.conflicts - less.conflicts,
        asked: more.asked - less.asked,
    };
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
