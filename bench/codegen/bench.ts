// `npm run bench:codegen`: the kernels of kernels.soma beside both baselines' in OpenCL C by clang, on virtual GPUs and on
// the same data. With `-- --update` it also writes what it measured of Soma to soma.json, which the tests compare with, and
// the tables of RESULTS.md.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { open } from "../../runtime/index.js";
import { differences, geometricMean, misses, ratios } from "./compare.js";
import {
    BASELINES,
    type Baseline,
    type Columns,
    compileSoma,
    type Run,
    runClang,
    runSoma,
    TARGETS,
} from "./measure.js";

const COLUMNS: readonly (readonly [keyof Columns, string])[] = [
    ["instructions", "instr"],
    ["valu", "valu"],
    ["salu", "salu"],
    ["vectorMemory", "vmem"],
    ["scalarMemory", "smem"],
    ["lds", "lds"],
    ["branches", "branch"],
    ["transactions", "lines"],
    ["ldsConflicts", "conflicts"],
    ["vgprs", "vgpr"],
    ["sgprs", "sgpr"],
    ["spills", "spill"],
    ["occupancy", "occ"],
    ["codeBytes", "bytes"],
];
const MEAN = "geometric mean";

type Runs = ReadonlyMap<string, Run>;

interface Measured {
    readonly soma: Runs;
    readonly baselines: Readonly<Record<Baseline, Runs>>;
}

async function measure(target: string): Promise<Measured> {
    using gpu = await open(`vgpu:${target}`);
    const soma = await runSoma(gpu, await compileSoma(target));
    return { soma, baselines: { plain: await runClang(gpu, "plain"), expert: await runClang(gpu, "expert") } };
}

/** By kernel, and their geometric mean. */
function withMean(all: ReadonlyMap<string, number>): Map<string, number> {
    return new Map([...all, [MEAN, geometricMean(all.values())]]);
}

/** Soma's columns with the baselines' behind slashes, as rows of cells. */
function columnRows({ soma, baselines }: Measured): string[][] {
    return [...soma].map(([name, { columns }]) => {
        const others = BASELINES.map((baseline) => baselines[baseline].get(name)?.columns as Columns);
        const cells = COLUMNS.map(([column]) => [columns, ...others].map((each) => each[column]).join("/"));
        return [name, ...cells];
    });
}

function print(target: string, measured: Measured): void {
    const heading = [target, ...COLUMNS.map(([, each]) => each)];
    const rows = [heading, ...columnRows(measured)];
    const widths = heading.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
    console.log("");
    for (const row of rows) console.log(row.map((cell, at) => cell.padStart(widths[at] ?? 0)).join("  "));
    for (const baseline of BASELINES) {
        const all = withMean(ratios(measured.soma, measured.baselines[baseline]));
        console.log(`of ${baseline}: ${[...all].map(([name, ratio]) => `${name} ${ratio.toFixed(3)}`).join(", ")}`);
    }
}

function markdown(heading: readonly string[], rows: readonly (readonly string[])[]): string {
    const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("_", " ")).join(" | ")} |`;
    return [line(heading), `|${"---|".repeat(heading.length)}`, ...rows.map(line)].join("\n");
}

/** Executed instructions of a baseline's, by target. */
function ratioTable(baseline: Baseline, all: ReadonlyMap<string, Measured>): string {
    const columns = [...all.values()].map(({ soma, baselines }) => withMean(ratios(soma, baselines[baseline])));
    const names = [...(columns[0]?.keys() ?? [])];
    const rows = names.map((name) => [name, ...columns.map((each) => each.get(name)?.toFixed(2) ?? "")]);
    return markdown(["kernel", ...all.keys()], rows);
}

function overAll(baseline: Baseline, all: ReadonlyMap<string, Measured>): string {
    const each = [...all.values()].flatMap(({ soma, baselines }) => [...ratios(soma, baselines[baseline]).values()]);
    return geometricMean(each).toFixed(3);
}

function results(all: ReadonlyMap<string, Measured>): string {
    const [plain, expert] = BASELINES.map((baseline) => {
        return `${ratioTable(baseline, all)}\n\nOver all: ${overAll(baseline, all)}.`;
    });
    const headings = ["kernel", ...COLUMNS.map(([, heading]) => heading)];
    const columns = [...all].map(([target, each]) => `### ${target}\n\n${markdown(headings, columnRows(each))}`);
    return [
        "## Executed instructions, Soma's over the plain baseline's",
        plain,
        "## Executed instructions, Soma's over the expert's",
        expert,
        "## All columns, Soma/plain/expert",
        ...columns,
    ].join("\n\n");
}

const all = new Map<string, Measured>();
for (const target of TARGETS) {
    const measured = await measure(target);
    all.set(target, measured);
    print(target, measured);
    for (const baseline of BASELINES) {
        const theirs = measured.baselines[baseline];
        for (const difference of differences(measured.soma, theirs)) {
            console.error(`${target}: ${difference}`);
            process.exitCode = 1;
        }
        for (const miss of misses(baseline, measured.soma, theirs)) console.log(`${target} misses: ${miss}`);
    }
}
console.log("");
for (const baseline of BASELINES) {
    console.log(`executed instructions, Soma / ${baseline}, geometric mean of all: ${overAll(baseline, all)}`);
}
if (process.argv.includes("--update")) {
    const folder = join(packageRoot(), "bench", "codegen");
    const kept = [...all].map(([target, { soma }]) => {
        return [target, Object.fromEntries([...soma].map(([name, { columns }]) => [name, columns]))] as const;
    });
    writeFileSync(join(folder, "soma.json"), `${JSON.stringify(Object.fromEntries(kept), null, 2)}\n`);
    const file = join(folder, "RESULTS.md");
    const generated = /(<!-- generated -->\n)[\s\S]*(<!-- end -->)/;
    writeFileSync(file, readFileSync(file, "utf8").replace(generated, `$1\n${results(all)}\n\n$2`));
    console.log(`wrote ${folder}/soma.json and the tables of RESULTS.md`);
}
