// Products whose workgroups have equal shares of all rounds, wherever blocks begin and end (stream-K): where blocks are no multiple of the
// compute units, some of these would wait for others in the last turn. Two kernels of a source take the place of one: the first stores
// the blocks that a workgroup sums alone, and parts of the others, which the second adds up in their order.

import type { KernelManifest, ParameterManifest } from "../../codeobject/manifest.js";
import type { KernelArguments } from "../arguments.js";
import { ArgumentError } from "../errors.js";
import type { Gpu } from "../gpu.js";
import type { Kernel, LaunchOptions, LaunchResult } from "../kernel.js";
import { cyclesOfShares, type Extents, roundsOf } from "./estimate.js";
import { dimsOf, kernelNamed, together } from "./split.js";

/** Names of kernels of the same source. */
export interface ShareKernels {
    /** Takes what the kernel takes, and a view of f32 whose first dimension is how many workgroups there are. */
    readonly shares: string;
    /** Takes that view and the result; dimensions that these don't have it takes by their names. */
    readonly sum: string;
    /** How many workgroups share every product; without it an estimate says whether any do. */
    readonly workgroups?: number;
}

/** Of a compute unit: LDS of 64 KiB holds two with operands of 32 KiB, which keep its matrix cores busy while one of them waits. */
const EACH = 2;

/** A share of fewer terms costs more to write and add than it saves. */
const LEAST_SHARE = 256;

/** As many workgroups as a device holds at once, but none for less than 256 terms of a block. */
export function workgroupsFor(size: Extents, block: Extents, computeUnits: number): number {
    const { blocks, rounds } = roundsOf(size, block);
    const most = Math.floor((blocks * rounds * block[2]) / LEAST_SHARE);
    return Math.max(1, Math.min(EACH * computeUnits, most));
}

/** How the kernels of shares fit together. */
export class Shares {
    /** The view of parts, a parameter of both kernels. */
    readonly #view: Extract<ParameterManifest, { kind: "view" }>;
    readonly #result: Extract<ParameterManifest, { kind: "view" }>;
    /** Dimensions that the second kernel takes. */
    readonly #given: readonly string[];
    /** What a workgroup multiplies at once. */
    readonly #block: Extents;

    /** @throws ArgumentError for kernels that don't fit together */
    constructor(
        readonly names: ShareKernels,
        readonly whole: KernelManifest,
        kernels: readonly KernelManifest[],
    ) {
        const { workgroups = 1 } = names;
        if (!Number.isInteger(workgroups) || workgroups < 1)
            throw new ArgumentError(`a product is shared by 1 workgroup or more, not ${workgroups}`);
        const [shares, sum] = [names.shares, names.sum].map((name) =>
            kernelNamed(kernels, name, "share products with"),
        );
        const parametersOf = (kernel: KernelManifest | undefined) => kernel?.parameters ?? [];
        const own = new Set(whole.parameters.map(({ name }) => name));
        const [view, ...more] = parametersOf(shares).filter(({ name }) => !own.has(name));
        const taken = new Set(parametersOf(shares).map(({ name }) => name));
        const results = whole.parameters.filter((each) => each.kind === "view" && each.mutable);
        const [result] = results;
        const [count] = view?.kind === "view" ? view.dims : [];
        const [product] = shares?.tiles?.products ?? [];
        const domain = shares?.tiles?.domain ?? [];
        const isShared =
            view?.kind === "view" &&
            view.element === "f32" &&
            more.length === 0 &&
            [...own].every((name) => taken.has(name)) &&
            view.dims.slice(1).every((dim) => typeof dim === "number") &&
            domain.length === 1 &&
            domain[0]?.extent === count &&
            !whole.dims.includes(String(count));
        if (!isShared || result?.kind !== "view" || results.length > 1 || product === undefined) {
            throw new ArgumentError(
                `${names.shares} is no ${whole.name} in shares: it takes the same and one view of f32, whose first dimension is its domain, and whose others are constants`,
            );
        }
        const given = parametersOf(sum).filter(({ name }) => name !== view.name && name !== result.name);
        const sizesOf = (dims: readonly unknown[]) => dims.slice(1).join();
        const isSum =
            parametersOf(sum).some(({ name }) => name === result.name) &&
            parametersOf(sum).some(
                (each) => each.kind === "view" && each.name === view.name && sizesOf(each.dims) === sizesOf(view.dims),
            ) &&
            given.every(({ name, kind }) => kind !== "view" && whole.dims.includes(name));
        if (!isSum) {
            throw new ArgumentError(
                `${names.sum} adds up no shares of ${whole.name}: it takes ${view.name}, ${result.name}, and dimensions by their names`,
            );
        }
        this.#view = view;
        this.#result = result;
        this.#given = given.map(({ name }) => name);
        this.#block = product.shape;
    }

    /** How many workgroups tuning tries. */
    candidates(dims: Readonly<Record<string, number>>, computeUnits: number): readonly number[] {
        const all = Array.from({ length: EACH }, (_, each) =>
            workgroupsFor(this.#sizeOf(dims), this.#block, ((each + 1) * computeUnits) / EACH),
        );
        return [...new Set(all)];
    }

    /** How many workgroups suit dimensions best, and what they cost. */
    bestFor(dims: Readonly<Record<string, number>>, computeUnits: number): { workgroups: number; cost: number } {
        const size = this.#sizeOf(dims);
        const workgroups = this.names.workgroups ?? workgroupsFor(size, this.#block, computeUnits);
        const isForced = this.names.workgroups !== undefined;
        return { workgroups, cost: isForced ? 0 : cyclesOfShares(size, this.#block, workgroups, computeUnits) };
    }

    #sizeOf(dims: Readonly<Record<string, number>>): Extents {
        const own = this.#result.dims.slice(-2);
        const [m = 1, n = 1] = own.map((dim) => (typeof dim === "number" ? dim : (dims[String(dim)] ?? 1)));
        const summed = this.whole.dims.filter((dim) => !this.#result.dims.includes(dim)).map((dim) => dims[dim] ?? 1);
        return [m, n, Math.max(...summed, 0)];
    }

    /** Launches both; what the whole kernel's launch would give, with times and counters of both. */
    async launch(
        gpu: Gpu,
        kernels: Readonly<Record<string, Kernel>>,
        args: KernelArguments,
        workgroups: number,
        options: LaunchOptions = {},
    ): Promise<LaunchResult & { readonly each: readonly LaunchResult[] }> {
        const dims = dimsOf(this.whole, args);
        const { name: result } = this.#result;
        const [first, second] = [kernels[this.names.shares], kernels[this.names.sum]] as [Kernel, Kernel];
        using parts = gpu.tensor("f32", [workgroups, ...this.#view.dims.slice(1).map(Number)]);
        const made = await first({ ...args, [this.#view.name]: parts }, options);
        const given = Object.fromEntries(this.#given.map((name) => [name, dims[name] ?? 0]));
        const stored = args[result] ?? made.outputs[result];
        const summed = await second({ ...given, [this.#view.name]: parts, [result]: stored as never }, options);
        return together(made, summed, made.outputs);
    }
}
