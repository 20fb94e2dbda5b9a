// Programs for tests of the IR, and their modules before the passes.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { computeCall } from "../../compiler/constant-calls.js";
import type { IrModule } from "../../compiler/ir/module.js";
import { lowerProgram } from "../../compiler/lower/lower.js";
import { BUILTINS } from "../../compiler/sema/builtins.js";
import { checkProgram } from "../../compiler/sema/check.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";

/** The IR of a program without errors, as it leaves the lowering. */
export function lowered(text: string, path = "test.soma"): IrModule {
    const { program, diagnostics } = checkProgram({ path, text }, loadModule, DEFAULT_TARGET, computeCall);
    if (!program) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    return lowerProgram(program);
}

/** Every sample, by its name. */
export function samplePrograms(): readonly (readonly [name: string, text: string])[] {
    const folder = join(packageRoot(), "samples", "aura");
    const files = readdirSync(folder).filter((file) => file.endsWith(".soma"));
    return files.map((file) => [file, readFileSync(join(folder, file), "utf8")] as const);
}

/** Calls each function of the library once with each type that it has, so that all of it is reached. */
export function libraryProgram(): string {
    const calls = [...BUILTINS.values()].flatMap(({ name, params, types }) =>
        Object.entries(types)
            .filter(([, realisation]) => realisation === "library")
            .map(([type]) => {
                const args = params.map((_param, at) => `x[${at}] as ${type}`).join(", ");
                return `    y[0] += ${name}(${args}) as f64`;
            }),
    );
    return `kernel library(x: f64[n], y: mut f64[1]) groups 1 workgroup(1) {\n${calls.join("\n")}\n}\n`;
}
