import { expect, it } from "vitest";
import { trainingTrace } from "../../bench/runtime/trace.js";
import type { NativeBuffer } from "../../runtime/hip/binding.js";
import { BLOCK_ALIGNMENT, Pool, type PoolBlock } from "../../runtime/memory/pool.js";

/** Chunks that are nothing but addresses. */
function makePool() {
    const chunks = new Map<NativeBuffer, number>();
    let next = 4096n;
    const pool = new Pool({
        allocate(bytes) {
            const buffer = { address: next, bytes } as unknown as NativeBuffer;
            next += BigInt(bytes);
            chunks.set(buffer, bytes);
            return buffer;
        },
        free(buffer) {
            expect(chunks.delete(buffer)).toBe(true);
        },
    });
    return { pool, chunks };
}

const startOf = ({ chunk, offset }: PoolBlock): number => Number(chunk.buffer.address) + offset;

it("gives blocks that don't overlap, uses freed ones again, and in the end has whole chunks", () => {
    const { pool, chunks } = makePool();
    const live: { block: PoolBlock; bytes: number }[] = [];
    let state = 7;
    const next = (most: number): number => {
        state = (state * 48271) % 2147483647;
        return state % most;
    };
    for (let step = 0; step < 4000; step++) {
        if (live.length > 0 && next(100) < 48) {
            const [gone] = live.splice(next(live.length), 1);
            pool.release(gone?.block as PoolBlock);
            continue;
        }
        const bytes = 1 + next(2 ** (4 + next(19)));
        const block = pool.allocate(bytes);
        expect(block.size).toBeGreaterThanOrEqual(bytes);
        expect(block.size - bytes).toBeLessThan(BLOCK_ALIGNMENT);
        expect(block.offset % BLOCK_ALIGNMENT).toBe(0);
        expect(block.offset + block.size).toBeLessThanOrEqual(block.chunk.bytes);
        live.push({ block, bytes });
        if (step % 50 !== 0) continue;
        const sorted = live.map(({ block }) => block).sort((a, b) => startOf(a) - startOf(b));
        sorted.slice(1).forEach((block, index) => {
            const before = sorted[index] as PoolBlock;
            expect(startOf(before) + before.size).toBeLessThanOrEqual(startOf(block));
        });
        expect(pool.inUse).toBe(sorted.reduce((sum, { size }) => sum + size, 0));
    }
    expect(pool.hits).toBeGreaterThan(1000);
    for (const { block } of live) pool.release(block);
    expect(pool.inUse).toBe(0);
    expect(pool.reserved).toBe([...chunks.values()].reduce((sum, bytes) => sum + bytes, 0));
    expect(pool.trim()).toBeGreaterThan(0);
    expect(pool.reserved).toBe(0);
    expect(chunks.size).toBe(0);
});

it.each([1, 2, 3, 4, 5])("takes at most 5 % more than a training program asks for (%i)", (seed) => {
    const { pool } = makePool();
    const blocks = new Map<number, { block: PoolBlock; bytes: number }>();
    let asked = 0;
    let peakAsked = 0;
    for (const event of trainingTrace(seed)) {
        if ("free" in event) {
            const { block, bytes } = blocks.get(event.id) as { block: PoolBlock; bytes: number };
            blocks.delete(event.id);
            asked -= bytes;
            pool.release(block);
        } else {
            asked += event.bytes;
            peakAsked = Math.max(peakAsked, asked);
            blocks.set(event.id, { block: pool.allocate(event.bytes), bytes: event.bytes });
        }
    }
    expect(pool.peakReserved / peakAsked).toBeLessThanOrEqual(1.05);
});
