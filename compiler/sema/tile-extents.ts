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
}

export function extent(size: number, range: Local | null = null, sources: readonly Extent[] = []): Extent {
    return { size, range, sources };
}

/** Every range that a dimension runs over: an element counts where it is within all of them. */
export function rangesOf(extent: Extent, seen: Set<Extent> = new Set()): ReadonlySet<Local> {
    const found = new Set<Local>();
    if (seen.has(extent)) return found;
    seen.add(extent);
    if (extent.range !== null) found.add(extent.range);
    for (const source of extent.sources) for (const range of rangesOf(source, seen)) found.add(range);
    return found;
}
