// The plain program in HIP C++, by clang without ROCm's headers, launched by HIP's own calls.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../compiler/shell/package-root.js";
import type { Gpu } from "../../runtime/index.js";
import type { Case } from "./cases.js";
import { type Counted, counted } from "./count.js";

/** Work-items of a workgroup of its kernels. */
const WORKGROUP = 256;

interface Baseline {
    readonly code: Uint8Array;
    readonly kernels: ReadonlySet<string>;
}

/** For a target by clang at -O3. */
export function compileBaseline(target: string): Baseline {
    const folder = mkdtempSync(join(tmpdir(), "soma-bench-"));
    try {
        const output = join(folder, "baseline.hsaco");
        const device = ["--cuda-device-only", "--no-gpu-bundle-output", "-nogpuinc", "-nogpulib"];
        const options = ["-x", "hip", "-std=c++20", `--offload-arch=${target}`, "-O3", "-w", "-o", output];
        execFileSync(clang(), [...options, ...device, join(packageRoot(), "bench", "matrix", "baseline.hip")]);
        return { code: readFileSync(output), kernels: new Set(["matmul_f16", "matmul_bf16", "matmul_i8"]) };
    } finally {
        rmSync(folder, { recursive: true });
    }
}

function clang(): string {
    const folders = [process.env.LLVM_DIR, "/usr/lib/llvm-22"].filter((folder) => folder !== undefined);
    return folders.map((folder) => join(folder, "bin", "clang")).find((path) => existsSync(path)) ?? "clang-22";
}

/** One launch of a case: its views, then its extents. */
export async function countBaseline(gpu: Gpu, code: Uint8Array, { kernel, args, baseline }: Case): Promise<Counted> {
    if (!baseline) throw new Error(`${kernel} has no baseline`);
    const module = await gpu.device.loadModule(code);
    const stream = gpu.device.createStream();
    const tensors = Object.values(args.views).map(([type, shape]) => gpu.tensor(type, shape));
    const launch = () =>
        stream.launch(module.kernel(kernel), {
            grid: [...baseline.groups, 1],
            block: [WORKGROUP, 1, 1],
            arguments: pack(
                tensors.map(({ address }) => address),
                baseline.extents,
            ),
        });
    try {
        return await counted(gpu, async () => void (await launch()));
    } finally {
        for (const tensor of tensors) tensor.dispose();
        stream.dispose();
        module.dispose();
    }
}

/** An argument buffer in C's layout: pointers, then extents. */
function pack(pointers: readonly bigint[], extents: readonly number[]): Uint8Array {
    const view = new DataView(new ArrayBuffer(8 * pointers.length + 4 * extents.length));
    for (const [at, pointer] of pointers.entries()) view.setBigUint64(8 * at, pointer, true);
    for (const [at, extent] of extents.entries()) view.setUint32(8 * pointers.length + 4 * at, extent, true);
    return new Uint8Array(view.buffer);
}
