// Conflicts of LDS banks. Banks are words wide; an access of a wave is served in phases of as many lanes as fill all banks
// once, and a phase takes longer where lanes want different words of a bank. Of layouts that are linear over bits that is a
// question of ranks: the bits of a lane's number that differ within a phase must not lose any in what chooses the bank.
// Sources: RDNA3 and MI300 ISA, "Local Data Share"; AMD's CK Tile documentation, "Understanding AMD GPU LDS and Bank
// Conflicts", also for the lanes that CDNA pairs in reads of 16 bytes; gfx950 has 64 banks.

import type { Target } from "../targets/targets.js";
import { type Bases, compose, type Layout, log2 } from "./layout.js";

/** Lanes that read or write so many neighbouring bytes each. */
export interface WaveAccess {
    readonly lanes: Layout["lanes"];
    readonly bytes: number;
    readonly isRead: boolean;
}

export function banksOf({ name }: Target): number {
    return name === "gfx950" ? 64 : 32;
}

/** Bytes that all banks give at once. */
function lineOf(target: Target): number {
    return 4 * banksOf(target);
}

/** What lanes of a phase differ by. */
function phaseOf(target: Target, { lanes, bytes, isRead }: WaveAccess): number[] {
    const isPaired = target.family.startsWith("cdna") && banksOf(target) === 32 && isRead && bytes === 16;
    const [first = 0, second = 0, third = 0, , fifth = 0] = lanes;
    // Lanes 0 to 3 go with 20 to 23, 4 to 7 with 16 to 19.
    if (isPaired) return [first, second, third ^ fifth];
    return lanes.slice(0, Math.min(5, log2(lineOf(target) / Math.max(4, bytes))));
}

/** Where a tile lies, and how waves write and read it there. */
export interface Placed {
    readonly storage: Bases;
    readonly accesses: readonly WaveAccess[];
}

/**
 * Of the storages that `place` gives for accesses of so many bytes at most the first one that can be freed of conflicts, the
 * widest accesses first; where none can, the one that has fewest.
 */
export function widestWithoutConflicts(target: Target, widest: number, place: (most: number) => Placed): number[] {
    let best: { readonly storage: number[]; readonly lost: number } | null = null;
    for (let most = widest; most >= 4; most /= 2) {
        const { storage, accesses } = place(most);
        const narrowed = accesses.map((access) => ({ ...access, bytes: Math.min(most, access.bytes) }));
        const freed = withoutConflicts(target, storage, most, narrowed);
        const lost = lostBitsOf(target, freed, narrowed);
        if (best === null || lost < best.lost) best = { storage: freed, lost };
        if (lost === 0) break;
    }
    if (best === null) throw new Error("no access is narrower than a word");
    return best.storage;
}

function lostBitsOf(target: Target, storage: Bases, accesses: readonly WaveAccess[]): number {
    return accesses.reduce((sum, access) => sum + lostBits(target, storage, access), 0);
}

/** Bits that are lost between the words that a phase wants and the banks they are in: 0 is free of conflicts. */
export function lostBits(target: Target, storage: Bases, access: WaveAccess): number {
    const words = compose(storage, phaseOf(target, access)).map((address) => address >> 2);
    return rank(words) - rank(words.map((word) => word & (banksOf(target) - 1)));
}

function rank(bases: Bases): number {
    const reduced: number[] = [];
    for (const basis of bases) {
        const rest = reduced.reduce((left, known) => Math.min(left, left ^ known), basis);
        if (rest !== 0) reduced.push(rest);
    }
    return reduced.length;
}

/**
 * A storage in which bits above a line are added to those that choose a bank until no access has conflicts, or nothing
 * helps any more. Bits within `granule` bytes, the widest access, stay as they are.
 */
export function withoutConflicts(
    target: Target,
    storage: Bases,
    granule: number,
    accesses: readonly WaveAccess[],
): number[] {
    let best = [...storage];
    const lost = (candidate: Bases) => lostBitsOf(target, candidate, accesses);
    for (let least = lost(best); least > 0; ) {
        let found: number[] | null = null;
        for (const [bit, basis] of storage.entries()) {
            if (basis < lineOf(target)) continue;
            for (let bank = granule; bank < lineOf(target); bank *= 2) {
                const candidate = best.map((each, at) => (at === bit ? each ^ bank : each));
                const left = lost(candidate);
                if (left >= least) continue;
                least = left;
                found = candidate;
            }
        }
        if (found === null) return best;
        best = found;
    }
    return best;
}
