// The catalogue in words: what `soma explain` prints of an entry, and the specification's list of all of them. What the
// compiler says about an entry's example, its remedy included, comes from compiling the example.

import { ENTRIES } from "../diagnostics/catalogue/index.js";
import type { AnyEntry } from "../diagnostics/entry.js";
import { renderDiagnostics } from "../diagnostics/render.js";
import { check, type ModuleLoader } from "../driver.js";

/** A longer example shows a limit; it would hide what it shows. */
const MAX_EXAMPLE = 400;

export function entriesByCode(): readonly AnyEntry[] {
    return [...ENTRIES].sort((a, b) => (a.code < b.code ? -1 : 1));
}

/** One entry at length, as text for a terminal. */
export function explainEntry(entry: AnyEntry, load: ModuleLoader, options: { readonly color: boolean }): string {
    const { code, severity, title, explanation } = entry;
    const parts = [`${severity}[${code}]: ${title}`, wrap(explanation, 100)];
    const report = reportOn(entry, load, options.color);
    if (report !== null)
        parts.push("For example:", indent(entry.example), "of which the compiler says:", indent(report));
    return `${parts.join("\n\n")}\n`;
}

/** The whole catalogue as Markdown: spec/diagnostics.md. */
export function referenceDocument(load: ModuleLoader): string {
    const lines = [
        "# Diagnostics",
        "",
        "Every error (`E`) and warning (`W`) of the compiler, as `soma explain CODE` prints them. Made from",
        "`compiler/diagnostics/catalogue` and from what the compiler says about the examples there; `npm run bless`",
        "brings this file up to date.",
    ];
    for (const entry of entriesByCode()) {
        const { code, severity, title, explanation } = entry;
        lines.push(
            "",
            `## ${code}: ${title}`,
            "",
            `${severity === "error" ? "An error." : "A warning."} ${explanation}`,
        );
        const report = reportOn(entry, load, false);
        if (report !== null) lines.push("", "```text", entry.example.trimEnd(), "```", "", "```text", report, "```");
    }
    return `${lines.join("\n")}\n`;
}

/** What the compiler says about an entry's example; null where there is no example for this stage of it. */
function reportOn({ code, example }: AnyEntry, load: ModuleLoader, color: boolean): string | null {
    if (example === "" || example.length > MAX_EXAMPLE) return null;
    const diagnostics = check({ path: "example.soma", text: example }, load);
    if (diagnostics[0]?.code !== code) return null;
    return renderDiagnostics(diagnostics, { color }).trimEnd();
}

function indent(text: string): string {
    return text.trimEnd().replace(/^(?=.)/gm, "    ");
}

function wrap(text: string, width: number): string {
    const lines: string[] = [];
    for (const word of text.split(" ")) {
        const line = lines.at(-1);
        if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] = `${line} ${word}`;
        else lines.push(word);
    }
    return lines.join("\n");
}
