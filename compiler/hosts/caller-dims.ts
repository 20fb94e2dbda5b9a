// The dimensions that a caller passes by name: those that no view binds.

import type { KernelManifest } from "../../codeobject/manifest.js";

export function callerDims({ dims, parameters }: KernelManifest): readonly string[] {
    const bound = new Set<unknown>(parameters.flatMap((each) => (each.kind === "view" ? each.dims : [])));
    return dims.filter((dim) => !bound.has(dim));
}
