// `npm run bench:learning`: what an adaptive learning rate buys: accuracy on digits that were held out against the number that was learnt from, over five
// seeds. Prints a table in Markdown.

import { open } from "soma-lang/runtime";
import { run } from "../../samples/neuromorphic/digits.js";

const AT = [100, 300, 1000];
const SEEDS = [1, 2, 3, 4, 5];

using gpu = await open(process.env.SOMA_DEVICE ?? "vgpu:gfx1100");
console.log(
    `| rate | ${AT.map((samples) => `${samples} digits`).join(" | ")} |\n|---|${AT.map(() => "---:").join("|")}|`,
);
for (const [name, adapt, rate] of [
    ["fixed, 0.05", 0, 0.05],
    ["fixed, 0.01", 0, 0.01],
    ["adaptive, 0.003", 1, 0.003],
    ["adaptive, 0.001", 1, 0.001],
] as const) {
    const runs: (readonly number[])[] = [];
    for (const seed of SEEDS) runs.push((await run(gpu, { seed, adapt, rate, at: AT, test: 1000 })).accuracies);
    const cells = AT.map((_, at) => {
        const values = runs.map((each) => 100 * (each[at] as number));
        const mean = values.reduce((a, b) => a + b, 0) / values.length;
        const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
        return `${mean.toFixed(1)} ± ${spread.toFixed(1)} %`;
    });
    console.log(`| ${name} | ${cells.join(" | ")} |`);
}
