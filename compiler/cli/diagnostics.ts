// Diagnostics on standard error, as every command that compiles reports them.

import { codegenBug } from "../diagnostics/catalogue/codegen.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { renderDiagnostics } from "../diagnostics/render.js";
import { EXIT } from "./errors.js";
import { errorHasColor, writeError } from "./terminal.js";

/** What `--deny` takes. */
export type Denied = "warnings";

/** With `--deny warnings` every warning is an error. */
export function withDenied(diagnostics: readonly Diagnostic[], denied: Denied | undefined): readonly Diagnostic[] {
    return denied === undefined ? diagnostics : diagnostics.map((diagnostic) => ({ ...diagnostic, severity: "error" }));
}

/** Writes them, if there are any, and how many. */
export function reportDiagnostics(diagnostics: readonly Diagnostic[]): void {
    if (diagnostics.length === 0) {
        return;
    }
    const errors = diagnostics.filter((diagnostic) => diagnostic.severity === "error").length;
    const warnings = diagnostics.length - errors;
    writeError(renderDiagnostics(diagnostics, { color: errorHasColor() }).trimEnd());
    writeError(`\n${[...count(errors, "error"), ...count(warnings, "warning")].join(", ")}`);
}

function count(number: number, what: string): readonly string[] {
    return number === 0 ? [] : [`${number} ${what}${number === 1 ? "" : "s"}`];
}

/** The exit code that they come to. */
export function exitCodeOf(diagnostics: readonly Diagnostic[]): number {
    if (diagnostics.some((diagnostic) => diagnostic.code === codegenBug.code)) {
        return EXIT.bug;
    }
    return diagnostics.some((diagnostic) => diagnostic.severity === "error") ? EXIT.mistake : EXIT.ok;
}
