// Copies from tensor to tensor: on a device, between two of one library, by way of the host, and as a part of a graph.

import { inspect } from "node:util";
import { sameType, sizeOf } from "../codeobject/layout.js";
import { abortable } from "./abort.js";
import { CommandBuffer } from "./commands.js";
import type { TensorData, TensorType } from "./contents.js";
import { describeValue } from "./elements.js";
import { ArgumentError, ShapeError } from "./errors.js";
import type { Gpu } from "./gpu.js";
import { type Capturable, currentRecorder, refuseInCapture } from "./graph.js";
import type { NativeBuffer, NativeEvent, NativeStream } from "./hip/binding.js";
import { completed } from "./hip/failure.js";
import type { Storage } from "./memory/storage.js";
import { requireOptions } from "./options.js";
import { laneOf, Tensor, type TransferOptions } from "./tensor.js";

/**
 * Copies a tensor to another; see `Gpu.copy`.
 * @throws ArgumentError, ShapeError where they don't fit each other; DisposedError
 */
export async function copyTensor<T extends TensorType>(
    gpu: Gpu,
    target: Tensor<T>,
    source: Tensor<T>,
    options: TransferOptions,
): Promise<void> {
    gpu.requireOpen("copy");
    const { stream, signal } = requireOptions("copy", options);
    const lane = laneOf(gpu, stream);
    const [to, from] = [partOf(gpu, "target", target), partOf(undefined, "source", source)];
    requireFit(target, source);
    const bytes = source.byteLength;
    const recorder = currentRecorder(gpu);
    if (recorder !== undefined) {
        if (source.owner !== gpu) throw new ArgumentError("copy: a graph has copies on its own device alone");
        recorder.launch(CAPTURED_COPY, { target, source });
        return;
    }
    await abortable("copy", signal, async () => {
        const other = source.owner as Gpu;
        if (other !== gpu && other.kind !== gpu.kind) return target.write(await elementsOf(source), { stream });
        const foreign = other === gpu ? undefined : beginRead(other, source.storage);
        const done = completed(() =>
            gpu.transfer({
                direction: "device-to-device",
                bytes,
                reads: foreign === undefined ? source.storage : undefined,
                writes: target.storage,
                lane,
                run: (native, ran) => {
                    const copied = foreign === undefined ? undefined : native.wait(foreign.ready);
                    copied?.catch(() => {});
                    const result = native.copy(to.buffer, to.offset, from.buffer, from.offset, bytes, ran);
                    foreign?.until(native);
                    return result;
                },
            }),
        );
        await done;
        target.storage.lost = source.storage.lost;
    });
}

/**
 * For a copy to another device: an event behind what wrote the memory; and, given the stream that reads it, what makes later
 * writers of this device wait for that.
 */
function beginRead(gpu: Gpu, storage: Storage): { readonly ready: NativeEvent; until(reader: NativeStream): void } {
    gpu.requireOpen("copy");
    refuseInCapture(gpu, "copy");
    const { scheduler } = gpu;
    scheduler.begin();
    scheduler.reads(storage.uses);
    const lane = scheduler.choose(undefined);
    const [ready, read] = [gpu.own(gpu.device.createEvent()), gpu.own(gpu.device.createEvent())];
    const forget = (operation: Promise<unknown>): void => void operation.catch(() => {});
    forget(scheduler.give(lane, ({ native }) => native.record(ready)));
    return {
        ready,
        until: (reader) => {
            forget(reader.record(read));
            forget(scheduler.give(lane, ({ native }) => native.wait(read)));
            storage.uses.didRead(lane);
        },
    };
}

/** A copy as a part of a graph. */
const CAPTURED_COPY: Capturable = {
    capture(args) {
        const { target, source } = args as { readonly target: Tensor<TensorType>; readonly source: Tensor<TensorType> };
        const gpu = target.owner as Gpu;
        partOf(gpu, "target", target);
        partOf(gpu, "source", source);
        requireFit(target, source);
        const buffer = new CommandBuffer(undefined);
        buffer.copy(target.address, source.address, source.byteLength);
        return {
            command: source.byteLength === 0 ? undefined : buffer.written(),
            result: { grid: [0, 1, 1], block: [1, 1, 1], milliseconds: 0, counters: "unavailable", outputs: {} },
            reads: [source.storage],
            writes: [target.storage],
        };
    },
};

function requireFit(target: Tensor<TensorType>, source: Tensor<TensorType>): void {
    if (!sameType(target.type, source.type) || target.size !== source.size) {
        throw new ShapeError(`copy: ${inspect(source)} does not fit into ${inspect(target)}`);
    }
}

async function elementsOf<T extends TensorType>(tensor: Tensor<T>): Promise<TensorData<T>> {
    return (await tensor.read()) as TensorData<T>;
}

/**
 * Where a tensor's elements lie.
 * @param gpu whose it must be; undefined for any
 * @throws ArgumentError where they are not one behind the other
 */
function partOf(
    gpu: Gpu | undefined,
    name: string,
    tensor: Tensor<TensorType>,
): { buffer: NativeBuffer; offset: number } {
    if (!(tensor instanceof Tensor) || (gpu !== undefined && tensor.owner !== gpu)) {
        throw new ArgumentError(
            `copy: the ${name} must be a tensor${gpu === undefined ? "" : ` of ${gpu.id}`}, not ${describeValue(tensor)}`,
        );
    }
    tensor.requireLive(`copy: ${name}`);
    if (!tensor.isRowMajor) throw new ArgumentError(`copy: the ${name} is a view that is not row-major`);
    const { storage, offset, type } = tensor;
    return { buffer: storage.buffer, offset: storage.block.offset + offset * sizeOf(type) };
}
