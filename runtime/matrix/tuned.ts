// A kernel of which each launch runs the code that suits its shapes: constants that the source lets tuning choose
// (`const BM: index in [64, 128]`) take what was found for these dimensions on this device, else what an estimate prefers,
// else what stands in the source. Each choice is compiled when it is first needed, and kept.

import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { KernelManifest } from "../../codeobject/manifest.js";
import type { SourceFile } from "../../compiler/diagnostics/diagnostic.js";
import type { KernelArguments } from "../arguments.js";
import { ArgumentError, LoadError } from "../errors.js";
import type { Gpu } from "../gpu.js";
import type { Kernel, LaunchOptions, LaunchResult } from "../kernel.js";
import type { KernelModule, LoadInput, LoadOptions } from "../module.js";
import { telemetry } from "../telemetry/telemetry.js";
import { estimatedCycles, isWorth } from "./estimate.js";
import { found, NO_RESULTS, readResults, type TuningResults } from "./results.js";
import { type ShareKernels, Shares } from "./shares.js";
import { dimsOf, Split, type SplitKernels } from "./split.js";

export interface MatrixOptions {
    /** Needed where the source has several. */
    readonly kernel?: string;
    /** What `soma tune` found: a file of its, or what that holds. */
    readonly results?: string | URL | TuningResults;
    /** Kernels of the source that share the sums of this one out among workgroups where its blocks leave compute units idle. */
    readonly split?: SplitKernels;
    /** Kernels of the source that give workgroups equal shares where blocks would leave compute units idle in their last turn. */
    readonly shares?: ShareKernels;
    readonly optimisation?: LoadOptions["optimisation"];
}

/** What a launch runs, and why. */
export interface Choice {
    readonly values: Readonly<Record<string, number>>;
    /** Into how many parts sums are split: with 1 it is the kernel itself. */
    readonly parts: number;
    /** How many workgroups have equal shares of it; with 0 each block has one, or each part of it. */
    readonly shares: number;
    readonly by: "results" | "estimate" | "source";
}

/** A kernel whose launches choose their code. */
export interface TunedKernel<A extends object = KernelArguments> {
    (args: A, options?: LaunchOptions): Promise<LaunchResult>;
    /** What a launch with these arguments runs. */
    choice(args: A): Promise<Choice>;
}

interface Estimated {
    readonly values: Readonly<Record<string, number>>;
    readonly cost: number;
}

/** Combinations that an estimate compares. */
const MOST_ESTIMATED = 64;

export async function tunedKernel<A extends object>(
    gpu: Gpu,
    input: LoadInput,
    options: MatrixOptions,
): Promise<TunedKernel<A>> {
    const source = await sourceOf(input);
    const { results = NO_RESULTS } = options;
    const read = typeof results === "string" || results instanceof URL ? readResults(results) : results;
    const tuned = new Tuned(gpu, source, read, options);
    await tuned.begin();
    const call = (args: KernelArguments, options?: LaunchOptions) => tuned.launch(args, options);
    return Object.assign(call, { choice: (args: KernelArguments) => tuned.choose(args) }) as unknown as TunedKernel<A>;
}

async function sourceOf(input: LoadInput): Promise<SourceFile> {
    if (typeof input === "object" && "source" in input)
        return { path: input.path ?? "source.soma", text: input.source };
    if (input instanceof Uint8Array)
        throw new ArgumentError("a kernel is tuned from its source, not from a code object");
    const path = input instanceof URL ? fileURLToPath(input) : input;
    try {
        return { path, text: await readFile(path, "utf8") };
    } catch (cause) {
        throw new LoadError(`${path} can't be read`, { cause });
    }
}

class Tuned {
    private manifest: KernelManifest | undefined;
    private compiler = "";
    private split: Split | null = null;
    private shares: Shares | null = null;
    private readonly modules = new Map<string, Promise<KernelModule>>();
    private readonly chosen = new Map<string, Choice>();
    /** Choices whose code could not be made. */
    private readonly refused = new Set<string>();

    constructor(
        private readonly gpu: Gpu,
        private readonly source: SourceFile,
        private readonly results: TuningResults,
        private readonly options: MatrixOptions,
    ) {}

    async begin(): Promise<void> {
        const { manifest } = await this.load({});
        const { kernel: named, split, shares } = this.options;
        const kernel = manifest.kernels.find(({ name }) => named === undefined || name === named);
        if (kernel === undefined || (named === undefined && manifest.kernels.length > 1)) {
            const names = manifest.kernels.map(({ name }) => name).join(", ");
            throw new ArgumentError(`${this.source.path}: name the kernel, one of ${names}`);
        }
        this.manifest = kernel;
        this.compiler = manifest.compiler;
        if (split !== undefined) this.split = new Split(split, kernel, manifest.kernels);
        if (shares !== undefined) this.shares = new Shares(shares, kernel, manifest.kernels);
    }

    async launch(args: KernelArguments, options: LaunchOptions | undefined): Promise<LaunchResult> {
        const { values, parts, shares } = await this.choose(args);
        const { kernels } = await this.load(values);
        if (this.shares !== null && shares > 0) return this.shares.launch(this.gpu, kernels, args, shares, options);
        if (this.split !== null && parts > 1) return this.split.launch(this.gpu, kernels, args, parts, options);
        return (kernels[this.known.name] as Kernel)(args, options);
    }

    async choose(args: KernelArguments): Promise<Choice> {
        const dims = dimsOf(this.known, args);
        const key = JSON.stringify(Object.entries(dims));
        const known = this.chosen.get(key);
        if (known !== undefined) return known;
        const choice = await this.usable(dims);
        this.chosen.set(key, choice);
        if (telemetry.listening) {
            const { name: kernel } = this.known;
            telemetry.emit({ kind: "choice", device: this.gpu.id, kernel, dims, ...choice });
        }
        return choice;
    }

    /** The first choice of which there is code. */
    private async usable(dims: Readonly<Record<string, number>>): Promise<Choice> {
        const { known, gpu, compiler } = this;
        const entry = found(this.results, known, { device: gpu.target, compiler, dims });
        const estimated = entry === null ? await this.estimated(dims) : null;
        const shared = this.shared(dims, estimated?.cost);
        const candidates: Choice[] = [];
        if (entry !== null) {
            const parts = this.split === null ? 1 : (entry.parts ?? 1);
            const shares = this.shares === null ? 0 : (entry.shares ?? 0);
            candidates.push({ values: entry.values, parts, shares, by: "results" });
        }
        if (estimated !== null) candidates.push({ values: estimated.values, ...shared, by: "estimate" });
        for (const candidate of candidates) {
            const key = JSON.stringify(candidate.values);
            if (this.refused.has(key)) continue;
            try {
                await this.load(candidate.values);
                return candidate;
            } catch {
                this.refused.add(key);
            }
        }
        const isEstimate = shared.parts > 1 || shared.shares > 0;
        return { values: {}, ...shared, by: isEstimate ? "estimate" : "source" };
    }

    /** How several workgroups share blocks, where a workgroup for each costs so much; without a cost what the source's constants do. */
    private shared(
        dims: Readonly<Record<string, number>>,
        cost = estimatedCycles(this.known, dims, this.gpu.properties.computeUnits),
    ): Pick<Choice, "parts" | "shares"> {
        const { computeUnits } = this.gpu.properties;
        const parts = this.split?.partsFor(dims, computeUnits) ?? 1;
        const others = this.split !== null && parts > 1 ? this.split.costOf(dims, parts, computeUnits) : cost;
        const best = this.shares?.bestFor(dims, computeUnits);
        return best !== undefined && isWorth(best.cost, others)
            ? { parts: 1, shares: best.workgroups }
            : { parts, shares: 0 };
    }

    /** The combination of least estimated cost; null where there is nothing to choose. */
    private async estimated(dims: Readonly<Record<string, number>>): Promise<Estimated | null> {
        const { known, gpu } = this;
        const combinations = combinationsOf(known);
        if (combinations.length < 2 || combinations.length > MOST_ESTIMATED) return null;
        const { describeFor } = await import("../compile/describe.js");
        let best: Estimated | null = null;
        for (const values of combinations) {
            const kernel = describeFor(this.source, gpu.target, values)?.find(({ name }) => name === known.name);
            if (kernel === undefined) continue;
            const cost = estimatedCycles(kernel, dims, gpu.properties.computeUnits);
            if (best === null || cost < best.cost) best = { values, cost };
        }
        return best;
    }

    private get known(): KernelManifest {
        if (this.manifest === undefined) throw new Error("a tuned kernel before its source was read");
        return this.manifest;
    }

    private load(values: Readonly<Record<string, number>>): Promise<KernelModule> {
        const key = JSON.stringify(values);
        const { path, text } = this.source;
        const { optimisation } = this.options;
        const constants = Object.keys(values).length > 0 ? { const: values } : {};
        const loading = this.modules.get(key) ?? this.gpu.load({ source: text, path }, { optimisation, ...constants });
        this.modules.set(key, loading);
        loading.catch(() => this.modules.delete(key));
        return loading;
    }
}

/** Every combination of the values that the source offers, that of the source first. */
export function combinationsOf({
    tune = [],
}: Pick<KernelManifest, "tune">): readonly Readonly<Record<string, number>>[] {
    const ordered = tune.map(({ name, choices, value }) => ({
        name,
        choices: [value, ...choices.filter((choice) => choice !== value)],
    }));
    return ordered.reduce<readonly Readonly<Record<string, number>>[]>(
        (all, { name, choices }) => all.flatMap((values) => choices.map((choice) => ({ ...values, [name]: choice }))),
        [{}],
    );
}
