// `soma run`: one kernel, with its arguments from the command line, on a device. Read top to bottom: what was asked is
// understood first, then the device is opened, the kernel loaded and launched, and what was asked for written out.

import { typeText } from "../../../codeobject/layout.js";
import type { KernelManifest, ManifestElement } from "../../../codeobject/manifest.js";
import { isSmallFloat } from "../../../codeobject/small-floats.js";
import { lanesOf } from "../../../codeobject/vectors.js";
import {
    CompileError,
    type Gpu,
    type Kernel,
    type KernelModule,
    type LaunchResult,
    open,
    recordTrace,
    type StopRequest,
    type Tensor,
    type TensorType,
    type TraceRequest,
    type Virtual,
} from "../../../runtime/index.js";
import { didYouMean } from "../../../runtime/suggest.js";
import { type Bounds, defaultBounds, type OptimisationLevel } from "../../codegen.js";
import { exitCodeOf, reportDiagnostics } from "../diagnostics.js";
import { EXIT, ReportedError, UsageError, UserError } from "../errors.js";
import { writeAtomically } from "../files.js";
import { npyTypeOf, writeNpy } from "../npy.js";
import { OPTIMISATION, type OptimisationText } from "../optimisation.js";
import { formatProfile } from "../profile.js";
import { writeError, writeOut } from "../terminal.js";
import { formatSteps, formatStops, parseStop, parseTrace } from "../trace.js";
import { makeArguments } from "../values/arguments.js";
import type { Elements } from "../values/data.js";
import { formatElements } from "../values/print.js";
import { parseBinding, splitBinding, type Value } from "../values/value.js";

export interface RunOptions {
    readonly kernel?: string;
    readonly arg?: readonly string[];
    readonly print?: readonly string[];
    readonly dump?: readonly string[];
    readonly device?: string;
    readonly limit?: string;
    readonly O?: OptimisationText;
    readonly bounds?: Bounds;
    readonly profile?: boolean;
    readonly profileJson?: string;
    readonly sanitize?: boolean;
    readonly trace?: string;
    readonly break?: string;
    readonly timeline?: string;
}

/** What the command line asks for. */
interface Request {
    readonly values: ReadonlyMap<string, Value>;
    /** Views to print. */
    readonly prints: readonly string[];
    readonly dumps: readonly { readonly view: string; readonly path: string }[];
    /** Instructions, counted once a wave. */
    readonly limit: number | undefined;
    /** Arguments as they were written. */
    readonly given: readonly string[];
    readonly trace: TraceRequest | undefined;
    readonly stop: StopRequest | undefined;
    readonly optimisation: OptimisationLevel;
    readonly bounds: Bounds;
}

export async function run(file: string, options: RunOptions): Promise<number> {
    const request = parseRequest(file, options);
    using gpu = await open(options.device);
    if (request.limit !== undefined) {
        gpu.limits({ instructions: request.limit });
    }
    if (options.sanitize === true) requireVirtual(gpu, "--sanitize").sanitizing(true);
    try {
        await runKernel(gpu, file, options, request);
    } finally {
        if (options.sanitize === true) reportFindings(requireVirtual(gpu, "--sanitize"));
    }
    return options.sanitize === true && requireVirtual(gpu, "--sanitize").sanitizerReports().length > 0
        ? EXIT.mistake
        : EXIT.ok;
}

async function runKernel(gpu: Gpu, file: string, options: RunOptions, request: Request): Promise<void> {
    const module = await loadKernels(gpu, file, request);
    const { manifest, launch } = chooseKernel(file, module, options.kernel);
    requireViews(manifest, "--print", request.prints);
    requireViews(
        manifest,
        "--dump",
        request.dumps.map((dump) => dump.view),
    );
    const args = await makeArguments(gpu, manifest, request.values);
    if (request.trace !== undefined) requireVirtual(gpu, "--trace").trace(request.trace);
    if (request.stop !== undefined) {
        requireVirtual(gpu, "--break").stopAt({ ...request.stop, kernel: manifest.name });
    }
    if (options.timeline !== undefined) requireVirtual(gpu, "--timeline").timeline(true);
    using recording = options.timeline === undefined ? undefined : recordTrace();
    const profiling = options.profile === true || options.profileJson !== undefined;
    if (profiling) requireVirtual(gpu, "--profile").profiling(true);
    let result: LaunchResult;
    try {
        result = await launch(args.all);
    } finally {
        // What a kernel did before it failed is what is asked for most.
        writeTraces(gpu, request);
    }
    writeError(describeRun(manifest, gpu, result));
    if (profiling) {
        const profile = requireVirtual(gpu, "--profile").profile();
        if (options.profile === true) writeError(formatProfile(profile));
        if (options.profileJson !== undefined) {
            await writeAtomically(
                options.profileJson,
                new TextEncoder().encode(`${JSON.stringify(profile, null, 2)}\n`),
            );
        }
    }
    if (recording !== undefined && options.timeline !== undefined) {
        recording.addWorkgroups(gpu.id, requireVirtual(gpu, "--timeline").traced().workgroups);
        await writeAtomically(options.timeline, new TextEncoder().encode(JSON.stringify(recording)));
    }
    // Outputs that were not given are the runtime's.
    const viewOf = (name: string): Tensor<TensorType> => result.outputs[name] ?? args.view(name);
    for (const view of request.prints) {
        const title = request.prints.length > 1 ? `# ${view}\n` : "";
        await writeOut(`${title}${await formatView(viewOf(view))}\n`);
    }
    for (const { view, path } of request.dumps) {
        await dump(viewOf(view), path);
    }
}

function writeTraces(gpu: Gpu, { trace, stop, given }: Request): void {
    if (trace === undefined && stop === undefined) return;
    const traced = requireVirtual(gpu, "--trace").traced();
    if (trace !== undefined) writeError(formatSteps(traced));
    if (stop === undefined) return;
    if (given.length > 0) writeError(`arguments: ${given.join(", ")}`);
    writeError(formatStops(traced, stop));
}

function reportFindings(virtual: Virtual): void {
    const reports = virtual.sanitizerReports();
    for (const { text } of reports) writeError(`sanitizer: ${text}\n`);
    writeError(`sanitizer: ${reports.length === 0 ? "nothing found" : `${reports.length} found`}`);
}

function requireVirtual(gpu: Gpu, option: string): Virtual {
    if (gpu.virtual === undefined) {
        throw new UserError(`${option}: ${gpu.name} can't tell`, "only the virtual GPU can: add --device vgpu");
    }
    return gpu.virtual;
}

function parseRequest(file: string, options: RunOptions): Request {
    const values = new Map<string, Value>();
    for (const text of options.arg ?? []) {
        const { name, value } = parseBinding(text);
        if (values.has(name)) {
            throw new UsageError(`--arg ${name} is given twice`);
        }
        values.set(name, value);
    }
    const dumps = (options.dump ?? []).map((text) => {
        const { name, rest } = splitBinding(text, "--dump", "file.npy");
        return { view: name, path: rest };
    });
    if (options.O !== undefined && !file.endsWith(".soma")) {
        throw new UsageError(`-O is for source files; ${file} is compiled already`);
    }
    if (options.bounds !== undefined && !file.endsWith(".soma")) {
        throw new UsageError(`--bounds is for source files; ${file} is compiled already`);
    }
    // Optimised code keeps no variables where they can be looked at.
    const optimisation = OPTIMISATION[options.O ?? (options.break === undefined ? "3" : "0")];
    return {
        values,
        prints: options.print ?? [],
        dumps,
        given: options.arg ?? [],
        trace: options.trace === undefined ? undefined : parseTrace(options.trace),
        stop: options.break === undefined ? undefined : parseStop(options.break),
        limit: options.limit === undefined ? undefined : parseLimit(options.limit),
        optimisation,
        // Who runs a kernel from the command line wants to know first whether it is right.
        bounds: options.bounds ?? (options.O === undefined ? "checked" : defaultBounds(optimisation)),
    };
}

function parseLimit(text: string): number {
    const limit = Number(text);
    if (!Number.isSafeInteger(limit) || limit < 1) {
        throw new UsageError(`--limit ${text}: expected a number of instructions, such as 1000000`);
    }
    return limit;
}

/** The file's kernels on the device. Diagnostics of a source file are reported. */
async function loadKernels(gpu: Gpu, file: string, { optimisation, bounds }: Request): Promise<KernelModule> {
    try {
        const module = await gpu.load(file, { optimisation, bounds });
        reportDiagnostics(module.compilation?.warnings ?? []);
        return module;
    } catch (error) {
        if (error instanceof CompileError) {
            reportDiagnostics(error.diagnostics);
            throw new ReportedError(exitCodeOf(error.diagnostics));
        }
        throw error;
    }
}

interface ChosenKernel {
    readonly manifest: KernelManifest;
    readonly launch: Kernel;
}

function chooseKernel(file: string, module: KernelModule, wanted: string | undefined): ChosenKernel {
    const all = module.manifest.kernels;
    const names = all.map((kernel) => kernel.name);
    if (all.length === 0) {
        throw new UserError(`${file} has no kernels`);
    }
    if (wanted === undefined && all.length > 1) {
        throw new UsageError(`${file} has several kernels`, `choose one with --kernel: ${names.join(", ")}`);
    }
    const name = wanted ?? all[0]?.name ?? "";
    const manifest = all.find((kernel) => kernel.name === name);
    const launch = module.kernels[name];
    if (manifest === undefined || launch === undefined) {
        throw new UserError(`${file} has no kernel ${name}${didYouMean(name, names)}`, `it has ${names.join(", ")}`);
    }
    return { manifest, launch };
}

function requireViews(kernel: KernelManifest, option: string, names: readonly string[]): void {
    const views = kernel.parameters.filter((parameter) => parameter.kind === "view");
    for (const name of names) {
        const view = views.find((each) => each.name === name);
        if (view === undefined) {
            const all = views.map((each) => each.name);
            throw new UserError(
                `${option} ${name}: ${kernel.name} has no view ${name}${didYouMean(name, all)}`,
                all.length > 0 ? `its views are ${all.join(", ")}` : "it has no views",
            );
        }
        if (typeof view.element !== "string") {
            throw new UserError(
                `${option} ${name}: ${name} is of the structure ${typeText(view.element)}, which the command line can't write`,
                "launch the kernel from a program, which reads its values as objects (spec/embedding.md)",
            );
        }
    }
}

/** Such as `saxpy on Soma virtual GPU (gfx1100): 4 workgroups of 256, 0.312 ms, 1,204 instructions`. */
function describeRun(kernel: KernelManifest, gpu: Gpu, result: LaunchResult): string {
    const { milliseconds, counters } = result;
    const { launch } = kernel;
    // The axes beyond these are of size 1.
    const axes = (launch.kind === "over" ? launch.extents : launch.groups).length;
    const [grid, block] = [result.grid, result.block].map((extent) => extent.slice(0, axes).join(" × "));
    const parts = [`${grid} ${grid === "1" ? "workgroup" : "workgroups"} of ${block}`, formatTime(milliseconds)];
    if (counters !== "unavailable") {
        parts.push(`${(counters.instructions ?? 0).toLocaleString("en-US")} instructions`);
    }
    return `${kernel.name} on ${gpu.name}: ${parts.join(", ")}`;
}

function formatTime(milliseconds: number): string {
    return milliseconds < 1000 ? `${milliseconds.toPrecision(3)} ms` : `${(milliseconds / 1000).toFixed(2)} s`;
}

/** What is printed or written has been looked at by then: it is no structure. */
function elementType({ type }: Tensor<TensorType>): ManifestElement {
    if (typeof type !== "string") throw new Error("a tensor of structures is to be written");
    return type;
}

async function formatView(view: Tensor<TensorType>): Promise<string> {
    const { scalar, lanes } = lanesOf(elementType(view));
    return formatElements(scalar, lanes === 1 ? view.shape : [...view.shape, lanes], (await view.read()) as Elements);
}

async function dump(view: Tensor<TensorType>, path: string): Promise<void> {
    const { scalar, lanes } = lanesOf(elementType(view));
    const shape = lanes === 1 ? view.shape : [...view.shape, lanes];
    if (isSmallFloat(scalar)) {
        throw new UserError(`a .npy file has no ${scalar}`, "convert it in the kernel, and save that: `… as f32`");
    }
    await writeAtomically(path, writeNpy({ type: npyTypeOf(scalar), shape, bytes: await view.readBytes() }));
}
