// Finds and loads the native parts: the HIP addon, the virtual GPU's library and the one for NVIDIA GPUs.

import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { howToGetNativeParts, nativePart } from "../../compiler/shell/native-part.js";
import { DeviceError } from "../errors.js";
import type { NativeBinding } from "./binding.js";
import { tickets } from "./tickets.js";

let loaded: NativeBinding | undefined;

/** @throws DeviceError where it isn't built or can't be loaded */
export function loadAddon(): NativeBinding {
    if (loaded === undefined) {
        const path = requirePart("soma_hip.node");
        try {
            const binding = createRequire(import.meta.url)(path) as NativeBinding;
            tickets.open(binding);
            loaded = binding;
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
    return requirePart("libsoma_vgpu.so");
}

/** The path of the library that gives HIP's functions to NVIDIA GPUs. */
export function cudaLibraryPath(): string {
    return requirePart("libsoma_cuda.so");
}

function requirePart(file: string): string {
    const path = nativePart(file);
    if (!existsSync(path)) throw new DeviceError(`there is no ${path}: ${howToGetNativeParts()}`);
    return path;
}
