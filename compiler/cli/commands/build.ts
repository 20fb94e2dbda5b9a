// `soma build`: one source file to a code object, or to one of the stages on the way there.

import { extname } from "node:path";
import { loadCachedCodegen } from "../../cache/index.js";
import { type CompileOptions, compile, type Emit } from "../../driver.js";
import { PIPELINE } from "../../passes/pipeline.js";
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
    readonly verify?: boolean;
    readonly disable?: readonly string[];
    readonly printAfter?: readonly string[];
    readonly timePasses?: boolean;
}

const EXTENSIONS: Record<Emit, string> = { ir: ".ir", llvm: ".ll", asm: ".s", hsaco: ".hsaco" };

function defaultOutput(file: string, emit: Emit): string {
    const extension = extname(file);
    return `${extension === "" ? file : file.slice(0, -extension.length)}${EXTENSIONS[emit]}`;
}

function requirePasses(names: readonly string[]): void {
    const known = PIPELINE.map(({ name }) => name);
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) throw new UserError(`there is no pass ${unknown}`, `the passes are ${known.join(", ")}`);
}

/** Reports on standard error: the IR after passes that were asked for, and what each pass and stage took. */
function watchPasses({ printAfter = [], timePasses }: BuildOptions): Pick<CompileOptions, "onPass" | "onStage"> {
    let last = performance.now();
    const report = (what: string) => {
        const now = performance.now();
        if (timePasses) process.stderr.write(`${(now - last).toFixed(2).padStart(9)} ms  ${what}\n`);
        last = performance.now();
    };
    return {
        onPass: (pass, text) => {
            report(`pass ${pass}`);
            if (printAfter.includes(pass)) process.stderr.write(`// after ${pass}\n${text()}`);
        },
        onStage: report,
    };
}

export async function build(file: string, options: BuildOptions): Promise<number> {
    const output = options.output ?? defaultOutput(file, options.emit);
    if (output !== STANDARD_STREAM && (await isSameFile(file, output))) {
        throw new UserError(`the output ${output} is the source file itself`, "name another with -o");
    }
    requirePasses([...(options.disable ?? []), ...(options.printAfter ?? [])]);
    const { target, emit } = options;
    const compiled = await compile(await readSource(file), loadModule, loadCachedCodegen(), {
        target,
        emit,
        optimisation: OPTIMISATION[options.O],
        verify: options.verify ?? false,
        disable: options.disable ?? [],
        ...watchPasses(options),
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
