// Mutated source files for the front end: which text a number stands for, and what the lexer, the parser, the checker and
// the formatter must do with any text: end, without an exception, with diagnostics inside the file, and formatting what
// has no syntax error to something that formatting leaves as it is.

import { readdirSync, readFileSync } from "node:fs";
import { computeCall } from "../../compiler/constant-calls.js";
import { renderDiagnostics } from "../../compiler/diagnostics/render.js";
import { format } from "../../compiler/format/format.js";
import { checkProgram } from "../../compiler/sema/check.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { DEFAULT_TARGET } from "../../compiler/targets/targets.js";
import { withoutAnnotations } from "../golden/annotate.js";
import { mutate, random } from "../syntax/mutations.js";

const FOLDERS = ["samples/", "stdlib/", "test/design/", "test/golden/"];

/** The texts to begin with, those of our own repository. `root` is its folder. */
export function seeds(root: URL): string[] {
    return FOLDERS.flatMap((folder) =>
        readdirSync(new URL(folder, root), { recursive: true, encoding: "utf8" })
            .filter((name) => name.endsWith(".soma"))
            .sort()
            .map((name) => withoutAnnotations(readFileSync(new URL(folder + name, root), "utf8"))),
    );
}

/** The text of a number. Large files seldom: most of the time would go there. */
export function textOf(corpus: readonly string[], number: number): string {
    const below = random(number);
    let base = corpus[below(corpus.length)] as string;
    if (base.length > 8000 && below(10) !== 0) {
        const start = below(base.length - 4000);
        base = base.slice(base.lastIndexOf("\n\n", start) + 1, start + 4000);
    }
    if (below(8) === 0) base += `\n${corpus[below(corpus.length)]}`.slice(0, 8000);
    const text = mutate(base, number);
    return below(6) === 0 ? spoilBytes(text, below) : text;
}

/** Bytes changed at random, read as UTF-8 the way files are. */
function spoilBytes(text: string, below: (n: number) => number): string {
    const bytes = new TextEncoder().encode(text);
    for (let i = below(6); i >= 0 && bytes.length > 0; i--) bytes[below(bytes.length)] = below(256);
    return new TextDecoder().decode(bytes);
}

/** What is wrong with how the front end takes a text; null where nothing is. */
export function judge(text: string): string | null {
    try {
        const source = { path: "fuzzed.soma", text };
        const { diagnostics } = checkProgram(source, loadModule, DEFAULT_TARGET, computeCall);
        for (const { span, labels } of diagnostics) {
            for (const { file, start, end } of [span, ...labels.map((label) => label.span)]) {
                if (!(start >= 0 && end >= start && end <= file.text.length))
                    return `a place outside: ${start} to ${end}`;
            }
        }
        renderDiagnostics(diagnostics.slice(0, 10));
        const once = format(source);
        if (once.kind === "refused") return null;
        const twice = format({ ...source, text: once.text });
        if (twice.kind === "refused") return "what was formatted has a syntax error";
        return twice.text === once.text ? null : "formatting twice is not formatting once";
    } catch (error) {
        return error instanceof Error ? (error.stack ?? error.message) : String(error);
    }
}
