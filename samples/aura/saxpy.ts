// y ← a·x + y.

import type { Gpu } from "soma-lang/runtime";
import { F32_ROUNDOFF, largestError } from "../common/check.js";
import { main } from "../common/main.js";
import { randomFloats } from "../common/random.js";
import { loadSample } from "../common/sample.js";

export async function run(gpu: Gpu, n = 1 << 20) {
    const { kernels, compileMilliseconds } = await loadSample<"saxpy">(gpu, "saxpy");
    const a = 2.5;
    const [x, before] = [randomFloats(n, 1), randomFloats(n, 2)];
    using input = gpu.tensor("f32", [n], x);
    using y = gpu.tensor("f32", [n], before);
    const saxpy = await kernels.saxpy({ a, x: input, y });
    return { a, x, before, y: await y.read(), compileMilliseconds, launches: { saxpy } };
}

export function check({ a, x, before, y }: Awaited<ReturnType<typeof run>>) {
    const expected = Float64Array.from(x, (value, i) => a * value + (before[i] as number));
    // a·x + y is one fma: one rounding. That of the double-precision sum comes on top.
    const tolerance = expected.map((value) => Math.abs(value) * F32_ROUNDOFF + 2 ** -52);
    return { saxpy: largestError("saxpy", y, expected, tolerance) };
}

await main(import.meta.url, { run, check });
