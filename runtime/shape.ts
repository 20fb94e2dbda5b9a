// The geometry of tensors: extents, outermost first, and strides, in elements.

import { formatShape } from "./dims.js";
import { describeValue } from "./elements.js";
import { ShapeError } from "./errors.js";

export function requireShape(shape: unknown): readonly number[] {
    if (!Array.isArray(shape) || shape.length === 0) {
        const found = Array.isArray(shape) ? "an empty one" : describeValue(shape);
        throw new ShapeError(`a tensor's shape is an array of extents such as [rows, columns], not ${found}`);
    }
    shape.forEach((extent, axis) => {
        if (!Number.isSafeInteger(extent) || extent < 0) {
            throw new ShapeError(`a tensor's extents are integers from 0, not ${describeValue(extent)} (axis ${axis})`);
        }
    });
    return Object.freeze([...shape]);
}

export function isRowMajor(shape: readonly number[], strides: readonly number[]): boolean {
    const dense = rowMajor(shape);
    return shape.includes(0) || shape.every((extent, axis) => extent === 1 || strides[axis] === dense[axis]);
}

/** Elements in all. */
export function countOf(shape: readonly number[]): number {
    return shape.reduce((product, extent) => product * extent, 1);
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
export function gather(
    bytes: ArrayBuffer,
    size: number,
    shape: readonly number[],
    strides: readonly number[],
): ArrayBuffer {
    const source = new Uint8Array(bytes);
    const target = new Uint8Array(size * countOf(shape));
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
