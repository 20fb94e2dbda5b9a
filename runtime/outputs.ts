// Outputs that a launch is not given: `mut` views whose extents follow from the other arguments are allocated, zero-filled.

import type { KernelManifest } from "../codeobject/manifest.js";
import type { ViewParameter } from "../codeobject/manifest-format.js";
import type { TensorType } from "./contents.js";
import { evaluateDim } from "./dims.js";
import { Tensor } from "./tensor.js";

/** Makes a tensor, zero-filled. */
export type MakeTensor = (type: TensorType, shape: readonly number[]) => Tensor<TensorType>;

/**
 * The outputs that `args` lacks, by name; none where an extent does not follow from what is given, which is left for the
 * checks to say.
 */
export function missingOutputs(
    kernel: KernelManifest,
    given: unknown,
    make: MakeTensor,
): Record<string, Tensor<TensorType>> {
    if (typeof given !== "object" || given === null || given instanceof Tensor) return {};
    const args = given as Readonly<Record<string, unknown>>;
    const missing = kernel.parameters.filter(
        (parameter): parameter is ViewParameter =>
            parameter.kind === "view" && parameter.mutable && args[parameter.name] === undefined,
    );
    if (missing.length === 0) return {};
    const dims = new Map<string, bigint>();
    for (const name of kernel.dims) {
        const value = args[name];
        if (Number.isSafeInteger(value) || typeof value === "bigint") dims.set(name, BigInt(value as number));
    }
    for (const parameter of kernel.parameters) {
        const value = args[parameter.name];
        if (parameter.kind !== "view" || !(value instanceof Tensor)) continue;
        if (value.shape.length !== parameter.dims.length) continue;
        parameter.dims.forEach((dim, axis) => {
            if (typeof dim === "string" && !dims.has(dim)) dims.set(dim, BigInt(value.shape[axis] as number));
        });
    }
    const shapes = new Map<string, { view: ViewParameter; shape: readonly number[] }>();
    for (const view of missing) {
        const shape = shapeOf(view, dims);
        if (shape === undefined) return {};
        shapes.set(view.name, { view, shape });
    }
    return Object.fromEntries(
        [...shapes].map(([name, { view, shape }]) => [name, make(view.element as TensorType, shape)]),
    );
}

function shapeOf(view: ViewParameter, dims: ReadonlyMap<string, bigint>): readonly number[] | undefined {
    try {
        const shape = view.dims.map((dim) => Number(evaluateDim(dim, dims, (reason) => new RangeError(reason))));
        return shape.every((extent) => Number.isSafeInteger(extent) && extent >= 0) ? shape : undefined;
    } catch (error) {
        if (error instanceof RangeError) return undefined;
        throw error;
    }
}
