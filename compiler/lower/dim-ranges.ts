// What dimensions lie in, by the checks of every launch: a dimension that is an extent by itself is not negative, and a
// view is small enough for 32-bit offsets, or if it is large for any address (an extent of zero beside it counting as one); the launch clause's sizes make
// less than 2^32 work-items along an axis. Other dimensions, which only take part in expressions, can be anything.

import { MAX_LARGE_VIEW_BYTES, MAX_VIEW_BYTES } from "../../codeobject/manifest.js";
import type { Range } from "../ir/module.js";
import type { Fn, Kernel } from "../sema/program.js";
import type { DimExpr, ViewType } from "../sema/types.js";
import { layoutOf } from "./layout.js";
import { groupsOf } from "./workgroup.js";

const MAX_WORK_ITEMS = 2n ** 32n - 1n;

/** Elements of a view: what a launch is checked for. */
export function mostElements({ element, large }: ViewType): bigint {
    return BigInt(Math.floor((large ? MAX_LARGE_VIEW_BYTES : MAX_VIEW_BYTES) / layoutOf(element).size));
}

/** By dimension name; `workgroup` is a kernel's, in grid order. */
export function dimRanges(callable: Kernel | Fn, workgroup: readonly number[]): ReadonlyMap<string, Range> {
    const ranges = new Map<string, Range>();
    const limit = (dim: DimExpr, max: bigint, min = 0n) => {
        if (dim.kind !== "dim") return;
        const known = ranges.get(dim.name);
        ranges.set(dim.name, { min, max: known && known.max < max ? known.max : max });
    };
    for (const { type } of callable.params) {
        if (type.kind !== "view") continue;
        for (const dim of type.dims) limit(dim, mostElements(type));
    }
    if (!("launch" in callable)) return ranges;
    const { launch } = callable;
    // What runs has been launched with at least one work-item, so each of these sizes is at least 1.
    const sizes = launch.kind === "groups" ? launch.groups : launch.domain.map(({ extent }) => extent);
    sizes.forEach((size, written) => {
        const items = launch.kind === "groups" ? (workgroup[sizes.length - 1 - written] ?? 1) : 1;
        limit(size, MAX_WORK_ITEMS / BigInt(items), 1n);
        // Where 0 of a dimension would make it 0, the dimension is at least 1 as well.
        for (const [name, { min, max }] of ranges) {
            if (min === 0n && valueAt(size, name) === 0n) ranges.set(name, { min: 1n, max });
        }
    });
    return ranges;
}

/** How many workgroups there are at most along x, y and z, where dimensions lie in these ranges. */
export function mostGroups(
    { launch, options }: Kernel,
    ranges: ReadonlyMap<string, Range>,
    workgroup: readonly number[],
): [number, number, number] {
    const sizes = launch.kind === "over" ? launch.domain.map(({ extent }) => extent) : groupsOf({ launch, options });
    const most = (axis: number) => {
        const size = sizes[sizes.length - 1 - axis];
        const items = BigInt(workgroup[axis] ?? 1);
        const known = size === undefined ? 1n : rangeOf(size, ranges)?.max;
        const groups = known !== undefined && launch.kind === "over" ? (known + items - 1n) / items : known;
        const all = MAX_WORK_ITEMS / items;
        return Number(groups !== undefined && groups >= 1n && groups < all ? groups : all);
    };
    return [most(0), most(1), most(2)];
}

/** What a kernel's sizes are at most; undefined where nothing is known. */
export function mostOf(kernel: Kernel, sizes: readonly DimExpr[]): readonly (bigint | undefined)[] {
    const ranges = dimRanges(kernel, []);
    return sizes.map((size) => {
        const range = rangeOf(size, ranges);
        return range && range.max >= 1n ? range.max : undefined;
    });
}

/** What an expression on dimensions gives; null where nothing is known. */
function rangeOf(dim: DimExpr, ranges: ReadonlyMap<string, Range>): Range | null {
    if (dim.kind === "const") return { min: BigInt(dim.value), max: BigInt(dim.value) };
    if (dim.kind === "dim") return ranges.get(dim.name) ?? null;
    if (dim.kind === "slice") return null;
    const [left, right] = [rangeOf(dim.left, ranges), rangeOf(dim.right, ranges)];
    if (!left || !right || left.min < 0n || right.min < 0n) return null;
    switch (dim.op) {
        case "+":
            return { min: left.min + right.min, max: left.max + right.max };
        case "-":
            return { min: left.min - right.max, max: left.max - right.min };
        case "*":
            return { min: left.min * right.min, max: left.max * right.max };
        case "/":
            return right.min === 0n ? null : { min: left.min / right.max, max: left.max / right.min };
        case "%":
            return right.min === 0n ? null : { min: 0n, max: right.max - 1n };
    }
}

/** An expression's value where the one dimension in it is 0; null where there are others in it. */
function valueAt(dim: DimExpr, name: string): bigint | null {
    switch (dim.kind) {
        case "const":
            return BigInt(dim.value);
        case "dim":
            return dim.name === name ? 0n : null;
        case "slice":
            return null;
        case "binary": {
            const [left, right] = [valueAt(dim.left, name), valueAt(dim.right, name)];
            return left === null || right === null ? null : computed(dim.op, left, right);
        }
    }
}

function computed(op: "+" | "-" | "*" | "/" | "%", left: bigint, right: bigint): bigint | null {
    if (op === "+") return left + right;
    if (op === "-") return left - right;
    if (op === "*") return left * right;
    if (right === 0n) return null;
    return op === "/" ? left / right : left % right;
}
