// Sums, minima and maxima of whole arrays: the launches of std.reduce, twice.

import type { KernelArguments } from "../arguments.js";
import type { ElementType, ElementValue } from "../elements.js";
import { gpuOf } from "../embedded.js";
import { ShapeError } from "../errors.js";
import type { Kernel } from "../kernel.js";
import type { Tensor } from "../tensor.js";
import { kernelsOf, requireLength, requireType } from "./kernels.js";

const FLOATS = ["f16", "f32", "f64"] as const;
const SIGNED = ["i8", "i16", "i32", "i64"] as const;
const UNSIGNED = ["u8", "u16", "u32", "u64"] as const;
const NUMBERS: readonly ElementType[] = [...FLOATS, ...SIGNED, ...UNSIGNED];

/** Workgroups of the first launch: the same for every device, so that sums are, too. */
const GROUPS = 256;

/** What sums of a type are added in. */
function accumulator(type: ElementType): ElementType {
    if (type === "f64") return "f64";
    if (type === "f16" || type === "f32") return "f32";
    return (SIGNED as readonly ElementType[]).includes(type) ? "i64" : "u64";
}

/**
 * Σ x: of f16 and f32 in f32, of f64 in f64, of integers in 64 bits, where it wraps (then it is a bigint). 0 for no elements.
 * @throws ArgumentError, ShapeError
 */
export async function sum(x: Tensor): Promise<ElementValue> {
    requireType("sum", x, NUMBERS);
    requireLength("sum", x);
    const type = accumulator(x.type);
    const { reduce_sum: first } = kernelsOf("std.reduce", { reduce_sum: `${x.type}, ${type}` });
    const { reduce_sum: second } = kernelsOf("std.reduce", { reduce_sum: `${type}, ${type}` });
    return reduce("sum", type, { x }, first, second, (parts) => ({ x: parts }));
}

/**
 * Σ x·y of floats, in their type.
 * @throws ArgumentError, ShapeError
 */
export async function dot<T extends "f16" | "f32" | "f64">(x: Tensor<T>, y: Tensor<T>): Promise<ElementValue> {
    requireType("dot", x, FLOATS);
    requireType("dot", y, [x.type]);
    requireLength("dot", x, y);
    const { reduce_dot } = kernelsOf("std.reduce", { reduce_dot: x.type });
    const { reduce_sum } = kernelsOf("std.reduce", { reduce_sum: `${x.type}, ${x.type}` });
    return reduce("dot", x.type, { x, y }, reduce_dot, reduce_sum, (parts) => ({ x: parts }));
}

/**
 * The smallest element; NaN only if all are.
 * @throws ArgumentError, ShapeError for a tensor without elements, too
 */
export function minimum(x: Tensor): Promise<ElementValue> {
    return extreme("minimum", "reduce_min", x);
}

/**
 * The largest element; NaN only if all are.
 * @throws ArgumentError, ShapeError for a tensor without elements, too
 */
export function maximum(x: Tensor): Promise<ElementValue> {
    return extreme("maximum", "reduce_max", x);
}

async function extreme(what: string, name: "reduce_min" | "reduce_max", x: Tensor): Promise<ElementValue> {
    requireType(what, x, NUMBERS);
    if (requireLength(what, x) === 0) throw new ShapeError(`${what} of no elements`);
    const kernel = kernelsOf("std.reduce", { [name]: x.type })[name] as Kernel;
    const start = startOf(name, x.type);
    return reduce(what, x.type, { x, start }, kernel, kernel, (parts) => ({ x: parts, start }));
}

/** What no element is beyond. Of floats NaN, which yields to every number. */
function startOf(name: "reduce_min" | "reduce_max", type: ElementType): ElementValue {
    if ((FLOATS as readonly ElementType[]).includes(type)) return Number.NaN;
    const bits = BigInt(type.slice(1));
    const isSigned = type.startsWith("i");
    if (name === "reduce_max") return isSigned ? -(2n ** (bits - 1n)) : 0n;
    return 2n ** (isSigned ? bits - 1n : bits) - 1n;
}

async function reduce(
    what: string,
    type: ElementType,
    args: KernelArguments & { readonly x: Tensor },
    first: Kernel,
    second: Kernel,
    rest: (parts: Tensor) => KernelArguments,
): Promise<ElementValue> {
    const gpu = gpuOf(what, args);
    using parts = gpu.tensor(type, [GROUPS]);
    using out = gpu.tensor(type, [1]);
    await first({ ...args, out: parts });
    await second({ ...rest(parts), out });
    const [result] = await out.read();
    return result as ElementValue;
}
