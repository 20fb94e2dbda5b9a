// Every sample runs on the device under test, its check passes, and the check sees a wrong result; then the programs as
// their users start them, from the built package. In one file, since several of them write to out/.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PNG } from "pngjs";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../compiler/shell/package-root.js";
import * as digits from "../../samples/aura/digits.js";
import * as histogram from "../../samples/aura/histogram.js";
import * as mandelbrot from "../../samples/aura/mandelbrot.js";
import * as matmul from "../../samples/aura/matmul.js";
import * as partialSums from "../../samples/aura/partial_sums.js";
import * as pipeline from "../../samples/aura/pipeline.js";
import * as relaxation from "../../samples/aura/relaxation.js";
import * as saxpy from "../../samples/aura/saxpy.js";
import * as transpose from "../../samples/aura/transpose.js";
import * as vectorAdd from "../../samples/aura/vector_add.js";
import { WrongResult } from "../../samples/common/check.js";
import type { Sample, SampleRun } from "../../samples/common/sample.js";
import * as attention from "../../samples/matrix/attention.js";
import * as mixedMatmul from "../../samples/matrix/matmul.js";
import * as transformer from "../../samples/matrix/transformer.js";
import { DEVICE, testGpu } from "../run/harness.js";

/** Where a result is made wrong, as a part of its length. */
const PLACES = [0, 0.5, 1];

/** Runs it, checks it, and checks it again with each of the named results off by 1 at each of the places. */
async function runAndSpoil<R extends SampleRun>(
    { run, check }: Sample<R>,
    results: (keyof R & string)[],
    places = PLACES,
): Promise<R> {
    const result = await run(await testGpu());
    const errors = check(result);
    expect(Object.keys(errors).sort()).toEqual(Object.keys(result.launches).sort());
    for (const name of results) {
        const right = result[name] as Float32Array;
        for (const place of places) {
            const at = Math.floor(place * (right.length - 1));
            const wrong = right.slice();
            wrong[at] = (right[at] as number) + 1;
            expect(() => check({ ...result, [name]: wrong }), `${name}[${at}] off by 1`).toThrow(WrongResult);
        }
    }
    return result;
}

describe("samples", () => {
    it("vector_add", () => runAndSpoil(vectorAdd, ["c"]));
    it("saxpy", () => runAndSpoil(saxpy, ["y"]));
    it("partial_sums", () => runAndSpoil(partialSums, ["out"]));
    it("histogram", () => runAndSpoil(histogram, ["bins"]));
    it("transpose", () => runAndSpoil(transpose, ["out"]));
    it("matmul", () => runAndSpoil(matmul, ["naive", "tiled"]));
    it("relaxation, a graph of a hundred launches", async () => {
        const { launchesInGraph } = await runAndSpoil(relaxation, ["first", "second"]);
        expect(launchesInGraph).toBe(100);
    });
    it("pipeline, whose copies pass by its kernels", async () => {
        const { overlapMilliseconds } = await runAndSpoil(pipeline, ["y0", "yLast"]);
        expect(overlapMilliseconds).toBeGreaterThan(0);
    });
    it("mandelbrot", () => runAndSpoil(mandelbrot, ["counts"]));

    it("matmul on matrix cores", () => runAndSpoil(mixedMatmul, ["product"]));
    it("attention on matrix cores", () => runAndSpoil(attention, ["out"]));
    it("a transformer's block on matrix cores", () => runAndSpoil(transformer, ["z"]));

    it("digits, with its pictures", async () => {
        const result = await runAndSpoil(digits, ["edges", "bins"], [1]);
        expect(result.digits.count).toBe(10_000);
        // A step from the background to the pen, 0 to 255, is as strong as an edge gets; there is one in these digits.
        expect(Math.max(...result.edges.subarray(0, 28 * 28 * 100))).toBe(255);
        const [sheet, edges] = (await digits.drawDigits(result)).map((path) => PNG.sync.read(readFileSync(path)));
        expect([sheet?.width, sheet?.height, edges?.width, edges?.height]).toEqual([2800, 2800, 2800, 2800]);
        // Row 3 of digit 101, which stands in the second row and column of the sheet.
        const row = Array.from({ length: 28 }, (_, x) => sheet?.data[((28 + 3) * 2800 + 28 + x) * 4]);
        expect(row).toEqual(Array.from(result.digits.pixels.subarray((101 * 28 + 3) * 28, (101 * 28 + 4) * 28)));
    });
});

describe("programs", () => {
    function start(program: string, device: string) {
        const path = join(packageRoot(), "dist", "samples", program);
        const env = { ...process.env, SOMA_DEVICE: device };
        return spawnSync(process.execPath, [path], { env, encoding: "utf8", timeout: 60_000 });
    }

    it("the demo shows its progress, a table and where the pictures are", () => {
        const { status, stdout, stderr } = start("demo.js", DEVICE);
        expect(status, stderr).toBe(0);
        expect(stderr).toContain("[1/5] saxpy over 1,048,576 elements");
        for (const kernel of ["saxpy", "sobel", "brightness"]) {
            expect(stdout).toMatch(
                new RegExp(`^${kernel} +gfx\\w+ +\\S+ of \\S+ +[\\d.]+ ms +[\\d.]+ ms +(\\S+) +\\S+$`, "m"),
            );
        }
        for (const path of stdout.match(/^ +\/.*\.png$/gm) ?? []) {
            expect(PNG.sync.read(readFileSync(path.trim())).width).toBeGreaterThan(0);
        }
        expect(stdout.match(/\.png$/gm)).toHaveLength(3);
    });

    it("a sample runs on its own", () => {
        const { status, stdout, stderr } = start("aura/vector_add.js", DEVICE);
        expect([status, stderr]).toEqual([0, ""]);
        expect(stdout).toMatch(/^vector_add /m);
    });

    it("a device that isn't there is an error with exit code 1, without a stack trace", () => {
        const { status, stdout, stderr } = start("aura/vector_add.js", "vgpu:gfx0");
        expect([status, stdout]).toEqual([1, ""]);
        expect(stderr).toMatch(/^error: .*gfx0/);
        expect(stderr).not.toMatch(/^ +at /m);
    });
});
