// What tuning found, as a file that people read, review and commit: for a kernel on a device, at some dimensions and by some
// version of the compiler, which constants were best. Nothing here is trusted: an entry that doesn't fit is as if it weren't there.

import { readFileSync } from "node:fs";
import type { KernelManifest } from "../../codeobject/manifest.js";
import { ArgumentError } from "../errors.js";

export interface TuningResult {
    readonly kernel: string;
    /** The target, such as `gfx1100`. */
    readonly device: string;
    /** As the manifest has it, such as `soma 0.1.0`. */
    readonly compiler: string;
    readonly dims: Readonly<Record<string, number>>;
    /** The constants that were best. */
    readonly values: Readonly<Record<string, number>>;
    /** Into how many parts sums were split best; absent is 1. */
    readonly parts?: number;
    /** How many workgroups had equal shares of it best; absent is 0, a workgroup for each block. */
    readonly shares?: number;
    /** What they cost, and what those do that stand in the source. */
    readonly cost: number;
    readonly costOfDefault: number;
    /** Milliseconds on hardware; on the virtual GPU an estimate (see estimate.ts). */
    readonly unit: "ms" | "estimated cycles";
}

export interface TuningResults {
    readonly version: 1;
    readonly results: readonly TuningResult[];
}

export const NO_RESULTS: TuningResults = { version: 1, results: [] };

/** @throws ArgumentError for a file that can't be read or is none of tuning's */
export function readResults(path: string | URL): TuningResults {
    try {
        const found: unknown = JSON.parse(readFileSync(path, "utf8"));
        if (isResults(found)) return found;
    } catch (cause) {
        throw new ArgumentError(`the results of tuning in ${String(path)} can't be read`, { cause });
    }
    throw new ArgumentError(`${String(path)} is no file that \`soma tune\` wrote: it needs version 1 and results`);
}

function isResults(found: unknown): found is TuningResults {
    if (typeof found !== "object" || found === null || !("version" in found) || !("results" in found)) return false;
    return found.version === 1 && Array.isArray(found.results) && found.results.every(isResult);
}

function isResult(found: unknown): found is TuningResult {
    if (typeof found !== "object" || found === null) return false;
    const { kernel, device, compiler, dims, values } = found as Partial<Record<keyof TuningResult, unknown>>;
    const isRecord = (each: unknown) =>
        typeof each === "object" && each !== null && Object.values(each).every((value) => typeof value === "number");
    return [kernel, device, compiler].every((text) => typeof text === "string") && isRecord(dims) && isRecord(values);
}

/** The results with one in place of that for the same kernel, device, dimensions and compiler, in a fixed order. */
export function withResult({ results }: TuningResults, added: TuningResult): TuningResults {
    const others = results.filter((each) => keyOf(each) !== keyOf(added));
    return { version: 1, results: [...others, added].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) };
}

function keyOf({
    kernel,
    device,
    compiler,
    dims,
}: Pick<TuningResult, "kernel" | "device" | "compiler" | "dims">): string {
    const sorted = Object.entries(dims).sort(([a], [b]) => (a < b ? -1 : 1));
    return JSON.stringify([kernel, device, sorted, compiler]);
}

/** What was found for a launch; null where there is nothing, or its constants are not among the kernel's choices. */
export function found(
    { results }: TuningResults,
    { name, tune = [] }: KernelManifest,
    { device, compiler, dims }: Pick<TuningResult, "device" | "compiler" | "dims">,
): Pick<TuningResult, "values" | "parts" | "shares"> | null {
    const key = keyOf({ kernel: name, device, compiler, dims });
    const entry = results.find((each) => keyOf(each) === key);
    if (entry === undefined || Object.keys(entry.values).length !== tune.length) return null;
    const areCounts = [entry.parts, entry.shares].every(
        (count) => count === undefined || (Number.isInteger(count) && count > 0),
    );
    const areChoices = tune.every(({ name: each, choices }) => choices.includes(entry.values[each] ?? Number.NaN));
    return areCounts && areChoices ? entry : null;
}
