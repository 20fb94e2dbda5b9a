// `soma build`: one source file to a code object, or to one of the stages on the way there.

import { extname } from "node:path";
import { loadCachedCodegen } from "../../cache/index.js";
import { compile, type Emit } from "../../driver.js";
import { loadModule } from "../../shell/modules.js";
import { type Denied, exitCodeOf, reportDiagnostics, withDenied } from "../diagnostics.js";
import { EXIT, UserError } from "../errors.js";
import { isSameFile, readSource, STANDARD_STREAM, writeAtomically } from "../files.js";
import { OPTIMISATION, type OptimisationText } from "../optimisation.js";
import { writeOut } from "../terminal.js";

export interface BuildOptions {
    readonly target: string;
    readonly output?: string;
    /** The optimisation level, as its flag is written. */
    readonly O: OptimisationText;
    readonly emit: Emit;
    readonly deny?: Denied;
}

const EXTENSIONS: Record<Emit, string> = { ir: ".ir", llvm: ".ll", asm: ".s", hsaco: ".hsaco" };

function defaultOutput(file: string, emit: Emit): string {
    const extension = extname(file);
    return `${extension === "" ? file : file.slice(0, -extension.length)}${EXTENSIONS[emit]}`;
}

export async function build(file: string, options: BuildOptions): Promise<number> {
    const output = options.output ?? defaultOutput(file, options.emit);
    if (output !== STANDARD_STREAM && (await isSameFile(file, output))) {
        throw new UserError(`the output ${output} is the source file itself`, "name another with -o");
    }
    const { target, emit } = options;
    const compiled = await compile(await readSource(file), loadModule, loadCachedCodegen(), {
        target,
        emit,
        optimisation: OPTIMISATION[options.O],
    });
    const diagnostics = withDenied(compiled.diagnostics, options.deny);
    reportDiagnostics(diagnostics);
    const exitCode = exitCodeOf(diagnostics);
    if (compiled.output === null || exitCode !== EXIT.ok) {
        return exitCode;
    }
    if (output === STANDARD_STREAM) {
        await writeOut(compiled.output);
    } else {
        await writeAtomically(output, compiled.output);
    }
    return EXIT.ok;
}
