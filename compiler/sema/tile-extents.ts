// Extents of tiles: how many elements there are along a dimension, and which ranges they run over. What past the end of
// a range would come of nothing takes no part in reductions, so every tile knows the ranges of its dimensions: those of
// the tiles that it was computed from. A variable learns them from what is assigned to it anywhere in its scope, which
// may stand behind its use in a loop: so they are asked for (`rangesOf`) when the whole body has been checked.

import type { Local } from "./program.js";

/** One dimension of a tile. */
export interface Extent {
    readonly size: number;
    readonly range: Local | null;
    /** Dimensions that it was made of; a variable's grow with its assignments. */
    readonly sources: readonly Extent[];
    /** Of a part: which place along its source is its first. */
    readonly start: number;
}

/** A range that a dimension runs over, from that place of the range on. */
export interface RunsOver {
    readonly range: Local;
    readonly from: number;
}

export function extent(size: number, range: Local | null = null, sources: readonly Extent[] = [], start = 0): Extent {
    return { size, range, sources, start };
}

/** Every range that a dimension runs over: an element counts where it is within all of them. */
export function rangesOf(extent: Extent): readonly RunsOver[] {
    const found = new Map<string, RunsOver>();
    const names = new Map<Local, number>();
    const seen = new Set<Extent>();
    const visit = (each: Extent, from: number) => {
        if (seen.has(each)) return;
        seen.add(each);
        const { range } = each;
        if (range !== null) {
            if (!names.has(range)) names.set(range, names.size);
            found.set(`${names.get(range)} ${from}`, { range, from });
        }
        for (const source of each.sources) visit(source, from + each.start);
    };
    visit(extent, 0);
    return [...found.values()];
}
