// What one launch executed, by the virtual GPU's counters, and what its code takes.

import { loadCodegen } from "../../compiler/shell/codegen.js";
import { occupancy } from "../../compiler/targets/occupancy.js";
import type { ScalarType } from "../../runtime/elements.js";
import type { Gpu, Tensor } from "../../runtime/index.js";
import type { Case } from "./cases.js";

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
    /** Of a board with the target, in a second. */
    readonly peak: { readonly bytes: number; readonly matrixOperations: number };
}

export type Tensors = Readonly<Record<string, Tensor<ScalarType>>>;

/** A kernel on tensors and scalars. */
export type Launch = (tensors: Tensors, each: Case) => Promise<void>;

/** What one launch of a case executes. */
export async function count(gpu: Gpu, launch: Launch, each: Case): Promise<Counted> {
    const tensors = tensorsOf(gpu, each);
    const found = await counted(gpu, () => launch(tensors, each));
    for (const tensor of Object.values(tensors)) tensor.dispose();
    return found;
}

/** The views of a case, filled with small numbers by chance, the same ones each time. */
export function tensorsOf(gpu: Gpu, { args }: Case): Tensors {
    let state = 1;
    // Numerical Recipes' generator: its upper bits are good enough for data.
    const next = () => {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
        return state / 2 ** 32 - 0.5;
    };
    const entries = Object.entries(args.views).map(([name, [type, shape]]) => {
        const scale = type === "i8" ? 16 : 1;
        const values = Array.from({ length: shape.reduce((all, one) => all * one, 1) }, () => scale * next());
        const rounded = type === "i8" || type === "i32" ? values.map(Math.trunc) : values;
        return [name, gpu.tensor(type, shape, rounded)] as const;
    });
    return Object.fromEntries(entries);
}

/** What the one kernel that is launched executes. */
async function counted(gpu: Gpu, launch: () => Promise<void>): Promise<Counted> {
    const { virtual } = gpu;
    if (!virtual) throw new Error("only a virtual GPU counts");
    await gpu.synchronize();
    virtual.profiling(true);
    await launch();
    await gpu.synchronize();
    const [profile] = virtual.profile().kernels;
    virtual.profiling(false);
    if (!profile) throw new Error("nothing was launched");
    const { instructions, global, lds, rooflineEstimate } = profile;
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
        peak: {
            bytes: rooflineEstimate.peakGigabytesPerSecond * 1e9,
            matrixOperations: rooflineEstimate.peakMatrixTflops * 1e12,
        },
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
        peak: more.peak,
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
