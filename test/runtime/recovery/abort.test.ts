// AbortSignals: nobody waits any longer, and the device is spared what nobody wants.

import { describe, expect, it } from "vitest";
import { AbortError, ArgumentError, type Kernel, open } from "../../../runtime/index.js";

const SOURCE = `
kernel count(x: mut u32[1], rounds: u32) over i in 1 {
    var s: u32 = 0
    for r in 0 .. rounds as index { s = s ^ (s * 3 + r as u32) }
    x[0] = s
}
kernel twice(x: mut f32[n]) over i in n { x[i] = 2.0 * x[i] }
`;

async function setUp() {
    const gpu = await open("vgpu:gfx1100");
    const { kernels } = await gpu.load({ source: SOURCE });
    gpu.limits({ instructions: Number.POSITIVE_INFINITY });
    return { gpu, ...(kernels as Record<"count" | "twice", Kernel>) };
}

/** Runs for minutes, unless something stops it. */
const LONG = 4_000_000_000;

describe("a signal", () => {
    it("stops a kernel of the virtual GPU, which goes on with what comes", async () => {
        const { gpu, count, twice } = await setUp();
        const x = gpu.tensor("u32", [1]);
        const y = gpu.tensor("f32", [2], [1, 2]);
        const signal = AbortSignal.timeout(20);
        const error = await count({ x, rounds: LONG }, { signal }).catch((reason: unknown) => reason);
        expect(error).toBeInstanceOf(AbortError);
        expect(error).toMatchObject({ code: "ERR_SOMA_ABORTED", cause: signal.reason });
        expect((error as Error).message).toMatch(/^count was aborted: .*timeout/);
        await twice({ x: y });
        expect([...(await y.read())]).toEqual([2, 4]);
        gpu.close();
    });

    it("stops one kernel of a stream, and those behind it go on", async () => {
        const { gpu, count, twice } = await setUp();
        const x = gpu.tensor("u32", [1]);
        const y = gpu.tensor("f32", [2], [1, 2]);
        const stream = gpu.stream();
        const abort = new AbortController();
        const long = count({ x, rounds: LONG }, { stream, signal: abort.signal });
        twice.enqueue({ x: y }, { stream });
        const before = twice({ x: y }, { stream });
        abort.abort();
        await expect(long).rejects.toThrow(AbortError);
        const after = twice({ x: y }, { stream });
        await Promise.all([before, after]);
        expect([...(await y.read())]).toEqual([8, 16]);
        gpu.close();
    });

    it("keeps a launch from beginning", async () => {
        const { gpu, count, twice } = await setUp();
        const x = gpu.tensor("u32", [1]);
        const y = gpu.tensor("f32", [2], [1, 2]);
        const stream = gpu.stream();
        const long = new AbortController();
        const first = count({ x, rounds: LONG }, { stream, signal: long.signal });
        const abort = new AbortController();
        const second = twice({ x: y }, { stream, signal: abort.signal });
        abort.abort(new Error("not needed"));
        await expect(second).rejects.toThrow("twice was aborted: not needed");
        long.abort();
        await expect(first).rejects.toThrow(AbortError);
        gpu.close();
    });

    it("that was given before means that nothing is done", async () => {
        const { gpu, twice } = await setUp();
        const y = gpu.tensor("f32", [2], [1, 2]);
        const signal = AbortSignal.abort();
        for (const call of [
            () => twice({ x: y }, { signal }),
            () => y.read({ signal }),
            () => y.write([3, 4], { signal }),
            () => gpu.copy(y, y, { signal }),
            () => gpu.load({ source: SOURCE }, { signal }),
            () => gpu.synchronize({ signal }),
        ]) {
            await expect(call()).rejects.toThrow(AbortError);
        }
        expect([...(await y.read())]).toEqual([1, 2]);
        gpu.close();
    });

    it("ends waiting for reads, compilation and streams", async () => {
        const { gpu, count } = await setUp();
        const x = gpu.tensor("u32", [1]);
        const stream = gpu.stream();
        const long = new AbortController();
        const running = count({ x, rounds: LONG }, { stream, signal: long.signal });
        for (const wait of [
            () => x.read({ signal: AbortSignal.timeout(5) }),
            () => stream.synchronize({ signal: AbortSignal.timeout(5) }),
            () => gpu.synchronize({ signal: AbortSignal.timeout(5) }),
            () =>
                gpu.load(
                    { source: `${SOURCE}\nkernel another(x: mut f32[n]) over i in n { x[i] = 0.0 }` },
                    { signal: AbortSignal.timeout(0) },
                ),
        ]) {
            await expect(wait()).rejects.toThrow(AbortError);
        }
        long.abort();
        await expect(running).rejects.toThrow(AbortError);
        gpu.close();
    });

    it("must be one, and is none of what nobody waits for", async () => {
        const { gpu, twice } = await setUp();
        const x = gpu.tensor("f32", [2]);
        await expect(twice({ x }, { signal: 5 as never })).rejects.toThrow(/signal is an AbortSignal, not 5/);
        expect(() => twice.enqueue({ x }, { signal: AbortSignal.timeout(5) })).toThrow(ArgumentError);
        gpu.close();
    });
});
