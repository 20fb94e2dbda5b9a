// `soma types`: a declaration file beside each source file, so that editors and tsc check calls of imported kernels.

import { CompileError } from "../../../runtime/errors.js";
import { declaresKernels, writeDeclarations } from "../../bundler/declaration-file.js";
import { declarationPath } from "../../bundler/declarations.js";
import { readSourceModule } from "../../bundler/source-module.js";
import { exitCodeOf, reportDiagnostics } from "../diagnostics.js";
import { EXIT, UsageError, UserError } from "../errors.js";
import { formatError, writeError } from "../terminal.js";

export interface TypesOptions {
    /** Writes nothing, and fails where something would have to be written. */
    readonly check?: boolean;
}

/** Goes on behind a file with errors; the exit code is the worst. */
export async function types(files: readonly string[], options: TypesOptions): Promise<number> {
    const other = files.find((file) => !file.endsWith(".soma"));
    if (other !== undefined) throw new UsageError(`${other} is no source file: its name does not end in .soma`);
    let worst: number = EXIT.ok;
    for (const file of files) worst = Math.max(worst, await typesOf(file, options));
    return worst;
}

async function typesOf(file: string, { check = false }: TypesOptions): Promise<number> {
    try {
        const { kernels, warnings } = await readSourceModule(file);
        reportDiagnostics(warnings);
        if (!check) {
            await writeDeclarations(file, kernels);
        } else if (!(await declaresKernels(file, kernels))) {
            throw new UserError(
                `${declarationPath(file)} is not what ${file} declares`,
                `write it with \`soma types ${file}\``,
            );
        }
        return EXIT.ok;
    } catch (error) {
        if (error instanceof CompileError) {
            reportDiagnostics(error.diagnostics);
            return exitCodeOf(error.diagnostics);
        }
        if (!(error instanceof UserError)) throw error;
        writeError(formatError(error.message, error.help));
        return EXIT.mistake;
    }
}
