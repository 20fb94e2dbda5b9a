// Philox4x32-10, the counter-based generator that Soma uses wherever there is randomness: the same key and counter give
// the same words on every machine.
// J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11, section 4.3.

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
/** Weyl increments of the key: the golden ratio and the square root of 3 less 1. */
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;
const ROUNDS = 10;

/** The high 32 bits of the product of two unsigned 32-bit integers. */
function mulHigh(a: number, b: number): number {
    const aLow = a & 0xffff;
    const aHigh = a >>> 16;
    const bLow = b & 0xffff;
    const bHigh = b >>> 16;
    // Each partial sum stays below 2^33, where doubles are exact.
    const middle = aHigh * bLow + ((aLow * bLow) >>> 16);
    const carry = aLow * bHigh + (middle & 0xffff);
    return (aHigh * bHigh + Math.floor(middle / 0x10000) + Math.floor(carry / 0x10000)) >>> 0;
}

/** One block: four words in place of the counter's four, for a key of two words. All are unsigned 32-bit integers. */
export function philox4x32(counter: Uint32Array, key: readonly [number, number]): void {
    let [c0 = 0, c1 = 0, c2 = 0, c3 = 0] = counter;
    let [k0, k1] = key;
    for (let round = 0; round < ROUNDS; round++) {
        const high0 = mulHigh(MULTIPLIER_0, c0);
        const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
        const high1 = mulHigh(MULTIPLIER_1, c2);
        const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
        c0 = (high1 ^ c1 ^ k0) >>> 0;
        c1 = low1;
        c2 = (high0 ^ c3 ^ k1) >>> 0;
        c3 = low0;
        k0 = (k0 + WEYL_0) >>> 0;
        k1 = (k1 + WEYL_1) >>> 0;
    }
    counter[0] = c0;
    counter[1] = c1;
    counter[2] = c2;
    counter[3] = c3;
}

/**
 * The words of blocks 0, 1, 2, … under a 64-bit seed, one after the other.
 * The seed is the key (low word first), the block's number the low half of the counter.
 */
export function philoxWords(seed: bigint): () => number {
    const key: readonly [number, number] = [Number(seed & 0xffffffffn), Number((seed >> 32n) & 0xffffffffn)];
    const block = new Uint32Array(4);
    let number = 0;
    let next = 4;
    return () => {
        if (next === 4) {
            block.set([number >>> 0, Math.floor(number / 0x1_0000_0000), 0, 0]);
            philox4x32(block, key);
            number++;
            next = 0;
        }
        return block[next++] ?? 0;
    };
}
