// Fourier transforms of tensors: one launch of std.fft, or two where an array has no room in a workgroup.

import { gpuOf } from "../embedded.js";
import { ArgumentError, ShapeError } from "../errors.js";
import type { Tensor } from "../tensor.js";
import { kernelsOf, requireType } from "./kernels.js";

/** The longest array that a workgroup's shared memory takes, by the type of the parts. */
const LONGEST = { f32: 4096, f64: 2048 } as const;

type Real = keyof typeof LONGEST;

/**
 * y[…, k] ← Σ x[…, j]·e^(−2πi·jk/n): the Fourier transform of each row of n complex numbers, which lie as pairs of real and
 * imaginary part. Errors: std.fft.
 * @param x of shape [..., n, 2], f32 or f64; n is a power of 2, at most 2²⁴ for f32 and 2²² for f64
 * @param y of the type and shape of x; it may be x
 * @throws ArgumentError, ShapeError
 */
export function fft<T extends Real>(x: Tensor<T>, y: Tensor<T>): Promise<void> {
    return transform("fft", x, y, false);
}

/**
 * As `fft`, the inverse: y[…, j] ← 1/n · Σ x[…, k]·e^(2πi·jk/n).
 * @throws ArgumentError, ShapeError
 */
export function ifft<T extends Real>(x: Tensor<T>, y: Tensor<T>): Promise<void> {
    return transform("ifft", x, y, true);
}

async function transform(what: string, x: Tensor<Real>, y: Tensor<Real>, isInverse: boolean): Promise<void> {
    requireType(what, x, ["f32", "f64"]);
    requireType(what, y, [x.type]);
    const [n = 0, pair] = x.shape.slice(-2);
    if (x.shape.length < 2 || pair !== 2 || x.shape.join() !== y.shape.join()) {
        throw new ShapeError(
            `${what} takes tensors of one shape [..., n, 2], not of [${x.shape.join(", ")}] and [${y.shape.join(", ")}]`,
        );
    }
    if (!x.isRowMajor || !y.isRowMajor) throw new ArgumentError(`${what} takes row-major tensors: copy the view first`);
    const longest = LONGEST[x.type];
    const isPower = n > 0 && Number.isInteger(Math.log2(n));
    if (!isPower || n > longest ** 2) {
        throw new ShapeError(
            `${what} takes rows of a power of 2 from 1 to ${longest ** 2} complex numbers in a row, not of ${n}`,
        );
    }
    const gpu = gpuOf(what, { x, y });
    const rows = x.size / (2 * n);
    if (rows === 0) return;
    if (n === 1) {
        await y.write(await x.read());
        return;
    }
    if (n <= longest) {
        const { fft_rows } = kernelsOf("std.fft", { fft_rows: `${x.type}, ${n}, ${isInverse}` });
        await fft_rows({ x: x.reshape(rows, n, 2), y: y.reshape(rows, n, 2) });
        return;
    }
    // n = first·second, about the root each: columns of the first, then rows of the second, written as columns.
    const first = 2 ** Math.floor(Math.log2(n) / 2);
    const second = n / first;
    const { fft_columns } = kernelsOf("std.fft", { fft_columns: `${x.type}, ${first}, ${isInverse}, true` });
    const { fft_across } = kernelsOf("std.fft", { fft_across: `${x.type}, ${second}, ${isInverse}` });
    using between = gpu.tensor(x.type, [rows, first, second, 2]);
    await fft_columns({ x: x.reshape(rows, first, second, 2), y: between });
    await fft_across({ x: between, y: y.reshape(rows, second, first, 2) });
}
