// The checker's entry: from a source text to its typed program, or to what is wrong with it.

import type { Diagnostic, SourceFile } from "../diagnostics/diagnostic.js";
import { sortDiagnostics } from "../diagnostics/entry.js";
import type { ModuleLoader } from "../driver.js";
import { checkFunction, checkKernel } from "./bodies.js";
import type { Call } from "./context.js";
import { hasErrors, Modules } from "./modules.js";
import type { Kernel, Program } from "./program.js";
import { reach } from "./reach.js";

export interface CheckResult {
    /** Errors and warnings, in source order. */
    readonly diagnostics: readonly Diagnostic[];
    /** Null if there is an error. */
    readonly program: Program | null;
}

/** Checks a module with all of its functions, and of the modules that it imports what its kernels and functions reach. */
export function checkProgram(source: SourceFile, load: ModuleLoader): CheckResult {
    const modules = new Modules(load);
    const root = modules.root(source);
    const diagnostics = [...root.diagnostics];
    const kernels: Kernel[] = [];
    const fromKernels: Call[] = [];
    for (const item of root.kernels) {
        const { kernel, calls, diagnostics: found } = checkKernel(item, root, modules);
        diagnostics.push(...found);
        fromKernels.push(...calls);
        if (kernel !== null) kernels.push(kernel);
    }
    const ofModule = root.functions.map((record): Call => ({ callee: record, span: record.fn.span }));
    const callsOf = (record: Call["callee"]) => checkFunction(record, modules).calls;
    const everything = reach([...fromKernels, ...ofModule], callsOf);
    for (const record of everything.functions) diagnostics.push(...(record.checked?.diagnostics ?? []));
    diagnostics.push(...everything.cycles);

    const sorted = sortDiagnostics(diagnostics);
    if (hasErrors(sorted)) return { diagnostics: sorted, program: null };
    const functions = reach(fromKernels, callsOf).functions.map(({ fn }) => fn);
    return { diagnostics: sorted, program: { kernels, functions } };
}
