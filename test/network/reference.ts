// What tests of networks hold devices against: digits, and sums in double precision.

import { DIGIT_SIZE, readDigits } from "../../samples/common/mnist.js";

/** The devices that networks are tested on: waves of 32 and of 64 work-items. */
export const NETWORK_DEVICES = ["vgpu:gfx1100", "vgpu:gfx942"] as const;

export const PIXELS = DIGIT_SIZE ** 2;

/** `each` of every digit of the mnist package, brightness 0 … 1, and what they are. */
export async function digitsOf(each: number, from = 0): Promise<{ images: Float32Array; labels: number[] }> {
    const { pixels, counts } = await readDigits();
    const images = new Float32Array(10 * each * PIXELS);
    const labels: number[] = [];
    let first = 0;
    for (let k = 0; k < each; k++) {
        first = 0;
        for (let digit = 0; digit < 10; digit++) {
            const at = (first + from + k) * PIXELS;
            images.set(
                Float32Array.from(pixels.subarray(at, at + PIXELS), (brightness) => brightness / 255),
                labels.length * PIXELS,
            );
            labels.push(digit);
            first += counts[digit] as number;
        }
    }
    return { images, labels };
}

/** x·W in double precision, sample by sample; W is [pre, post]. */
export function product(x: ArrayLike<number>, weights: ArrayLike<number>, pre: number, post: number): Float64Array {
    const samples = x.length / pre;
    const sums = new Float64Array(samples * post);
    for (let s = 0; s < samples; s++) {
        for (let i = 0; i < pre; i++) {
            for (let j = 0; j < post; j++) {
                const add = (x[s * pre + i] as number) * (weights[i * post + j] as number);
                sums[s * post + j] = (sums[s * post + j] as number) + add;
            }
        }
    }
    return sums;
}

/** Softmax of each row of n. */
export function softmax(x: Float64Array, n: number): Float64Array {
    const result = new Float64Array(x.length);
    for (let row = 0; row < x.length; row += n) {
        const top = Math.max(...x.subarray(row, row + n));
        const e = x.subarray(row, row + n).map((value) => Math.exp(value - top));
        const sum = e.reduce((a, b) => a + b, 0);
        for (let j = 0; j < n; j++) result[row + j] = (e[j] as number) / sum;
    }
    return result;
}

/** The largest |a − b|. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
    if (a.length !== b.length) return Number.POSITIVE_INFINITY;
    let most = 0;
    for (let i = 0; i < a.length; i++) {
        const each = Math.abs((a[i] as number) - (b[i] as number));
        // NaN counts as far.
        if (!(each <= most)) most = Number.isNaN(each) ? Number.POSITIVE_INFINITY : each;
    }
    return most;
}
