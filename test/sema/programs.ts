// Helpers for tests of the front end: loads the standard library, checks texts, and finds nodes in what comes out.

import { computeCall } from "../../compiler/constant-calls.js";
import { renderDiagnostics } from "../../compiler/diagnostics/render.js";
import { type CheckResult, checkProgram } from "../../compiler/sema/check.js";
import type { Program } from "../../compiler/sema/program.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";

export function check(text: string, load = loadModule): CheckResult {
    return checkProgram({ path: "test.soma", text }, load, DEFAULT_TARGET, computeCall);
}

/** The codes of what is wrong with a text, in source order. */
export function codes(text: string, load = loadModule): string[] {
    return check(text, load).diagnostics.map(({ code }) => code);
}

/** The program of a text without a mistake. */
export function programOf(text: string): Program {
    const { diagnostics, program } = check(text);
    if (program === null) throw new Error(renderDiagnostics(diagnostics));
    return program;
}

/** Every object in a typed program that the predicate accepts, outermost first; functions of calls are not entered. */
export function nodes<T extends object>(root: object, accepts: (node: object) => node is T): T[] {
    const found: T[] = [];
    const visit = (value: unknown) => {
        if (typeof value !== "object" || value === null) return;
        if (accepts(value)) found.push(value);
        for (const [key, part] of Object.entries(value)) if (!["span", "callee", "local"].includes(key)) visit(part);
    };
    visit(root);
    return found;
}
