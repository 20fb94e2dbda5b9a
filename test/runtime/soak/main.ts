// `npm run soak -- --minutes 10 --threads 6`: many threads that load modules beyond what they keep, allocate, launch, trim and open
// devices anew, with every result checked. At the end memory must be flat: the slope of what the process has resident, by least
// squares over the last half, is within MOST_SLOPE: the heaps of threads, and what malloc keeps for them, take some minutes to settle.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { open } from "../../../runtime/index.js";
import type { SoakCounts } from "./worker.js";

const { values } = parseArgs({
    options: { minutes: { type: "string", default: "10" }, threads: { type: "string", default: "6" } },
});
const minutes = Number(values.minutes);
const threads = Number(values.threads);
/** MiB a minute: two hundred bytes for each of the launches that six threads make in one. */
const MOST_SLOPE = 8;
const SAMPLE_SECONDS = 2;

// A cache of its own, so that it begins empty.
const cache = mkdtempSync(join(tmpdir(), "soma-soak-"));
process.env.SOMA_CACHE = cache;

const gpu = await open("vgpu:gfx1100");
const freeBefore = gpu.device.memory().free;
const workers = Array.from(
    { length: threads },
    (_, seed) => new Worker(new URL("./worker.js", import.meta.url), { workerData: { seed: seed + 1 } }),
);
const ends = workers.map(
    (worker) =>
        new Promise<SoakCounts>((resolve, reject) => {
            worker.once("message", resolve);
            worker.once("error", reject);
        }),
);
let failed: unknown;
for (const end of ends) end.catch((error: unknown) => (failed ??= error));

const samples: { readonly minute: number; readonly resident: number }[] = [];
const began = performance.now();
const elapsed = (): number => (performance.now() - began) / 60_000;
while (elapsed() < minutes && failed === undefined) {
    await new Promise((resolve) => setTimeout(resolve, SAMPLE_SECONDS * 1000));
    samples.push({ minute: elapsed(), resident: process.memoryUsage.rss() / 2 ** 20 });
}
for (const worker of workers) worker.postMessage("stop");
const counts = await Promise.all(ends);
// Streams end after their threads do.
for (let wait = 0; wait < 100 && gpu.device.memory().free < freeBefore; wait++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
}
const stayed = freeBefore - gpu.device.memory().free;
gpu.close();
rmSync(cache, { recursive: true });

/** Of the line through the samples with the least squares of distances. */
function slope(points: readonly { readonly minute: number; readonly resident: number }[]): number {
    const mean = (pick: (each: (typeof points)[number]) => number): number =>
        points.reduce((sum, each) => sum + pick(each), 0) / points.length;
    const [x, y] = [mean((each) => each.minute), mean((each) => each.resident)];
    const covariance = points.reduce((sum, each) => sum + (each.minute - x) * (each.resident - y), 0);
    const variance = points.reduce((sum, each) => sum + (each.minute - x) ** 2, 0);
    return covariance / variance;
}

const last = samples.slice(Math.floor(samples.length / 2));
const rise = slope(last);
const total = (pick: (each: SoakCounts) => number): number => counts.reduce((sum, each) => sum + pick(each), 0);
console.log(
    `${threads} threads, ${minutes} minutes: ${total((each) => each.rounds)} rounds, ${total((each) => each.loads)} loads, ` +
        `${total((each) => each.launches)} launches, ${total((each) => each.trims)} trims; resident from ` +
        `${Math.round(Math.min(...last.map((each) => each.resident)))} to ${Math.round(Math.max(...last.map((each) => each.resident)))} MiB, ` +
        `slope ${rise.toFixed(2)} MiB a minute; ${stayed} bytes of device memory stayed`,
);
if (!(rise <= MOST_SLOPE) || stayed > 0) process.exit(1);
