// Reproducible input: Marsaglia's xorshift32 ("Xorshift RNGs", Journal of Statistical Software 8(14), 2003).

/** Integers in 0 … 2³² − 1; the same for the same seed, which is not 0. */
export function randomBits(seed: number): () => number {
    let state = seed;
    return () => {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        return state >>> 0;
    };
}

/** `count` values spread evenly over −1 … 1. */
export function randomFloats(count: number, seed: number): Float32Array {
    const next = randomBits(seed);
    return Float32Array.from({ length: count }, () => next() / 2 ** 31 - 1);
}
