// `npm run bench:matrix`: what the kernels of kernels.soma execute on virtual GPUs, and what their code takes, beside a plain
// program in HIP C++ with the matrix builtins (baseline.hip), compiled by clang. Columns: the least number of matrix
// instructions that the shape needs over those executed; instructions for each of them, waits and hints left out, of the
// whole launch and of the inner loop alone (by a launch with twice as many rounds); conflicts in LDS; bytes of global memory
// asked for over the least that these tiles need; registers, spills, LDS and occupancy; an estimate of the share of peak
// (estimate.ts); milliseconds of processor time of a warm compile, the best of five. Targets may be named: `gfx1100 gfx942`.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { matrixInstruction } from "../../compiler/targets/matrix.js";
import { findTarget, type Target } from "../../compiler/targets/targets.js";
import { type Gpu, open } from "../../runtime/index.js";
import { compileBaseline, countBaseline } from "./baseline.js";
import { type Case, casesOf } from "./cases.js";
import { type Counted, count, difference, resources } from "./count.js";
import { shareOfPeak } from "./estimate.js";

const NAMED = process.argv.slice(2);
const TARGETS = NAMED.length > 0 ? NAMED : ["gfx1100", "gfx1201", "gfx90a", "gfx942", "gfx950"];
const FOLDER = join(packageRoot(), "bench", "matrix");
const SOURCE = readFileSync(join(FOLDER, "kernels.soma"), "utf8");
const HEADINGS = [
    "kernel",
    "share",
    "others",
    "inner",
    "conflicts",
    "global",
    "VGPRs",
    "spills",
    "LDS",
    "waves",
    "peak",
    "ms",
];
const ROUNDS = 5;

async function compiled(
    { kernel, instance }: Case,
    target: string,
): Promise<{ code: Uint8Array; milliseconds: number }> {
    const source = { path: "kernels.soma", text: `${SOURCE}\ninstance ${kernel} = ${instance}\n` };
    let milliseconds = Number.POSITIVE_INFINITY;
    let code: Uint8Array | null = null;
    for (let round = 0; round < ROUNDS; round++) {
        const start = process.cpuUsage();
        const { output, diagnostics } = await compile(source, loadModule, loadCodegen(), { target });
        const { user, system } = process.cpuUsage(start);
        milliseconds = Math.min(milliseconds, (user + system) / 1000);
        if (output === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
        code = output;
    }
    if (code === null) throw new Error("no round");
    return { code, milliseconds };
}

type Launch = (each: Case) => Promise<Counted>;

async function row(target: Target, each: Case, code: Uint8Array, launch: Launch): Promise<string[]> {
    const { products, deeper, traffic, kernel } = each;
    const instruction = products && matrixInstruction(target, products.type, products.type, target.waveSize);
    const counted = await launch(each);
    const inner = deeper && difference(await launch(deeper), counted);
    const { vgprs, spills, lds, waves } = await resources(target.name, code, kernel);
    const { executed, matrix, conflicts, asked } = counted;
    const others = (of: Counted) => ((of.executed - of.matrix) / of.matrix).toFixed(2);
    const least = instruction && products ? products.count / (instruction.m * instruction.n * instruction.k) : 0;
    const peak = instruction && shareOfPeak(target, instruction, inner ?? counted);
    return [
        matrix === 0 ? "-" : (least / matrix).toFixed(2),
        matrix === 0 ? String(executed) : others(counted),
        inner && matrix > 0 ? others(inner) : "-",
        String(conflicts + (inner?.conflicts ?? 0)),
        (asked / traffic).toFixed(2),
        String(vgprs),
        String(spills),
        String(lds),
        String(waves ?? "-"),
        peak ? `${Math.round(peak * 100)} %` : "-",
    ];
}

function print(name: string, cells: readonly string[]): void {
    console.log(name.padEnd(20) + cells.map((cell) => cell.padEnd(10)).join(""));
}

async function measure(gpu: Gpu, target: Target): Promise<void> {
    const [first = "", ...rest] = HEADINGS;
    console.log(`\n${target.name}`);
    print(first, rest);
    const baseline = compileBaseline(target.name);
    for (const each of casesOf(target)) {
        const { code, milliseconds } = await compiled(each, target.name);
        const cells = await row(target, each, code, ({ args }) => count(gpu, code, each.kernel, args));
        print(each.kernel, [...cells, milliseconds.toFixed(0)]);
        if (!baseline.kernels.has(each.kernel)) continue;
        const beside = await row(target, each, baseline.code, (one) => countBaseline(gpu, baseline.code, one));
        print("  HIP C++", [...beside, "-"]);
    }
}

for (const name of TARGETS) {
    const target = findTarget(name);
    if (!target) throw new Error(`there is no target ${name}`);
    using gpu = await open(`vgpu:${name}`);
    await measure(gpu, target);
}
