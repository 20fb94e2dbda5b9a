// Device memory given to others and taken from them, described as DLPack does (https://dmlc.github.io/dlpack/latest/): an
// address, a device, an element type as code, bits and lanes, a shape, and strides in elements.
// Whose memory it is does not change: whoever made it keeps it as long as the other uses it, and both see to the order, by
// synchronizing before they hand it over. Other processes of the machine get at it by handles of HIP's.

import { sizeOf } from "../codeobject/layout.js";
import { lanesOf } from "../codeobject/vectors.js";
import type { TensorType } from "./contents.js";
import { describeValue, ELEMENT_TYPES, type ElementType, elementSize, type ScalarType } from "./elements.js";
import { ArgumentError } from "./errors.js";
import type { GpuKind } from "./gpu.js";
import type { NativeBuffer } from "./hip/binding.js";
import type { Tensor } from "./tensor.js";

/** DLDeviceType. */
const DEVICES: Readonly<Record<GpuKind, number>> = { hip: 10, cuda: 2, virtual: 12 };

/** Of hipIpcMemHandle_t. */
const HANDLE_BYTES = 64;

/** DLDataTypeCode. */
const CODES = {
    int: 0,
    uint: 1,
    float: 2,
    bfloat: 4,
    bool: 6,
    f8e4m3fn: 10,
    f8e4m3fnuz: 11,
    f8e5m2: 12,
    f8e5m2fnuz: 13,
};

/** A tensor in others' words: DLTensor of dlpack.h as an object. */
export interface DlpackTensor {
    readonly data: bigint;
    readonly device: { readonly type: number; readonly id: number };
    readonly dtype: { readonly code: number; readonly bits: number; readonly lanes: number };
    readonly shape: readonly number[];
    /** In elements; row-major without them. */
    readonly strides?: readonly number[] | undefined;
    /** From `data` to the first element, in bytes. Default 0. */
    readonly byteOffset?: number | undefined;
}

const TYPES: Readonly<Partial<Record<string, number>>> = {
    bool: CODES.bool,
    bf16: CODES.bfloat,
    index: CODES.int,
    f8e4m3: CODES.f8e4m3fn,
    f8e4m3fnuz: CODES.f8e4m3fnuz,
    f8e5m2: CODES.f8e5m2,
    f8e5m2fnuz: CODES.f8e5m2fnuz,
};

function codeOf(scalar: string): number {
    return TYPES[scalar] ?? (scalar.startsWith("f") ? CODES.float : scalar.startsWith("u") ? CODES.uint : CODES.int);
}

/** A pair is two lanes of 4 bits, as DLPack has integers of less than a byte. */
function partsOf(scalar: ScalarType): number {
    return scalar === "i4x2" ? 2 : 1;
}

function bitsOf(scalar: ScalarType): number {
    return (elementSize(scalar) * 8) / partsOf(scalar);
}

/** @throws ArgumentError for structures, which DLPack can't describe */
export function describeTensor(tensor: Tensor<TensorType>, kind: GpuKind, index: number): DlpackTensor {
    const { type } = tensor;
    if (typeof type !== "string") throw new ArgumentError("DLPack describes scalars and vectors, not structures");
    const { scalar, lanes } = lanesOf(type);
    return {
        data: tensor.address,
        device: { type: DEVICES[kind], id: index },
        dtype: { code: codeOf(scalar), bits: bitsOf(scalar), lanes: lanes * partsOf(scalar) },
        shape: tensor.shape,
        strides: tensor.strides,
        byteOffset: 0,
    };
}

/** @throws ArgumentError for memory of another kind of device, or elements that no type here has */
export function typeOfDlpack({ device, dtype }: DlpackTensor, kind: GpuKind): ElementType {
    if (device?.type !== DEVICES[kind]) {
        throw new ArgumentError(
            `fromDlpack: memory of the device type ${describeValue(device?.type)} is none of a ${kind} device (${DEVICES[kind]})`,
        );
    }
    const { code, bits, lanes = 1 } = dtype ?? {};
    const scalar = ELEMENT_TYPES.find(
        (each) =>
            each !== "index" && codeOf(each) === code && bitsOf(each) === bits && Number(lanes) % partsOf(each) === 0,
    );
    if (scalar === undefined) {
        throw new ArgumentError(
            `fromDlpack: no element type has the code ${describeValue(code)} with ${describeValue(bits)} bits`,
        );
    }
    const vectors = Number(lanes) / partsOf(scalar);
    return (vectors === 1 ? scalar : `${scalar}x${vectors}`) as ElementType;
}

/** A tensor for another process: plain data. */
export interface SharedTensor {
    readonly type: TensorType;
    readonly shape: readonly number[];
    /** HIP's handle of the memory, in base64. */
    readonly handle: string;
    /** From the beginning of that memory. */
    readonly byteOffset: number;
}

/** @throws ArgumentError where the memory has other tensors in it, or is no memory of the device */
export function sharedTensor(
    tensor: Tensor<TensorType>,
    exportMemory: (buffer: NativeBuffer) => Uint8Array,
): SharedTensor {
    const { storage, type, shape } = tensor;
    if (storage.kind !== "shared" || !tensor.isRowMajor || tensor.size === 0) {
        throw new ArgumentError(
            'exportTensor: the tensor is not row-major in memory of its own: make it with { memory: "shared" }',
        );
    }
    const handle = Buffer.from(exportMemory(storage.buffer)).toString("base64");
    return { type, shape, handle, byteOffset: tensor.offset * sizeOf(type) };
}

/** @throws ArgumentError for what is none */
export function requireShared(shared: SharedTensor): Omit<SharedTensor, "handle"> & { readonly handle: Uint8Array } {
    const { type, shape, handle, byteOffset } = shared ?? {};
    const bytes = typeof handle === "string" ? Buffer.from(handle, "base64") : new Uint8Array();
    if (bytes.length !== HANDLE_BYTES || !Number.isSafeInteger(byteOffset) || byteOffset < 0) {
        throw new ArgumentError(`importTensor takes what exportTensor gave, not ${describeValue(shared)}`);
    }
    return { type, shape, handle: new Uint8Array(bytes), byteOffset };
}
