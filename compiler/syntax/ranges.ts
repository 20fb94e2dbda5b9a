// A set of offsets, kept as disjoint ranges: whether a place is in it is answered in logarithmic time.

export interface Range {
    readonly start: number;
    readonly end: number;
}

/** A predicate for "lies in one of the ranges", ends included. */
export function within(ranges: readonly Range[]): (offset: number) => boolean {
    const merged: { start: number; end: number }[] = [];
    for (const range of [...ranges].sort((a, b) => a.start - b.start)) {
        const last = merged.at(-1);
        if (last !== undefined && range.start <= last.end) last.end = Math.max(last.end, range.end);
        else merged.push({ start: range.start, end: range.end });
    }
    return (offset) => {
        const range = merged[lastNotAbove(merged, offset)];
        return range !== undefined && offset <= range.end;
    };
}

/** The index of the last range that starts at or before `offset`; -1 where none does. */
export function lastNotAbove(ranges: readonly Range[], offset: number): number {
    let low = 0;
    let high = ranges.length;
    while (low < high) {
        const middle = (low + high) >> 1;
        if ((ranges[middle] as Range).start <= offset) low = middle + 1;
        else high = middle;
    }
    return low - 1;
}
