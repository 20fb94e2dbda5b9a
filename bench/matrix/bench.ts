// `npm run bench:matrix`: what the kernels of kernels.soma execute on virtual GPUs, and what their code takes, each beside one
// in HIP C++ with the matrix builtins (baseline.hip), compiled by clang; both get the same data and must agree. Columns: the
// least number of matrix instructions that the shape needs over those executed; instructions for each of them, waits and hints
// left out, of the whole launch and of the inner loop alone (by a launch with twice as many rounds); conflicts in LDS; bytes of
// global memory asked for over the least that these tiles need; registers, spills, LDS and occupancy; an estimate of the share
// of peak (estimate.ts). All of this is the same on every machine, and `--update` writes it into RESULTS.md; otherwise
// milliseconds of processor time of a warm compile are beside it, the best of five, after some that make the process warm.
// Targets may be named: `gfx1100 gfx942`.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readCodeObject } from "../../codeobject/codeobject.js";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { type MatrixInstruction, matrixInstruction, matrixInstructionNamed } from "../../compiler/targets/matrix.js";
import { findTarget, type Target } from "../../compiler/targets/targets.js";
import { type Gpu, open } from "../../runtime/index.js";
import { baselineLaunch, compileBaseline } from "./baseline.js";
import { type Case, casesOf } from "./cases.js";
import { type Counted, count, difference, type Launch, resources, tensorsOf } from "./count.js";
import { shareOfMatrixPeak, shareOfMemoryPeak } from "./estimate.js";

const ARGUMENTS = process.argv.slice(2);
const UPDATES = ARGUMENTS.includes("--update");
const NAMED = ARGUMENTS.filter((argument) => argument !== "--update");
const ALL_TARGETS = ["gfx1100", "gfx1201", "gfx90a", "gfx942", "gfx950"];
const TARGETS = NAMED.length > 0 ? NAMED : ALL_TARGETS;
const FOLDER = join(packageRoot(), "bench", "matrix");
const SOURCE = readFileSync(join(FOLDER, "kernels.soma"), "utf8");
const RESULTS = join(FOLDER, "RESULTS.md");
/** What stands in RESULTS.md around the tables. */
const MARKS = ["<!-- tables -->", "<!-- /tables -->"] as const;
const HEADINGS = [
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
    ...(UPDATES ? [] : ["ms"]),
];
const ROUNDS = UPDATES ? 1 : 5;

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

/** Launches a kernel of one code object. */
function launchOf(gpu: Gpu, code: Uint8Array): Launch {
    return async (tensors, { kernel, args }) => {
        using module = await gpu.load(code);
        await module.kernels[kernel]?.({ ...args.scalars, ...tensors });
    };
}

/** What a kernel's first product is done with, by its manifest; of one without a manifest what is best for its operands. */
function instructionOf(target: Target, { kernel, products }: Case, code: Uint8Array): MatrixInstruction | null {
    if (products === null) return null;
    const tiles = readCodeObject(code).manifest?.kernels.find(({ name }) => name === kernel)?.tiles;
    const name = tiles?.products[0]?.instruction;
    if (name) return matrixInstructionNamed(target, name);
    return matrixInstruction(target, products.type, products.type, target.waveSize);
}

async function row(target: Target, gpu: Gpu, each: Case, code: Uint8Array, launch: Launch): Promise<string[]> {
    const { products, deeper, traffic, kernel } = each;
    const instruction = instructionOf(target, each, code);
    const counted = await count(gpu, launch, each);
    const inner = deeper && difference(await count(gpu, launch, deeper), counted);
    const { vgprs, spills, lds, waves } = await resources(target.name, code, kernel);
    const { executed, matrix, conflicts, asked } = counted;
    const others = (of: Counted) => ((of.executed - of.matrix) / of.matrix).toFixed(2);
    const least = instruction && products ? products.count / (instruction.m * instruction.n * instruction.k) : 0;
    const share = matrix === 0 ? 1 : least / matrix;
    const peak = instruction
        ? shareOfMatrixPeak(target, instruction, inner ?? counted, share)
        : shareOfMemoryPeak(target, counted);
    return [
        matrix === 0 ? "" : share.toFixed(2),
        matrix === 0 ? String(executed) : others(counted),
        inner && matrix > 0 ? others(inner) : "",
        String(conflicts + (inner?.conflicts ?? 0)),
        (asked / traffic).toFixed(2),
        String(vgprs),
        String(spills),
        String(lds),
        String(waves ?? ""),
        peak === null ? "" : `${Math.round(peak * 100)} %`,
    ];
}

/** How far results may lie apart, of the largest of them: both round operands of 16 bits, which are all below 1. */
const TOLERANCE = 2 ** -7;

/** That two programs give the same on the same data. */
async function expectSame(gpu: Gpu, each: Case, launches: readonly [Launch, Launch]): Promise<void> {
    const found: number[][] = [];
    const name = Object.keys(each.args.views).at(-1) ?? "";
    for (const launch of launches) {
        const tensors = tensorsOf(gpu, each);
        await launch(tensors, each);
        found.push(Array.from((await tensors[name]?.read()) ?? [], Number));
        for (const tensor of Object.values(tensors)) tensor.dispose();
    }
    const [ours = [], theirs = []] = found;
    const largest = ours.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const apart = ours.findIndex((value, at) => !(Math.abs(value - (theirs[at] ?? 0)) <= TOLERANCE * largest));
    if (apart >= 0) throw new Error(`${each.kernel}: ${ours[apart]} and ${theirs[apart]} at ${apart}`);
}

function line(cells: readonly string[]): string {
    return `| ${cells.join(" | ")} |`;
}

async function measure(gpu: Gpu, target: Target): Promise<string> {
    const lines = [line([target.name, ...HEADINGS]), `|---|${HEADINGS.map(() => "---:|").join("")}`];
    const baseline = compileBaseline(target.name);
    for (const each of casesOf(target)) {
        const { code, milliseconds } = await compiled(each, target.name);
        const ours = launchOf(gpu, code);
        const cells = await row(target, gpu, each, code, ours);
        lines.push(line([each.kernel.replace("_", " "), ...cells, ...(UPDATES ? [] : [milliseconds.toFixed(0)])]));
        if (each.baseline === null) continue;
        const theirs = baselineLaunch(gpu, baseline);
        await expectSame(gpu, each, [ours, theirs]);
        const beside = await row(target, gpu, each, baseline, theirs);
        lines.push(line(["HIP C++", ...beside, ...(UPDATES ? [] : [""])]));
    }
    return lines.join("\n");
}

const tables = new Map<string, string>();
for (const name of TARGETS) {
    const target = findTarget(name);
    if (!target) throw new Error(`there is no target ${name}`);
    if (tables.size === 0 && !UPDATES) {
        // V8 compiles what ran often.
        for (const each of casesOf(target)) await compiled(each, name);
    }
    using gpu = await open(`vgpu:${name}`);
    const table = await measure(gpu, target);
    console.log(`\n${table}`);
    tables.set(name, table);
}
if (UPDATES) {
    const [before = "", marked = ""] = readFileSync(RESULTS, "utf8").split(MARKS[0]);
    const [known = "", after = ""] = marked.split(MARKS[1]);
    const earlier = new Map(known.split("\n\n").map((table) => [table.split(" ")[1] ?? "", table]));
    const all = ALL_TARGETS.flatMap((name) => tables.get(name) ?? earlier.get(name) ?? []);
    writeFileSync(RESULTS, [before, [MARKS[0], ...all, MARKS[1]].join("\n\n"), after].join(""));
}
