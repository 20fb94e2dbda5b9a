// What dimensions lie in, by the checks of every launch: a dimension that is an extent by itself is not negative, and a
// view is small enough for 32-bit offsets, or if it is large for any address (an extent of zero beside it counting as one); the launch clause's sizes make
// less than 2^32 work-items along an axis. Other dimensions, which only take part in expressions, can be anything.

import { MAX_LARGE_VIEW_BYTES, MAX_VIEW_BYTES } from "../../codeobject/manifest.js";
import type { Range } from "../ir/module.js";
import type { Fn, Kernel } from "../sema/program.js";
import type { DimExpr, ViewType } from "../sema/types.js";
import { layoutOf } from "./layout.js";

const MAX_WORK_ITEMS = 2n ** 32n - 1n;

/** Elements of a view: what a launch is checked for. */
export function mostElements({ element, large }: ViewType): bigint {
    return BigInt(Math.floor((large ? MAX_LARGE_VIEW_BYTES : MAX_VIEW_BYTES) / layoutOf(element).size));
}

/** By dimension name; `workgroup` is a kernel's, in grid order. */
export function dimRanges(callable: Kernel | Fn, workgroup: readonly number[]): ReadonlyMap<string, Range> {
    const ranges = new Map<string, Range>();
    const limit = (dim: DimExpr, max: bigint) => {
        if (dim.kind !== "dim") return;
        const known = ranges.get(dim.name);
        ranges.set(dim.name, { min: 0n, max: known && known.max < max ? known.max : max });
    };
    for (const { type } of callable.params) {
        if (type.kind !== "view") continue;
        for (const dim of type.dims) limit(dim, mostElements(type));
    }
    if (!("launch" in callable)) return ranges;
    const { launch } = callable;
    if (launch.kind === "over") {
        for (const { extent } of launch.domain) limit(extent, MAX_WORK_ITEMS);
        return ranges;
    }
    launch.groups.forEach((count, written) => {
        const size = workgroup[launch.groups.length - 1 - written] ?? 1;
        limit(count, MAX_WORK_ITEMS / BigInt(size));
    });
    return ranges;
}
