// `soma build`: one source file to a code object, to a bundle of them for several targets, or to one of the stages on the
// way there; once, or again at every change.

import { availableParallelism } from "node:os";
import { basename, dirname, extname, relative, sep } from "node:path";
import { writeBundle } from "../../../codeobject/bundle.js";
import { readCodeObject } from "../../../codeobject/codeobject.js";
import type { Manifest } from "../../../codeobject/manifest.js";
import { loadCachedCodegen } from "../../cache/index.js";
import type { Bounds } from "../../codegen.js";
import type { Diagnostic, SourceFile } from "../../diagnostics/diagnostic.js";
import { type CompileOptions, type CompileResult, compile, type Emit } from "../../driver.js";
import { HOST_LANGUAGES, type HostLanguageName, isHostLanguage } from "../../hosts/hosts.js";
import { PIPELINE } from "../../passes/pipeline.js";
import { loadCodegen } from "../../shell/codegen.js";
import { compileIsolated } from "../../shell/isolated/compile.js";
import { loadModule } from "../../shell/modules.js";
import {
    CODE_OBJECT_VERSIONS,
    type CodeObjectFormat,
    type CodeObjectVersion,
    codeObjectFormat,
    findTarget,
} from "../../targets/targets.js";
import { dependencyRule, RecordingLoader } from "../dependencies.js";
import { type Denied, exitCodeOf, reportDiagnostics, withDenied } from "../diagnostics.js";
import { EXIT, UsageError, UserError } from "../errors.js";
import { isSameFile, readSource, STANDARD_STREAM, writeAtomically } from "../files.js";
import { type Inspection, inspectCodeObject } from "../inspection.js";
import { mapLimited } from "../limited.js";
import { OPTIMISATION, type OptimisationText } from "../optimisation.js";
import { formatReport } from "../report.js";
import { sourceLines } from "../source-lines.js";
import { specialisationOf } from "../specialisation.js";
import { formatNote, writeError, writeOut } from "../terminal.js";
import { watchFiles } from "../watch.js";

export interface BuildOptions {
    /** One target, or several with commas between. */
    readonly target: string;
    readonly output?: string;
    /** The optimisation level, as its flag is written. */
    readonly O: OptimisationText;
    readonly bounds?: Bounds;
    /** Default: the target's code object. */
    readonly emit?: Emit | HostLanguageName;
    readonly codeObjectVersion?: `${CodeObjectVersion}`;
    readonly deny?: Denied;
    /** Values of constants and of dimensions, each as `NAME=VALUE`. */
    readonly const?: readonly string[];
    readonly dim?: readonly string[];
    /** Targets that are compiled at once. */
    readonly jobs?: string;
    /** True: beside the output. */
    readonly MD?: true | string;
    /** True: beside the output. */
    readonly sourceMap?: true | string;
    readonly report?: boolean;
    /** The file of the report as data. */
    readonly reportJson?: string;
    readonly watch?: boolean;
    readonly verify?: boolean;
    readonly disable?: readonly string[];
    readonly printAfter?: readonly string[];
    readonly timePasses?: boolean;
    readonly isolated?: boolean;
}

const EXTENSIONS: Record<Emit | HostLanguageName, string> = {
    cpp: HOST_LANGUAGES.cpp.extension,
    python: HOST_LANGUAGES.python.extension,
    layouts: ".layouts.txt",
    "layouts-svg": ".svg",
    ir: ".ir",
    header: ".h",
    llvm: ".ll",
    asm: ".s",
    hsaco: ".hsaco",
    ptx: ".ptx",
};

interface Job {
    readonly file: string;
    readonly output: string;
    readonly targets: readonly string[];
    readonly jobs: number;
    readonly options: BuildOptions;
}

export async function build(file: string, options: BuildOptions): Promise<number> {
    const job = planned(file, options);
    if (job.output !== STANDARD_STREAM && (await isSameFile(file, job.output))) {
        throw new UserError(`the output ${job.output} is the source file itself`, "name another with -o");
    }
    if (!options.watch) return (await buildOnce(job)).exitCode;
    return watchFiles(async () => {
        const { exitCode, files } = await buildOnce(job);
        writeError(exitCode === EXIT.ok ? `wrote ${job.output}` : "waiting for a change");
        return files;
    });
}

function planned(file: string, options: BuildOptions): Job {
    const targets = [...new Set(options.target.split(",").map((name) => name.trim()))].filter((name) => name !== "");
    if (targets.length === 0) throw new UsageError("--target names no target");
    const { emit = formatOf(targets) } = options;
    if (isHostLanguage(emit) && formatOf(targets) !== "hsaco") {
        throw new UsageError(`--emit ${emit} is for AMD's GPUs: it launches by HIP`);
    }
    if (targets.length > 1 && emit !== "hsaco" && !isHostLanguage(emit)) {
        const what = options.emit === undefined ? "code for an NVIDIA GPU" : `--emit ${emit}`;
        throw new UsageError(`${what} takes one target`, "only AMD's code objects can be bundled");
    }
    if (asksForReport(options) && emit !== "hsaco") {
        throw new UsageError(
            "a report (--report, --report-json) needs a code object of AMD's: leave out --emit; PTX has no registers given out yet",
        );
    }
    if (options.sourceMap !== undefined && emit !== "asm" && emit !== "llvm" && emit !== "ptx") {
        throw new UsageError("--source-map is for text: write --emit asm or --emit llvm", "code objects have DWARF");
    }
    const watched = options.MD ?? options.watch ?? options.printAfter ?? options.timePasses;
    if (options.isolated && watched !== undefined) {
        throw new UsageError("--isolated goes without --MD, --watch, --print-after and --time-passes");
    }
    requirePasses([...(options.disable ?? []), ...(options.printAfter ?? [])]);
    const output = options.output ?? defaultOutput(file, emit);
    if (output === STANDARD_STREAM && options.MD === true) {
        throw new UsageError("--MD needs the name of a file where the output has none", "write --MD FILE");
    }
    if (output === STANDARD_STREAM && options.sourceMap === true) {
        throw new UsageError(
            "--source-map needs the name of a file where the output has none",
            "write --source-map FILE",
        );
    }
    if (options.watch && (file === STANDARD_STREAM || output === STANDARD_STREAM)) {
        throw new UsageError("--watch needs files: standard input and output can't be watched");
    }
    const jobs = options.jobs === undefined ? availableParallelism() : Number(options.jobs);
    if (!Number.isInteger(jobs) || jobs < 1) throw new UsageError(`-j takes a number from 1, not ${options.jobs}`);
    return { file, output, targets, jobs, options };
}

function asksForReport({ report, reportJson }: BuildOptions): boolean {
    return report === true || reportJson !== undefined;
}

/** `ptx` where it is for an NVIDIA GPU; unknown targets are the compiler's to report. */
function formatOf(targets: readonly string[]): CodeObjectFormat {
    const formats = targets.map((name) => findTarget(name)).map((target) => target && codeObjectFormat(target));
    return formats.find((format) => format === "ptx") ?? "hsaco";
}

function defaultOutput(file: string, emit: keyof typeof EXTENSIONS): string {
    const extension = extname(file);
    return `${extension === "" ? file : file.slice(0, -extension.length)}${EXTENSIONS[emit]}`;
}

function requirePasses(names: readonly string[]): void {
    const known = [...new Set(PIPELINE.map(({ name }) => name))];
    const unknown = names.find((name) => !known.includes(name));
    if (unknown !== undefined) throw new UserError(`there is no pass ${unknown}`, `the passes are ${known.join(", ")}`);
}

interface Built {
    readonly exitCode: number;
    /** What was read: the source and its imports. */
    readonly files: readonly string[];
}

async function buildOnce({ file, output, targets, jobs, options }: Job): Promise<Built> {
    const source = await readSource(file);
    const loader = new RecordingLoader(loadModule);
    const results = await mapLimited(targets, jobs, (target) => compileFor(source, loader, target, options));
    const files = [file, ...loader.paths()];

    const diagnostics = withDenied(withoutRepeats(results.flatMap((result) => result.diagnostics)), options.deny);
    reportDiagnostics(diagnostics);
    for (const note of new Set(results.flatMap(({ notes = [] }) => notes))) writeError(formatNote(note));
    const exitCode = exitCodeOf(diagnostics);
    const outputs = results.flatMap((result) => (result.output === null ? [] : [result.output]));
    const [first] = outputs;
    if (first === undefined || outputs.length < targets.length || exitCode !== EXIT.ok) return { exitCode, files };

    const bundled = () => targets.map((target, index) => ({ target, codeObject: outputs[index] ?? first }));
    const codeObject = outputs.length === 1 ? first : writeBundle(bundled());
    const data = isHostLanguage(options.emit) ? hostText(options.emit, source, results, codeObject) : codeObject;
    await (output === STANDARD_STREAM ? writeOut(data) : writeAtomically(output, data));
    if (options.MD !== undefined) await writeDependencies(options.MD, output, files);
    if (options.sourceMap !== undefined) await writeSourceMap(options, output, first, source);
    if (asksForReport(options)) await report(outputs, source, options);
    return { exitCode: EXIT.ok, files };
}

function compileFor(
    source: SourceFile,
    loader: RecordingLoader,
    target: string,
    options: BuildOptions,
): Promise<CompileResult> {
    const { emit } = options;
    const plain = {
        target,
        ...(emit && !isHostLanguage(emit) && { emit }),
        optimisation: OPTIMISATION[options.O],
        bounds: options.bounds,
        ...(options.codeObjectVersion && { codeObjectVersion: codeObjectVersionOf(options.codeObjectVersion) }),
        specialisation: specialisationOf(options.const, options.dim),
        verify: options.verify ?? false,
        disable: options.disable ?? [],
    };
    if (options.isolated) return compileIsolated(source, plain, {}, undefined);
    return compile(source, loader.load, loadCachedCodegen(), {
        ...plain,
        ...watchPasses(options),
    });
}

function codeObjectVersionOf(text: `${CodeObjectVersion}`): CodeObjectVersion | undefined {
    return CODE_OBJECT_VERSIONS.find((version) => String(version) === text);
}

/** One text launches the code of all targets, so that the kernels must be launched alike on all of them. */
function hostText(
    language: HostLanguageName,
    source: SourceFile,
    results: readonly CompileResult[],
    codeObject: Uint8Array,
): Uint8Array {
    const [manifest, ...others] = results.flatMap((result) => result.manifest ?? []);
    if (manifest === undefined) throw new Error("a code object without a manifest");
    const interfaceOf = ({ kernels, reports }: Manifest) => JSON.stringify([kernels, reports]);
    const other = others.find((each) => interfaceOf(each) !== interfaceOf(manifest));
    if (other !== undefined) {
        throw new UserError(
            `the kernels are launched otherwise on ${other.target} than on ${manifest.target}`,
            "build a file for each of these targets",
        );
    }
    const target = [manifest, ...others].map((each) => each.target).join(", ");
    const name = basename(source.path, extname(source.path));
    return new TextEncoder().encode(HOST_LANGUAGES[language].text({ ...manifest, target }, name, codeObject));
}

/** Reports on standard error: the IR after passes that were asked for, and what each pass and stage took. */
function watchPasses({ printAfter = [], timePasses }: BuildOptions): Pick<CompileOptions, "onPass" | "onStage"> {
    let last = performance.now();
    const print = (milliseconds: number, what: string) =>
        process.stderr.write(`${milliseconds.toFixed(2).padStart(9)} ms  ${what}\n`);
    const report = (what: string) => {
        if (timePasses) print(performance.now() - last, what);
        last = performance.now();
    };
    return {
        onPass: (pass, text) => {
            report(`pass ${pass}`);
            if (printAfter.includes(pass)) process.stderr.write(`// after ${pass}\n${text()}`);
        },
        onStage: (stage, steps = {}) => {
            report(stage);
            if (!timePasses) return;
            for (const [step, milliseconds] of Object.entries(steps)) print(milliseconds, `  LLVM: ${step}`);
        },
    };
}

/** What every target's compilation says is said once. */
function withoutRepeats(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
    const seen = new Set<string>();
    return diagnostics.filter(({ code, message, span, labels }) => {
        const spans = [span, ...labels.map((label) => label.span)];
        const key = JSON.stringify([code, message, spans.map(({ file, start, end }) => [file.path, start, end])]);
        return !seen.has(key) && seen.add(key);
    });
}

async function writeDependencies(where: true | string, output: string, files: readonly string[]): Promise<void> {
    const path = where === true ? `${output}.d` : where;
    await writeAtomically(path, new TextEncoder().encode(dependencyRule(output, files)));
}

/** Beside the output, and with the sources' names relative to itself, as a source map has them. */
async function writeSourceMap(options: BuildOptions, output: string, text: Uint8Array, source: SourceFile) {
    const { sourceMap } = await import("../source-map.js");
    const path = options.sourceMap === true ? `${output}.map` : (options.sourceMap ?? "");
    const resolve = (name: string) =>
        name.startsWith("std.") ? name : relative(dirname(path), name).split(sep).join("/");
    const content = (name: string) => (name === source.path ? source.text : undefined);
    const kind = options.emit === "llvm" ? "llvm" : "asm";
    const map = sourceMap(new TextDecoder().decode(text), kind, basename(output), resolve, content);
    await writeAtomically(path, new TextEncoder().encode(map));
}

async function report(codeObjects: readonly Uint8Array[], source: SourceFile, options: BuildOptions): Promise<void> {
    const inspections: Inspection[] = [];
    for (const bytes of codeObjects) {
        const codeObject = readCodeObject(bytes);
        if (codeObject.format !== "hsaco") continue;
        inspections.push(inspectCodeObject(codeObject, await loadCodegen().disassemble(bytes)));
    }
    const sourceLine = sourceLines(source);
    if (options.report) {
        for (const inspection of inspections) process.stderr.write(`${await formatReport(inspection, sourceLine)}\n`);
    }
    if (options.reportJson !== undefined) {
        const json = JSON.stringify(inspections.length === 1 ? inspections[0] : inspections, null, 4);
        await writeAtomically(options.reportJson, new TextEncoder().encode(`${json}\n`));
    }
}
