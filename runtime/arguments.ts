// What a caller passes to a kernel: checked against the manifest, and encoded as the kernel's argument buffer.
// After `bindArguments` a launch can't read or write outside a view by the caller's mistake: every view has the rank,
// extents and element type of its declaration and is on the device, and no `mut` view overlaps another.

import { sameType, sizeOf, typeText } from "../codeobject/layout.js";
import {
    type KernelManifest,
    MAX_LARGE_VIEW_BYTES,
    MAX_VIEW_BYTES,
    type ManifestScalar,
    type ManifestType,
    type ParameterManifest,
} from "../codeobject/manifest.js";
import { formatView, type ViewParameter } from "../codeobject/manifest-format.js";
import { SCALAR_SIZES } from "../codeobject/scalar-sizes.js";
import { lanesOf } from "../codeobject/vectors.js";
import type { TensorType } from "./contents.js";
import { bindDims, boundDims, type Dims, formatShape } from "./dims.js";
import { describeValue, type ElementValue, roundElement, storeElement } from "./elements.js";
import { ArgumentError } from "./errors.js";
import { type Lattice, overlaps } from "./overlap.js";
import { spanOf } from "./shape.js";
import { encodeValue, type StructValue } from "./structs.js";
import { didYouMean } from "./suggest.js";
import { Tensor } from "./tensor.js";

/** A tensor for a view, a value for a scalar, for a vector its scalars, for a structure an object. */
export type KernelArgument = Tensor<TensorType> | ElementValue | ArrayLike<ElementValue> | StructValue;

/** A kernel's arguments by name: its parameters, and the dimensions that no view binds. */
export type KernelArguments = Readonly<Record<string, KernelArgument>>;

/** Arguments that passed every check. Values are as they lie in memory. */
export interface BoundArguments {
    readonly views: ReadonlyMap<string, Tensor>;
    readonly values: ReadonlyMap<string, Uint8Array>;
    readonly dims: Dims;
}

/** The kernel's signature in words, such as `saxpy(a: f32, x: f32[n], y: mut f32[n])`. */
export function formatSignature(kernel: KernelManifest): string {
    const parameters = kernel.parameters.map((parameter) => `${parameter.name}: ${formatParameter(parameter)}`);
    return `${kernel.name}(${[...parameters, ...freeDims(kernel).map((dim) => `${dim}: index`)].join(", ")})`;
}

/**
 * @param owner what every tensor must belong to
 * @throws ArgumentError, ShapeError, DisposedError
 */
export function bindArguments(kernel: KernelManifest, args: unknown, owner: object): BoundArguments {
    const given = requireNames(kernel, args);
    const views = new Map<string, Tensor>();
    const values = new Map<string, Uint8Array>();
    for (const parameter of kernel.parameters) {
        const value = given[parameter.name];
        if (parameter.kind === "view") {
            views.set(parameter.name, requireTensor(kernel, parameter, value, owner));
        } else {
            values.set(parameter.name, requireValue(kernel, parameter.name, parameter.type, value));
        }
    }
    const freeValues = freeDims(kernel).map((name): [string, bigint] => [
        name,
        BigInt(requireScalar(kernel, name, "index", given[name])),
    ]);
    const shapes = new Map([...views].map(([name, tensor]) => [name, tensor.shape]));
    const dims = bindDims(kernel, shapes, new Map(freeValues));
    requireDisjoint(kernel, views);
    return { views, values, dims };
}

/**
 * The packed argument buffer, little-endian, at the manifest's offsets; padding is zero.
 * @param reports the address of the report buffer
 */
export function encodeArguments(kernel: KernelManifest, bound: BoundArguments, reports = 0n): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(kernel.argumentSize);
    const buffer = new DataView(bytes.buffer);
    for (const argument of kernel.arguments) {
        const { name, offset } = argument;
        switch (argument.kind) {
            case "view":
                buffer.setBigUint64(offset, bound.views.get(name)?.address ?? 0n, true);
                break;
            case "dim":
                buffer.setBigInt64(offset, bound.dims.get(name) ?? 0n, true);
                break;
            case "stride":
                buffer.setBigInt64(
                    offset,
                    BigInt(bound.views.get(argument.view)?.strides[argument.dimension] ?? 0),
                    true,
                );
                break;
            case "reports":
                buffer.setBigUint64(offset, reports, true);
                break;
            case "scalar":
                copy(bytes, offset, bound.values.get(name), argument.at ?? 0, SCALAR_SIZES[argument.type]);
                break;
        }
    }
    return bytes;
}

function copy(to: Uint8Array, offset: number, from: Uint8Array | undefined, at: number, size: number): void {
    if (from !== undefined) to.set(from.subarray(at, at + size), offset);
}

/** The dimensions that a caller passes by name. */
function freeDims(kernel: KernelManifest): string[] {
    const bound = boundDims(kernel);
    return kernel.dims.filter((dim) => !bound.has(dim));
}

function requireNames(kernel: KernelManifest, args: unknown): Readonly<Record<string, unknown>> {
    const usage = `it takes ${formatSignature(kernel)}`;
    if (typeof args !== "object" || args === null || Array.isArray(args) || args instanceof Tensor) {
        throw new ArgumentError(
            `${kernel.name} takes one object with its arguments by name, not ${describeValue(args)}: ${usage}`,
        );
    }
    const given = args as Readonly<Record<string, unknown>>;
    const accepted = [...kernel.parameters.map((parameter) => parameter.name), ...freeDims(kernel)];
    for (const name of Object.keys(given)) {
        if (accepted.includes(name)) {
            continue;
        }
        if (kernel.dims.includes(name)) {
            throw new ArgumentError(
                `${kernel.name}: the dimension ${name} comes from the tensors' shapes and is not passed: ${usage}`,
            );
        }
        const missing = accepted.filter((each) => given[each] === undefined);
        throw new ArgumentError(`${kernel.name} has no argument ${name}${didYouMean(name, missing)}: ${usage}`);
    }
    const missing = accepted.filter((name) => given[name] === undefined);
    if (missing.length > 0) {
        const noun = missing.length === 1 ? "argument" : "arguments";
        throw new ArgumentError(`${kernel.name} is missing the ${noun} ${missing.join(", ")}: ${usage}`);
    }
    return given;
}

/** A value as it lies in memory. Of a scalar and of a vector's lanes, overflow is an error as well. */
function requireValue(kernel: KernelManifest, name: string, type: ManifestType, value: unknown): Uint8Array {
    const place = `${kernel.name}: ${name}`;
    const bytes = encodeValue(type, value, place);
    if (typeof type !== "string") return bytes;
    const { scalar, lanes } = lanesOf(type);
    if (lanes === 1) requireScalar(kernel, name, scalar, value);
    else Array.from(value as ArrayLike<unknown>, (each, at) => requireScalar(kernel, `${name}[${at}]`, scalar, each));
    return bytes;
}

function requireScalar(kernel: KernelManifest, name: string, type: ManifestScalar, value: unknown): ElementValue {
    storeElement(type, value, () => `${kernel.name}: ${name}`);
    const overflows =
        typeof value === "number" && Number.isFinite(value) && !Number.isFinite(roundElement(type, value));
    if (overflows) {
        throw new ArgumentError(`${kernel.name}: ${name} is ${type}, and ${value} is beyond its range`);
    }
    return value as ElementValue;
}

function requireTensor(kernel: KernelManifest, parameter: ViewParameter, value: unknown, owner: object): Tensor {
    const place = `${kernel.name}: ${parameter.name}`;
    if (!(value instanceof Tensor)) {
        const remedy =
            Array.isArray(value) || ArrayBuffer.isView(value)
                ? `; put the data on the device first: gpu.tensor(${typeof parameter.element === "string" ? `"${parameter.element}"` : typeText(parameter.element)}, shape, data)`
                : "";
        throw new ArgumentError(
            `${place} is ${formatView(parameter)} and takes a tensor, not ${describeValue(value)}${remedy}`,
        );
    }
    value.requireLive(place);
    if (value.owner !== owner) {
        throw new ArgumentError(
            `${place} is a tensor of another device: kernels and tensors must come from the same open()`,
        );
    }
    if (!sameType(value.type, parameter.element)) {
        const [wants, has] = [typeText(parameter.element), typeText(value.type)];
        const differs = wants === has ? ", whose fields differ" : "";
        throw new ArgumentError(
            `${place} is ${formatView(parameter)} and takes elements of ${wants}, not of ${has}${differs}`,
        );
    }
    const { large, strided, mutable } = parameter;
    const size = sizeOf(value.type);
    const least = value.shape.reduce((bytes, extent) => bytes * Math.max(extent, 1), size);
    const bytes = Math.max(least, size * spanOf(value.shape, value.strides));
    if (bytes > (large ? MAX_LARGE_VIEW_BYTES : MAX_VIEW_BYTES)) {
        throw new ArgumentError(
            `${place} has the shape ${formatShape(value.shape)}, and a view has at most ${MAX_VIEW_BYTES} bytes (4 GiB less a page; an extent of 0 counts as 1): pass it in parts, or declare it large`,
        );
    }
    if (!strided && !value.isRowMajor) {
        throw new ArgumentError(
            `${place} is ${formatView(parameter)}, and the view that is passed is not row-major: declare it ${formatView({ ...parameter, strided: true })}`,
        );
    }
    // Where an extent is 0 nothing is written, and the strides of the axes outside of it are 0.
    const isEmpty = value.shape.includes(0);
    if (mutable && !isEmpty && value.shape.some((extent, axis) => extent > 1 && value.strides[axis] === 0)) {
        throw new ArgumentError(`${place} is written, and the view that is passed repeats its elements`);
    }
    return value;
}

function requireDisjoint(kernel: KernelManifest, views: ReadonlyMap<string, Tensor>): void {
    const parameters = kernel.parameters.filter((parameter) => parameter.kind === "view");
    parameters.forEach((parameter, index) => {
        const tensor = views.get(parameter.name);
        const other = parameters
            .slice(0, index)
            .find(
                (each) =>
                    (each.mutable || parameter.mutable) &&
                    !(each.alias || parameter.alias) &&
                    overlap(tensor, views.get(each.name)),
            );
        if (other !== undefined) {
            const written = parameter.mutable ? parameter : other;
            throw new ArgumentError(
                `${kernel.name}: ${other.name} and ${parameter.name} are the same memory, and ${written.name} is written: pass tensors of their own, or declare one of them alias`,
            );
        }
    });
}

function overlap(a: Tensor | undefined, b: Tensor | undefined): boolean {
    return a !== undefined && b !== undefined && overlaps(latticeOf(a), latticeOf(b));
}

function latticeOf({ address, type, shape, strides }: Tensor): Lattice {
    const size = sizeOf(type);
    return { address, elementSize: size, shape, strides: strides.map((stride) => stride * size) };
}

function formatParameter(parameter: ParameterManifest): string {
    return parameter.kind === "view" ? formatView(parameter) : typeText(parameter.type);
}
