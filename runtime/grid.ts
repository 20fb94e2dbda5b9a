// The launch geometry: from the manifest's expressions and the bound dimensions to workgroups on each axis.

import { sizeOf } from "../codeobject/layout.js";
import { type KernelManifest, type ManifestDim, SHARED_ALIGNMENT } from "../codeobject/manifest.js";
import { formatDim } from "../codeobject/manifest-format.js";
import { type Dims, evaluateDim } from "./dims.js";
import { LaunchError } from "./errors.js";

/** Sizes on the x, y and z axes. */
export type Extent3 = readonly [x: number, y: number, z: number];

export interface Geometry {
    /** Workgroups on each axis; with a 0 among them there is nothing to run. */
    readonly grid: Extent3;
    /** Work-items of a workgroup on each axis. */
    readonly block: Extent3;
}

/** What a device can launch. */
export interface LaunchLimits {
    /** Work-items of a workgroup. */
    readonly maxWorkgroupSize: number;
    /** Work-items of a workgroup on each axis. */
    readonly maxWorkgroup: Extent3;
    /** Workgroups on each axis. */
    readonly maxGrid: Extent3;
    /** Bytes of LDS a workgroup can take. */
    readonly ldsBytes: number;
}

const AXES = ["x", "y", "z"] as const;
/** The dispatch packet counts work-items on an axis in 32 bits (HSA Platform System Architecture, AQL packet). */
const MAX_WORK_ITEMS = 2n ** 32n - 1n;

/**
 * @param resident of a persistent kernel: how many of its workgroups the device holds at once
 * @throws LaunchError where a size is negative, can't be computed, or exceeds the device
 */
export function launchGeometry(
    kernel: KernelManifest,
    dims: Dims,
    limits: LaunchLimits,
    resident = Number.POSITIVE_INFINITY,
): Geometry {
    const { launch } = kernel;
    const block = extent3(launch.workgroup);
    requireBlock(kernel, block, limits);
    const sizes = launch.kind === "over" ? launch.extents : launch.groups;
    const what = launch.kind === "over" ? "extent" : "number of workgroups";
    const groups = sizes.map((size, axis) => {
        const fail = (reason: string) => new LaunchError(`${kernel.name}: its ${what} on ${AXES[axis]}: ${reason}`);
        const value = evaluateDim(size, dims, fail);
        const shown = typeof size === "number" ? String(value) : `${formatDim(size)} = ${value}`;
        if (value < 0n) {
            throw fail(`${shown} is negative`);
        }
        const workgroup = BigInt(block[axis] as number);
        const wanted = launch.kind === "over" ? (value + workgroup - 1n) / workgroup : value;
        const count = wanted > resident ? BigInt(resident) : wanted;
        const most = BigInt(limits.maxGrid[axis] as number);
        if (wanted > most || count * workgroup > MAX_WORK_ITEMS) {
            throw fail(
                `${shown} makes ${wanted} workgroups of ${workgroup} work-items, and the device takes at most ${most} workgroups and ${MAX_WORK_ITEMS} work-items on an axis: launch it in parts`,
            );
        }
        if (launch.kind === "groups" || axis > 0) return Number(count);
        const covered = workgroup * BigInt(launch.elements ?? 1);
        return Number((value + covered - 1n) / covered);
    });
    return { grid: extent3(groups), block };
}

/**
 * Bytes of LDS for the shared arrays that the launch sizes.
 * @param fixed bytes that the kernel takes besides
 * @throws LaunchError where an extent is negative, or a workgroup takes more than the device has
 */
export function sharedBytes(kernel: KernelManifest, dims: Dims, fixed: number, limits: LaunchLimits): number {
    let bytes = 0n;
    for (const { name, element, dims: extents } of kernel.shared ?? []) {
        const fail = (reason: string) => new LaunchError(`${kernel.name}: its shared array ${name}: ${reason}`);
        const values = extents.map((extent) => evaluateDim(extent, dims, fail));
        const shape = `[${extents.map((extent, axis) => formatExtent(extent, values[axis] as bigint)).join(", ")}]`;
        if (values.some((value) => value < 0n)) {
            throw fail(`its extents ${shape} are negative`);
        }
        const size = values.reduce((product, value) => product * value, BigInt(sizeOf(element)));
        const alignment = BigInt(SHARED_ALIGNMENT);
        bytes = ((bytes + alignment - 1n) / alignment) * alignment + size;
        if (bytes + BigInt(fixed) > BigInt(limits.ldsBytes)) {
            throw fail(
                `with the extents ${shape} a workgroup takes ${bytes + BigInt(fixed)} bytes of LDS, and the device has ${limits.ldsBytes}: launch it with smaller ones`,
            );
        }
    }
    return Number(bytes);
}

function formatExtent(extent: ManifestDim, value: bigint): string {
    return typeof extent === "number" ? String(value) : `${formatDim(extent)} = ${value}`;
}

function requireBlock(kernel: KernelManifest, block: Extent3, limits: LaunchLimits): void {
    const size = block[0] * block[1] * block[2];
    const axis = block.findIndex((extent, index) => extent > (limits.maxWorkgroup[index] as number));
    if (size > limits.maxWorkgroupSize || axis >= 0) {
        const most = axis < 0 ? `${limits.maxWorkgroupSize}` : `${limits.maxWorkgroup[axis]} on ${AXES[axis]}`;
        throw new LaunchError(
            `${kernel.name}: its workgroup of ${block.join(" × ")} = ${size} work-items is larger than the device's ${most}: declare a smaller workgroup`,
        );
    }
}

function extent3(sizes: readonly number[]): Extent3 {
    return [sizes[0] ?? 1, sizes[1] ?? 1, sizes[2] ?? 1];
}
