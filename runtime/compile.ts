// Compiling source for a device at run time. This is the runtime's only way into the compiler, imported when it is first
// needed, so that code objects load without the compiler's native part.

import { loadCachedCodegen } from "../compiler/cache/index.js";
import type { Bounds, OptimisationLevel } from "../compiler/codegen.js";
import type { Diagnostic, SourceFile } from "../compiler/diagnostics/diagnostic.js";
import { renderDiagnostics } from "../compiler/diagnostics/render.js";
import { compile } from "../compiler/driver.js";
import { loadModule } from "../compiler/shell/modules.js";
import { CompileError } from "./errors.js";
import { targetOfDevice } from "./target-of-device.js";

export interface Compiled {
    readonly codeObject: Uint8Array;
    readonly warnings: readonly Diagnostic[];
}

/** @throws CompileError for source with errors */
export async function compileSource(
    source: SourceFile,
    device: string,
    options: { readonly optimisation?: OptimisationLevel | undefined; readonly bounds?: Bounds | undefined },
): Promise<Compiled> {
    const { optimisation = 3, bounds } = options;
    const compileOptions = { target: targetOfDevice(device), optimisation, bounds };
    const { diagnostics, output } = await compile(source, loadModule, loadCachedCodegen(), compileOptions);
    if (output === null) {
        throw new CompileError(renderDiagnostics(diagnostics), diagnostics);
    }
    return { codeObject: output, warnings: diagnostics };
}
