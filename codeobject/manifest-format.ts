// Dimensions and types of the manifest as they are written in the source, for messages.

import { typeText } from "./layout.js";
import type { ManifestDim, ParameterManifest } from "./manifest.js";

export type ViewParameter = Extract<ParameterManifest, { kind: "view" }>;

/** As it was written in the source, such as `(rows + 1) * 4`. */
export function formatDim(dim: ManifestDim): string {
    if (typeof dim === "number" || typeof dim === "string") {
        return String(dim);
    }
    const operand = (each: ManifestDim): string => (Array.isArray(each) ? `(${formatDim(each)})` : formatDim(each));
    return `${operand(dim[1])} ${dim[0]} ${operand(dim[2])}`;
}

/** A view's type, such as `mut f32[m, n]`. */
export function formatView({ element, dims, mutable, alias, large, strided }: ViewParameter): string {
    const words = [mutable && "mut ", alias && "alias ", large && "large ", strided && "strided "];
    return `${words.filter((word) => typeof word === "string").join("")}${typeText(element)}[${dims.map(formatDim).join(", ")}]`;
}
