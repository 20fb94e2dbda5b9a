// The Mandelbrot set, a loop of different length in every work-item, as a picture out/mandelbrot.png.

import type { Gpu } from "soma-lang/runtime";
import { largestError } from "../common/check.js";
import { main } from "../common/main.js";
import { writeGrey } from "../common/picture.js";
import { loadSample } from "../common/sample.js";

const LIMIT = 100;

export async function run(gpu: Gpu, width = 384, height = 256) {
    const { kernels, compileMilliseconds } = await loadSample<"mandelbrot">(gpu, "mandelbrot");
    // A power of two: x·step and y·step are exact, so that a fused and a separate rounding agree.
    const view = { left: -2.25, top: 1, step: 2 ** -7 * (256 / height) };
    using count = gpu.tensor("u32", [height, width]);
    const mandelbrot = await kernels.mandelbrot({ ...view, limit: LIMIT, count });
    const counts = await count.read();
    const grey = Uint8Array.from(counts, (steps) => (steps === LIMIT ? 0 : 255 - (steps * 255) / LIMIT));
    const picture = await writeGrey("mandelbrot", { width, height, pixels: grey });
    return { ...view, width, counts, picture, compileMilliseconds, launches: { mandelbrot } };
}

export function check({ left, top, step, width, counts }: Awaited<ReturnType<typeof run>>) {
    const expected = Float64Array.from(counts, (_, i) =>
        stepsToEscape(left + (i % width) * step, top - Math.floor(i / width) * step),
    );
    return { mandelbrot: largestError("mandelbrot", counts, expected, 0) };
}

/** As the kernel says it, operation by operation, so that the two agree to the bit. */
function stepsToEscape(cr: number, ci: number): number {
    let [zr, zi] = [0, 0];
    for (let steps = 0; steps < LIMIT; steps++) {
        const [rr, ii, ri] = [zr * zr, zi * zi, zr * zi];
        if (rr + ii > 4) {
            return steps;
        }
        zr = rr - ii + cr;
        zi = ri + ri + ci;
    }
    return LIMIT;
}

await main(import.meta.url, { run, check });
