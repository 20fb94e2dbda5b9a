// The edges and the brightness of 10,000 handwritten digits, as contact sheets: out/digits.png, out/edges.png, and
// out/preview.png with some of both side by side.

import type { Gpu } from "soma-lang/runtime";
import { largestError } from "../common/check.js";
import { main } from "../common/main.js";
import { readDigits, DIGIT_SIZE as SIZE } from "../common/mnist.js";
import { contactSheet, sideBySide, writeGrey } from "../common/picture.js";
import { loadSample } from "../common/sample.js";
import { countBytes } from "./histogram.js";

/** Of each digit in the preview, in a row. */
const PREVIEW_COLUMNS = 12;

export async function run(gpu: Gpu) {
    const { kernels, compileMilliseconds } = await loadSample<"sobel" | "brightness">(gpu, "digits");
    const digits = await readDigits();
    const shape = [digits.count, SIZE, SIZE];
    using image = gpu.tensor("u8", shape, digits.pixels);
    using edges = gpu.tensor("u8", shape);
    using bins = gpu.tensor("u32", [256]);
    const launches = {
        sobel: await kernels.sobel({ image, edges }),
        brightness: await kernels.brightness({ image, bins }),
    };
    return { digits, edges: await edges.read(), bins: await bins.read(), compileMilliseconds, launches };
}

type Run = Awaited<ReturnType<typeof run>>;

export function check({ digits, edges, bins }: Run) {
    return {
        sobel: largestError("sobel", edges, sobel(digits.pixels, SIZE), 0),
        brightness: largestError("brightness", bins, countBytes(digits.pixels), 0),
    };
}

/** Writes the pictures and returns their paths. */
export async function drawDigits({ digits, edges }: Run): Promise<string[]> {
    const all = Array.from({ length: digits.count }, (_, tile) => tile);
    const columns = Math.ceil(Math.sqrt(digits.count));
    let first = 0;
    const some = digits.counts.flatMap((count) => {
        const start = first;
        first += count;
        return all.slice(start, start + PREVIEW_COLUMNS);
    });
    const sheet = (stack: Uint8Array) => contactSheet(stack, SIZE, all, columns);
    const preview = (stack: Uint8Array) => contactSheet(stack, SIZE, some, PREVIEW_COLUMNS);
    return [
        await writeGrey("digits", sheet(digits.pixels)),
        await writeGrey("edges", sheet(edges)),
        await writeGrey("preview", sideBySide(preview(digits.pixels), preview(edges), SIZE / 4)),
    ];
}

/** A quarter of the Sobel gradient's length in double precision, rounded down, at most 255; border pixels repeat. */
function sobel(stack: Uint8Array, size: number): Float64Array {
    const clamp = (i: number) => Math.min(Math.max(i, 0), size - 1);
    const strength = new Float64Array(stack.length);
    for (let i = 0; i < stack.length; i++) {
        const x = i % size;
        const y = Math.floor(i / size) % size;
        const corner = i - y * size - x;
        let gx = 0;
        let gy = 0;
        for (let dy = -1; dy <= 1; dy++) {
            for (let dx = -1; dx <= 1; dx++) {
                const pixel = stack[corner + clamp(y + dy) * size + clamp(x + dx)] as number;
                gx += pixel * dx * (2 - Math.abs(dy));
                gy += pixel * dy * (2 - Math.abs(dx));
            }
        }
        strength[i] = Math.min(Math.floor(Math.sqrt(gx * gx + gy * gy) / 4), 255);
    }
    return strength;
}

await main(import.meta.url, { run, check });
