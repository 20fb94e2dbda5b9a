// What the tests of the HIP boundary share: the addon, the virtual GPU, and kernels that clang compiled from OpenCL C.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { llvmTool } from "../../bench/llvm.js";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { loadAddon, virtualLibraryPath } from "../../runtime/hip/addon.js";
import type { NativeBuffer, NativeHipError, NativeKernel, NativeLaunch } from "../../runtime/hip/binding.js";

export const addon = loadAddon();
export const library = addon.openLibrary(virtualLibraryPath());

export const FIXTURES = join(packageRoot(), "test", "native", "hip");

/** A folder that lives as long as `use` runs. */
export function inFolder<T>(use: (folder: string) => T): T {
    const folder = mkdtempSync(join(tmpdir(), "soma-hip-"));
    try {
        return use(folder);
    } finally {
        rmSync(folder, { recursive: true });
    }
}

/** kernels.cl as a code object. */
export function kernels(target = "gfx1100"): Uint8Array {
    return inFolder((folder) => {
        const output = join(folder, "kernels.hsaco");
        const flags = ["-x", "cl", "-cl-std=CL2.0", "-target", "amdgcn-amd-amdhsa", "-nogpulib", "-w", "-O3", "-g"];
        const version = target.endsWith("-generic") ? ["-mcode-object-version=6"] : [];
        execFileSync(llvmTool("clang"), [
            ...flags,
            ...version,
            `-mcpu=${target}`,
            join(FIXTURES, "kernels.cl"),
            "-o",
            output,
        ]);
        return readFileSync(output);
    });
}

/** An argument buffer in C's layout: a bigint is a pointer, a number a uint. */
export function pack(...values: readonly (bigint | number)[]): Uint8Array {
    const view = new DataView(new ArrayBuffer(values.length * 8));
    let end = 0;
    for (const value of values) {
        if (typeof value === "bigint") {
            end = Math.ceil(end / 8) * 8;
            view.setBigUint64(end, value, true);
            end += 8;
        } else {
            view.setUint32(end, value, true);
            end += 4;
        }
    }
    return new Uint8Array(view.buffer, 0, end);
}

/** A launch of `groups` workgroups of 256 work-items whose first argument is the buffer. */
export function over(buffer: NativeBuffer, groups: number, ...rest: readonly number[]): NativeLaunch {
    return {
        grid: [groups, 1, 1],
        block: [256, 1, 1],
        arguments: pack(buffer.address, ...rest),
        buffers: [buffer],
    };
}

/** A launch of one work-item. */
export function once(buffer: NativeBuffer, ...rest: readonly number[]): NativeLaunch {
    return { ...over(buffer, 1, ...rest), block: [1, 1, 1] };
}

export function bytesOf(values: readonly number[]): Uint8Array {
    return new Uint8Array(Uint32Array.from(values).buffer);
}

export function wordsOf(bytes: ArrayBuffer): number[] {
    return [...new Uint32Array(bytes)];
}

/** What the addon threw. */
export function errorOf(act: () => unknown): NativeHipError {
    try {
        act();
    } catch (error) {
        expect(error).toBeInstanceOf(Error);
        return error as NativeHipError;
    }
    throw new Error("nothing was thrown");
}

export async function rejection(promise: Promise<unknown>): Promise<NativeHipError> {
    const outcome = await promise.then(
        () => undefined,
        (error: unknown) => error,
    );
    expect(outcome).toBeInstanceOf(Error);
    return outcome as NativeHipError;
}

/** Device, module and a stream of a test; freed by `dispose`. */
export async function setUp() {
    const device = library.device(0);
    const module = await device.loadModule(kernels(device.target));
    const stream = device.createStream();
    return {
        device,
        module,
        stream,
        kernel: (name: string): NativeKernel => module.kernel(name),
        dispose() {
            stream.dispose();
            module.dispose();
        },
    };
}
