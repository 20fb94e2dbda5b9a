// Dimensions: expressions over their names, evaluated as the kernel evaluates them (signed 64 bits, division truncates),
// and their values, bound from the shapes of the tensors that are passed. Only here does a host number become a bigint.

import type { KernelManifest, ManifestDim } from "../codeobject/manifest.js";
import { formatDim, formatView, type ViewParameter } from "../codeobject/manifest-format.js";
import { ShapeError } from "./errors.js";

/** The values of a kernel's dimensions. */
export type Dims = ReadonlyMap<string, bigint>;

const MIN = -(2n ** 63n);
const MAX = 2n ** 63n - 1n;

export function formatShape(shape: readonly (number | bigint)[]): string {
    return `[${shape.join(", ")}]`;
}

/**
 * The value of a dimension expression.
 * @param fail makes the error for a reason such as `n / m divides by zero`
 */
export function evaluateDim(dim: ManifestDim, dims: Dims, fail: (reason: string) => Error): bigint {
    if (typeof dim === "number") {
        return BigInt(dim);
    }
    if (typeof dim === "string") {
        const value = dims.get(dim);
        if (value === undefined) {
            throw fail(`${dim} has no value`);
        }
        return value;
    }
    const [operator, leftDim, rightDim] = dim;
    const left = evaluateDim(leftDim, dims, fail);
    const right = evaluateDim(rightDim, dims, fail);
    if (right === 0n && (operator === "/" || operator === "%")) {
        throw fail(`${formatDim(dim)} divides by zero`);
    }
    const value = OPERATIONS[operator](left, right);
    if (value < MIN || value > MAX) {
        throw fail(`${formatDim(dim)} is ${value}, which overflows 64 bits`);
    }
    return value;
}

const OPERATIONS: Readonly<Record<"+" | "-" | "*" | "/" | "%", (a: bigint, b: bigint) => bigint>> = {
    "+": (a, b) => a + b,
    "-": (a, b) => a - b,
    "*": (a, b) => a * b,
    "/": (a, b) => a / b,
    "%": (a, b) => a % b,
};

/** The dimensions that some view binds by naming them alone; a caller passes the values of all others. */
export function boundDims(kernel: KernelManifest): ReadonlySet<string> {
    const names = kernel.parameters.flatMap((parameter) => (parameter.kind === "view" ? parameter.dims : []));
    return new Set(names.filter((dim) => typeof dim === "string"));
}

/**
 * Binds the kernel's dimensions from the shapes of its views and checks all extents.
 * @param given the dimensions that no view binds
 * @throws ShapeError that names both arguments where two disagree
 */
export function bindDims(
    kernel: KernelManifest,
    shapes: ReadonlyMap<string, readonly number[]>,
    given: ReadonlyMap<string, bigint>,
): Dims {
    const dims = new Map(given);
    const binders = new Map<string, ViewParameter>();
    const views = kernel.parameters.filter((parameter) => parameter.kind === "view");
    const describe = (view: ViewParameter): string =>
        `${view.name} (${formatView(view)}, shape ${formatShape(shapes.get(view.name) ?? [])})`;

    for (const view of views) {
        const shape = shapes.get(view.name) ?? [];
        if (shape.length !== view.dims.length) {
            throw new ShapeError(
                `${kernel.name}: ${view.name} is ${formatView(view)} and takes ${plural(view.dims.length, "dimension")}, not the shape ${formatShape(shape)}`,
            );
        }
        view.dims.forEach((dim, axis) => {
            const extent = BigInt(shape[axis] as number);
            if (typeof dim !== "string") {
                return;
            }
            const bound = dims.get(dim);
            const binder = binders.get(dim);
            if (bound !== undefined && bound !== extent) {
                const where = binder === undefined || binder === view ? "" : ` in ${describe(binder)}`;
                throw new ShapeError(`${kernel.name}: ${dim} is ${bound}${where} but ${extent} in ${describe(view)}`);
            }
            dims.set(dim, extent);
            binders.set(dim, binder ?? view);
        });
    }
    // Only now has every name its value.
    for (const view of views) {
        view.dims.forEach((dim, axis) => {
            const extent = shapes.get(view.name)?.[axis] as number;
            const fail = (reason: string) => new ShapeError(`${kernel.name}: in ${describe(view)}, ${reason}`);
            const expected = evaluateDim(dim, dims, fail);
            if (expected !== BigInt(extent)) {
                const origins = [...namesIn(dim)].map((name) => {
                    const binder = binders.get(name);
                    return `${name} is ${dims.get(name)}${binder === undefined ? "" : ` in ${describe(binder)}`}`;
                });
                const because = origins.length === 0 ? "" : `: ${origins.join(", ")}`;
                throw new ShapeError(
                    `${kernel.name}: ${describe(view)} must have ${formatDim(dim)}${typeof dim === "number" ? "" : ` = ${expected}`} elements along axis ${axis}, not ${extent}${because}`,
                );
            }
        });
    }
    return dims;
}

function namesIn(dim: ManifestDim): ReadonlySet<string> {
    if (typeof dim === "number") {
        return new Set();
    }
    return typeof dim === "string" ? new Set([dim]) : new Set([...namesIn(dim[1]), ...namesIn(dim[2])]);
}

function plural(count: number, noun: string): string {
    return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
