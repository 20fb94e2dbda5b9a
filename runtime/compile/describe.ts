// What a source's kernels are called with and how they are launched, for chosen constants, without generating code.

import type { KernelManifest } from "../../codeobject/manifest.js";
import type { SourceFile } from "../../compiler/diagnostics/diagnostic.js";
import { describe } from "../../compiler/driver.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { targetOfDevice } from "../target-of-device.js";

/** Null for a source with errors. */
export function describeFor(
    source: SourceFile,
    device: string,
    constants: Readonly<Record<string, number>>,
): readonly KernelManifest[] | null {
    return describe(source, loadModule, targetOfDevice(device), { const: constants }).kernels;
}
