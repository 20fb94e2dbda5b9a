// How many work-items a workgroup of an `over` kernel has: 256, which is a whole number of waves on every target and
// leaves the hardware several workgroups to hide latency with. Two dimensions take 32 along x, so that a wave of 32
// reads a row's neighbours together. And how many workgroups a launch has.

import type { Kernel } from "../sema/program.js";
import type { DimExpr } from "../sema/types.js";

/** By the number of dimensions, in grid order (x first). */
export const OVER_WORKGROUP: Readonly<Record<number, readonly [number, number, number]>> = {
    1: [256, 1, 1],
    2: [32, 8, 1],
    3: [32, 4, 2],
};

/** Sizes as written (x last) in grid order, padded with ones. */
export function gridOrder(written: readonly number[]): [number, number, number] {
    const [x = 1, y = 1, z = 1] = [...written].reverse();
    return [x, y, z];
}

/** Workgroups as written, of a persistent kernel at most: of a matrix kernel one for each point and block of its domain. */
export function groupsOf({ launch, options }: Launched): readonly DimExpr[] {
    if (launch.kind === "groups") return launch.groups;
    const blocks = blocksOf(launch);
    return options.persistent
        ? [blocks.reduce((left, right): DimExpr => ({ kind: "binary", op: "*", left, right }))]
        : blocks;
}

/** A kernel whose launch is counted in workgroups. */
type Launched = Pick<Kernel, "options"> & { readonly launch: Exclude<Kernel["launch"], { kind: "over" }> };

/** Points and blocks of a matrix kernel's domain along each dimension, as written. */
export function blocksOf({ domain }: Extract<Kernel["launch"], { kind: "tiles" }>): readonly DimExpr[] {
    return domain.map(({ extent, step }) => {
        if (step === null) return extent;
        if (extent.kind === "const") return { kind: "const", value: Math.ceil(extent.value / step) };
        const last: DimExpr = { kind: "binary", op: "+", left: extent, right: { kind: "const", value: step - 1 } };
        return { kind: "binary", op: "/", left: last, right: { kind: "const", value: step } };
    });
}
