// The IR -> LLVM IR as text. LLVM adds the data layout of the target machine. What depends on the target beside the
// manifest, which names it, is the Backend's. A module is one text or, to be compiled in parallel, several, of which each
// has kernels of its own and copies of what they call.

import type { Manifest } from "../../codeobject/manifest.js";
import type { SourceFile } from "../diagnostics/diagnostic.js";
import type { Contents, ModuleContents } from "../ir/contents.js";
import { barrierFunctions, meetingFunctions } from "../ir/meets.js";
import type { IrFunction, Parameter } from "../ir/module.js";
import { sitesOf } from "../lower/sites.js";
import type { CodeObjectVersion, Target } from "../targets/targets.js";
import { inlinedFunctions, parameterAttributes, wholeSizes } from "./attributes.js";
import { BACKENDS } from "./backends.js";
import { emitBody } from "./control.js";
import { Metadata } from "./metadata.js";
import { partsOf } from "./parts.js";
import { REPORTS, reportFunctions } from "./reports.js";
import { LANES, llvmName, llvmType, memoryType, resultType } from "./text.js";
import { NO_USAGE, type Usage, usageOf } from "./usage.js";
import { FunctionWriter, type ModuleWriter } from "./writer.js";

export interface EmitOptions {
    /** Tells debuggers of variables as well, for code that is not optimised. Default false. */
    readonly variables?: boolean;
    /** Of the code object, where it is AMD's. Default 5. */
    readonly codeObjectVersion?: CodeObjectVersion;
    /** Names of the kernels that were programs of tiles: LLVM runs fewer passes over modules of these alone. Default none. */
    readonly tiled?: ReadonlySet<string>;
}

/**
 * @param contents of all functions as they are emitted
 * @param main the module that was compiled
 */
export function emitModule(
    contents: ModuleContents,
    manifest: Manifest,
    main: SourceFile,
    target: Target,
    options: EmitOptions = {},
): string {
    return emitPart([...contents.keys()], true, programOf(contents, manifest, main, target, options));
}

/** The same as modules that become one code object: which they are follows from the IR alone. The first has the manifest. */
export function emitParts(
    contents: ModuleContents,
    manifest: Manifest,
    main: SourceFile,
    target: Target,
    options: EmitOptions = {},
): readonly string[] {
    const program = programOf(contents, manifest, main, target, options);
    const parts = partsOf(contents, program.sizes, program.inlined, options.tiled);
    return parts.map((functions, at) => emitPart(functions, at === 0, program));
}

/** What the parts of a module have in common. */
interface Program extends Pick<ModuleWriter, "target" | "meeting" | "waiting" | "sites"> {
    readonly manifest: Manifest;
    readonly main: SourceFile;
    readonly options: EmitOptions;
    readonly contents: ModuleContents;
    readonly usage: ReadonlyMap<string, Usage>;
    readonly sizes: ReadonlyMap<string, number>;
    readonly inlined: ReadonlySet<string>;
}

function programOf(
    contents: ModuleContents,
    manifest: Manifest,
    main: SourceFile,
    target: Target,
    options: EmitOptions,
): Program {
    const sizes = wholeSizes(contents);
    return {
        manifest,
        main,
        target,
        options,
        contents,
        meeting: meetingFunctions(contents),
        waiting: barrierFunctions(contents),
        sites: sitesOf(contents),
        usage: usageOf(contents),
        sizes,
        inlined: inlinedFunctions(contents, sizes),
    };
}

function emitPart(functions: readonly IrFunction[], first: boolean, program: Program): string {
    const { manifest, main, target, contents, meeting, waiting, sites, usage, inlined } = program;
    const { variables = false, codeObjectVersion = 5, tiled } = program.options;
    const backend = BACKENDS[target.backend];
    const places = variables ? backend.variablePlaces : null;
    const metadata = new Metadata(main, manifest.compiler, backend, backend.moduleFlags(codeObjectVersion), places);
    const writer: ModuleWriter = {
        backend,
        target,
        metadata,
        declarations: new Map(),
        globals: [],
        attributes: new Map(),
        meeting,
        waiting,
        sites,
    };
    const reporting = functions.filter(({ name }) => sites.reporting.has(name));
    const waves = [...new Set(reporting.map(({ options }) => options.wave))];
    const texts = functions.map((fn) => {
        const { ids } = contents.get(fn) as Contents;
        return emitFunction(fn, ids, writer, usage.get(fn.name) ?? NO_USAGE, inlined.has(fn.name));
    });
    return [
        `target triple = "${backend.triple}"\n`,
        first ? backend.manifestText(manifest) : "",
        writer.globals.map((line) => `${line}\n`).join(""),
        ...texts,
        ...waves.map((wave) => reportFunctions(writer, wave)),
        [...writer.declarations.values()].sort().join("\n"),
        "",
        functions.every(({ kernel, name }) => kernel === null || tiled?.has(name)) ? "!soma.tiles = !{}\n" : "",
        [...writer.attributes].map(([set, number]) => `attributes #${number} = { ${set} }\n`).join(""),
        metadata.text(),
    ].join("\n");
}

function emitFunction(
    fn: IrFunction,
    ids: Contents["ids"],
    module: ModuleWriter,
    usage: Usage,
    inlined: boolean,
): string {
    const scope = module.metadata.subprogram(fn.name, fn.span);
    const writer = new FunctionWriter(fn, module, scope);
    const parameters = fn.parameters.map((parameter) => emitParameter(writer, parameter, usage));
    fn.parameters.forEach(({ name, value }, at) => {
        const variable = { name, span: fn.values[value]?.span ?? fn.span, exact: true };
        writer.keep(variable, writer.typeOf(value), writer.use(value), writer.current, at + 1);
    });
    const reports = module.sites.reporting.has(fn.name);
    if (reports) parameters.push(`ptr addrspace(1) ${REPORTS}`);
    if (module.backend.lanes !== null && module.meeting.has(fn.name)) {
        writer.lanes = fn.kernel ? module.backend.lanes.atStart(writer) : LANES;
        if (!fn.kernel) parameters.push(`i32 ${LANES}`);
    }
    emitBody(writer);
    const name = `@${llvmName(fn.name)}(${parameters.join(", ")})`;
    const { backend, metadata, target } = module;
    const words = fn.kernel
        ? backend.kernelAttributes(fn, ids, target, reports)
        : backend.functionAttributes(fn.options, target, reports);
    const convergent = module.meeting.has(fn.name) || (!fn.kernel && module.waiting.has(fn.name));
    const own = [inlined && !fn.kernel ? " alwaysinline" : "", convergent ? " convergent" : ""];
    const attributes = attributeSet(module, words + own.join(""));
    const head = fn.kernel
        ? `define ${backend.kernelConvention} void ${name} ${attributes}${backend.kernelMetadata(fn, metadata)}`
        : `define internal ${resultType(fn.results)} ${name} ${attributes}`;
    return `${head} !dbg ${scope} {\n${writer.text()}\n}\n`;
}

/** A reference to a set of attributes: `#0`. They are long and nearly always the same. */
function attributeSet({ attributes }: ModuleWriter, set: string): string {
    const number = attributes.get(set) ?? attributes.size;
    attributes.set(set, number);
    return `#${number}`;
}

/** A kernel's bool is a byte, as everywhere in memory. Names of our own have a dot, so none of them is a parameter's. */
function emitParameter(writer: FunctionWriter, parameter: Parameter, usage: Usage): string {
    const { value } = parameter;
    const type = writer.typeOf(value);
    const name = `%${llvmName(parameter.name)}`;
    if (type !== "bool" || !writer.fn.kernel) {
        writer.define(value, name);
        return `${llvmType(type)}${parameterAttributes(writer.fn, parameter, usage)} ${name}`;
    }
    writer.define(value, writer.assign(`icmp ne i8 ${name}, 0`));
    return `${memoryType(type)} ${name}`;
}
