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
import { Tensor } from "../tensor.js";
import { estimatedCycles } from "./estimate.js";
import { NO_RESULTS, readResults, type TuningResults, valuesFound } from "./results.js";

export interface MatrixOptions {
    /** Needed where the source has several. */
    readonly kernel?: string;
    /** What `soma tune` found: a file of its, or what that holds. */
    readonly results?: string | URL | TuningResults;
    readonly optimisation?: LoadOptions["optimisation"];
}

/** What a launch runs, and why. */
export interface Choice {
    readonly values: Readonly<Record<string, number>>;
    readonly by: "results" | "estimate" | "source";
}

/** A kernel whose launches choose their code. */
export interface TunedKernel<A extends object = KernelArguments> {
    (args: A, options?: LaunchOptions): Promise<LaunchResult>;
    /** What a launch with these arguments runs. */
    choice(args: A): Promise<Choice>;
}

/** Combinations that an estimate compares. */
const MOST_ESTIMATED = 64;

export async function tunedKernel<A extends object>(
    gpu: Gpu,
    input: LoadInput,
    { kernel, results = NO_RESULTS, optimisation }: MatrixOptions,
): Promise<TunedKernel<A>> {
    const source = await sourceOf(input);
    const found = typeof results === "string" || results instanceof URL ? readResults(results) : results;
    const tuned = new Tuned(gpu, source, found, optimisation, kernel);
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
    private readonly modules = new Map<string, Promise<KernelModule>>();
    private readonly chosen = new Map<string, Choice>();
    /** Choices whose code could not be made. */
    private readonly refused = new Set<string>();

    constructor(
        private readonly gpu: Gpu,
        private readonly source: SourceFile,
        private readonly results: TuningResults,
        private readonly optimisation: LoadOptions["optimisation"],
        private readonly named: string | undefined,
    ) {}

    async begin(): Promise<void> {
        const { manifest } = await this.load({});
        const kernel = manifest.kernels.find(({ name }) => this.named === undefined || name === this.named);
        if (kernel === undefined || (this.named === undefined && manifest.kernels.length > 1)) {
            const names = manifest.kernels.map(({ name }) => name).join(", ");
            throw new ArgumentError(`${this.source.path}: name the kernel, one of ${names}`);
        }
        this.manifest = kernel;
        this.compiler = manifest.compiler;
    }

    async launch(args: KernelArguments, options: LaunchOptions | undefined): Promise<LaunchResult> {
        const { values } = await this.choose(args);
        const { name } = this.known;
        const kernel = (await this.load(values)).kernels[name] as Kernel;
        return kernel(args, options);
    }

    async choose(args: KernelArguments): Promise<Choice> {
        const dims = dimsOf(this.known, args);
        const key = JSON.stringify(Object.entries(dims));
        const known = this.chosen.get(key);
        if (known !== undefined) return known;
        const choice = await this.usable(dims);
        this.chosen.set(key, choice);
        return choice;
    }

    /** The first choice of which there is code. */
    private async usable(dims: Readonly<Record<string, number>>): Promise<Choice> {
        const { known, gpu, compiler } = this;
        const found = valuesFound(this.results, known, { device: gpu.target, compiler, dims });
        const estimated = found === null ? await this.estimated(dims) : null;
        const candidates: Choice[] = [
            ...(found === null ? [] : [{ values: found, by: "results" } as const]),
            ...(estimated === null ? [] : [{ values: estimated, by: "estimate" } as const]),
        ];
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
        return { values: {}, by: "source" };
    }

    /** The combination of least estimated cost; null where there is nothing to choose. */
    private async estimated(dims: Readonly<Record<string, number>>): Promise<Readonly<Record<string, number>> | null> {
        const { known, gpu } = this;
        const combinations = combinationsOf(known);
        if (combinations.length < 2 || combinations.length > MOST_ESTIMATED) return null;
        const { describeFor } = await import("../compile/describe.js");
        let best: { readonly values: Readonly<Record<string, number>>; readonly cost: number } | null = null;
        for (const values of combinations) {
            const kernel = describeFor(this.source, gpu.target, values)?.find(({ name }) => name === known.name);
            if (kernel === undefined) continue;
            const cost = estimatedCycles(kernel, dims, gpu.properties.computeUnits);
            if (best === null || cost < best.cost) best = { values, cost };
        }
        return best?.values ?? null;
    }

    private get known(): KernelManifest {
        if (this.manifest === undefined) throw new Error("a tuned kernel before its source was read");
        return this.manifest;
    }

    private load(values: Readonly<Record<string, number>>): Promise<KernelModule> {
        const key = JSON.stringify(values);
        const { path, text } = this.source;
        const { optimisation } = this;
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

/** The dimensions that arguments say, by their names; what doesn't fit is refused by the launch. */
export function dimsOf({ parameters, dims }: KernelManifest, args: KernelArguments): Readonly<Record<string, number>> {
    const found = new Map<string, number>();
    for (const parameter of parameters) {
        const given = args[parameter.name];
        if (parameter.kind !== "view" || !(given instanceof Tensor)) continue;
        for (const [axis, dim] of parameter.dims.entries()) {
            if (typeof dim === "string" && !found.has(dim)) found.set(dim, given.shape[axis] ?? 0);
        }
    }
    return Object.fromEntries(dims.map((name) => [name, found.get(name) ?? Number(args[name] ?? 0)]));
}
