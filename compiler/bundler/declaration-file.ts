// The declaration file on disk. One that is as it should be is left alone, for whoever watches it.

import type { KernelManifest } from "../../codeobject/manifest.js";
import { readBinary, writeAtomically } from "../cli/files.js";
import { declarationPath, declarations } from "./declarations.js";

/** Whether the declaration file beside the source file says what the kernels are. */
export async function declaresKernels(path: string, kernels: readonly KernelManifest[]): Promise<boolean> {
    const existing = await readBinary(declarationPath(path)).catch(() => undefined);
    return existing !== undefined && Buffer.from(declarations(kernels, path)).equals(existing);
}

/** @throws UserError where it can't be written */
export async function writeDeclarations(path: string, kernels: readonly KernelManifest[]): Promise<void> {
    if (!(await declaresKernels(path, kernels))) {
        await writeAtomically(declarationPath(path), Buffer.from(declarations(kernels, path)));
    }
}
