// `npm run bench:codegen`: the kernels of kernels.soma beside the same in OpenCL C by clang, on virtual GPUs and on the
// same data. With `-- --update` it also writes what it measured of Soma to soma.json, which the tests compare with.

import { writeFileSync } from "node:fs";
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

const geometricMean = (ratios: readonly number[]) =>
    Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length);

/** A table of Soma's columns with clang's behind a slash, and the ratio of instructions. */
function print(target: string, soma: ReadonlyMap<string, Run>, clang: ReadonlyMap<string, Run>): number[] {
    console.log(`\n${target.padEnd(14)}  ratio${COLUMNS.map(([, heading]) => heading.padStart(14)).join("")}`);
    const ratios: number[] = [];
    for (const [name, { columns }] of soma) {
        const other = (clang.get(name) as Run).columns;
        const ratio = columns.instructions / other.instructions;
        ratios.push(ratio);
        const cells = COLUMNS.map(([column]) => `${columns[column]}/${other[column]}`.padStart(14)).join("");
        console.log(`${name.padEnd(14)}${ratio.toFixed(2).padStart(7)}${cells}`);
    }
    console.log(`${"geometric mean".padEnd(14)}${geometricMean(ratios).toFixed(2).padStart(7)}`);
    return ratios;
}

const measured: Record<string, Record<string, Columns>> = {};
const all: number[] = [];
for (const target of TARGETS) {
    using gpu = await open(`vgpu:${target}`);
    const soma = await runSoma(gpu, await compileSoma(target));
    const clang = await runClang(gpu, compileClang(target));
    for (const difference of differences(soma, clang)) {
        console.error(`${target}: ${difference}`);
        process.exitCode = 1;
    }
    all.push(...print(target, soma, clang));
    measured[target] = Object.fromEntries([...soma].map(([name, { columns }]) => [name, columns]));
}
console.log(`\nexecuted instructions, Soma / clang, geometric mean of all: ${geometricMean(all).toFixed(3)}`);
if (process.argv.includes("--update")) {
    const file = join(packageRoot(), "bench", "codegen", "soma.json");
    writeFileSync(file, `${JSON.stringify(measured, null, 4)}\n`);
    console.log(`wrote ${file}`);
}
