// The activities that layers are given: their forms, and how they come into a network's memory.

import type { TensorData } from "../contents.js";
import { ArgumentError, ShapeError } from "../errors.js";
import type { Gpu } from "../gpu.js";
import { Tensor } from "../tensor.js";

/** Rates of layers: a tensor [samples, neurons] or [batch, samples, neurons], or such numbers. */
export type Activity = Tensor<"f32"> | TensorData<"f32">;

export function isActivity(value: unknown): value is Activity {
    return (
        value instanceof Tensor || Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView))
    );
}

/** What a layer takes. */
export interface Form {
    /** In words, for errors. */
    readonly place: string;
    readonly batch: number;
    /** Neurons of the layer. */
    readonly size: number;
}

/**
 * An activity as a tensor, and how many samples it has; one that was made here is the caller's to dispose of.
 * @throws ShapeError
 */
export function activityOf(gpu: Gpu, activity: Activity, { place, batch, size }: Form) {
    if (!(activity instanceof Tensor)) requireFinite(activity, place);
    const tensor = activity instanceof Tensor ? activity : gpu.tensor("f32", shapeOf(activity, size, place), activity);
    const { shape } = tensor;
    const [last, samples, instances = batch === 1 ? 1 : Number.NaN] = [...shape].reverse() as [
        number,
        number?,
        number?,
    ];
    const fits =
        last === size && shape.length <= 3 && (shape.length < 3 || instances === batch) && tensor.type === "f32";
    if (fits) return { tensor, samples: samples ?? 1 };
    throw new ShapeError(
        `${place} is f32[samples, ${size}]${batch > 1 ? ` or f32[${batch}, samples, ${size}]` : ""}, not ${tensor.type}[${shape.join(", ")}]`,
    );
}

/** NaN and infinity would go through all layers and, where they learn, into all weights. */
function requireFinite(data: TensorData<"f32">, place: string): void {
    const list: readonly unknown[] | Float32Array = Array.isArray(data) ? data.flat() : (data as Float32Array);
    const wrong = list.findIndex((each: unknown) => typeof each === "number" && !Number.isFinite(each));
    if (wrong >= 0) throw new ArgumentError(`${place} takes numbers, and number ${wrong} of it is ${list[wrong]}`);
}

/** Copies an activity to [batch, samples, size]: to all instances, if it has none of its own for each. */
export async function copyActivity(gpu: Gpu, target: Tensor<"f32">, from: Tensor<"f32">, batch: number): Promise<void> {
    const copies = from.shape.length === 3 ? 1 : batch;
    const flat = target.reshape(target.size);
    await Promise.all(
        Array.from({ length: copies }, (_, at) =>
            gpu.copy(flat.slice([at * from.size, (at + 1) * from.size]), from.reshape(from.size)),
        ),
    );
}

/** The shape of numbers for a layer: nested as they are, or as many samples as a flat list has. */
function shapeOf(data: TensorData<"f32">, size: number, place: string): number[] {
    const { length } = data as ArrayLike<unknown>;
    const nested = Array.isArray(data) && Array.isArray(data[0]);
    if (nested) return [length, size];
    if (length > 0 && length % size === 0) return [length / size, size];
    throw new ShapeError(
        `${place} has ${length} numbers, which is no whole number of samples of ${size}, one at least`,
    );
}
