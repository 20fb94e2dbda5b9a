// Runs kernels with planted faults under the sanitizer.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { llvmTool } from "../../../bench/llvm.js";
import { packageRoot } from "../../../compiler/shell/package-root.js";
import type { Gpu, SanitizerReport } from "../../../runtime/index.js";
import { inFolder, pack } from "../hip-support.js";

export const FAULTS = join(packageRoot(), "test", "native", "sanitizer", "faults.cl");
export const DIRECT_LOADS = join(packageRoot(), "test", "native", "sanitizer", "direct.cl");
export const NAMED = join(packageRoot(), "test", "native", "sanitizer", "named-barriers.cl");
export const ORDER = join(packageRoot(), "test", "native", "sanitizer", "order.cl");

/** Of a wave. */
export function lanesOf(target: string): number {
    return target.startsWith("gfx9") ? 64 : 32;
}

export function compileFaults(target: string, level: number, file = FAULTS): Uint8Array {
    const language = ["-x", "cl", "-cl-std=CL2.0", "-nogpulib", "-w", "-g", `-O${level}`];
    return run(target, [...language, `-DLANES=${lanesOf(target)}`, file]);
}

export function assemble(target: string, text: string): Uint8Array {
    return inFolder((folder) => {
        const file = join(folder, "kernels.s");
        writeFileSync(file, text);
        return run(target, ["-x", "assembler", file]);
    });
}

function run(target: string, flags: readonly string[]): Uint8Array {
    return inFolder((folder) => {
        const output = join(folder, "kernels.hsaco");
        execFileSync(llvmTool("clang"), ["-target", "amdgcn-amd-amdhsa", `-mcpu=${target}`, ...flags, "-o", output]);
        return readFileSync(output);
    });
}

/** What the sanitizer says of one launch with x, written, and y, not, of a word for each item; `freed` frees x before. */
export async function findings(
    gpu: Gpu,
    code: Uint8Array,
    kernel: string,
    { groups = 1, freed = false, items = 64 } = {},
): Promise<readonly SanitizerReport[]> {
    const { device, virtual } = gpu;
    const stream = device.createStream();
    const module = await device.loadModule(code);
    virtual?.sanitizing(true);
    const x = device.allocate(items * 4);
    const y = device.allocate(items * 4);
    try {
        await stream.write(x, 0, new Uint8Array(items * 4));
        const address = x.address;
        if (freed) x.dispose();
        const launch = {
            grid: [groups, 1, 1],
            block: [items, 1, 1],
            arguments: pack(address, y.address),
        } as const;
        // Accesses out of bounds make the launch fail, as they do without a sanitizer.
        await stream.launch(module.kernel(kernel), launch).catch(() => undefined);
        return virtual?.sanitizerReports() ?? [];
    } finally {
        virtual?.sanitizing(false);
        x.dispose();
        y.dispose();
        module.dispose();
        stream.dispose();
    }
}
