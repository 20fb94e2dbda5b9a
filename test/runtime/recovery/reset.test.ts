// What is left of a device after a fault, a reset, or its disappearance.

import { afterAll, afterEach, describe, expect, it } from "vitest";
import { DeviceLostError, DisposedError, type Kernel, KernelFault, open, SomaError } from "../../../runtime/index.js";
import { FaultyHip } from "../faults/faulty.js";

const SOURCE = `
kernel twice(x: mut f32[n]) over i in n { x[i] = 2.0 * x[i] }
kernel stray(x: mut f32[n]) over i in n { x[i + 1000000000] = 1.0 }
kernel refuse(x: f32[n]) over i in n { assert(x[i] < 0.0, "no") }
`;

const hip = new FaultyHip();
afterEach(() => hip.stop());
afterAll(() => hip[Symbol.dispose]());

async function setUp(device?: string) {
    const gpu = device === undefined ? await hip.open() : await open(device);
    const { kernels } = await gpu.load({ source: SOURCE });
    return { gpu, ...(kernels as Record<"twice" | "stray" | "refuse", Kernel>) };
}

describe("a device that is reset", () => {
    it("says what was lost, and runs the kernels that were loaded", async () => {
        const { gpu, twice } = await setUp("vgpu:gfx1100");
        const lane = gpu.stream();
        const x = gpu.tensor("f32", [4], [1, 2, 3, 4]);
        const y = gpu.tensor("u8", [100]);
        await twice({ x }, { stream: lane });
        const { lost } = await gpu.reset();
        expect(lost.map(({ what, bytes }) => [what, bytes])).toEqual([
            ["tensor f32[4]", 16],
            ["tensor u8[100]", 100],
        ]);
        expect(lost[0]?.madeAt).toMatch(/reset\.test\.(ts|js):\d+/);
        for (const use of [() => x.read(), () => twice({ x }), () => y.write(new Uint8Array(100))]) {
            await expect(use()).rejects.toThrow(/was lost when the device was reset/);
            await expect(use()).rejects.toThrow(DisposedError);
        }
        x.dispose();
        const z = gpu.tensor("f32", [4], [1, 2, 3, 4]);
        await twice({ x: z }, { stream: lane });
        twice.enqueue({ x: z });
        expect([...(await z.read())]).toEqual([4, 8, 12, 16]);
        expect(gpu.memory).toMatchObject({ live: 1, asked: 16 });
        gpu.close();
    });

    it("ends launches that are on their way", async () => {
        const { gpu, twice } = await setUp("vgpu:gfx1100");
        const x = gpu.tensor("f32", [4], [1, 2, 3, 4]);
        const launches = Array.from({ length: 40 }, () => twice({ x }));
        const reset = gpu.reset();
        const outcomes = await Promise.allSettled(launches);
        for (const outcome of outcomes) {
            if (outcome.status === "rejected") expect(outcome.reason).toBeInstanceOf(SomaError);
        }
        await reset;
        const y = gpu.tensor("f32", [4], [1, 2, 3, 4]);
        await twice({ x: y });
        expect([...(await y.read())]).toEqual([2, 4, 6, 8]);
        gpu.close();
    });

    it("frees what other devices of the process have on it", async () => {
        const [one, other] = [await setUp("vgpu:gfx942"), await setUp("vgpu:gfx942")];
        const before = one.gpu.device.memory().free;
        const x = other.gpu.tensor("f32", [1 << 20]);
        await other.twice({ x });
        await one.gpu.reset();
        expect(one.gpu.device.memory().free).toBeGreaterThanOrEqual(before);
        await expect(other.twice({ x })).rejects.toThrow(DeviceLostError);
        await expect(x.read()).rejects.toThrow(/was reset: what was on it before is lost/);
        await other.gpu.reset();
        const y = other.gpu.tensor("f32", [2], [1, 2]);
        await other.twice({ x: y });
        expect([...(await y.read())]).toEqual([2, 4]);
        one.gpu.close();
        other.gpu.close();
    });

    it("drops what was called before, and graphs whose memory is gone", async () => {
        const { gpu, twice } = await setUp("vgpu:gfx1100");
        const x = gpu.tensor("f32", [4], [1, 2, 3, 4]);
        using graph = await gpu.capture({ x }, () => twice.enqueue({ x }));
        twice.enqueue({ x });
        await gpu.reset();
        await expect(graph.replay()).rejects.toThrow(/lost when the device was reset/);
        await gpu.synchronize();
        gpu.close();
    });
});

describe("a device on which a kernel faulted", () => {
    it.each(["stray", "refuse"] as const)("can be used at once: %s", async (name) => {
        const all = await setUp("vgpu:gfx1100");
        const { gpu, twice } = all;
        const x = gpu.tensor("f32", [4], [1, 2, 3, 4]);
        await expect(all[name]({ x })).rejects.toThrow(name === "stray" ? KernelFault : /no/);
        const y = gpu.tensor("f32", [4], [1, 2, 3, 4]);
        await twice({ x: y });
        expect([...(await y.read())]).toEqual([2, 4, 6, 8]);
        gpu.close();
    });
});

describe("a device that disappears", () => {
    it("answers every call with a DeviceLostError, and is there again after a reset that finds it", async () => {
        const { gpu, twice } = await setUp();
        const x = gpu.tensor("f32", [4], [1, 2, 3, 4]);
        await twice({ x });
        expect(gpu.lost).toBe(false);
        hip.plan({ function: "*", code: 100 });
        const pending = [twice({ x }), x.read(), gpu.synchronize()];
        for (const outcome of await Promise.allSettled(pending)) {
            expect(outcome).toMatchObject({ status: "rejected", reason: expect.any(DeviceLostError) });
        }
        expect(gpu.lost).toBe(true);
        // Even where the library would answer otherwise now.
        hip.stop();
        for (const use of [
            () => twice({ x }),
            () => x.read(),
            () => x.write([1, 2, 3, 4]),
            async () => gpu.tensor("f32", [4]),
            () => gpu.load({ source: SOURCE }),
            async () => gpu.stream(),
            () => gpu.synchronize(),
        ]) {
            await expect(use()).rejects.toThrow(DeviceLostError);
        }
        x.dispose();
        await gpu.reset();
        expect(gpu.lost).toBe(false);
        const y = gpu.tensor("f32", [4], [1, 2, 3, 4]);
        await twice({ x: y });
        expect([...(await y.read())]).toEqual([2, 4, 6, 8]);
        gpu.close();
    });

    it("can be closed", async () => {
        const { gpu, twice } = await setUp();
        const x = gpu.tensor("f32", [4]);
        hip.plan({ function: "*", code: 100 });
        await expect(twice({ x })).rejects.toThrow(DeviceLostError);
        twice.enqueue({ x });
        gpu.close();
        hip.stop();
    });
});
