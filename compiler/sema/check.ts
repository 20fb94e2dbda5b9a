// The checker's entry: from a source text to its typed program, or to what is wrong with it.

import type { Diagnostic, SourceFile } from "../diagnostics/diagnostic.js";
import { sortDiagnostics } from "../diagnostics/entry.js";
import type { ModuleLoader } from "../driver.js";
import { DEFAULT_TARGET, type Target } from "../targets/targets.js";
import { checkFunction, checkKernel } from "./bodies.js";
import { type ComputeCall, ConstantCalls } from "./constant-calls.js";
import type { Call } from "./context.js";
import { checkDefinitions, ofFunction, ofKernel } from "./definitions.js";
import { hasErrors, Modules, requireSound } from "./modules.js";
import type { Program } from "./program.js";
import { reach } from "./reach.js";
import type { Specialisation } from "./specialise.js";
import { unknownTypesOnce } from "./unknown-names.js";
import { withoutMisspelt } from "./unused.js";

export interface CheckResult {
    /** Errors and warnings, in source order. */
    readonly diagnostics: readonly Diagnostic[];
    /** Null if there is an error. */
    readonly program: Program | null;
}

/**
 * Checks a module with all of its functions, and of the modules that it imports what its kernels and functions reach.
 * `target` is what conditions on the target ask; without `compute`, constants can't call functions;
 * `specialisation` is for the module itself, not for what it imports.
 */
export function checkProgram(
    source: SourceFile,
    load: ModuleLoader,
    target: Target = DEFAULT_TARGET,
    compute: ComputeCall | null = null,
    specialisation: Specialisation = {},
): CheckResult {
    const constantCalls = compute && new ConstantCalls(compute, (record) => checkFunction(record, modules));
    const modules: Modules = new Modules(load, target, constantCalls);
    const root = modules.root(source, specialisation);
    const generic = checkDefinitions(root, modules);
    const checked = root.kernelInstances.map((instance) => {
        const kernel = checkKernel(instance, modules);
        return { ...kernel, diagnostics: ofKernel(instance, kernel.diagnostics, generic) };
    });
    const fromKernels = checked.flatMap(({ calls }) => calls);
    const ofModule = root.functions.map((record): Call => ({ callee: record, span: record.fn.span }));
    const callsOf = (record: Call["callee"]) => checkFunction(record, modules).calls;
    const roots = [...fromKernels, ...modules.calls, ...ofModule, ...generic.samples];
    const everything = reach(roots, callsOf);
    const calls = [...roots, ...everything.functions.flatMap((record) => record.checked?.calls ?? [])];
    const all = sortDiagnostics([
        ...root.diagnostics,
        ...modules.problems,
        ...generic.diagnostics,
        ...checked.flatMap((kernel) => kernel.diagnostics),
        ...everything.functions.flatMap((record) =>
            ofFunction(record, record.checked?.diagnostics ?? [], calls, generic),
        ),
        ...everything.cycles,
    ]);
    const isGenerated = ({ span }: Diagnostic) => modules.generated.has(span.file);
    requireSound(all.filter(isGenerated));
    const ofUser = all.filter((diagnostic) => !isGenerated(diagnostic));
    const diagnostics = withoutMisspelt(unknownTypesOnce(ofUser, modules.itemsOf));
    if (hasErrors(diagnostics)) return { diagnostics, program: null };
    const kernels = checked.map(({ kernel }) => kernel).filter((kernel) => kernel !== null);
    const networks = root.networks.map(({ manifest }) => manifest);
    const functions = reach(fromKernels, callsOf).functions.map(({ fn }) => fn);
    return { diagnostics, program: { kernels, functions, networks } };
}
