// `soma check`: the mistakes in source files, as text for people or as JSON for programs.

import { type Diagnostic, isNowhere } from "../../diagnostics/diagnostic.js";
import { check as checkSource } from "../../driver.js";
import { loadModule } from "../../shell/modules.js";
import { type Denied, exitCodeOf, reportDiagnostics, withDenied } from "../diagnostics.js";
import { EXIT, UserError } from "../errors.js";
import { readSource } from "../files.js";
import { formatError, writeError, writeOut } from "../terminal.js";

export interface CheckOptions {
    readonly json?: boolean;
    readonly deny?: Denied;
    readonly target?: string;
}

/** Checks every file, even behind one that cannot be read. */
export async function check(files: readonly string[], options: CheckOptions): Promise<number> {
    const diagnostics: Diagnostic[] = [];
    let unreadable = false;
    for (const file of files) {
        try {
            const found = checkSource(await readSource(file), loadModule, options.target);
            diagnostics.push(...withDenied(found, options.deny));
            // What is about no file, such as an unknown target, is the same for all.
            if (found.some(({ span }) => isNowhere(span))) {
                break;
            }
        } catch (error) {
            if (!(error instanceof UserError)) {
                throw error;
            }
            writeError(formatError(error.message, error.help));
            unreadable = true;
        }
    }
    if (options.json) {
        const { diagnosticToJson } = await import("../../diagnostics/json.js");
        await writeOut(`${JSON.stringify(diagnostics.map(diagnosticToJson), null, 4)}\n`);
    } else {
        reportDiagnostics(diagnostics);
    }
    return unreadable ? EXIT.mistake : exitCodeOf(diagnostics);
}
