// `npm run bench:codegen`: the kernels of kernels.soma beside the same in OpenCL C by clang, on virtual GPUs and on the
// same data. With `-- --update` it also writes what it measured of Soma to soma.json, which the tests compare with, and
// the table of RESULTS.md.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { open } from "../../runtime/index.js";
import { differences } from "./compare.js";
import { type Columns, compileClang, compileSoma, type Run, runClang, runSoma, TARGETS } from "./measure.js";

const COLUMNS: readonly (readonly [keyof Columns, string])[] = [
    ["instructions", "instr"],
    ["valu", "valu"],
    ["salu", "salu"],
    ["vectorMemory", "vmem"],
    ["scalarMemory", "smem"],
    ["lds", "lds"],
    ["branches", "branch"],
    ["vgprs", "vgpr"],
    ["sgprs", "sgpr"],
    ["spills", "spill"],
    ["occupancy", "occ"],
    ["codeBytes", "bytes"],
];

const MEAN = "geometric mean";
const geometricMean = (ratios: readonly number[]) =>
    Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);

/** A table of Soma's columns with clang's behind a slash, and the ratio of instructions, which it gives by kernel. */
function print(target: string, soma: ReadonlyMap<string, Run>, clang: ReadonlyMap<string, Run>): Map<string, number> {
    console.log(`\n${target.padEnd(14)}  ratio${COLUMNS.map(([, heading]) => heading.padStart(14)).join("")}`);
    const ratios = new Map<string, number>();
    for (const [name, { columns }] of soma) {
        const other = (clang.get(name) as Run).columns;
        const ratio = columns.instructions / other.instructions;
        ratios.set(name, ratio);
        const cells = COLUMNS.map(([column]) => `${columns[column]}/${other[column]}`.padStart(14)).join("");
        console.log(`${name.padEnd(14)}${ratio.toFixed(2).padStart(7)}${cells}`);
    }
    ratios.set(MEAN, geometricMean([...ratios.values()]));
    console.log(`${MEAN.padEnd(14)}${ratios.get(MEAN)?.toFixed(2).padStart(7)}`);
    return ratios;
}

/** By target, then by kernel, as Markdown. */
function table(all: ReadonlyMap<string, ReadonlyMap<string, number>>): string {
    const [first] = all.values();
    const rows = [...(first?.keys() ?? [])].map((name) => {
        const cells = [...all.values()].map((ratios) => ratios.get(name)?.toFixed(2));
        return `| ${[name.replaceAll("_", " "), ...cells].join(" | ")} |`;
    });
    return [`| ${["kernel", ...all.keys()].join(" | ")} |`, `|${"---|".repeat(all.size + 1)}`, ...rows].join("\n");
}

const measured: Record<string, Record<string, Columns>> = {};
const all = new Map<string, ReadonlyMap<string, number>>();
for (const target of TARGETS) {
    using gpu = await open(`vgpu:${target}`);
    const soma = await runSoma(gpu, await compileSoma(target));
    const clang = await runClang(gpu, compileClang(target));
    for (const difference of differences(soma, clang)) {
        console.error(`${target}: ${difference}`);
        process.exitCode = 1;
    }
    all.set(target, print(target, soma, clang));
    measured[target] = Object.fromEntries([...soma].map(([name, { columns }]) => [name, columns]));
}
const over = geometricMean([...all.values()].map((ratios) => ratios.get(MEAN) as number)).toFixed(3);
console.log(`\nexecuted instructions, Soma / clang, geometric mean of all: ${over}`);
if (process.argv.includes("--update")) {
    const folder = join(packageRoot(), "bench", "codegen");
    writeFileSync(join(folder, "soma.json"), `${JSON.stringify(measured, null, 2)}\n`);
    const results = join(folder, "RESULTS.md");
    const text = readFileSync(results, "utf8");
    const generated = /(<!-- generated -->\n)[\s\S]*(<!-- end -->)/;
    writeFileSync(results, text.replace(generated, `$1${table(all)}\n\nOver all: ${over}.\n$2`));
    console.log(`wrote ${folder}/soma.json and the table of RESULTS.md`);
}
