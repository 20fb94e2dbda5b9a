// Looks for programs on which interpreter and device differ: generates, runs in batches, shrinks what differs.

import fc from "fast-check";
import type { Gpu } from "../../runtime/index.js";
import { compare, sourceOf } from "./compare.js";
import { generate } from "./programs.js";

export interface Finding {
    /** Of the first, unshrunk program: its place in the run. */
    readonly number: number;
    readonly message: string;
    readonly source: string;
}

export interface Search {
    readonly ran: number;
    /** Left out, because they would take long. */
    readonly long: number;
    readonly findings: readonly Finding[];
}

export interface Options {
    readonly seed: number;
    readonly count: number;
    /** Kernels of one compile. */
    readonly batch?: number;
    readonly onProgress?: (ran: number, findings: number) => void;
    readonly onFinding?: (finding: Finding) => void;
}

// Unbiased and long: the generator puts what is simple first by itself, and most programs shall not be simple.
const TAPE = fc.noBias(fc.array(fc.nat(9999), { minLength: 200, maxLength: 700, size: "max" }));

export async function search(gpu: Gpu, options: Options): Promise<Search> {
    const { seed, count, batch = 16, onProgress = () => undefined, onFinding = () => undefined } = options;
    const findings: Finding[] = [];
    let long = 0;
    for (let start = 0; start < count; start += batch) {
        const tapes = Array.from({ length: Math.min(batch, count - start) }, (_, at) => tapeOf(seed + start + at));
        const verdicts = await compare(
            gpu,
            tapes.map((tape, at) => generate(tape, `k${at}`)),
        );
        for (const [at, verdict] of verdicts.entries()) {
            if (verdict.kind === "long") long++;
            if (verdict.kind !== "different") continue;
            const number = start + at;
            const finding = { number, ...(await shrunk(gpu, seed + number, verdict.message)) };
            findings.push(finding);
            onFinding(finding);
        }
        onProgress(start + tapes.length, findings.length);
    }
    return { ran: count - long, long, findings };
}

/** Every program has a seed of its own, so that each can be had again alone. */
export function tapeOf(seed: number): number[] {
    return fc.sample(TAPE, { seed, numRuns: 1 })[0] ?? [];
}

async function shrunk(gpu: Gpu, seed: number, message: string): Promise<Pick<Finding, "message" | "source">> {
    let found = { message, source: sourceOf([generate(tapeOf(seed), "k")]) };
    const property = fc.asyncProperty(TAPE, async (tape) => {
        const program = generate(tape, "k");
        const [verdict] = await compare(gpu, [program]);
        if (verdict?.kind !== "different") return;
        found = { message: verdict.message, source: sourceOf([program]) };
        throw new Error(verdict.message);
    });
    await fc.check(property, { seed, numRuns: 1, interruptAfterTimeLimit: 20_000 });
    return found;
}
