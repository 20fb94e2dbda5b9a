// "Did you mean": the known name nearest to an unknown one.

/** The candidate with the least edit distance, if it is near enough to be meant; ties go to the first. */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
    let best: string | undefined;
    let least = Math.min(3, Math.floor((name.length + 1) / 3) + 1);
    if (name.length > 64) return undefined;
    for (const candidate of candidates) {
        if (candidate === name || Math.abs(candidate.length - name.length) >= least) continue;
        const distance = editDistance(name, candidate);
        if (distance < least) {
            best = candidate;
            least = distance;
        }
    }
    return best;
}

/** Optimal string alignment distance: insertions, deletions, replacements and swaps of neighbours count 1. */
function editDistance(a: string, b: string): number {
    let [beforeLast, last]: [number[], number[]] = [[], Array.from({ length: b.length + 1 }, (_, j) => j)];
    for (let i = 1; i <= a.length; i++) {
        const row = [i];
        for (let j = 1; j <= b.length; j++) {
            const replaced = (last[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
            let distance = Math.min(replaced, (last[j] as number) + 1, (row[j - 1] as number) + 1);
            if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
                distance = Math.min(distance, (beforeLast[j - 2] as number) + 1);
            }
            row.push(distance);
        }
        [beforeLast, last] = [last, row];
    }
    return last[b.length] as number;
}
