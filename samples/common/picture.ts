// Pictures of 8-bit grey values: cut from others, put side by side, and written to out/ as PNG.

import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PNG } from "pngjs";
import { packageRoot } from "../../compiler/shell/package-root.js";

export interface Picture {
    readonly width: number;
    readonly height: number;
    /** Row-major; 0 is black. */
    readonly pixels: Uint8Array;
}

/** Square tiles of `size` pixels in rows of `columns`. `tiles` lists their numbers in the stack, row by row. */
export function contactSheet(stack: Uint8Array, size: number, tiles: readonly number[], columns: number): Picture {
    const width = columns * size;
    const height = Math.ceil(tiles.length / columns) * size;
    const pixels = new Uint8Array(width * height);
    tiles.forEach((tile, place) => {
        const corner = Math.floor(place / columns) * size * width + (place % columns) * size;
        for (let row = 0; row < size; row++) {
            const start = (tile * size + row) * size;
            pixels.set(stack.subarray(start, start + size), corner + row * width);
        }
    });
    return { width, height, pixels };
}

/** Two pictures of equal height, with `gap` white columns between them. */
export function sideBySide(left: Picture, right: Picture, gap: number): Picture {
    const width = left.width + gap + right.width;
    const pixels = new Uint8Array(width * left.height).fill(255);
    for (let y = 0; y < left.height; y++) {
        pixels.set(left.pixels.subarray(y * left.width, (y + 1) * left.width), y * width);
        pixels.set(right.pixels.subarray(y * right.width, (y + 1) * right.width), y * width + left.width + gap);
    }
    return { width, height: left.height, pixels };
}

/** Writes `out/NAME.png` below the package's folder and returns its path. */
export async function writeGrey(name: string, { width, height, pixels }: Picture): Promise<string> {
    const png = new PNG({ width, height });
    png.data = Buffer.from(pixels);
    const folder = join(packageRoot(), "out");
    const path = join(folder, `${name}.png`);
    await mkdir(folder, { recursive: true });
    await writeFile(path, PNG.sync.write(png, { colorType: 0, inputColorType: 0, inputHasAlpha: false }));
    return path;
}
