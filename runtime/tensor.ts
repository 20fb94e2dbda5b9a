// A tensor: typed, row-major memory of one device. Its operations run in the order they are called, before or after the
// launches on the same device as they are called before or after them.

import { sizeOf, typeText } from "../codeobject/layout.js";
import { abortable } from "./abort.js";
import {
    encodeContents,
    isStruct,
    requireType,
    type TensorContents,
    type TensorData,
    type TensorType,
} from "./contents.js";
import { formatShape } from "./dims.js";
import { arrayOfBytes, arrayOver, type ElementType, type HostArrays } from "./elements.js";
import { ArgumentError, DisposedError, ShapeError } from "./errors.js";
import type { NativeRan, NativeStream } from "./hip/binding.js";
import { completed } from "./hip/failure.js";
import type { Lane } from "./lanes.js";
import type { MemoryKind } from "./memory/memory.js";
import type { Storage } from "./memory/storage.js";
import { requireOptions } from "./options.js";
import { countOf, gather, isRowMajor, requireShape, rowMajor, spanOf } from "./shape.js";
import { Stream } from "./stream.js";
import { decodeValues } from "./structs.js";
import type { CopyDirection } from "./telemetry/events.js";

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
        this.size = countOf(this.shape);
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
        const bytes = data === undefined ? undefined : encodeContents(this.type, this.shape, data);
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
        if (countOf(requireShape(shape)) !== this.size) {
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
        const bytes = countOf(requireShape(shape)) * size;
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
        await abortable("write", signal, () => this.overwrite(encodeContents(this.type, this.shape, data), options));
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
}
