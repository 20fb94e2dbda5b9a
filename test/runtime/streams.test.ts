import { describe, expect, it } from "vitest";
import { ArgumentError, DisposedError, KernelFault, open } from "../../runtime/index.js";

const SOURCE = `
kernel add_one(x: mut f32[n]) over i in n { x[i] = x[i] + 1.0 }
kernel add(a: f32[n], b: f32[n], c: mut f32[n]) over i in n { c[i] = a[i] + b[i] }
kernel count(x: mut u32[1], rounds: u32) over i in 1 {
    var s: u32 = 0
    for r in 0 .. rounds as index { s = s ^ (s * 3 + r as u32) }
    x[0] = s
}
kernel stray(x: mut f32[n]) over i in n { x[i + 1000000000] = 1.0 }
`;

async function setUp() {
    const gpu = await open("vgpu:gfx1100");
    gpu.limits({ instructions: Number.POSITIVE_INFINITY });
    return { gpu, ...(await gpu.load<"add_one" | "add" | "count" | "stray">({ source: SOURCE })) };
}

describe("launches without a promise", () => {
    it("run in the order of the calls, however many", async () => {
        const { gpu, add_one } = await setUp();
        const x = gpu.tensor("f32", [4], [0, 1, 2, 3]);
        for (let i = 0; i < 100; i++) add_one.enqueue({ x });
        expect([...(await x.read())]).toEqual([100, 101, 102, 103]);
        gpu.close();
    });

    it("may be followed by the disposal of what they use", async () => {
        const { gpu, add } = await setUp();
        const c = gpu.tensor("f32", [1000]);
        {
            using a = gpu.tensor("f32", [1000], new Float32Array(1000).fill(2));
            using b = gpu.tensor("f32", [1000], new Float32Array(1000).fill(3));
            add.enqueue({ a, b, c });
        }
        expect(new Set(await c.read())).toEqual(new Set([5]));
        gpu.close();
    });

    it("tell a fault to what is awaited next, once", async () => {
        const { gpu, stray, add_one } = await setUp();
        const x = gpu.tensor("f32", [4]);
        stray.enqueue({ x });
        await expect(gpu.synchronize()).rejects.toThrow(KernelFault);
        await gpu.synchronize();
        await x.write([1, 2, 3, 4]);
        add_one.enqueue({ x });
        expect([...(await x.read())]).toEqual([2, 3, 4, 5]);
        gpu.close();
    });

    it("refuse wrong arguments at once", async () => {
        const { gpu, add_one } = await setUp();
        expect(() => add_one.enqueue({ x: 1 })).toThrow(ArgumentError);
        expect(() => add_one.enqueue({})).toThrow(/missing the argument x/);
        gpu.close();
        expect(() => add_one.enqueue({ x: 1 })).toThrow(DisposedError);
    });
});

describe("streams by data dependencies", () => {
    it("order what shares memory and nothing else", async () => {
        const { gpu, add, add_one } = await setUp();
        const tensors = Array.from({ length: 12 }, (_, i) => gpu.tensor("f32", [256], new Float32Array(256).fill(i)));
        const value = tensors.map((_, i) => i);
        // A fixed pseudo-random sequence: c ← a + b, or x ← x + 1, checked against the same on numbers.
        let state = 12345;
        const next = (most: number): number => {
            state = (Math.imul(state, 1103515245) + 12345) >>> 0;
            return (state >>> 8) % most;
        };
        for (let step = 0; step < 300; step++) {
            const [a, b, c] = [next(12), next(12), next(12)];
            if (a !== c && b !== c) {
                add.enqueue({ a: tensors[a] as never, b: tensors[b] as never, c: tensors[c] as never });
                value[c] = Math.fround((value[a] as number) + (value[b] as number));
            } else {
                add_one.enqueue({ x: tensors[c] as never });
                value[c] = Math.fround((value[c] as number) + 1);
            }
        }
        for (const [i, tensor] of tensors.entries()) expect((await tensor.read())[17]).toBe(value[i]);
        expect(gpu.scheduler.used.length).toBeGreaterThan(1);
        gpu.close();
    });

    it("reach between streams of one's own", async () => {
        const { gpu, add_one } = await setUp();
        using first = gpu.stream();
        using second = gpu.stream({ priority: -1 });
        const x = gpu.tensor("f32", [4]);
        for (let i = 0; i < 50; i++) {
            add_one.enqueue({ x }, { stream: i % 2 === 0 ? first : second });
        }
        expect([...(await x.read())]).toEqual([50, 50, 50, 50]);
        gpu.close();
    });
});

describe("streams and events", () => {
    it("let an independent copy pass a long kernel", async () => {
        const { gpu, count } = await setUp();
        const [long, other] = [gpu.tensor("u32", [1]), gpu.tensor("u32", [1])];
        await gpu.synchronize();
        const order: string[] = [];
        const done = [
            count({ x: long, rounds: 300_000 }).then(() => order.push("long")),
            other.read().then(() => order.push("copy")),
        ];
        await Promise.all(done);
        expect(order).toEqual(["copy", "long"]);
        gpu.close();
    });

    it("let what needs a copy pass what came behind the copy", async () => {
        const { gpu, count } = await setUp();
        const first = gpu.stream();
        const second = gpu.stream();
        const x = gpu.tensor("f32", [2]);
        const y = gpu.tensor("u32", [1]);
        const abort = new AbortController();
        const written = x.write([1, 2], { stream: first });
        // Runs for minutes; nothing of it is needed below.
        const long = count({ x: y, rounds: 4_000_000_000 }, { stream: first, signal: abort.signal });
        expect([...(await x.read({ stream: second }))]).toEqual([1, 2]);
        abort.abort();
        await expect(long).rejects.toThrow("count was aborted");
        await written;
        gpu.close();
    });

    it("time what lies between, wait for one another, and call back", async () => {
        const { gpu, count } = await setUp();
        using a = gpu.stream();
        using b = gpu.stream();
        const x = gpu.tensor("u32", [1]);
        await gpu.synchronize();
        using start = a.record();
        count.enqueue({ x, rounds: 50_000 }, { stream: a });
        using end = a.record();
        b.wait(end);
        using after = b.record();
        await new Promise<void>((resolve, reject) => {
            b.callback((error) => (error === undefined ? resolve() : reject(error)));
        });
        expect(end.query()).toBe(true);
        await after.happened;
        expect(end.elapsedSince(start)).toBeGreaterThan(0);
        expect(after.elapsedSince(end)).toBeGreaterThanOrEqual(0);
        gpu.close();
    });

    it("refuse what is not theirs", async () => {
        const { gpu, add_one } = await setUp();
        const other = await open("vgpu:gfx1100");
        const x = gpu.tensor("f32", [4]);
        const foreign = other.stream();
        await expect(add_one({ x }, { stream: foreign })).rejects.toThrow(/stream is none of vgpu:gfx1100/);
        const stream = gpu.stream();
        expect(() => stream.wait(foreign.record())).toThrow(ArgumentError);
        expect(() => gpu.stream({ priority: 0.5 })).toThrow(/priority is an integer/);
        stream.dispose();
        stream.dispose();
        expect(() => stream.record()).toThrow(/stream was disposed/);
        await expect(add_one({ x }, { stream })).rejects.toThrow(DisposedError);
        gpu.close();
        other.close();
    });
});

describe("outputs", () => {
    it("that are not given are allocated where their extents follow", async () => {
        const { gpu, add } = await setUp();
        const a = gpu.tensor("f32", [5], [1, 2, 3, 4, 5]);
        const { outputs } = await add({ a, b: a });
        expect([...(await (outputs.c as typeof a).read())]).toEqual([2, 4, 6, 8, 10]);
        await expect(add({ a })).rejects.toThrow(/missing the argument.* b/);
        gpu.close();
    });
});
