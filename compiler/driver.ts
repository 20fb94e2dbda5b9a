// compile(): the whole way from text to code object, readable top to bottom.

import type { KernelManifest, Manifest } from "../codeobject/manifest.js";
import {
    type Bounds,
    type Codegen,
    type CodegenMessage,
    type CodegenResult,
    defaultBounds,
    type OptimisationLevel,
} from "./codegen.js";
import { computeCall } from "./constant-calls.js";
import {
    codegenBug,
    codegenWarning,
    otherFormat,
    otherVersion,
    refusedByLlvm,
    spilledRegisters,
    tooMuchShared,
    unknownTarget,
} from "./diagnostics/catalogue/codegen.js";
import { type Diagnostic, NOWHERE, type SourceFile } from "./diagnostics/diagnostic.js";
import { diagnose } from "./diagnostics/entry.js";
import { nearest } from "./diagnostics/suggestions.js";
import { emitModule, emitParts } from "./emit/emit.js";
import { cHeader } from "./hosts/c-header.js";
import { moduleContents } from "./ir/contents.js";
import type { IrModule } from "./ir/module.js";
import { printModule } from "./ir/print.js";
import { sharedBytes } from "./ir/shared.js";
import { verifyModule } from "./ir/verify/verify.js";
import { reportLimits } from "./lower/limits.js";
import { lowerProgram } from "./lower/lower.js";
import { kernelsOf, manifestOf } from "./lower/manifest.js";
import { drawSvg, drawText } from "./matrix/draw.js";
import { lowerTiles } from "./matrix/lower.js";
import type { Pass } from "./passes/pass.js";
import { OPTIMISING, runPasses } from "./passes/pipeline.js";
import { checkProgram } from "./sema/check.js";
import type { Specialisation } from "./sema/specialise.js";
import { sourcesOf, spanAt } from "./sources.js";
import { targetsThat } from "./targets/having.js";
import {
    type CodeObjectFormat,
    type CodeObjectVersion,
    codeObjectFormat,
    DEFAULT_TARGET,
    findTarget,
    TARGETS,
    type Target,
} from "./targets/targets.js";
import { COMPILER } from "./version.js";

/**
 * Finds the text of an imported module; `name` is as written: `std.math`, a path from the importing file that begins with
 * `./` or `../`, or one that begins with a package's name. Its `path` says which module it is. Undefined where there is
 * none.
 */
export type ModuleLoader = (name: string, importer: SourceFile) => SourceFile | undefined;

/**
 * What to stop at: the layouts of tiles, as text or drawn, Soma's IR, a C header for hosts, LLVM IR before LLVM's passes,
 * assembly, or a code object of AMD's or NVIDIA's.
 */
export type Emit = "layouts" | "layouts-svg" | "ir" | "header" | "llvm" | "asm" | CodeObjectFormat;

/** The stages of a compile, in order: each is reported when it is done. */
export type Stage = "check" | "lower" | "passes" | "emit" | "codegen";

export interface CompileOptions {
    /** A target of `targets/`, such as `gfx1100` or `sm_90`. */
    readonly target: string;
    /** Default 3. */
    readonly optimisation?: OptimisationLevel;
    /** Whether a kernel stops at an access out of bounds and says where. Default `checked` at 0, else `unchecked`. */
    readonly bounds?: Bounds | undefined;
    /** Values of constants and dimensions to compile for. */
    readonly specialisation?: Specialisation;
    /** Default: the target's code object. */
    readonly emit?: Emit;
    /** Of AMD's code objects. Default 5; 6 for generic targets, which have no other, and which ROCm takes from 6.3 on. */
    readonly codeObjectVersion?: CodeObjectVersion | undefined;
    /** Verifies the IR after the lowering and after every pass; a finding is an exception. Default false. */
    readonly verify?: boolean;
    /** Names of passes over the IR to leave out. Default none. */
    readonly disable?: readonly string[];
    /** Called after each pass over the IR with its name; `text` gives the IR as it is then. */
    readonly onPass?: (pass: string, text: () => string) => void;
    /** Called at the end of each stage, for whoever measures time; `steps` are the code generator's own. */
    readonly onStage?: (stage: Stage, steps?: CodegenResult["timings"]) => void;
}

export interface CompileResult {
    /** Errors and warnings in source order. With an error in it, `output` and `manifest` are null. */
    readonly diagnostics: readonly Diagnostic[];
    /** UTF-8 text or the code object, as `emit` says. */
    readonly output: Uint8Array | null;
    readonly manifest: Manifest | null;
    /** What the compiler decided that its user may want to know, a sentence each. */
    readonly notes?: readonly string[];
}

/** Syntax, names and types only, as for a target: conditions on it choose what is checked. */
export function check(source: SourceFile, load: ModuleLoader, target = DEFAULT_TARGET.name): readonly Diagnostic[] {
    const found = findTarget(target);
    if (!found) return [reportTarget(target)];
    const { diagnostics, program } = checkProgram(source, load, found, computeCall);
    return program ? [...diagnostics, ...reportLimits(program, found)] : diagnostics;
}

/** What a module's kernels are called with. */
export interface Description {
    /** Errors and warnings in source order. With an error in it, `kernels` is null. */
    readonly diagnostics: readonly Diagnostic[];
    readonly kernels: readonly KernelManifest[] | null;
}

/** Checks a module and tells what its kernels take, without generating code: for imports and declarations. */
export function describe(
    source: SourceFile,
    load: ModuleLoader,
    target = DEFAULT_TARGET.name,
    specialisation: Specialisation = {},
): Description {
    const found = findTarget(target) ?? DEFAULT_TARGET;
    const { diagnostics, program } = checkProgram(source, load, found, computeCall, specialisation);
    return { diagnostics, kernels: program && kernelsOf(program) };
}

/** Compiles one module and what it imports. An unknown target is a diagnostic that lists those there are. */
export async function compile(
    source: SourceFile,
    load: ModuleLoader,
    codegen: Codegen,
    options: CompileOptions,
): Promise<CompileResult> {
    const { optimisation = 3, verify = false, disable = [] } = options;
    const { onStage = () => undefined, onPass = () => undefined } = options;
    const target = findTarget(options.target);
    if (!target) return failed([reportTarget(options.target)]);
    const format = codeObjectFormat(target);
    const { emit = format } = options;
    if ((emit === "hsaco" || emit === "ptx") && emit !== format) {
        return failed([diagnose(otherFormat, NOWHERE, { target: target.name, emit, format })]);
    }

    const versions = target.backend === "amdgpu" ? target.codeObjectVersions : [];
    const { codeObjectVersion = versions[0] } = options;
    if (codeObjectVersion !== undefined && !versions.includes(codeObjectVersion)) {
        return failed([diagnose(otherVersion, NOWHERE, { target: target.name, version: codeObjectVersion, versions })]);
    }

    const { diagnostics, program } = checkProgram(source, load, target, computeCall, options.specialisation);
    const beyond = program ? reportLimits(program, target) : [];
    onStage("check");
    if (!program || beyond.length > 0) return failed([...diagnostics, ...beyond]);

    const module = lowerProgram(program, options.bounds ?? defaultBounds(optimisation));
    if (verify) expectValid(module, "lowering");
    onPass("lowering", () => printModule(module));
    const { reports: tiles, diagnostics: refused } = lowerTiles(module, target);
    if (refused.length > 0) return failed([...diagnostics, ...refused]);
    if (verify) expectValid(module, "tiles");
    onPass("tiles", () => printModule(module));
    onStage("lower");

    const afterPass = ({ name }: Pass) => {
        if (verify) expectValid(module, name);
        onPass(name, () => printModule(module));
    };
    const watched = verify || options.onPass !== undefined;
    const left = optimisation === 0 ? [...disable, ...OPTIMISING] : disable;
    runPasses(module, target, watched ? afterPass : null, left);
    onStage("passes");
    const unfit = reportShared(module, target);
    if (unfit.length > 0) return failed([...diagnostics, ...unfit]);

    const products = new Map(tiles.map((report) => [report.kernel, report.products]));
    const contents = moduleContents(module);
    const manifest = manifestOf(program, contents, target, COMPILER, products);
    if (emit === "layouts") return { diagnostics, output: utf8(drawText(tiles)), manifest };
    if (emit === "layouts-svg") return { diagnostics, output: utf8(drawSvg(tiles)), manifest };
    if (emit === "ir") return { diagnostics, output: utf8(printModule(module)), manifest };
    if (emit === "header") return { diagnostics, output: utf8(cHeader(manifest, stemOf(source.path))), manifest };
    const emitOptions = {
        variables: optimisation === 0,
        ...(codeObjectVersion !== undefined && { codeObjectVersion }),
        tiled: new Set(products.keys()),
    };
    const emission = [contents, manifest, source, target, emitOptions] as const;
    const llvm = emit === "hsaco" ? emitParts(...emission) : [emitModule(...emission)];
    onStage("emit");
    if (emit === "llvm") return { diagnostics, output: utf8(llvm.join("")), manifest };

    const generated = await codegen.generate(llvm, {
        target: target.name,
        optimisation,
        output: emit === "ptx" ? "asm" : emit,
    });
    onStage("codegen", generated.timings);
    const files = sourcesOf(source, module);
    const all = [...diagnostics, ...generated.messages.flatMap((message) => reportMessage(message, files, target))];
    if (all.some(({ severity }) => severity === "error")) return failed(all);
    const notes = generated.messages.flatMap(noteOf);
    if (generated.output !== null) return { diagnostics: all, output: generated.output, manifest, notes };
    return failed([...all, diagnose(codegenBug, NOWHERE, { message: "no output and no error", target: target.name })]);
}

function failed(diagnostics: readonly Diagnostic[]): CompileResult {
    return { diagnostics, output: null, manifest: null };
}

/** A file's name without its folder and extension. */
function stemOf(path: string): string {
    return (path.split("/").at(-1) ?? path).replace(/\.[^.]*$/, "");
}

function utf8(text: string): Uint8Array {
    return new TextEncoder().encode(text);
}

function expectValid(module: IrModule, stage: string): void {
    const problems = verifyModule(module);
    if (problems.length > 0) throw new Error(`the IR is not well formed after ${stage}:\n${problems.join("\n")}`);
}

function reportTarget(name: string): Diagnostic {
    const known = TARGETS.map((target) => target.name);
    return diagnose(unknownTarget, NOWHERE, { name, known, similar: nearest(name, known) ?? null });
}

/** Of what the compiler itself puts into LDS; the arrays that a program declares were checked before. */
function reportShared(module: IrModule, { name: target, limits }: Target): Diagnostic[] {
    const limit = limits.ldsPerWorkgroup;
    return module.functions.flatMap((fn) => {
        const bytes = sharedBytes(fn);
        if (bytes <= limit) return [];
        const having = targetsThat((each) => bytes <= each.limits.ldsPerWorkgroup);
        return [diagnose(tooMuchShared, fn.span, { kernel: fn.name, bytes, limit, target, having })];
    });
}

function noteOf({ spill }: CodegenMessage): string[] {
    if (spill?.scheduler === undefined) return [];
    const { kernel, registers, scheduler } = spill;
    return [
        `\`${kernel}\` is scheduled by LLVM's ${scheduler}: by the usual scheduler ${registers} vector registers would be spilled`,
    ];
}

/** Remarks and notes are LLVM talking to itself; errors without a place in the source are ours. */
function reportMessage(
    { severity, message, file, line, column, spill }: CodegenMessage,
    files: ReadonlyMap<string, SourceFile>,
    { name: target }: Target,
): Diagnostic[] {
    if (severity === "remark" || severity === "note") return [];
    const source = file === undefined ? undefined : files.get(file);
    const place = source && line !== undefined ? spanAt(source, line, column ?? 1) : null;
    if (spill) return [diagnose(spilledRegisters, place ?? NOWHERE, { ...spill, inLoop: place !== null, target })];
    if (severity === "warning") return [diagnose(codegenWarning, place ?? NOWHERE, { message })];
    return [
        place
            ? diagnose(refusedByLlvm, place, { message, target })
            : diagnose(codegenBug, NOWHERE, { message, target }),
    ];
}
