// A trace of allocations like those of a program: training a transformer of eight layers with batches of changing length.
// Weights, gradients and the optimiser's state stay; each step allocates the activations of every layer, keeps them until the
// way back, and has scratch of its own in every operation, as frameworks do that free each tensor after its last use.

/** One step of a trace: `id` gets so many bytes, or is freed. */
export type Event = { readonly id: number; readonly bytes: number } | { readonly id: number; readonly free: true };

const LAYERS = 8;
const WIDTH = 512;
const HEADS = 8;
const VOCABULARY = 8192;
const STEPS = 40;
const F32 = 4;

/** Numbers from 0 to 1, the same for the same seed (Park and Miller, "Random number generators: good ones are hard to find"). */
function random(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state * 48271) % 2147483647;
        return state / 2147483647;
    };
}

export function trainingTrace(seed = 1): readonly Event[] {
    const events: Event[] = [];
    const next = random(seed);
    let last = 0;
    const take = (...extents: readonly number[]): number => {
        const bytes = extents.reduce((product, extent) => product * extent, F32);
        events.push({ id: ++last, bytes });
        return last;
    };
    const free = (...ids: readonly number[]): void => {
        for (const id of ids) events.push({ id, free: true });
    };
    // The weights and biases, their gradients, and two moments of each.
    for (let copy = 0; copy < 4; copy++) {
        take(VOCABULARY, WIDTH);
        for (let layer = 0; layer < LAYERS; layer++) {
            for (const shape of [
                [WIDTH, 3 * WIDTH],
                [3 * WIDTH],
                [WIDTH, WIDTH],
                [WIDTH],
                [WIDTH, 4 * WIDTH],
                [4 * WIDTH],
                [4 * WIDTH, WIDTH],
                [WIDTH],
                [WIDTH],
                [WIDTH],
            ]) {
                take(...shape);
            }
        }
    }
    for (let step = 0; step < STEPS; step++) {
        const batch = 4 + Math.floor(next() * 5);
        const length = 64 + Math.floor(next() * 449);
        const rows = batch * length;
        const kept: number[][] = [];
        for (let layer = 0; layer < LAYERS; layer++) {
            const [normed, qkv] = [take(rows, WIDTH), take(rows, 3 * WIDTH)];
            const scores = take(batch, HEADS, length, length);
            const weights = take(batch, HEADS, length, length);
            free(scores);
            const [attended, projected] = [take(rows, WIDTH), take(rows, WIDTH)];
            const hidden = take(rows, 4 * WIDTH);
            const active = take(rows, 4 * WIDTH);
            const out = take(rows, WIDTH);
            free(projected);
            kept.push([normed, qkv, weights, attended, hidden, active, out]);
        }
        const logits = take(rows, VOCABULARY / 8);
        const loss = take(1);
        let gradient = take(rows, WIDTH);
        free(logits, loss);
        for (const activations of kept.reverse()) {
            const scratch = take(rows, 4 * WIDTH);
            const before = take(rows, WIDTH);
            const scores = take(rows, 3 * WIDTH);
            free(scratch, scores, gradient, ...activations);
            gradient = before;
        }
        free(gradient);
    }
    return events;
}
