// Kernels of populations.

import type { NetworkLaunch } from "../../codeobject/network/manifest.js";
import type { Generation } from "./generation.js";

export function generatePopulations(_generation: Generation): NetworkLaunch[] {
    return [];
}
