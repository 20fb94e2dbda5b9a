// Which targets have something, in words, for errors about those that have it not.

import { TARGETS, type Target } from "./targets.js";

/** Fewer names are all written. */
const LEAST_RUN = 3;

/**
 * The names of the targets for which `has` holds, in the table's order; of three or more that follow one another there the
 * first and the last: `gfx90a, gfx1010 to gfx1201`. `none` where there is no such target.
 */
export function targetsThat(has: (target: Target) => boolean): string {
    const runs: string[][] = [];
    let isRun = false;
    for (const target of TARGETS) {
        const fits = has(target);
        if (fits && isRun) runs.at(-1)?.push(target.name);
        else if (fits) runs.push([target.name]);
        isRun = fits;
    }
    const words = runs.map((names) => (names.length < LEAST_RUN ? names.join(", ") : `${names[0]} to ${names.at(-1)}`));
    return words.join(", ") || "none";
}
