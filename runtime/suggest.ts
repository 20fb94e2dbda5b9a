// "Did you mean": the name that a misspelt one is nearest to.

/** ` (did you mean NAME?)` for the candidate within a third of the name's length in edits, or nothing. */
export function didYouMean(name: string, candidates: readonly string[]): string {
    const limit = Math.max(1, Math.floor(name.length / 3));
    let best: string | undefined;
    let least = limit + 1;
    for (const candidate of candidates) {
        const distance = editDistance(name, candidate);
        if (distance < least) {
            best = candidate;
            least = distance;
        }
    }
    return best === undefined ? "" : ` (did you mean ${best}?)`;
}

/** Insertions, deletions and substitutions between two words (Wagner and Fischer, 1974). */
function editDistance(a: string, b: string): number {
    let row = Array.from({ length: b.length + 1 }, (_, j) => j);
    for (let i = 1; i <= a.length; i++) {
        const next = [i];
        for (let j = 1; j <= b.length; j++) {
            const substitution = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
            next.push(Math.min(substitution, (row[j] as number) + 1, (next[j - 1] as number) + 1));
        }
        row = next;
    }
    return row[b.length] as number;
}
