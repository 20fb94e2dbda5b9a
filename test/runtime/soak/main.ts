// `npm run soak -- --minutes 10 --threads 6`: many threads that load modules beyond what they keep, allocate, launch, trim and open
// devices anew, with every result checked. At the end memory must be flat.
// What a process has resident goes up and down with heaps that wait for their collection and with what malloc keeps of each thread's
// peak. So it is looked at where all threads have given back what they have: every few seconds they stop, close their devices and
// collect, their compilers' threads as well (collector.ts), and the process runs with one arena of malloc's (settled.ts). The slope, by
// least squares over the last half, is within MOST_SLOPE.

import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Worker } from "node:worker_threads";
import { open } from "../../../runtime/index.js";
import { Collector } from "./collector.js";
import { runSettled } from "./settled.js";
import type { FromThread, SoakCounts, ToThread } from "./worker.js";

const { values } = parseArgs({
    options: {
        minutes: { type: "string", default: "10" },
        threads: { type: "string", default: "6" },
        samples: { type: "boolean", default: false },
    },
});
const minutes = Number(values.minutes);
const threads = Number(values.threads);
/** MiB a minute. */
const MOST_SLOPE = 1;
const SAMPLE_SECONDS = 5;
/** Until each thread has done so many, its code, its caches and what it keeps for its compiler are still being made. */
const WARM_ROUNDS = 500;
/** Fewer samples than these from then on say nothing. */
const FEWEST_SAMPLES = 10;

runSettled();
const collector = new Collector();

// A cache of its own, so that it begins empty.
const cache = mkdtempSync(join(tmpdir(), "soma-soak-"));
process.env.SOMA_CACHE = cache;

/** A thread of the soak: it answers each message with one. */
class Soaking {
    private readonly worker: Worker;

    constructor(seed: number) {
        this.worker = new Worker(new URL("./worker.js", import.meta.url), { workerData: { seed } });
    }

    /** Resolves to how far it is when it has paused, or ended. */
    async tell(message: ToThread): Promise<SoakCounts> {
        const answer = once(this.worker, "message") as Promise<[FromThread]>;
        this.worker.postMessage(message);
        const [{ counts }] = await answer;
        return counts;
    }

    go(): void {
        this.worker.postMessage("go" satisfies ToThread);
    }
}

const gpu = await open("vgpu:gfx1100");
const freeBefore = gpu.device.memory().free;
const soaking = Array.from({ length: threads }, (_, index) => new Soaking(index + 1));
const wait = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

interface Sample {
    readonly minute: number;
    readonly resident: number;
    readonly isWarm: boolean;
}
const samples: Sample[] = [];
const began = performance.now();
const elapsed = (): number => (performance.now() - began) / 60_000;
while (elapsed() < minutes) {
    await wait(SAMPLE_SECONDS * 1000);
    const sofar = await Promise.all(soaking.map((thread) => thread.tell("pause")));
    await collector.collect();
    const resident = process.memoryUsage.rss() / 2 ** 20;
    samples.push({ minute: elapsed(), resident, isWarm: sofar.every(({ rounds }) => rounds >= WARM_ROUNDS) });
    if (values.samples) console.log(`${elapsed().toFixed(2)} minutes: ${resident.toFixed(1)} MiB`);
    for (const thread of soaking) thread.go();
}
const counts = await Promise.all(soaking.map((thread) => thread.tell("stop")));
// Streams end after their threads do.
for (let times = 0; times < 100 && gpu.device.memory().free < freeBefore; times++) await wait(50);
const stayed = freeBefore - gpu.device.memory().free;
gpu.close();
rmSync(cache, { recursive: true });

/** Of the line through the samples with the least squares of distances. */
function slope(points: readonly Sample[]): number {
    const mean = (pick: (each: Sample) => number): number =>
        points.reduce((sum, each) => sum + pick(each), 0) / points.length;
    const [x, y] = [mean((each) => each.minute), mean((each) => each.resident)];
    const covariance = points.reduce((sum, each) => sum + (each.minute - x) * (each.resident - y), 0);
    const variance = points.reduce((sum, each) => sum + (each.minute - x) ** 2, 0);
    return covariance / variance;
}

const total = (pick: (each: SoakCounts) => number): number => counts.reduce((sum, each) => sum + pick(each), 0);
const last = samples.slice(Math.floor(samples.length / 2)).filter(({ isWarm }) => isWarm);
if (last.length < FEWEST_SAMPLES) {
    console.error(
        `the threads have done too few rounds in ${minutes} minutes, ${total((each) => each.rounds)} in all: give them more`,
    );
    process.exit(1);
}
const rise = slope(last);
console.log(
    `${threads} threads, ${minutes} minutes: ${total((each) => each.rounds)} rounds, ${total((each) => each.loads)} loads, ` +
        `${total((each) => each.launches)} launches, ${total((each) => each.trims)} trims; resident in pauses from ` +
        `${Math.round(Math.min(...last.map((each) => each.resident)))} to ${Math.round(Math.max(...last.map((each) => each.resident)))} MiB, ` +
        `slope ${rise.toFixed(2)} MiB a minute; ${stayed} bytes of device memory stayed`,
);
if (!(rise <= MOST_SLOPE) || stayed > 0) process.exit(1);
