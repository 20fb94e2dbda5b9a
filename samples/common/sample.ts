// What the samples have in common: a sample loads its kernels, runs them on a device, and checks what they computed
// against double precision on the host.

import type { Gpu, KernelModule, LaunchResult } from "soma-lang/runtime";
import { packageRoot } from "../../compiler/shell/package-root.js";

/** What every sample's run returns, beside its data. */
export interface SampleRun {
    /** Time to compile the sample's file, in milliseconds. */
    readonly compileMilliseconds: number;
    /** What was measured of each kernel's launch, by the kernel's name. */
    readonly launches: Readonly<Record<string, LaunchResult>>;
}

export interface Sample<R extends SampleRun> {
    run(gpu: Gpu): Promise<R>;
    /**
     * The largest error of each kernel's results, by the kernel's name.
     * @throws WrongResult where an error is larger than rounding explains
     */
    check(run: R): Readonly<Record<string, number>>;
}

/** Compiles `samples/FOLDER/NAME.soma` for a device. */
export async function loadSample<Kernels extends string>(
    gpu: Gpu,
    name: string,
    folder = "aura",
): Promise<{ readonly kernels: KernelModule<Kernels>; readonly compileMilliseconds: number }> {
    const kernels = await gpu.load<Kernels>(`${packageRoot()}/samples/${folder}/${name}.soma`);
    return { kernels, compileMilliseconds: kernels.compilation?.milliseconds ?? 0 };
}
