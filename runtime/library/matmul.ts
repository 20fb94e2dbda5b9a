// Matrix products as a whole: std.linalg's, whose sums several workgroups share where rows and columns are too few to give
// each compute unit a block (split-K). Parts are added in their order, so a product has the same bits in every run.

import { gpuOf } from "../embedded.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { partsOf as partsOfBlocks } from "../matrix/split.js";
import type { Tensor } from "../tensor.js";
import { kernelsOf, requireType } from "./kernels.js";

/** Rows and columns of a block of the kernels that are launched. */
const BLOCK = { whole: 128, part: 64 } as const;

export interface MatmulOptions {
    /** Into how many parts sums are split; without it what `partsOf` says. */
    readonly parts?: number;
}

/**
 * Parts of the sums of an m by n product of k terms each, for a GPU of so many compute units: 1 where the blocks suffice for
 * these, else as many as give each one, in powers of two, of at least 256 terms.
 */
export function partsOf([m, n, k]: readonly [number, number, number], computeUnits: number): number {
    return partsOfBlocks(Math.ceil(m / BLOCK.part) * Math.ceil(n / BLOCK.part), k, computeUnits);
}

/**
 * c ← a·b on the matrix cores, for a of [m, k], b of [k, n] and c of [m, n], all f16 or all bf16. Summed in f32: an element's error is at
 * most 4·k·Σ|aᵢ·bᵢ| units, and the rounding to the type. Gives into how many parts the sums were split.
 * @throws ArgumentError, ShapeError
 */
export async function matmul(a: Tensor, b: Tensor, c: Tensor, options: MatmulOptions = {}): Promise<number> {
    for (const tensor of [a, b, c]) requireType("matmul", tensor, ["f16", "bf16"]);
    for (const { type } of [b, c]) {
        if (type !== a.type) throw new ArgumentError(`matmul takes tensors of one type, not of ${a.type} and ${type}`);
    }
    const [m = 0, k = 0] = a.shape;
    const [, n = 0] = b.shape;
    const wanted = [`[${m}, ${k}]`, `[${k}, ${n}]`, `[${m}, ${n}]`];
    const given = [a, b, c].map(({ shape }) => `[${shape.join(", ")}]`);
    if (wanted.join() !== given.join()) {
        throw new ShapeError(`matmul takes tensors of [m, k], [k, n] and [m, n], not of ${given.join(", ")}`);
    }
    const gpu = gpuOf("matmul", { a, b, c });
    const { parts: count = partsOf([m, n, k], gpu.properties.computeUnits) } = options;
    if (!Number.isInteger(count) || count < 1)
        throw new ArgumentError(`matmul splits sums into 1 part or more, not ${count}`);
    if (count === 1) {
        const { matmul: whole } = kernelsOf("std.linalg", {
            matmul: `${a.type}, BM: ${BLOCK.whole}, BN: ${BLOCK.whole}`,
        });
        await whole({ a, b, c });
        return count;
    }
    const kernels = kernelsOf("std.linalg", {
        matmul_parts: `${a.type}, BM: ${BLOCK.part}, BN: ${BLOCK.part}`,
        sum_parts: a.type,
    });
    using parts = gpu.tensor("f32", [count, m, n]);
    await kernels.matmul_parts({ a, b, parts });
    await kernels.sum_parts({ parts, c });
    return count;
}
