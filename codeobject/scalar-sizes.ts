// The sizes of scalars in memory and in argument buffers.

import type { ManifestScalar } from "./manifest.js";

/** Bytes that each type takes in memory and in an argument buffer. */
export const SCALAR_SIZES: Readonly<Record<ManifestScalar, number>> = {
    bool: 1,
    i8: 1,
    i16: 2,
    i32: 4,
    i64: 8,
    u8: 1,
    u16: 2,
    u32: 4,
    u64: 8,
    index: 8,
    f16: 2,
    f32: 4,
    f64: 8,
    bf16: 2,
    f8e4m3: 1,
    f8e5m2: 1,
    f8e4m3fnuz: 1,
    f8e5m2fnuz: 1,
    i4x2: 1,
};
