// A tensor: typed, row-major memory of one device. Its operations run in the order they are called, before or after the
// launches on the same device as they are called before or after them.

import { sizeOf, typeText } from "../codeobject/layout.js";
import type { ManifestStruct } from "../codeobject/manifest.js";
import { lanesOf } from "../codeobject/vectors.js";
import { abortable } from "./abort.js";
import { formatShape } from "./dims.js";
import {
    arrayOfBytes,
    arrayOver,
    bytesOfArray,
    type DataArrays,
    describeValue,
    ELEMENT_TYPES,
    type ElementArrays,
    type ElementType,
    type ElementValue,
    type HostArrays,
    isElementType,
    storeElements,
} from "./elements.js";
import { ArgumentError, DisposedError, ShapeError } from "./errors.js";
import type { NativeRan, NativeStream } from "./hip/binding.js";
import { completed } from "./hip/failure.js";
import type { Lane } from "./lanes.js";
import type { MemoryKind } from "./memory/memory.js";
import type { Storage } from "./memory/storage.js";
import { requireOptions } from "./options.js";
import { Stream } from "./stream.js";
import { decodeValues, encodeValues, type FieldValue } from "./structs.js";
import { didYouMean } from "./suggest.js";
import type { CopyDirection } from "./telemetry/events.js";

/** A structure's type, as `struct` makes it. */
export type StructType = ManifestStruct;

/** Arrays in arrays, one level for each dimension. */
export type NestedValues = readonly (ElementValue | NestedValues)[];

/**
 * The elements of a tensor in row-major order: the type's typed array, a flat array of values, or arrays in arrays as
 * the shape says. A vector's scalars come one after the other, or as an array of their own. Values are checked against the type's range; floating-point ones are rounded to nearest even.
 */
export type TensorData<T extends TensorType = ElementType> = T extends ElementType
    ? DataArrays[T] | NestedValues
    : readonly FieldValue[] | Uint8Array;

/** What a tensor's elements are: scalars, vectors or structures (see `struct`). */
export type TensorType = ElementType | StructType;

/** What `read()` gives: a typed array, or the objects of structures. */
export type TensorContents<T extends TensorType> = T extends ElementType ? ElementArrays[T] : FieldValue[];

/** What a tensor needs of its device. */
export interface TensorOwner {
    /** The device, as events name it. */
    readonly id: string;
    /** @throws DisposedError after `close()` */
    requireOpen(place: string): void;
    /** @param what what it is for, for messages */
    allocate(bytes: number, what: () => string, kind: MemoryKind | undefined): Storage;
    /** Gives an operation to a stream, behind what it depends on. */
    transfer<T>(transfer: Transfer<T>): Promise<T>;
}

/** An operation that reads or writes memory as a whole. */
export interface Transfer<T> {
    readonly direction: CopyDirection;
    readonly bytes: number;
    readonly reads?: Storage | undefined;
    readonly writes?: Storage | undefined;
    /** Where a caller named a stream. */
    readonly lane?: Lane | undefined;
    /** @param ran where it says when it ran, if somebody wants to know */
    run(stream: NativeStream, ran?: NativeRan): Promise<T>;
}

export interface TransferOptions {
    /** Where it runs. Default: a stream by what it depends on. */
    readonly stream?: Stream | undefined;
    /** Ends the wait with an AbortError; the copy goes on. */
    readonly signal?: AbortSignal | undefined;
}

export interface TensorOptions {
    /**
     * Where its memory is. `device` is the default. `host` is pinned memory of the host that kernels reach across the bus: `array` has
     * its elements without a copy. `shared` is memory of the device that `gpu.exportTensor` takes.
     */
    readonly memory?: MemoryKind | undefined;
}

/** @internal The stream that a caller names. @throws ArgumentError where it is none of this device */
export function laneOf(owner: TensorOwner, stream: Stream | undefined): Lane | undefined {
    if (stream === undefined) return undefined;
    if (stream instanceof Stream && (stream.owner as object) === owner) return stream.lane;
    throw new ArgumentError(`the stream is none of ${owner.id}: make one with gpu.stream()`);
}

/** Which elements of a tensor's memory a view of it has. */
interface Part {
    /** Whether the tensor disposes of the memory; default false, as of a view. */
    readonly owns?: boolean;
    readonly storage: Storage;
    readonly offset: number;
    readonly strides: readonly number[];
}

/** What `slice` takes for a dimension: an index, which takes the dimension away, a range, or null for all of it. */
export type SlicePart = number | readonly [start: number, end: number] | null;

/**
 * Typed device memory. Made by `gpu.tensor(…)`, then row-major; freed by `dispose()`, `using`, or when it is collected.
 * `slice`, `transpose` and `reshape` make views of it, which are tensors as well and share its memory.
 */
export class Tensor<T extends TensorType = ElementType> {
    readonly type: T;
    /** Extents, outermost first. */
    readonly shape: readonly number[];
    /** Elements in all. */
    readonly size: number;
    readonly byteLength: number;
    /** Elements between neighbours along each dimension. */
    readonly strides: readonly number[];
    /** Where the first element is, in elements from the start of the memory. */
    readonly offset: number;
    /** Whether its elements lie one behind the other in row-major order. */
    readonly isRowMajor: boolean;
    /** @internal */
    readonly storage: Storage;
    /** @internal The address of the first element as a number; NaN where a double does not hold it exactly. */
    readonly numericAddress: number;
    private readonly isView: boolean;

    /** @internal */
    constructor(
        readonly owner: TensorOwner,
        type: T,
        shape: readonly number[],
        data: TensorData<T> | undefined,
        part?: Part,
        memory?: MemoryKind,
    ) {
        this.type = requireType(type);
        this.shape = requireShape(shape);
        this.size = this.shape.reduce((product, extent) => product * extent, 1);
        this.byteLength = this.size * sizeOf(type);
        if (!Number.isSafeInteger(this.byteLength)) {
            throw new ShapeError(`a tensor of shape ${formatShape(this.shape)} has more bytes than can be counted`);
        }
        this.isView = part !== undefined && part.owns !== true;
        this.strides = part?.strides ?? rowMajor(this.shape);
        this.offset = part?.offset ?? 0;
        this.isRowMajor = isRowMajor(this.shape, this.strides);
        if (part !== undefined) {
            this.storage = part.storage;
            this.numericAddress = this.storage.numericAddress + this.offset * sizeOf(type);
            return;
        }
        const bytes = data === undefined ? undefined : this.encode(data);
        // Of the tensor itself nothing is kept: it would never be collected.
        const [extents, text] = [this.shape, typeText(type)];
        this.storage = owner.allocate(this.byteLength, () => `tensor ${text}${formatShape(extents)}`, memory);
        this.numericAddress = this.storage.numericAddress;
        if (memory === "host" && this.byteLength > 0) {
            // Nothing has used it yet, and it is zero.
            if (bytes !== undefined) new Uint8Array(this.storage.buffer.host()).set(bytes);
            return;
        }
        // Nobody awaits this: a failure is kept, and reported by whatever uses the tensor next.
        this.overwrite(bytes).catch(() => {});
    }

    /** The device address; 0 for a tensor without elements. */
    get address(): bigint {
        return this.storage.address + BigInt(this.offset * sizeOf(this.type));
    }

    /**
     * A view of a part of the tensor: `x.slice([2, 5], null)` are the rows 2 to 4, `x.slice(null, 0)` is the first column.
     * @param parts one for each dimension, outermost first
     * @throws ShapeError where they don't fit the shape
     */
    slice(...parts: readonly SlicePart[]): Tensor<T> {
        this.requireLive("slice");
        if (parts.length !== this.shape.length || parts.every((part) => typeof part === "number")) {
            throw new ShapeError(
                `slice takes a part for each of the ${this.shape.length} dimensions of ${this.describe()}, of which one at least is a range or null`,
            );
        }
        let { offset } = this;
        const shape: number[] = [];
        const strides: number[] = [];
        for (const [axis, part] of parts.entries()) {
            const extent = this.shape[axis] as number;
            const stride = this.strides[axis] as number;
            const [start, end] = typeof part === "number" ? [part, part + 1] : (part ?? [0, extent]);
            if (
                !(
                    Number.isSafeInteger(start) &&
                    Number.isSafeInteger(end) &&
                    0 <= start &&
                    start <= end &&
                    end <= extent
                )
            ) {
                const given = typeof part === "number" ? String(part) : `[${start}, ${end}]`;
                throw new ShapeError(`slice: ${given} is not within dimension ${axis} of ${this.describe()}`);
            }
            offset += start * stride;
            if (typeof part !== "number") {
                shape.push(end - start);
                strides.push(stride);
            }
        }
        return this.viewAs(shape, strides, offset);
    }

    /**
     * A view with other order of dimensions.
     * @param axes where each dimension comes from; without them the order is reversed
     * @throws ShapeError where they are not each dimension once
     */
    transpose(...axes: readonly number[]): Tensor<T> {
        this.requireLive("transpose");
        const order = axes.length === 0 ? [...this.shape.keys()].reverse() : axes;
        const isOrder = [...order].sort((a, b) => a - b).every((axis, at) => axis === at);
        if (!isOrder || order.length !== this.shape.length) {
            throw new ShapeError(
                `transpose: [${order.join(", ")}] is no order of the dimensions of ${this.describe()}`,
            );
        }
        const pick = (list: readonly number[]) => order.map((axis) => list[axis] as number);
        return this.viewAs(pick(this.shape), pick(this.strides), this.offset);
    }

    /**
     * A view of the same elements in another shape.
     * @param shape extents, outermost first, with as many elements in all
     * @throws ShapeError where they are more or less; ArgumentError for a view that isn't row-major
     */
    reshape(...shape: readonly number[]): Tensor<T> {
        this.requireLive("reshape");
        if (!this.isRowMajor) {
            throw new ArgumentError(`reshape: the ${this.describe()} is a view that is not row-major: copy it first`);
        }
        if (requireShape(shape).reduce((product, extent) => product * extent, 1) !== this.size) {
            throw new ShapeError(
                `reshape: ${formatShape(shape)} has not the ${this.size} elements of ${this.describe()}`,
            );
        }
        return this.viewAs(shape, rowMajor(shape), this.offset);
    }

    private viewAs(shape: readonly number[], strides: readonly number[], offset: number): Tensor<T> {
        return new Tensor<T>(this.owner, this.type, shape, undefined, { storage: this.storage, strides, offset });
    }

    /**
     * A view of the same bytes as elements of another type: of a part of a row-major tensor, after `slice`, or all of it.
     * @param shape extents, outermost first, that take at most as many bytes
     * @throws ShapeError where they take more; ArgumentError where the elements would not be aligned, or the view isn't row-major
     */
    as<U extends TensorType>(type: U, ...shape: readonly number[]): Tensor<U> {
        this.requireLive("as");
        const size = sizeOf(requireType(type));
        const bytes = requireShape(shape).reduce((product, extent) => product * extent, size);
        if (!this.isRowMajor) {
            throw new ArgumentError(`as: the ${this.describe()} is a view that is not row-major: copy it first`);
        }
        if (bytes > this.byteLength) {
            throw new ShapeError(
                `as: ${typeText(type)}${formatShape(shape)} takes ${bytes} bytes, and ${this.describe()} has ${this.byteLength}`,
            );
        }
        const first = this.offset * sizeOf(this.type);
        if (first % size !== 0) {
            throw new ArgumentError(
                `as: the view begins at byte ${first} of its memory, which is no multiple of the ${size} bytes of ${typeText(type)}`,
            );
        }
        const part = { storage: this.storage, strides: rowMajor(shape), offset: first / size };
        return new Tensor<U>(this.owner, type, shape, undefined, part);
    }

    /**
     * The elements themselves, of a row-major tensor that was made with `{ memory: "host" }`: what is written here is what kernels
     * read, and the other way round, once the launches in question have been awaited. Floats of 16 and 8 bits are their bits;
     * structures are bytes. After `dispose()` the array has no elements.
     * @throws ArgumentError for memory of the device
     */
    get array(): HostArrays[T extends ElementType ? T : "u8"] {
        this.requireLive("array");
        const { storage, type } = this;
        if (!(storage.buffer.isHost || this.byteLength === 0) || !this.isRowMajor) {
            throw new ArgumentError(
                `array: the ${this.describe()} is not row-major in memory of the host: make it with { memory: "host" }, or read() it`,
            );
        }
        const size = sizeOf(type);
        const buffer = this.byteLength === 0 ? new ArrayBuffer(0) : storage.buffer.host();
        const bytes = { buffer, offset: this.byteLength === 0 ? 0 : this.offset * size, length: this.byteLength };
        return arrayOver(isStruct(type) ? "u8" : (type as ElementType), bytes) as HostArrays[T extends ElementType
            ? T
            : "u8"];
    }

    get disposed(): boolean {
        return this.storage.disposed;
    }

    /**
     * Copies the elements to the host, in row-major order, when everything that was called before has finished. f16
     * elements come as the f32 of the same value; `readBytes` gives their bits.
     */
    async read(options: TransferOptions = {}): Promise<TensorContents<T>> {
        const { type } = this;
        const bytes = await this.readBuffer(options);
        return (
            isStruct(type) ? decodeValues(type, bytes) : arrayOfBytes(type as ElementType, bytes)
        ) as TensorContents<T>;
    }

    /** Copies the memory to the host as it is: little-endian, f16 as IEEE binary16, bool as 0 or 1. */
    async readBytes(options: TransferOptions = {}): Promise<Uint8Array<ArrayBuffer>> {
        return new Uint8Array(await this.readBuffer(options));
    }

    /**
     * Replaces all elements, of a row-major tensor or view. The data is taken when it is called: it can be changed before the copy has finished.
     */
    async write(data: TensorData<T>, options: TransferOptions = {}): Promise<void> {
        this.requireLive("write");
        const { signal } = requireOptions("write", options);
        if (!this.isRowMajor) {
            throw new ArgumentError(
                `write: the ${this.describe()} is a view that is not row-major: write the whole tensor`,
            );
        }
        await abortable("write", signal, () => this.overwrite(this.encode(data), options));
    }

    /**
     * Frees the memory, after what was called before has finished. Disposing again does nothing, as does disposing a view:
     * the memory is the tensor's that it was made of.
     */
    dispose(): void {
        if (!this.isView) this.storage.release();
    }

    [Symbol.dispose](): void {
        this.dispose();
    }

    [Symbol.for("nodejs.util.inspect.custom")](): string {
        return `Tensor ${typeText(this.type)}${formatShape(this.shape)} of ${this.owner.id}`;
    }

    /** @internal Throws where it can't be used any more. */
    requireLive(place: string): void {
        this.owner.requireOpen(place);
        if (this.disposed) {
            const how = this.storage.block.wasReset === true ? "lost when the device was reset" : "disposed";
            throw new DisposedError(`${place}: the ${this.describe()} was ${how}`);
        }
    }

    /** @internal Throws where an earlier write failed, so that the elements are not what the program says. */
    requireContents(place: string): void {
        if (this.storage.lost !== undefined) {
            const reason = this.storage.lost instanceof Error ? this.storage.lost.message : String(this.storage.lost);
            throw new DisposedError(
                `${place}: the contents of the ${this.describe()} were lost when they were written (${reason}): write them again`,
                { cause: this.storage.lost },
            );
        }
    }

    private describe(): string {
        return `tensor ${typeText(this.type)}${formatShape(this.shape)}`;
    }

    private async readBuffer(options: TransferOptions): Promise<ArrayBuffer> {
        this.requireLive("read");
        const { stream, signal } = requireOptions("read", options);
        const size = sizeOf(this.type);
        const whole = this.isRowMajor;
        const span = whole ? this.byteLength : size * spanOf(this.shape, this.strides);
        const { storage } = this;
        const from = storage.block.offset + this.offset * size;
        const bytes = await abortable("read", signal, () =>
            completed(() =>
                this.owner.transfer({
                    direction: "device-to-host",
                    bytes: span,
                    reads: storage,
                    lane: laneOf(this.owner, stream),
                    run: (stream, ran) => stream.read(storage.buffer, from, span, ran),
                }),
            ),
        );
        this.requireContents("read");
        return whole ? bytes : gather(bytes, size, this.shape, this.strides);
    }

    /** Zero-fills without bytes. */
    private async overwrite(bytes: Uint8Array | undefined, { stream }: TransferOptions = {}): Promise<void> {
        if (this.byteLength === 0) {
            return;
        }
        const { storage, byteLength } = this;
        const lane = laneOf(this.owner, stream);
        const to = storage.block.offset + this.offset * sizeOf(this.type);
        try {
            await completed(() =>
                this.owner.transfer({
                    direction: bytes === undefined ? "fill" : "host-to-device",
                    bytes: byteLength,
                    writes: storage,
                    lane,
                    run: (stream, ran) =>
                        bytes === undefined
                            ? stream.fill(storage.buffer, to, byteLength, 0, ran)
                            : stream.write(storage.buffer, to, bytes, ran),
                }),
            );
            this.storage.lost = undefined;
        } catch (error) {
            this.storage.lost = error;
            throw error;
        }
    }

    private encode(data: TensorData<T>): Uint8Array {
        const what = "data";
        const { type } = this;
        if (isStruct(type)) return this.encodeStructs(type, data, what);
        const { scalar, lanes } = lanesOf(type as ElementType);
        if (ArrayBuffer.isView(data) && !(data instanceof DataView)) {
            this.requireLength(data.length, lanes);
            return bytesOfArray(scalar, data, what);
        }
        if (!Array.isArray(data)) {
            throw new ArgumentError(`${what} must be a typed array or an array, not ${describeValue(data)}`);
        }
        const extents = lanes === 1 ? this.shape : [...this.shape, lanes];
        const nested = extents.length > 1 && (data as NestedValues).some((each) => Array.isArray(each));
        const values = nested ? flatten(data, extents, what) : data;
        this.requireLength(values.length, lanes);
        return storeElements(scalar, values, what);
    }

    /** Objects in row-major order or nested as the shape, or the memory's bytes. */
    private encodeStructs(type: StructType, data: unknown, what: string): Uint8Array {
        if (data instanceof Uint8Array) {
            if (data.length === this.byteLength) return data;
            throw new ShapeError(`${what} has ${data.length} bytes, and the tensor takes ${this.byteLength}`);
        }
        if (!Array.isArray(data)) {
            throw new ArgumentError(`${what} must be an array of objects, not ${describeValue(data)}`);
        }
        const nested = this.shape.length > 1 && data.some((each) => Array.isArray(each));
        const values = nested ? flatten(data, this.shape, what) : data;
        this.requireLength(values.length, 1);
        return encodeValues(type, values, what);
    }

    private requireLength(length: number, lanes: number): void {
        if (length !== this.size * lanes) {
            const detached = length === 0 ? " (an array whose buffer was transferred has none)" : "";
            throw new ShapeError(
                `data has ${length} ${lanes === 1 ? "elements" : "scalars"}${detached}, and the shape ${formatShape(this.shape)}${lanes === 1 ? "" : ` of ${typeText(this.type)}`} takes ${this.size * lanes}`,
            );
        }
    }
}

function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
    const dense = rowMajor(shape);
    return shape.includes(0) || shape.every((extent, axis) => extent === 1 || strides[axis] === dense[axis]);
}

/** Elements between neighbours along each dimension of a row-major tensor. */
export function rowMajor(shape: readonly number[]): number[] {
    let stride = 1;
    return [...shape]
        .reverse()
        .map((extent) => {
            const own = stride;
            stride *= extent;
            return own;
        })
        .reverse();
}

/** @internal Whether extents and strides describe elements of memory: what somebody else says of a tensor. */
export function requireStrides(shape: readonly number[], strides: readonly number[]): void {
    if (strides.length !== shape.length || strides.some((stride) => !Number.isSafeInteger(stride) || stride < 0)) {
        throw new ShapeError(
            `strides are integers from 0, one for each of the extents ${formatShape(shape)}, not [${strides.join(", ")}]`,
        );
    }
}

/** Elements from the first to the last, both included; 0 if there is none. */
export function spanOf(shape: readonly number[], strides: readonly number[]): number {
    if (shape.includes(0)) {
        return 0;
    }
    return shape.reduce((span, extent, axis) => span + (extent - 1) * (strides[axis] as number), 1);
}

/** The elements of a view one behind the other. */
function gather(bytes: ArrayBuffer, size: number, shape: readonly number[], strides: readonly number[]): ArrayBuffer {
    const source = new Uint8Array(bytes);
    const target = new Uint8Array(size * shape.reduce((product, extent) => product * extent, 1));
    let at = 0;
    const copy = (axis: number, offset: number): void => {
        if (axis === shape.length) {
            target.set(source.subarray(offset * size, (offset + 1) * size), at);
            at += size;
            return;
        }
        for (let index = 0; index < (shape[axis] as number); index++) {
            copy(axis + 1, offset + index * (strides[axis] as number));
        }
    };
    copy(0, 0);
    return target.buffer;
}

function isStruct(type: TensorType): type is StructType {
    return typeof type === "object" && type !== null && "struct" in type;
}

export function requireType<T extends TensorType>(type: T): T {
    if (!isStruct(type) && !isElementType(type)) {
        const hint = typeof type === "string" ? didYouMean(type, ELEMENT_TYPES) : "";
        throw new ArgumentError(
            `a tensor's type is one of ${ELEMENT_TYPES.join(", ")} or a vector such as f32x4, not ${describeValue(type)}${hint}`,
        );
    }
    return type;
}

export function requireShape(shape: unknown): readonly number[] {
    if (!Array.isArray(shape) || shape.length === 0) {
        throw new ShapeError(
            `a tensor's shape is an array of extents such as [rows, columns], not ${describeValue(shape)}`,
        );
    }
    shape.forEach((extent, axis) => {
        if (!Number.isSafeInteger(extent) || extent < 0) {
            throw new ShapeError(`a tensor's extents are integers from 0, not ${describeValue(extent)} (axis ${axis})`);
        }
    });
    return Object.freeze([...shape]);
}

/** The values of nested arrays in row-major order. */
function flatten(data: unknown, shape: readonly number[], place: string): unknown[] {
    const [extent, ...inner] = shape;
    if (extent === undefined) {
        return [data];
    }
    if (!Array.isArray(data)) {
        throw new ShapeError(`${place} must be an array of ${extent}, not ${describeValue(data)}`);
    }
    if (data.length !== extent) {
        throw new ShapeError(`${place} has ${data.length} entries, and the shape takes ${extent} there`);
    }
    return data.flatMap((each, index) => flatten(each, inner, `${place}[${index}]`));
}
