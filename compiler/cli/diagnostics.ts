// Diagnostics on standard error, as every command that compiles reports them.

import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { renderDiagnostics } from "../diagnostics/render.js";
import { errorHasColor, writeError } from "./terminal.js";

/** Writes them, if there are any, and how many. Says whether one is an error. */
export function reportDiagnostics(diagnostics: readonly Diagnostic[]): boolean {
    if (diagnostics.length === 0) {
        return false;
    }
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error").length;
    const warnings = diagnostics.length - errors;
    writeError(renderDiagnostics(diagnostics, { color: errorHasColor() }));
    writeError(`\n${[...count(errors, "error"), ...count(warnings, "warning")].join(", ")}`);
    return errors > 0;
}

function count(number: number, what: string): readonly string[] {
    return number === 0 ? [] : [`${number} ${what}${number === 1 ? "" : "s"}`];
}
