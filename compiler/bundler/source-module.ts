// A source file on its way into a JavaScript program: read, checked, and described. Bundlers, the Node loader and
// `soma types` begin here.

import { isAbsolute, relative, sep } from "node:path";
import type { KernelManifest } from "../../codeobject/manifest.js";
import { CompileError } from "../../runtime/errors.js";
import { readSource } from "../cli/files.js";
import type { Diagnostic, SourceFile } from "../diagnostics/diagnostic.js";
import { renderDiagnostics } from "../diagnostics/render.js";
import { describe, type ModuleLoader } from "../driver.js";
import { loadModule } from "../shell/modules.js";

export interface SourceModule {
    /** Under the path that errors and faults name. */
    readonly source: SourceFile;
    readonly kernels: readonly KernelManifest[];
    readonly warnings: readonly Diagnostic[];
}

/**
 * @param path of the file; it is named relative to the working directory where it lies in it, so that the same project
 * compiles to the same bytes wherever it is
 * @param load finds what it imports
 * @throws CompileError for source with errors, UserError for a file that can't be read
 */
export async function readSourceModule(path: string, load: ModuleLoader = loadModule): Promise<SourceModule> {
    const source = await readSource(nameOf(path));
    const { diagnostics, kernels } = describe(source, load);
    if (kernels === null) throw new CompileError(renderDiagnostics(diagnostics), diagnostics);
    return { source, kernels, warnings: diagnostics };
}

function nameOf(path: string): string {
    const inside = relative(process.cwd(), path);
    return isAbsolute(inside) || inside.startsWith("..") ? path : inside.split(sep).join("/");
}
