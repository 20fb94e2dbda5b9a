// `npm run bench:learning`: what adaptive learning rates and adaptive thresholds buy: accuracy on digits that were held out against the number that was
// learnt from, over five seeds. Prints tables in Markdown.

import { open } from "soma-lang/runtime";
import { run } from "../../samples/neuromorphic/digits.js";
import { accuracies, LEARNT, THRESHOLDS } from "./thresholds.js";

const AT = [100, 300, 1000];
const SEEDS = [1, 2, 3, 4, 5];

/** A row of a table: mean and deviation, in percent, of each column over the seeds. */
async function row(name: string, of: (seed: number) => Promise<readonly number[]>): Promise<void> {
    const runs: (readonly number[])[] = [];
    for (const seed of SEEDS) runs.push(await of(seed));
    const cells = (runs[0] ?? []).map((_, at) => {
        const values = runs.map((each) => 100 * (each[at] as number));
        const mean = values.reduce((a, b) => a + b, 0) / values.length;
        const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
        return `${mean.toFixed(1)} ± ${spread.toFixed(1)} %`;
    });
    console.log(`| ${name} | ${cells.join(" | ")} |`);
}

function head(what: string, at: readonly number[]): void {
    console.log(
        `| ${what} | ${at.map((samples) => `${samples} digits`).join(" | ")} |\n|---|${at.map(() => "---:|").join("")}`,
    );
}

using gpu = await open(process.env.SOMA_DEVICE ?? "vgpu:gfx1100");
head("rate", AT);
for (const [name, adapt, rate] of [
    ["fixed, 0.05", 0, 0.05],
    ["fixed, 0.01", 0, 0.01],
    ["adaptive, 0.003", 1, 0.003],
    ["adaptive, 0.001", 1, 0.001],
] as const) {
    await row(name, async (seed) => (await run(gpu, { seed, adapt, rate, at: AT, test: 1000 })).accuracies);
}
console.log();
head("thresholds", LEARNT);
for (const [name, thresholds] of Object.entries(THRESHOLDS)) {
    await row(name, (seed) => accuracies(gpu, thresholds, seed));
}
