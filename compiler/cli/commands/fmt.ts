// `soma fmt`: brings source files into the one style, or with --check says which are not. A file with syntax errors stays
// as it is, and a file that is formatted already is not written.

import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { format } from "../../format/format.js";
import { reportDiagnostics } from "../diagnostics.js";
import { EXIT, UserError } from "../errors.js";
import { readSource, STANDARD_STREAM, writeAtomically } from "../files.js";
import { formatError, writeError, writeOut } from "../terminal.js";

export interface FmtOptions {
    readonly check?: boolean;
}

/** Formats every file, even behind one that cannot be. */
export async function fmt(files: readonly string[], { check = false }: FmtOptions): Promise<number> {
    const diagnostics: Diagnostic[] = [];
    let failed = false;
    for (const file of files) {
        try {
            const source = await readSource(file);
            const result = format(source);
            if (result.kind === "refused") {
                diagnostics.push(...result.diagnostics);
                writeError(formatError(`${source.path} has syntax errors and stays as it is`));
            } else if (check) {
                if (result.text === source.text) continue;
                failed = true;
                await writeOut(`${source.path}\n`);
            } else if (file === STANDARD_STREAM) {
                await writeOut(result.text);
            } else if (result.text !== source.text) {
                await writeAtomically(file, new TextEncoder().encode(result.text));
            }
        } catch (error) {
            if (!(error instanceof UserError)) throw error;
            writeError(formatError(error.message, error.help));
            failed = true;
        }
    }
    reportDiagnostics(diagnostics);
    return failed || diagnostics.length > 0 ? EXIT.mistake : EXIT.ok;
}
