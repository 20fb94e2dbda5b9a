// Compiling source for a device at run time. This is the runtime's only way into the compiler, imported when it is first
// needed, so that code objects load without the compiler's native part.

import { loadCachedCodegen } from "../compiler/cache/index.js";
import type { Bounds, Codegen, CodegenResult, OptimisationLevel } from "../compiler/codegen.js";
import type { Diagnostic, SourceFile } from "../compiler/diagnostics/diagnostic.js";
import { renderDiagnostics } from "../compiler/diagnostics/render.js";
import { compile } from "../compiler/driver.js";
import { loadModule } from "../compiler/shell/modules.js";
import { CompileError } from "./errors.js";
import { targetOfDevice } from "./target-of-device.js";
import { telemetry } from "./telemetry/telemetry.js";

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
    const started = performance.now();
    const target = targetOfDevice(device);
    const codegen = loadCachedCodegen();
    let cached: CodegenResult["cached"];
    const observed: Codegen = {
        version: codegen.version,
        async generate(ir, codegenOptions) {
            const result = await codegen.generate(ir, codegenOptions);
            cached = result.cached;
            return result;
        },
    };
    const { diagnostics, output } = await compile(source, loadModule, observed, { target, optimisation, bounds });
    if (telemetry.listening) {
        const what = { path: source.path, target, milliseconds: performance.now() - started };
        telemetry.emit(
            cached === undefined
                ? { kind: "compile", ...what, bytes: output?.byteLength ?? 0, ok: output !== null }
                : { kind: "cache-hit", ...what, where: cached },
        );
    }
    if (output === null) {
        throw new CompileError(renderDiagnostics(diagnostics), diagnostics);
    }
    return { codeObject: output, warnings: diagnostics };
}
