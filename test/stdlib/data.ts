// Test data: numbers without a pattern, the same in every run.

/** SplitMix32 (after G. L. Steele and others, 2014): unsigned 32-bit integers. */
export function words(count: number, seed: number): Uint32Array<ArrayBuffer> {
    let state = seed >>> 0;
    return Uint32Array.from({ length: count }, () => {
        state = (state + 0x9e3779b9) >>> 0;
        let z = state;
        z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
        z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
        return (z ^ (z >>> 15)) >>> 0;
    });
}

/** f32 numbers in low … high. */
export function floats(count: number, seed: number, low: number, high: number): Float32Array<ArrayBuffer> {
    return Float32Array.from(words(count, seed), (word) => low + ((high - low) * word) / 2 ** 32);
}
