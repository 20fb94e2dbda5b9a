// Whether two runs gave the same results, whether columns became worse, and what Soma's code is to be held against the
// baselines'.

import { CASES } from "./cases.js";
import type { Baseline, Columns, Run } from "./measure.js";

type Runs = ReadonlyMap<string, Run>;
type AllResults = ReadonlyMap<string, Pick<Run, "results">>;

/** What Soma's and a baseline's results differ in, in words; empty where they agree. */
export function differences(soma: AllResults, baseline: AllResults): string[] {
    return CASES.flatMap(({ name, tolerance }) => {
        const [ours, theirs] = [soma.get(name)?.results, baseline.get(name)?.results];
        return [...(ours ?? [])].flatMap(([view, values]) => {
            const others = theirs?.get(view) ?? [];
            const at = values.findIndex((value, place) => !close(value, others[place] ?? Number.NaN, tolerance));
            return at < 0 ? [] : [`${name}: ${view}[${at}] is ${values[at]} in Soma and ${others[at]} in OpenCL C`];
        });
    });
}

function close(a: number, b: number, tolerance: number): boolean {
    return Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(Math.abs(a), Math.abs(b));
}

/** What is better the more there is of it; of everything else less is better. */
const MORE_IS_BETTER: ReadonlySet<keyof Columns> = new Set(["occupancy"]);

/** The columns that are worse than they were, in words. */
export function regressions(name: string, was: Columns, is: Columns): string[] {
    return worse(was, is).map((column) => `${name}: ${column} was ${was[column]} and is ${is[column]}`);
}

function worse(was: Columns, is: Columns): (keyof Columns)[] {
    return (Object.keys(is) as (keyof Columns)[]).filter((column) =>
        MORE_IS_BETTER.has(column) ? !(is[column] >= was[column]) : !(is[column] <= was[column]),
    );
}

/** Executed instructions, Soma's over a baseline's, by kernel. */
export function ratios(soma: Runs, baseline: Runs): Map<string, number> {
    return new Map(
        [...soma].map(([name, { columns }]) => {
            return [name, columns.instructions / columnsOf(baseline, name).instructions];
        }),
    );
}

export function geometricMean(values: Iterable<number>): number {
    const logarithms = Array.from(values, Math.log);
    return Math.exp(logarithms.reduce((sum, each) => sum + each, 0) / logarithms.length);
}

interface Aims {
    /** The most that executed instructions may be of the baseline's: the geometric mean over kernels, and each. */
    readonly mean: number;
    readonly each: number;
    /** Columns that are worse for no kernel. */
    readonly notWorse: readonly (keyof Columns)[];
}

export const AIMS: Readonly<Record<Baseline, Aims>> = {
    plain: { mean: 0.9, each: 1.02, notWorse: ["transactions", "occupancy"] },
    expert: { mean: 1, each: Number.POSITIVE_INFINITY, notWorse: ["occupancy"] },
};

/** Where Soma misses its aims beside a baseline, in words. */
export function misses(baseline: Baseline, soma: Runs, theirs: Runs): string[] {
    const { mean, each, notWorse } = AIMS[baseline];
    const all = ratios(soma, theirs);
    const found = [...all].filter(([, ratio]) => ratio > each);
    const reached = geometricMean(all.values());
    return [
        ...(reached > mean ? [`geometric mean of instructions: ${reached} of ${baseline}`] : []),
        ...found.map(([name, ratio]) => `${name}: instructions are ${ratio} of ${baseline}`),
        ...[...soma].flatMap(([name, { columns }]) =>
            worse(columnsOf(theirs, name), columns)
                .filter((column) => notWorse.includes(column))
                .map((column) => `${name}: ${column} is ${columns[column]}, worse than ${baseline}`),
        ),
    ];
}

function columnsOf(runs: Runs, name: string): Columns {
    const run = runs.get(name);
    if (!run) throw new Error(`there is no run of ${name}`);
    return run.columns;
}
