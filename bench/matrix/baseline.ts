// The plain program in HIP C++, by clang without ROCm's headers, launched by HIP's own calls.

import { join } from "node:path";
import { packageRoot } from "../../compiler/shell/package-root.js";
import type { Gpu } from "../../runtime/index.js";
import { compileByClang } from "../llvm.js";
import { WORKGROUP } from "./cases.js";
import type { Launch } from "./count.js";

/** Its code object for a target, by clang at -O3. */
export function compileBaseline(target: string): Uint8Array {
    const device = ["--cuda-device-only", "--no-gpu-bundle-output", "-nogpuinc", "-nogpulib"];
    const options = ["-x", "hip", "-std=c++20", `--offload-arch=${target}`, "-O3", "-w", ...device];
    return compileByClang(join(packageRoot(), "bench", "matrix", "baseline.hip"), options);
}

/** Launches its kernels. */
export function baselineLaunch(gpu: Gpu, code: Uint8Array): Launch {
    return async (tensors, { kernel, args, baseline }) => {
        if (baseline === null) throw new Error(`${kernel} has no baseline`);
        const module = await gpu.device.loadModule(code);
        const stream = gpu.device.createStream();
        const addresses = Object.keys(args.views).map((name) => tensors[name]?.address ?? 0n);
        const scalars = Object.values(args.scalars ?? {});
        try {
            await stream.launch(module.kernel(kernel), {
                grid: [...baseline.groups, 1],
                block: [WORKGROUP, 1, 1],
                arguments: pack(addresses, baseline.extents, scalars),
            });
        } finally {
            stream.dispose();
            module.dispose();
        }
    };
}

/** An argument buffer in C's layout: pointers, then extents, then floats. */
function pack(pointers: readonly bigint[], extents: readonly number[], scalars: readonly number[]): Uint8Array {
    const size = 8 * pointers.length + 4 * (extents.length + scalars.length);
    const view = new DataView(new ArrayBuffer(size));
    let at = 0;
    for (const pointer of pointers) {
        view.setBigUint64(at, pointer, true);
        at += 8;
    }
    for (const extent of extents) {
        view.setUint32(at, extent, true);
        at += 4;
    }
    for (const scalar of scalars) {
        view.setFloat32(at, scalar, true);
        at += 4;
    }
    return new Uint8Array(view.buffer);
}
