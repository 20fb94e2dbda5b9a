import type { Gpu } from "soma-lang/runtime";
import { blur } from "./blur.soma";

/** The values after `steps` blurs, each of which reads what the one before it wrote. */
export async function smooth(gpu: Gpu, values: readonly number[], steps: number): Promise<number[]> {
    using first = gpu.tensor("f32", [values.length], values);
    using second = gpu.tensor("f32", [values.length]);
    let [x, out] = [first, second];
    for (let step = 0; step < steps; step++) {
        await blur({ x, out });
        [x, out] = [out, x];
    }
    return [...(await x.read())];
}
