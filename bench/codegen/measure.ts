// Runs a case on a virtual GPU as Soma and as the baselines' OpenCL C, and takes the columns: what was executed, and what
// the code object says.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type CompileOptions, compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { occupancy } from "../../compiler/targets/occupancy.js";
import type { KernelInfo } from "../../native/llvm/index.js";
import type { Gpu, TensorData } from "../../runtime/index.js";
import { Tensor } from "../../runtime/tensor.js";
import type { KernelProfile, Virtual } from "../../runtime/virtual.js";
import { compileByClang } from "../llvm.js";
import { CASES, type Case, type Scalar, type View } from "./cases.js";

export const TARGETS = ["gfx1100", "gfx1201", "gfx90a", "gfx942"] as const;

/** Instructions are counted once a wave, and summed over the launch. */
export interface Columns {
    readonly instructions: number;
    readonly valu: number;
    readonly salu: number;
    readonly vectorMemory: number;
    readonly scalarMemory: number;
    readonly lds: number;
    readonly branches: number;
    /** Cache lines that vector memory instructions ask for (spec/vgpu.md). */
    readonly transactions: number;
    /** Cycles that LDS takes because lanes want different words of one bank (spec/vgpu.md). */
    readonly ldsConflicts: number;
    readonly vgprs: number;
    readonly sgprs: number;
    readonly spills: number;
    readonly occupancy: number;
    readonly codeBytes: number;
}

export type Results = ReadonlyMap<string, readonly number[]>;

export interface Run {
    readonly columns: Columns;
    /** The views afterwards, by name. */
    readonly results: Results;
}

const FOLDER = join(packageRoot(), "bench", "codegen");

/** kernels.soma for a target, as `soma build` makes it at -O3 with these options. */
export async function compileSoma(
    target: string,
    options: Pick<CompileOptions, "bounds" | "disable"> = {},
): Promise<Uint8Array> {
    const source = { path: "kernels.soma", text: readFileSync(join(FOLDER, "kernels.soma"), "utf8") };
    const { output, diagnostics } = await compile(source, loadModule, loadCodegen(), { ...options, target });
    if (output === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    return output;
}

/** What Soma is compared with: kernels as people write them, and as an expert tunes them. */
export const BASELINES = ["plain", "expert"] as const;
export type Baseline = (typeof BASELINES)[number];

/**
 * A baseline for a target by clang. Divisions and roots are rounded correctly, as Soma's are: otherwise clang would
 * do with less than half of their instructions.
 */
export function compileClang(baseline: Baseline, target: string, optimisation: 0 | 3 = 3): Uint8Array {
    const language = ["-x", "cl", "-cl-std=CL2.0", "-cl-fp32-correctly-rounded-divide-sqrt", "-nogpulib", "-w"];
    const options = ["-target", "amdgcn-amd-amdhsa", `-mcpu=${target}`, `-O${optimisation}`];
    return compileByClang(join(FOLDER, `${baseline}.cl`), [...language, ...options]);
}

/** Every case of kernels.soma, launched by the runtime as any program does. */
export async function runSoma(gpu: Gpu, code: Uint8Array): Promise<ReadonlyMap<string, Run>> {
    using module = await gpu.load(code);
    const launch = async ({ name }: Case, args: readonly Argument[]) => {
        const values = args.map(([name, value]) => [name, value instanceof Tensor ? value : value.value] as const);
        await module.kernels[name]?.(Object.fromEntries(values));
    };
    return await runAll(gpu, code, launch);
}

/** Every case of a baseline, launched by HIP's own calls with the argument buffer that clang laid out. */
export async function runClang(
    gpu: Gpu,
    baseline: Baseline,
    optimisation: 0 | 3 = 3,
): Promise<ReadonlyMap<string, Run>> {
    const code = compileClang(baseline, gpu.target, optimisation);
    const module = await gpu.device.loadModule(code);
    const stream = gpu.device.createStream();
    const launch = async (each: Case, args: readonly Argument[]) => {
        const { name, workgroup, extents } = each;
        const groups = (baseline === "expert" ? each.expertGroups : undefined) ?? each.groups;
        const values = args.map(([, value]) => (value instanceof Tensor ? value.address : value));
        await gpu.synchronize();
        await stream.launch(module.kernel(name), {
            grid: [...groups, 1],
            block: [...workgroup, 1],
            arguments: pack([...values, ...extents.map((value): Scalar => ({ type: "u32", value }))]),
        });
    };
    try {
        return await runAll(gpu, code, launch);
    } finally {
        stream.dispose();
        module.dispose();
    }
}

type Argument = readonly [name: string, value: Tensor | Scalar];
type Launch = (each: Case, args: readonly Argument[]) => Promise<void>;

async function runAll(gpu: Gpu, code: Uint8Array, launch: Launch): Promise<ReadonlyMap<string, Run>> {
    const { kernels } = await loadCodegen().inspect(code);
    const runs = new Map<string, Run>();
    for (const each of CASES) {
        const info = kernels.find(({ name }) => name === each.name);
        if (!info) throw new Error(`there is no kernel ${each.name}`);
        const { counts, results } = await runOne(gpu, each, launch);
        runs.set(each.name, { columns: columnsOf(gpu.target, info, counts), results });
    }
    return runs;
}

async function runOne(gpu: Gpu, each: Case, launch: Launch) {
    const args = each.args.map(([name, value]): Argument => [name, "data" in value ? tensorOf(gpu, value) : value]);
    const tensors = args.flatMap(([name, value]) => (value instanceof Tensor ? [[name, value] as const] : []));
    try {
        await gpu.synchronize();
        const virtual = gpu.virtual as Virtual;
        virtual.profiling(true);
        await launch(each, args);
        await gpu.synchronize();
        const [counts] = virtual.profile().kernels;
        virtual.profiling(false);
        if (!counts) throw new Error(`${each.name} was not counted`);
        const results = new Map<string, readonly number[]>();
        for (const [name, tensor] of tensors) results.set(name, Array.from(await tensor.read(), Number));
        return { counts, results };
    } finally {
        for (const [, tensor] of tensors) tensor.dispose();
    }
}

function tensorOf(gpu: Gpu, { type, shape, data }: View): Tensor {
    return gpu.tensor(type, shape, data as TensorData<typeof type>) as Tensor;
}

/** Waits, hints to the scheduler and the end of a wave are no work. */
const UNCOUNTED: ReadonlySet<string> = new Set(["wait", "other"]);

function columnsOf(target: string, info: KernelInfo, { instructions, global, lds }: KernelProfile): Columns {
    const count = (...names: readonly string[]) => names.reduce((sum, name) => sum + (instructions[name] ?? 0), 0);
    const work = Object.keys(instructions).filter((name) => !UNCOUNTED.has(name));
    const needs = {
        vgprs: info.vgprs,
        sgprs: info.sgprs,
        lds: info.ldsBytes,
        workgroup: (info.requiredWorkgroupSize ?? []).reduce((product, extent) => product * extent, 1),
    };
    return {
        instructions: count(...work),
        valu: count("valu", "transcendental"),
        salu: count("salu"),
        vectorMemory: count("vector load", "vector store", "vector atomic", "scratch"),
        scalarMemory: count("scalar memory"),
        lds: count("lds"),
        branches: count("branch"),
        transactions: global.transactions,
        ldsConflicts: lds.bankConflicts,
        vgprs: info.vgprs,
        sgprs: info.sgprs,
        spills: info.vgprSpills + info.sgprSpills,
        occupancy: occupancy(target, needs)?.wavesPerSimd ?? 0,
        codeBytes: info.codeSize,
    };
}

/** An argument buffer in C's layout: a bigint is a pointer. */
function pack(values: readonly (bigint | Scalar)[]): Uint8Array {
    const view = new DataView(new ArrayBuffer(values.length * 8));
    let end = 0;
    for (const value of values) {
        if (typeof value === "bigint") {
            end = Math.ceil(end / 8) * 8;
            view.setBigUint64(end, value, true);
            end += 8;
        } else {
            if (value.type === "f32") view.setFloat32(end, value.value, true);
            else view.setUint32(end, value.value, true);
            end += 4;
        }
    }
    return new Uint8Array(view.buffer, 0, end);
}
