// Runs a case on a virtual GPU as Soma and as OpenCL C, and takes the columns: what was executed, and what the code
// object says.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { occupancy } from "../../compiler/targets/occupancy.js";
import type { KernelInfo } from "../../native/llvm/index.js";
import type { Gpu, TensorData } from "../../runtime/index.js";
import { Tensor } from "../../runtime/tensor.js";
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

/** kernels.soma for a target, as `soma build` makes it at -O3. */
export async function compileSoma(target: string): Promise<Uint8Array> {
    const source = { path: "kernels.soma", text: readFileSync(join(FOLDER, "kernels.soma"), "utf8") };
    const { output, diagnostics } = await compile(source, loadModule, loadCodegen(), { target, optimisation: 3 });
    if (output === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    return output;
}

/**
 * kernels.cl for a target at -O3. Divisions and roots are rounded correctly, as Soma's are: otherwise clang would do with
 * less than half of their instructions.
 */
export function compileClang(target: string): Uint8Array {
    const folder = mkdtempSync(join(tmpdir(), "soma-bench-"));
    try {
        const output = join(folder, "kernels.hsaco");
        const language = ["-x", "cl", "-cl-std=CL2.0", "-cl-fp32-correctly-rounded-divide-sqrt", "-nogpulib", "-w"];
        const options = ["-target", "amdgcn-amd-amdhsa", `-mcpu=${target}`, "-O3", "-o", output];
        execFileSync(clang(), [...language, ...options, join(FOLDER, "kernels.cl")]);
        return readFileSync(output);
    } finally {
        rmSync(folder, { recursive: true });
    }
}

function clang(): string {
    const folders = [process.env.LLVM_DIR, "/usr/lib/llvm-22"].filter((folder) => folder !== undefined);
    return folders.map((folder) => join(folder, "bin", "clang")).find((path) => existsSync(path)) ?? "clang-22";
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

/** Every case of kernels.cl, launched by HIP's own calls with the argument buffer that clang laid out. */
export async function runClang(gpu: Gpu, code: Uint8Array): Promise<ReadonlyMap<string, Run>> {
    const module = await gpu.device.loadModule(code);
    const stream = gpu.device.createStream();
    const launch = async ({ name, groups, workgroup, extents }: Case, args: readonly Argument[]) => {
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
type Counts = Readonly<Record<string, number>>;
type Launch = (each: Case, args: readonly Argument[]) => Promise<void>;

async function runAll(gpu: Gpu, code: Uint8Array, launch: Launch): Promise<ReadonlyMap<string, Run>> {
    const { kernels } = await loadCodegen().inspect(code);
    const runs = new Map<string, Run>();
    for (const each of CASES) {
        const info = kernels.find(({ name }) => name === each.name);
        if (!info) throw new Error(`there is no kernel ${each.name}`);
        const { counters, results } = await runOne(gpu, each, launch);
        runs.set(each.name, { columns: columnsOf(gpu.target, info, counters), results });
    }
    return runs;
}

async function runOne(gpu: Gpu, each: Case, launch: Launch) {
    const args = each.args.map(([name, value]): Argument => [name, "data" in value ? tensorOf(gpu, value) : value]);
    const tensors = args.flatMap(([name, value]) => (value instanceof Tensor ? [[name, value] as const] : []));
    try {
        await gpu.synchronize();
        const before: Counts = gpu.device.counters() ?? {};
        await launch(each, args);
        const after: Counts = gpu.device.counters() ?? {};
        const counters = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
        const results = new Map<string, readonly number[]>();
        for (const [name, tensor] of tensors) results.set(name, Array.from(await tensor.read(), Number));
        return { counters: Object.fromEntries(counters), results };
    } finally {
        for (const [, tensor] of tensors) tensor.dispose();
    }
}

function tensorOf(gpu: Gpu, { type, shape, data }: View): Tensor {
    return gpu.tensor(type, shape, data as TensorData<typeof type>) as Tensor;
}

function columnsOf(target: string, info: KernelInfo, counters: Counts): Columns {
    const count = (...names: readonly string[]) => names.reduce((sum, name) => sum + (counters[name] ?? 0), 0);
    const needs = {
        vgprs: info.vgprs,
        sgprs: info.sgprs,
        lds: info.ldsBytes,
        workgroup: (info.requiredWorkgroupSize ?? []).reduce((product, extent) => product * extent, 1),
    };
    return {
        // Waits, hints to the scheduler and the end of a wave are no work.
        instructions: count("instructions") - count("wait", "other"),
        valu: count("valu", "transcendental"),
        salu: count("salu"),
        vectorMemory: count("vectorLoad", "vectorStore", "vectorAtomic", "scratch"),
        scalarMemory: count("scalarMemory"),
        lds: count("lds"),
        branches: count("branch"),
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
