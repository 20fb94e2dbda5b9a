// `npm run bench:vgpu`: what the virtual GPU executes in a second, by kind of instruction, on one core and on all, beside
// what the host's own vector units and memory do at best. Prints a table; `-- --update` writes it to RESULTS.md.

import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { llvmTool } from "../llvm.js";

interface Line {
    readonly name: string;
    readonly seconds?: number;
    readonly waveInstructions?: number;
    readonly laneOperations?: number;
    readonly rate?: number;
    readonly sanitized?: number;
}

const here = join(packageRoot(), "bench/vgpu");
const native = join(packageRoot(), "build/native");
const compiler = process.env.CXX ?? "c++";
const folder = mkdtempSync(join(tmpdir(), "soma-bench-vgpu-"));

function linesOf(output: string): readonly Line[] {
    return output
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line));
}

function compileKernels(target: string): string {
    const output = join(folder, `${target}.co`);
    const language = ["-x", "cl", "-cl-std=CL2.0", "-Xclang", "-finclude-default-header"];
    const options = ["-target", "amdgcn-amd-amdhsa", `-mcpu=${target}`, "-nogpulib", "-O3", "-w"];
    execFileSync(llvmTool("clang"), [...options, ...language, join(here, "kernels.cl"), "-o", output]);
    return output;
}

function compileHost(source: string, ...options: string[]): string {
    const output = join(folder, source.replace(".cpp", ""));
    execFileSync(compiler, ["-std=c++20", join(here, source), "-o", output, ...options]);
    return output;
}

function millions(value: number | undefined): string {
    return value === undefined ? "" : (value / 1e6).toPrecision(3);
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
    return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

const KINDS: readonly (readonly [string, string, string])[] = [
    ["integer", "gfx1100", "integer: multiply-add, xor, shift"],
    ["fma_f32", "gfx1100", "f32 multiply-add"],
    ["fma_f32", "gfx942", "f32 multiply-add, waves of 64 lanes"],
    ["packed_f16", "gfx1100", "packed f16 multiply-add"],
    ["lds", "gfx1100", "LDS, contiguous words"],
    ["coalesced", "gfx1100", "global memory, coalesced words"],
    ["scattered", "gfx1100", "global memory, scattered words"],
    ["wmma", "gfx1100", "WMMA f32 16×16×16 f16"],
    ["mfma", "gfx942", "MFMA f32 32×32×8 f16"],
    ["matmul_f32", "gfx1100", "f32 matrix product through LDS, 256³"],
    ["matmul_f16", "gfx1100", "f16 matrix product by WMMA, 512³"],
    ["copy", "gfx1100", "stream copy of 64 MiB"],
];

try {
    const bench = compileHost("bench.cpp", "-O2", `-L${native}`, "-lsoma_vgpu", `-Wl,-rpath,${native}`);
    const host = linesOf(execFileSync(compileHost("host.cpp", "-O3", "-march=native"), { encoding: "utf8" }));
    const peak = host.find(({ name }) => name === "host fma")?.laneOperations ?? Number.NaN;
    const images = new Map(["gfx1100", "gfx942"].map((target) => [target, compileKernels(target)]));
    const measure = (target: string, threads: number) =>
        linesOf(
            execFileSync(bench, [images.get(target) ?? "", `${threads}`, "0.2"], {
                encoding: "utf8",
                env: { ...process.env, SOMA_VGPU: target },
            }),
        );
    const one = new Map([...images.keys()].map((target) => [target, measure(target, 1)]));
    const all = new Map([...images.keys()].map((target) => [target, measure(target, 0)]));
    // A copy between the buffers that the kernel copies is the faster one where the host gives these large pages.
    const copies = [...host, ...(one.get("gfx1100") ?? [])].filter(
        ({ name }) => name === "host copy" || name === "memcpy",
    );
    const copyPeak = Math.max(...copies.map(({ rate }) => rate ?? Number.NaN));
    const rows = KINDS.map(([name, target, title]) => {
        const single = one.get(target)?.find((line) => line.name === name);
        const many = all.get(target)?.find((line) => line.name === name);
        const unit = name === "copy" ? "GB/s" : name.startsWith("matmul") ? "GFLOP/s" : "";
        const rate = unit === "" || !single?.rate ? "" : `${(single.rate / 1e9).toPrecision(3)} ${unit}`;
        const share =
            name === "copy"
                ? (single?.rate ?? 0) / copyPeak
                : name.startsWith("matmul")
                  ? (single?.rate ?? 0) / (2 * peak)
                  : name === "wmma" || name === "mfma"
                    ? ((single?.waveInstructions ?? 0) * (name === "wmma" ? 4096 : 8192)) / peak
                    : (single?.laneOperations ?? 0) / peak;
        return [
            title,
            target,
            millions(single?.waveInstructions),
            millions(many?.waveInstructions),
            millions(single?.laneOperations),
            rate,
            `${(100 * share).toPrecision(2)} %`,
            `${(single?.sanitized ?? Number.NaN).toPrecision(2)}×`,
        ];
    });
    const launches = (one.get("gfx1100") ?? []).filter(({ name }) => name.startsWith("launch"));
    const text = [
        "# Speed of the virtual GPU",
        "",
        `Written by \`npm run bench:vgpu -- --update\` on ${cpus()[0]?.model.trim()}, ${cpus().length} threads. One core: processor`,
        "time, the best of a second. All cores and launches: wall time, so that other programs on the machine count. Sanitized: on one core,",
        "in turns with runs that are not.",
        "",
        table(
            [
                "kernel",
                "target",
                "M wave-instr./s, one core",
                "all",
                "M lane-op./s",
                "rate",
                "of the host's best",
                "sanitized takes",
            ],
            rows,
        ),
        "",
        `The host's best, on one thread: ${(peak / 1e9).toPrecision(3)} G f32 multiply-adds a second,`,
        `${(copyPeak / 1e9).toPrecision(3)} GB/s read and written in a copy. A matrix instruction counts its multiply-adds.`,
        "",
        table(
            ["launch", "µs"],
            launches.map(({ name, seconds }) => [name, ((seconds ?? 0) * 1e6).toPrecision(3)]),
        ),
        "",
    ].join("\n");
    console.log(text);
    if (process.argv.includes("--update")) writeFileSync(join(here, "RESULTS.md"), text);
} finally {
    rmSync(folder, { recursive: true, force: true });
}
