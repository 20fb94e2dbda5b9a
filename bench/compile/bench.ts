// `npm run bench:compile`: what compiling takes, beside clang on the same kernels, in turns within one run: whole processes,
// compiles in a process that is warm, growth with the number of kernels, memory, and where the time goes.
// `-- --quick` does it with few rounds.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { cpus, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { compile, type Stage } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { parse } from "../../compiler/syntax/parse.js";
import { llvmTool } from "../llvm.js";
import { type Cost, measureProcesses, median, medianRatio } from "./processes.js";
import { copies, one, type Program, sixteen } from "./programs.js";

const TARGET = "gfx1100";
const ROOT = packageRoot();
const SOMA = join(ROOT, "bin", "soma");
const ENVIRONMENT = { SOMA_CACHE: "off" };
const QUICK = process.argv.includes("--quick");

const CLANG = llvmTool("clang");

function somaCommand({ soma }: Program, ...more: readonly string[]): readonly string[] {
    return [SOMA, "build", soma, "--target", TARGET, "-o", "/dev/null", ...more];
}

function clangCommand({ openCl }: Program): readonly string[] {
    const language = ["-x", "cl", "-cl-std=CL2.0", "-cl-fp32-correctly-rounded-divide-sqrt", "-nogpulib", "-w"];
    const target = ["-target", "amdgcn-amd-amdhsa", `-mcpu=${TARGET}`, "-O3"];
    return [CLANG, ...language, ...target, "-o", `${openCl}.hsaco`, openCl];
}

const ms = (seconds: number) => `${(seconds * 1e3).toFixed(seconds < 0.0995 ? 1 : 0)}`;
const mb = (bytes: number) => `${Math.round(bytes / 1e6)}`;

function table(head: readonly string[], rows: readonly (readonly string[])[]): void {
    const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
    console.log([line(head), line(head.map(() => "---")), ...rows.map(line), ""].join("\n"));
}

/** Until the command starts from a snapshot, as it does from its second run on. */
async function prepare(): Promise<void> {
    measureProcesses([[SOMA, "--version"]], 1, ENVIRONMENT);
    const folder = join(ROOT, "build", "start");
    for (let round = 0; round < 300; round++) {
        const files = existsSync(folder) ? readdirSync(folder) : [];
        if (files.length > 0 && !files.some((name) => name.endsWith(".making"))) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`no snapshot was made in ${folder}`);
}

const column = (costs: readonly Cost[], name: keyof Cost) => costs.map((cost) => cost[name]);

function pairRow(program: Program, rounds: number): readonly string[] {
    const [soma = [], clang = []] = measureProcesses(
        [somaCommand(program), clangCommand(program)],
        rounds,
        ENVIRONMENT,
    );
    const cells = (["wall", "cpu"] as const).flatMap((name) => {
        const [ours, theirs] = [column(soma, name), column(clang, name)];
        return [ms(median(ours)), ms(median(theirs)), medianRatio(ours, theirs).toFixed(2)];
    });
    const memory = [soma, clang].map((costs) => mb(Math.max(...column(costs, "memory"))));
    return [`${program.kernels}`, ...cells, ...memory];
}

const PAIR_HEAD = [
    "kernels",
    "soma, ms",
    "clang, ms",
    "ratio",
    "soma, cpu ms",
    "clang, cpu ms",
    "ratio",
    "soma, MB",
    "clang, MB",
];

/** Milliseconds of each stage and step of a warm compile, and what parsing is of checking. */
async function warmCompile({ soma }: Program): Promise<ReadonlyMap<string, number>> {
    const source = { path: soma, text: readFileSync(soma, "utf8") };
    const times = new Map<string, number>();
    let last = performance.now();
    parse({ ...source });
    times.set("parse", performance.now() - last);
    const start = performance.now();
    const before = process.cpuUsage();
    last = start;
    const onStage = (stage: Stage, steps: Readonly<Record<string, number>> = {}): void => {
        const now = performance.now();
        const own = Object.values(steps).reduce((sum, step) => sum + step, 0);
        times.set(stage, now - last - own);
        for (const [step, milliseconds] of Object.entries(steps)) times.set(`LLVM: ${step}`, milliseconds);
        last = now;
    };
    const { output } = await compile(source, loadModule, loadCodegen(), { target: TARGET, onStage });
    if (output === null) throw new Error(`${soma} does not compile`);
    times.set("wall", performance.now() - start);
    const { user, system } = process.cpuUsage(before);
    times.set("cpu", (user + system) / 1e3);
    return times;
}

async function warmRow(program: Program, rounds: number) {
    for (let round = 0; round < 15; round++) await warmCompile(program);
    const stages = new Map<string, number[]>();
    const theirs: Cost[] = [];
    for (let round = 0; round < rounds; round++) {
        const times = await warmCompile(program);
        for (const [stage, time] of times) stages.set(stage, [...(stages.get(stage) ?? []), time / 1e3]);
        theirs.push(...(measureProcesses([clangCommand(program)], 1)[0] ?? []));
    }
    const cells = (["wall", "cpu"] as const).flatMap((name) => {
        const ours = stages.get(name) ?? [];
        return [ms(median(ours)), ms(median(column(theirs, name))), medianRatio(ours, column(theirs, name)).toFixed(2)];
    });
    for (const whole of ["wall", "cpu"]) stages.delete(whole);
    const parts = new Map([...stages].map(([stage, all]) => [stage, median(all)]));
    return { row: [`${program.kernels}`, ...cells], parts };
}

/** What `--time-passes` says of whole processes: medians, in seconds. */
function coldParts(program: Program, rounds: number): ReadonlyMap<string, number> {
    const stages = new Map<string, number[]>();
    const add = (stage: string, value: number) => stages.set(stage, [...(stages.get(stage) ?? []), value]);
    const node = [process.execPath, "-e", "0"];
    const version = [SOMA, "--version"];
    for (let round = 0; round < rounds; round++) {
        const [bare, started] = measureProcesses([node, version], 1, { ...ENVIRONMENT, NODE_EXTRA_CA_CERTS: "" });
        add("Node", bare?.[0]?.wall ?? 0);
        add("start of the command", (started?.[0]?.wall ?? 0) - (bare?.[0]?.wall ?? 0));
        const [command = "", ...args] = somaCommand(program, "--time-passes");
        const { stderr } = spawnSync(command, args, { env: { ...process.env, ...ENVIRONMENT } });
        let [steps, passes] = [0, 0];
        const lines = [...stderr.toString().matchAll(/^ *([\d.]+) ms {2}( *)(.*)$/gm)];
        for (const [, time = "", , what = ""] of lines) {
            const seconds = Number(time) / 1e3;
            if (what.startsWith("LLVM")) steps += seconds;
            if (what.startsWith("pass ")) passes += seconds;
            else add(what, seconds);
        }
        add("lower and passes", passes);
        const codegen = stages.get("codegen");
        if (codegen) codegen[codegen.length - 1] = (codegen.at(-1) ?? 0) - steps;
    }
    for (const each of ["lower", "passes"]) stages.delete(each);
    return new Map([...stages].map(([stage, all]) => [stage, median(all)]));
}

function printParts(title: string, programs: readonly Program[], parts: readonly ReadonlyMap<string, number>[]): void {
    console.log(`${title}\n`);
    const stages = [...new Set(parts.flatMap((each) => [...each.keys()]))];
    table(
        ["ms", ...programs.map(({ kernels }) => `${kernels} kernel${kernels === 1 ? "" : "s"}`)],
        stages.map((stage) => [stage, ...parts.map((each) => ms(each.get(stage) ?? 0))]),
    );
}

const folder = mkdtempSync(join(tmpdir(), "soma-bench-"));
try {
    await prepare();
    const small = [one(folder), sixteen(folder)];
    const grown = (QUICK ? [1, 10, 100] : [1, 10, 100, 1000]).map((kernels) => copies(folder, kernels));
    console.log(
        `${cpus()[0]?.model.trim()} × ${cpus().length}, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}\n`,
    );

    console.log("Whole processes\n");
    table(
        PAIR_HEAD,
        small.map((program) => pairRow(program, QUICK ? 5 : 20)),
    );

    console.log("In a process that is warm, beside a process of clang\n");
    const warm = [];
    for (const program of small) warm.push(await warmRow(program, QUICK ? 5 : 20));
    table(
        PAIR_HEAD.slice(0, 7),
        warm.map(({ row }) => row),
    );

    printParts(
        "Where a whole process spends its time",
        small,
        small.map((program) => coldParts(program, QUICK ? 3 : 15)),
    );
    printParts(
        "Where a warm compile does (parse is a part of check)",
        small,
        warm.map(({ parts }) => parts),
    );

    console.log("Growth with the number of kernels in a file, whole processes\n");
    table(
        PAIR_HEAD,
        grown.map((program) => pairRow(program, program.kernels >= 100 ? 1 : 5)),
    );
} finally {
    rmSync(folder, { recursive: true });
}
