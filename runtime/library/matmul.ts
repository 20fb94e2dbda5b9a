// Matrix products as a whole: std.linalg's, whose sums several workgroups share where rows and columns are too few to give
// each compute unit a block (split-K), or where blocks would leave compute units idle in their last turn (stream-K). Parts are added in
// their order, so a product has the same bits in every run.

import { gpuOf } from "../embedded.js";
import { ArgumentError, ShapeError } from "../errors.js";
import { cyclesOfBlocks, cyclesOfParts, cyclesOfShares, type Extents, isWorth, roundsOf } from "../matrix/estimate.js";
import { workgroupsFor } from "../matrix/shares.js";
import { partsOf as partsOfBlocks } from "../matrix/split.js";
import type { Tensor } from "../tensor.js";
import { kernelsOf, requireType } from "./kernels.js";

/** What a workgroup of the kernels that are launched multiplies at once. */
const BLOCK = { whole: [128, 128, 32], part: [64, 64, 32], share: [128, 64, 32] } as const;

export interface MatmulOptions {
    /** Into how many parts sums are split; without it what `sharingOf` says. */
    readonly parts?: number;
    /** How many workgroups have equal shares of the product, 0 for a workgroup for each block; without it what `sharingOf` says. */
    readonly shares?: number;
}

/** How several workgroups share blocks. */
export interface Sharing {
    /** Into how many parts sums are split: 1 for those that are not. */
    readonly parts: number;
    /** How many workgroups have equal shares of the product; 0 where each block, or part of one, has one. */
    readonly shares: number;
}

/**
 * Parts of the sums of an m by n product of k terms each, for a GPU of so many compute units: 1 where the blocks suffice for
 * these, else as many as give each one, in powers of two, of at least 256 terms.
 */
export function partsOf(size: Extents, computeUnits: number): number {
    return partsOfBlocks(roundsOf(size, BLOCK.part).blocks, size[2], computeUnits);
}

/** What an estimate of cycles prefers of an m by n product of k terms: blocks, parts of their sums, or equal shares. */
export function sharingOf(size: Extents, computeUnits: number): Sharing {
    const [, , k] = size;
    const parts = partsOf(size, computeUnits);
    const inBlocks = (block: Extents): readonly [number, Extents] => [
        roundsOf(size, block).blocks,
        [block[0], block[1], k],
    ];
    const cost =
        parts > 1
            ? cyclesOfParts(...inBlocks(BLOCK.part), parts, computeUnits)
            : cyclesOfBlocks(...inBlocks(BLOCK.whole), computeUnits);
    const shares = workgroupsFor(size, BLOCK.share, computeUnits);
    const shared = cyclesOfShares(size, BLOCK.share, shares, computeUnits);
    return isWorth(shared, cost) ? { parts: 1, shares } : { parts, shares: 0 };
}

/**
 * c ← a·b on the matrix cores, for a of [m, k], b of [k, n] and c of [m, n], all f16 or all bf16. Summed in f32: an element's error is at
 * most 4·k·Σ|aᵢ·bᵢ| units, and the rounding to the type. Gives how workgroups shared it.
 * @throws ArgumentError, ShapeError
 */
export async function matmul(a: Tensor, b: Tensor, c: Tensor, options: MatmulOptions = {}): Promise<Sharing> {
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
    const sharing = sharingFor([m, n, k], options, gpu.properties.computeUnits);
    if (sharing.shares > 0) {
        const kernels = kernelsOf("std.linalg", { matmul_shares: a.type, sum_shares: a.type });
        const [rows, columns] = BLOCK.share;
        using parts = gpu.tensor("f32", [sharing.shares, 2, rows, columns]);
        await kernels.matmul_shares({ a, b, c, parts });
        await kernels.sum_shares({ parts, k, c });
        return sharing;
    }
    if (sharing.parts === 1) {
        const { matmul: whole } = kernelsOf("std.linalg", { matmul: instanceOf(a, BLOCK.whole) });
        await whole({ a, b, c });
        return sharing;
    }
    const kernels = kernelsOf("std.linalg", { matmul_parts: instanceOf(a, BLOCK.part), sum_parts: a.type });
    using parts = gpu.tensor("f32", [sharing.parts, m, n]);
    await kernels.matmul_parts({ a, b, parts });
    await kernels.sum_parts({ parts, c });
    return sharing;
}

function instanceOf({ type }: Tensor, [rows, columns]: Extents): string {
    return `${type}, BM: ${rows}, BN: ${columns}`;
}

/** What is asked for, and otherwise preferred. */
function sharingFor(size: Extents, { parts, shares }: MatmulOptions, computeUnits: number): Sharing {
    if (parts !== undefined && (!Number.isInteger(parts) || parts < 1))
        throw new ArgumentError(`matmul splits sums into 1 part or more, not ${parts}`);
    if (shares !== undefined && (!Number.isInteger(shares) || shares < 0))
        throw new ArgumentError(`matmul shares products among 1 workgroup or more, or 0 for none, not ${shares}`);
    if (parts !== undefined && parts > 1 && shares !== undefined && shares > 0)
        throw new ArgumentError(`matmul splits sums into parts or shares products, not both: leave out one`);
    if (shares !== undefined && shares > 0) return { parts: 1, shares };
    if (parts !== undefined) return { parts, shares: 0 };
    return shares === 0 ? { parts: partsOf(size, computeUnits), shares } : sharingOf(size, computeUnits);
}
