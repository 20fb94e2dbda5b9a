// A tensor: typed, row-major memory of one device. Its operations run in the order they are called, before or after the
// launches on the same device as they are called before or after them.

import { lanesOf } from "../codeobject/vectors.js";
import { formatShape } from "./dims.js";
import {
    arrayOfBytes,
    bytesOfArray,
    type DataArrays,
    describeValue,
    ELEMENT_TYPES,
    type ElementArrays,
    type ElementType,
    type ElementValue,
    elementSize,
    isElementType,
    storeElements,
} from "./elements.js";
import { ArgumentError, DisposedError, ShapeError } from "./errors.js";
import type { NativeBuffer, NativeStream } from "./hip/binding.js";
import { completed } from "./hip/failure.js";
import { didYouMean } from "./suggest.js";

/** Arrays in arrays, one level for each dimension. */
export type NestedValues = readonly (ElementValue | NestedValues)[];

/**
 * The elements of a tensor in row-major order: the type's typed array, a flat array of values, or arrays in arrays as
 * the shape says. A vector's scalars come one after the other, or as an array of their own. Values are checked against the type's range; floating-point ones are rounded to nearest even.
 */
export type TensorData<T extends ElementType = ElementType> = DataArrays[T] | NestedValues;

/** What a tensor needs of its device. */
export interface TensorOwner {
    readonly stream: NativeStream;
    /** @throws DisposedError after `close()` */
    requireOpen(place: string): void;
    allocate(bytes: number): NativeBuffer;
}

/** Typed, row-major device memory. Made by `gpu.tensor(…)`; freed by `dispose()`, `using`, or when it is collected. */
export class Tensor<T extends ElementType = ElementType> {
    readonly type: T;
    /** Extents, outermost first. */
    readonly shape: readonly number[];
    /** Elements in all. */
    readonly size: number;
    readonly byteLength: number;
    /** @internal */
    readonly buffer: NativeBuffer;
    /** Why its contents are lost, until they are written again. */
    private lost: unknown;

    /** @internal */
    constructor(
        readonly owner: TensorOwner,
        type: T,
        shape: readonly number[],
        data: TensorData<T> | undefined,
    ) {
        this.type = requireType(type);
        this.shape = requireShape(shape);
        this.size = this.shape.reduce((product, extent) => product * extent, 1);
        this.byteLength = this.size * elementSize(type);
        if (!Number.isSafeInteger(this.byteLength)) {
            throw new ShapeError(`a tensor of shape ${formatShape(this.shape)} has more bytes than can be counted`);
        }
        const bytes = data === undefined ? undefined : this.encode(data);
        this.buffer = owner.allocate(this.byteLength);
        // Nobody awaits this: a failure is kept, and reported by whatever uses the tensor next.
        this.overwrite(bytes).catch(() => {});
    }

    /** The device address; 0 for a tensor without elements. */
    get address(): bigint {
        return this.buffer.address;
    }

    get disposed(): boolean {
        return this.buffer.disposed;
    }

    /**
     * Copies the elements to the host, in row-major order, when everything that was called before has finished. f16
     * elements come as the f32 of the same value; `readBytes` gives their bits.
     */
    async read(): Promise<ElementArrays[T]> {
        return arrayOfBytes(this.type, await this.readBuffer());
    }

    /** Copies the memory to the host as it is: little-endian, f16 as IEEE binary16, bool as 0 or 1. */
    async readBytes(): Promise<Uint8Array<ArrayBuffer>> {
        return new Uint8Array(await this.readBuffer());
    }

    /** Replaces all elements. The data is taken when it is called: it can be changed before the copy has finished. */
    async write(data: TensorData<T>): Promise<void> {
        this.requireLive("write");
        await this.overwrite(this.encode(data));
    }

    /** Frees the memory, after what was called before has finished. Disposing again does nothing. */
    dispose(): void {
        this.buffer.dispose();
    }

    [Symbol.dispose](): void {
        this.dispose();
    }

    /** @internal Throws where it can't be used any more. */
    requireLive(place: string): void {
        this.owner.requireOpen(place);
        if (this.disposed) {
            throw new DisposedError(`${place}: the ${this.describe()} was disposed`);
        }
    }

    /** @internal Throws where an earlier write failed, so that the elements are not what the program says. */
    requireContents(place: string): void {
        if (this.lost !== undefined) {
            const reason = this.lost instanceof Error ? this.lost.message : String(this.lost);
            throw new DisposedError(
                `${place}: the contents of the ${this.describe()} were lost when they were written (${reason}): write them again`,
                { cause: this.lost },
            );
        }
    }

    private describe(): string {
        return `tensor ${this.type}${formatShape(this.shape)}`;
    }

    private async readBuffer(): Promise<ArrayBuffer> {
        this.requireLive("read");
        const bytes = await completed(() => this.owner.stream.read(this.buffer, 0, this.byteLength));
        this.requireContents("read");
        return bytes;
    }

    /** Zero-fills without bytes. */
    private async overwrite(bytes: Uint8Array | undefined): Promise<void> {
        if (this.byteLength === 0) {
            return;
        }
        const { stream } = this.owner;
        try {
            await completed(() =>
                bytes === undefined
                    ? stream.fill(this.buffer, 0, this.byteLength, 0)
                    : stream.write(this.buffer, 0, bytes),
            );
            this.lost = undefined;
        } catch (error) {
            this.lost = error;
            throw error;
        }
    }

    private encode(data: TensorData<T>): Uint8Array {
        const what = "data";
        const { scalar, lanes } = lanesOf(this.type);
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

    private requireLength(length: number, lanes: number): void {
        if (length !== this.size * lanes) {
            const detached = length === 0 ? " (an array whose buffer was transferred has none)" : "";
            throw new ShapeError(
                `data has ${length} ${lanes === 1 ? "elements" : "scalars"}${detached}, and the shape ${formatShape(this.shape)}${lanes === 1 ? "" : ` of ${this.type}`} takes ${this.size * lanes}`,
            );
        }
    }
}

function requireType<T extends ElementType>(type: T): T {
    if (!isElementType(type)) {
        const hint = typeof type === "string" ? didYouMean(type, ELEMENT_TYPES) : "";
        throw new ArgumentError(
            `a tensor's type is one of ${ELEMENT_TYPES.join(", ")} or a vector such as f32x4, not ${describeValue(type)}${hint}`,
        );
    }
    return type;
}

function requireShape(shape: unknown): readonly number[] {
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
