// Products whose sums several workgroups share (split-K): two kernels of a source in place of one, the first of which writes parts of
// the sums and the second adds them up, always in the same order, so that every run gives the same bits.

import type { KernelManifest, ParameterManifest } from "../../codeobject/manifest.js";
import type { KernelArguments } from "../arguments.js";
import { ArgumentError } from "../errors.js";
import type { Gpu } from "../gpu.js";
import type { Kernel, LaunchOptions, LaunchResult } from "../kernel.js";
import { Tensor } from "../tensor.js";
import { cyclesOfParts } from "./estimate.js";

/** Names of kernels of the same source. */
export interface SplitKernels {
    /** Takes what the kernel takes, and in place of its result a view of f32 with one dimension more, how many parts there are. */
    readonly parts: string;
    /** Takes that view and the result. */
    readonly sum: string;
}

/** A part of less of the sum costs more to write and add than it saves: 8 rounds of 32. */
const LEAST_RUN = 256;

const MOST_PARTS = 64;

/**
 * Into how many parts sums of so many terms are split for so many blocks: 1 where the blocks suffice for the compute units, else as
 * many as give each unit one, in powers of two, of at least 256 terms.
 */
export function partsOf(blocks: number, depth: number, computeUnits: number): number {
    let parts = 1;
    while (2 * parts * blocks <= computeUnits && 2 * parts * LEAST_RUN <= depth && parts < MOST_PARTS) parts *= 2;
    return parts;
}

/** How the kernels of a split fit together. */
export class Split {
    /** The view of parts, a parameter of both kernels. */
    readonly #view: Extract<ParameterManifest, { kind: "view" }>;
    /** The result's name. */
    readonly #result: string;

    /** @throws ArgumentError for kernels that don't fit together */
    constructor(
        readonly names: SplitKernels,
        readonly whole: KernelManifest,
        readonly kernels: readonly KernelManifest[],
    ) {
        const [parts, sum] = [this.#named(names.parts), this.#named(names.sum)];
        const namesOf = ({ parameters }: KernelManifest) => parameters.map(({ name }) => name);
        const [result, ...others] = namesOf(whole).filter((name) => !namesOf(parts).includes(name));
        const [view, ...more] = parts.parameters.filter(({ name }) => !namesOf(whole).includes(name));
        const [dim] = view?.kind === "view" ? view.dims : [];
        const isView = view?.kind === "view" && view.element === "f32" && typeof dim === "string" && more.length === 0;
        const isSum = namesOf(sum).length === 2 && view && result && namesOf(sum).join() === [view.name, result].join();
        if (result === undefined || others.length > 0 || !isView || whole.dims.includes(dim ?? "")) {
            throw new ArgumentError(
                `${names.parts} is no ${whole.name} in parts: it takes the same, and one view of f32 for the one result, whose first dimension is the number of parts`,
            );
        }
        if (!isSum)
            throw new ArgumentError(
                `${names.sum} adds no parts of ${whole.name}: it takes ${view?.name}, then ${result}`,
            );
        this.#view = view;
        this.#result = result;
    }

    #named(wanted: string): KernelManifest {
        return kernelNamed(this.kernels, wanted, "split sums with");
    }

    /** How many parts tuning tries for dimensions: what suits them, and fewer. */
    candidates(dims: Readonly<Record<string, number>>, computeUnits: number): readonly number[] {
        const most = this.partsFor(dims, computeUnits);
        return Array.from({ length: Math.log2(most) + 1 }, (_, bit) => 2 ** bit);
    }

    /** What suits dimensions, for blocks as the kernel of parts has them. */
    partsFor(dims: Readonly<Record<string, number>>, computeUnits: number): number {
        const { blocks, depth } = this.#sizeOf(dims);
        return partsOf(blocks, depth, computeUnits);
    }

    /** What so many parts cost. */
    costOf(dims: Readonly<Record<string, number>>, parts: number, computeUnits: number): number {
        const { blocks, depth, steps } = this.#sizeOf(dims);
        return cyclesOfParts(blocks, [...steps, depth], parts, computeUnits);
    }

    #sizeOf(dims: Readonly<Record<string, number>>) {
        const [count] = this.#view.dims;
        const domain = this.#named(this.names.parts).tiles?.domain ?? [];
        const own = domain.filter(({ extent }) => extent !== count);
        const sizeOf = (extent: unknown) => (typeof extent === "number" ? extent : (dims[String(extent)] ?? 1));
        const blocks = own.reduce((product, { extent, step }) => product * Math.ceil(sizeOf(extent) / step), 1);
        const summed = this.whole.dims.filter((dim) => !own.some(({ extent }) => extent === dim));
        const [rows = 1, columns = 1] = own.map(({ step }) => step).slice(-2);
        const depth = Math.max(1, ...summed.map((dim) => dims[dim] ?? 1));
        return { blocks: Math.max(1, blocks), depth, steps: [rows, columns] as const };
    }

    /** Launches both; what the whole kernel's launch would give, with times and counters of both. */
    async launch(
        gpu: Gpu,
        kernels: Readonly<Record<string, Kernel>>,
        args: KernelArguments,
        count: number,
        options: LaunchOptions = {},
    ): Promise<LaunchResult & { readonly each: readonly LaunchResult[] }> {
        const { [this.#result]: result, ...operands } = args;
        const dims = dimsOf(this.whole, args);
        const extents = this.#view.dims
            .slice(1)
            .map((dim) => (typeof dim === "number" ? dim : (dims[String(dim)] ?? 0)));
        using parts = gpu.tensor("f32", [count, ...extents]);
        const [first, second] = [kernels[this.names.parts], kernels[this.names.sum]] as [Kernel, Kernel];
        const made = await first({ ...operands, [this.#view.name]: parts }, options);
        const given = result === undefined ? {} : { [this.#result]: result };
        const summed = await second({ [this.#view.name]: parts, ...given }, options);
        return together(made, summed, summed.outputs);
    }
}

/** The kernel of that name, which is to do something. */
export function kernelNamed(kernels: readonly KernelManifest[], wanted: string, purpose: string): KernelManifest {
    const found = kernels.find(({ name }) => name === wanted);
    if (found === undefined) throw new ArgumentError(`the source has no kernel ${wanted} to ${purpose}`);
    return found;
}

/** Two launches, one behind the other, as one that gives such outputs. */
export function together(
    first: LaunchResult,
    second: LaunchResult,
    outputs: LaunchResult["outputs"],
): LaunchResult & { readonly each: readonly LaunchResult[] } {
    const { grid, block } = first;
    const milliseconds = first.milliseconds + second.milliseconds;
    return { grid, block, milliseconds, counters: both(first, second), outputs, each: [first, second] };
}

function both({ counters: a }: LaunchResult, { counters: b }: LaunchResult): LaunchResult["counters"] {
    if (a === "unavailable" || b === "unavailable") return "unavailable";
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    return Object.fromEntries([...names].map((name) => [name, (a[name] ?? 0) + (b[name] ?? 0)]));
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
