// Finds and loads the native parts: the HIP addon, the virtual GPU's library and the one for NVIDIA GPUs, in `build/native` of the package.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { DeviceError } from "../errors.js";
import type { NativeBinding } from "./binding.js";

let loaded: NativeBinding | undefined;

/** @throws DeviceError where it isn't built or can't be loaded */
export function loadAddon(): NativeBinding {
    if (loaded === undefined) {
        const path = nativePart("soma_hip.node");
        try {
            loaded = createRequire(import.meta.url)(path) as NativeBinding;
        } catch (error) {
            throw new DeviceError(`can't load ${path}: ${error instanceof Error ? error.message : error}`, {
                cause: error,
            });
        }
    }
    return loaded;
}

/** The path of the library that is the virtual GPU. */
export function virtualLibraryPath(): string {
    return nativePart("libsoma_vgpu.so");
}

/** The path of the library that gives HIP's functions to NVIDIA GPUs. */
export function cudaLibraryPath(): string {
    return nativePart("libsoma_cuda.so");
}

function nativePart(file: string): string {
    const path = join(packageRoot(), "build", "native", file);
    if (!existsSync(path)) {
        throw new DeviceError(`${path} is missing: build the native parts with npm run setup`);
    }
    return path;
}
