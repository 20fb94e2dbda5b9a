// c ← a + b, the smallest kernel there is.

import type { Gpu } from "soma-lang/runtime";
import { F32_ROUNDOFF, largestError } from "../common/check.js";
import { main } from "../common/main.js";
import { randomFloats } from "../common/random.js";
import { loadSample } from "../common/sample.js";

export async function run(gpu: Gpu, n = 100_000) {
    const { kernels, compileMilliseconds } = await loadSample<"vector_add">(gpu, "vector_add");
    const [a, b] = [randomFloats(n, 1), randomFloats(n, 2)];
    using left = gpu.tensor("f32", [n], a);
    using right = gpu.tensor("f32", [n], b);
    using c = gpu.tensor("f32", [n]);
    const vector_add = await kernels.vector_add({ a: left, b: right, c });
    return { a, b, c: await c.read(), compileMilliseconds, launches: { vector_add } };
}

export function check({ a, b, c }: Awaited<ReturnType<typeof run>>) {
    const expected = Float64Array.from(a, (value, i) => value + (b[i] as number));
    // One rounding. The double-precision sum of two f32 of this size is exact.
    const tolerance = expected.map((value) => Math.abs(value) * F32_ROUNDOFF);
    return { vector_add: largestError("vector_add", c, expected, tolerance) };
}

await main(import.meta.url, { run, check });
