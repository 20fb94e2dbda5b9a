// Whether two runs gave the same results, and whether columns became worse.

import { CASES } from "./cases.js";
import type { Columns, Run } from "./measure.js";

/** What Soma's and clang's results differ in, in words; empty where they agree. */
export function differences(soma: ReadonlyMap<string, Run>, clang: ReadonlyMap<string, Run>): string[] {
    return CASES.flatMap(({ name, tolerance }) => {
        const [ours, theirs] = [soma.get(name)?.results, clang.get(name)?.results];
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
    return (Object.keys(was) as (keyof Columns)[])
        .filter((column) => (MORE_IS_BETTER.has(column) ? is[column] < was[column] : is[column] > was[column]))
        .map((column) => `${name}: ${column} was ${was[column]} and is ${is[column]}`);
}
