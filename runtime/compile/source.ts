// Compiling source for a device, in this thread. Everything here can be sent to another thread.

import { loadCachedCodegen } from "../../compiler/cache/index.js";
import type { Bounds, Codegen, CodegenResult, OptimisationLevel } from "../../compiler/codegen.js";
import type { Diagnostic, SourceFile } from "../../compiler/diagnostics/diagnostic.js";
import { compile } from "../../compiler/driver.js";
import type { Specialisation } from "../../compiler/sema/specialise.js";
import { loadModule } from "../../compiler/shell/modules.js";
import type { CodeObjectVersion } from "../../compiler/targets/targets.js";
import { targetOfDevice } from "../target-of-device.js";
import type { Dependency } from "./dependencies.js";

export interface CompileRequest {
    readonly source: SourceFile;
    /** The device's target. */
    readonly device: string;
    readonly optimisation: OptimisationLevel;
    readonly bounds: Bounds | undefined;
    readonly codeObjectVersion: CodeObjectVersion | undefined;
    readonly specialisation: Specialisation;
}

export interface CompileOutcome {
    /** Null where a diagnostic is an error. */
    readonly output: Uint8Array | null;
    readonly diagnostics: readonly Diagnostic[];
    readonly target: string;
    /** Where the compiler's cache had the code. */
    readonly cached: CodegenResult["cached"];
    /** Without the standard library's modules, which stay as they are. */
    readonly dependencies: readonly Dependency[];
}

/** @throws CodegenUnavailableError */
export async function compileHere(request: CompileRequest): Promise<CompileOutcome> {
    const { source, device, optimisation, bounds, codeObjectVersion, specialisation } = request;
    const target = targetOfDevice(device);
    const codegen = loadCachedCodegen();
    let cached: CodegenResult["cached"];
    const observed: Codegen = {
        version: codegen.version,
        async generate(ir, options) {
            const result = await codegen.generate(ir, options);
            cached = result.cached;
            return result;
        },
    };
    const dependencies: Dependency[] = [];
    const load = (name: string, importer: SourceFile) => {
        const found = loadModule(name, importer);
        if (name.endsWith(".soma")) dependencies.push({ name, importer, found });
        return found;
    };
    const options = { target, optimisation, bounds, codeObjectVersion, specialisation };
    const { diagnostics, output } = await compile(source, load, observed, options);
    return { output, diagnostics, target, cached, dependencies };
}
