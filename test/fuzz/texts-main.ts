// npm run fuzz:parser -- --minutes 10 --seed 1: mutated source files through the lexer, the parser, the checker and the
// formatter. Prints how many; an exception, another finding, or more than two seconds for one text make the exit code 1.
// The work is in a worker thread, so that a text without an end is found as well.

import { parseArgs } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { judge, seeds, textOf } from "./texts.js";

const ROOT = new URL("../../../", import.meta.url);
/** What one text may take, and when the watchdog gives it up: milliseconds of processor time, so that a busy machine is no finding. */
const LIMIT = 2000;
const GIVEN_UP = 10_000;

/** Of the process so far; all but one thread of it wait. */
function spent(): number {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
}

interface Job {
    readonly first: number;
    readonly until: number;
    /** The number of the text being worked on, and how many are done. */
    readonly state: SharedArrayBuffer;
}

function work({ first, until, state }: Job): void {
    const corpus = seeds(ROOT);
    const [current, done] = [new BigInt64Array(state, 0, 1), new BigInt64Array(state, 8, 1)];
    for (let number = first; Date.now() < until; number++) {
        Atomics.store(current, 0, BigInt(number));
        const text = textOf(corpus, number);
        const start = spent();
        const problem = judge(text);
        const time = spent() - start;
        const slow = time > LIMIT ? `took ${Math.round(time)} ms` : null;
        if (problem !== null || slow !== null) parentPort?.postMessage({ number, problem: problem ?? slow, text });
        Atomics.add(done, 0, 1n);
    }
}

async function supervise(): Promise<void> {
    const options = { minutes: { type: "string", default: "1" }, seed: { type: "string", default: "1" } } as const;
    const { values } = parseArgs({ options });
    const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
    if (!(minutes > 0) || !Number.isSafeInteger(seed)) {
        console.error("--minutes and --seed take numbers: npm run fuzz:parser -- --minutes 10 --seed 1");
        process.exit(2);
    }
    const state = new SharedArrayBuffer(16);
    const [current, done] = [new BigInt64Array(state, 0, 1), new BigInt64Array(state, 8, 1)];
    const job: Job = { first: seed * 100_000_000, until: Date.now() + minutes * 60_000, state };
    const worker = new Worker(new URL(import.meta.url), { workerData: job });
    let findings = 0;
    worker.on("message", ({ number, problem, text }: { number: number; problem: string; text: string }) => {
        findings++;
        console.log(`\ntext ${number}: ${problem}\n${JSON.stringify(text.slice(0, 4000))}`);
    });
    let last = { number: -1n, since: spent() };
    const watchdog = setInterval(() => {
        const number = Atomics.load(current, 0);
        if (number !== last.number) last = { number, since: spent() };
        else if (spent() - last.since > GIVEN_UP) {
            findings++;
            console.log(`\ntext ${number}: no end after ${GIVEN_UP} ms`);
            void worker.terminate();
        }
    }, 500);
    await new Promise<void>((resolve, reject) => {
        worker.on("error", reject);
        worker.on("exit", () => resolve());
    });
    clearInterval(watchdog);
    console.log(`${Atomics.load(done, 0)} texts (seed ${seed}, ${minutes} minutes), ${findings} findings`);
    process.exitCode = findings > 0 ? 1 : 0;
}

if (isMainThread) await supervise();
else work(workerData as Job);
