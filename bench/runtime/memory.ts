// The pool against allocations of HIP's own on the trace of trace.ts, and copies between host and device against memcpy.

import type { Gpu } from "../../runtime/index.js";
import { Pool, type PoolBlock } from "../../runtime/memory/pool.js";
import { trainingTrace } from "./trace.js";

export interface AllocatorTimes {
    /** Microseconds for an allocation and its release. */
    readonly raw: number;
    readonly pooled: number;
    /** The most that the pool took of the device, over the most that the program asked for at a time. */
    readonly overhead: number;
    /** Share of the requests that the pool had room for. */
    readonly hits: number;
}

export function measureAllocator({ device }: Gpu, rounds: number): AllocatorTimes {
    const trace = trainingTrace();
    const count = trace.filter((event) => "bytes" in event).length;
    const run = <B>(allocate: (bytes: number) => B, release: (block: B) => void): number => {
        const live = new Map<number, B>();
        const start = performance.now();
        for (const event of trace) {
            if ("bytes" in event) {
                live.set(event.id, allocate(event.bytes));
            } else {
                release(live.get(event.id) as B);
                live.delete(event.id);
            }
        }
        const microseconds = ((performance.now() - start) * 1000) / count;
        for (const block of live.values()) release(block);
        return microseconds;
    };
    let [raw, pooled, overhead, hits] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0, 0];
    let [asked, peak] = [0, 0];
    for (const event of trace) {
        asked += "bytes" in event ? event.bytes : 0;
        peak = Math.max(peak, asked);
        if ("free" in event) asked -= (trace.find((each) => each.id === event.id) as { bytes: number }).bytes;
    }
    for (let round = 0; round < rounds; round++) {
        raw = Math.min(
            raw,
            run(
                (bytes) => device.allocate(bytes),
                (buffer) => buffer.dispose(),
            ),
        );
        const pool = new Pool({ allocate: (bytes) => device.allocate(bytes), free: (buffer) => buffer.dispose() });
        pooled = Math.min(
            pooled,
            run(
                (bytes) => pool.allocate(bytes),
                (block: PoolBlock) => pool.release(block),
            ),
        );
        overhead = pool.peakReserved / peak;
        hits = pool.hits / count;
        pool.trim();
    }
    return { raw, pooled, overhead, hits };
}

export interface CopyTimes {
    readonly bytes: number;
    /** Bytes a nanosecond, which are GB/s. */
    readonly memcpy: number;
    readonly write: number;
    readonly read: number;
    readonly copy: number;
}

export async function measureCopies(gpu: Gpu, sizes: readonly number[], rounds: number): Promise<readonly CopyTimes[]> {
    const times: CopyTimes[] = [];
    for (const bytes of sizes) {
        const [source, target] = [new Uint8Array(bytes).fill(1), new Uint8Array(bytes).fill(2)];
        using x = gpu.tensor("u8", [bytes], source);
        using y = gpu.tensor("u8", [bytes]);
        const rate = async (operation: () => unknown): Promise<number> => {
            let best = 0;
            for (let round = 0; round < rounds; round++) {
                const start = performance.now();
                await operation();
                best = Math.max(best, bytes / 1e6 / (performance.now() - start));
            }
            return best;
        };
        times.push({
            bytes,
            memcpy: await rate(() => target.set(source)),
            write: await rate(() => x.write(source)),
            read: await rate(() => x.read()),
            copy: await rate(() => gpu.copy(y, x)),
        });
    }
    return times;
}
