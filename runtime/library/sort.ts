// Sorting: the launches of std.sort and std.scan, digit by digit.

import type { ElementType } from "../elements.js";
import { gpuOf } from "../embedded.js";
import { ShapeError } from "../errors.js";
import type { Gpu } from "../gpu.js";
import type { Kernel } from "../kernel.js";
import type { Tensor } from "../tensor.js";
import { kernelsOf, requireLength, requireType } from "./kernels.js";
import { scan } from "./scan.js";

const INTEGERS = ["u8", "u16", "u32", "u64", "i8", "i16", "i32", "i64"] as const;
const KEYS: readonly ElementType[] = [...INTEGERS, "f32", "f64"];

/** Bits of a digit, and keys of a tile, as std.sort has them. */
const DIGIT = 4;
const TILE = 2048;

/**
 * Sorts keys in ascending order, in place, and carries values along; equal keys keep their order. Floats are in the order
 * of IEEE 754's totalOrder: −0 before +0, NaN at the ends by its sign.
 * @param keys integers of 8 to 64 bits, f32 or f64; below 2³²
 * @param values tensors of any type, as long as `keys`
 * @throws ArgumentError, ShapeError
 */
export async function sort(keys: Tensor, ...values: readonly Tensor[]): Promise<void> {
    requireType("sort", keys, KEYS);
    const length = requireLength("sort", keys, ...values);
    if (length >= 2 ** 32) throw new ShapeError(`sort takes less than 2^32 keys, not ${length}`);
    if (length < 2) return;
    const gpu = gpuOf("sort", { keys });
    if (keys.type !== "f32" && keys.type !== "f64") return sortIntegers(gpu, keys, values);
    const bits = keys.type === "f32" ? "u32" : "u64";
    const { [`encode_${keys.type}`]: encode, [`decode_${keys.type}`]: decode } = kernelsOf("std.sort", {
        [`encode_${keys.type}`]: null,
        [`decode_${keys.type}`]: null,
    });
    using codes = gpu.tensor(bits, [length]);
    await (encode as Kernel)({ x: keys, keys: codes });
    await sortIntegers(gpu, codes, values);
    await (decode as Kernel)({ keys: codes, x: keys });
}

/**
 * The places of the elements of `keys` in ascending order, of which the first is that of the smallest; `keys` is not
 * changed. Equal keys keep their order.
 * @throws ArgumentError, ShapeError
 */
export async function argsort<T extends ElementType>(keys: Tensor<T>): Promise<Tensor<"u32">> {
    requireType("argsort", keys, KEYS);
    const length = requireLength("argsort", keys);
    const gpu = gpuOf("argsort", { keys });
    const order = gpu.tensor("u32", [length]);
    const { iota } = kernelsOf("std.sort", { iota: null });
    const { permute } = kernelsOf("std.sort", { permute: keys.type });
    await iota({ y: order });
    using copy = gpu.tensor(keys.type, [length]);
    await permute({ x: keys, rank: order, y: copy });
    await sort(copy, order);
    return order;
}

async function sortIntegers(gpu: Gpu, keys: Tensor, values: readonly Tensor[]): Promise<void> {
    const length = keys.size;
    const { type } = keys;
    const bits = Number(type.slice(1));
    const { radix_count, radix_rank } = kernelsOf("std.sort", { radix_count: type, radix_rank: type });
    const counters = [16 * Math.ceil(length / TILE)];
    using counts = gpu.tensor("u32", counters);
    using offsets = gpu.tensor("u32", counters);
    using rank = gpu.tensor("u32", [length]);
    /** Every array and the one beside it; there is an even number of digits, so the last ends where the first began. */
    const pairs = [keys, ...values].map((tensor) => [tensor, gpu.tensor(tensor.type, [length])] as const);
    try {
        for (let shift = 0; shift < bits; shift += DIGIT) {
            const way = (shift / DIGIT) % 2;
            const [from] = pairs.map((pair) => pair[way] as Tensor);
            const isSign = type.startsWith("i") && shift + DIGIT === bits;
            const digit = { keys: from as Tensor, shift, flip: isSign ? 8 : 0 };
            await radix_count({ ...digit, counts });
            await scan(counts, offsets, { exclusive: true });
            await radix_rank({ ...digit, offsets, rank });
            for (const pair of pairs) {
                const { permute } = kernelsOf("std.sort", { permute: pair[0].type });
                await permute({ x: pair[way] as Tensor, rank, y: pair[1 - way] as Tensor });
            }
        }
    } finally {
        for (const [, beside] of pairs) beside.dispose();
    }
}
