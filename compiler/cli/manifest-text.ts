// The parts of a manifest as a user would have written them: extents, parameters, launches.

import type { KernelManifest, ManifestDim, ParameterManifest } from "../../codeobject/manifest.js";

/** An extent, such as `n`, `256` or `(rows + 1)`. */
export function formatDim(dim: ManifestDim): string {
    return typeof dim === "number" || typeof dim === "string"
        ? String(dim)
        : `(${formatDim(dim[1])} ${dim[0]} ${formatDim(dim[2])})`;
}

/** Outside a larger expression, the parentheses say nothing. */
function formatExtent(dim: ManifestDim): string {
    const text = formatDim(dim);
    return text.startsWith("(") ? text.slice(1, -1) : text;
}

/** A parameter's type, such as `f32` or `mut f32[n, n + 1]`. */
export function formatParameterType(parameter: ParameterManifest): string {
    if (parameter.kind === "scalar") {
        return parameter.type;
    }
    const dims = parameter.dims.map(formatExtent).join(", ");
    return `${parameter.mutable ? "mut " : ""}${parameter.element}[${dims}]`;
}

/** Its declaration, such as `saxpy(a: f32, x: f32[n], y: mut f32[n])`. */
export function formatSignature(kernel: KernelManifest): string {
    const parameters = kernel.parameters.map((parameter) => `${parameter.name}: ${formatParameterType(parameter)}`);
    return `${kernel.name}(${parameters.join(", ")})`;
}

/** Its launch, such as `over n, workgroup 256`; sizes in grid order, x first. */
export function formatLaunch(launch: KernelManifest["launch"]): string {
    const sizes = launch.kind === "over" ? launch.extents : launch.groups;
    return `${launch.kind} ${sizes.map(formatExtent).join(" × ")}, workgroup ${launch.workgroup.join(" × ")}`;
}

/** The dimensions that are no extent of any view by themselves: a caller passes them by name. */
export function unboundDims(kernel: KernelManifest): readonly string[] {
    const bound = new Set(kernel.parameters.flatMap((parameter) => (parameter.kind === "view" ? parameter.dims : [])));
    return kernel.dims.filter((dim) => !bound.has(dim));
}
