import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { devices, type Gpu, open, type Tensor } from "../../runtime/index.js";
import { DEVICE, testGpu } from "./harness.js";

const SOURCE = "kernel twice(y: mut i32[n]) over i in n { y[i] = 2 * y[i] }";

async function expectTwice(gpu: Gpu): Promise<void> {
    const { twice } = await gpu.load<{ twice: { y: Tensor<"i32"> } }>({ source: SOURCE });
    const y = gpu.tensor("i32", [3], [1, 2, -3]);
    await twice({ y });
    expect(await y.read()).toEqual(Int32Array.of(2, 4, -6));
}

describe("open", () => {
    it("without a name takes a device that there is, and says which", async () => {
        using gpu = await open();
        // AMD's before NVIDIA's before the virtual ones.
        const [first] = (await devices()).filter((device) => device.available);
        expect(gpu.kind).toBe(first?.kind);
        expect(gpu.name).not.toBe("");
        expect(gpu.target).toMatch(/^(gfx|sm_)/);
        await expectTwice(gpu);
    });

    it("opens virtual devices of several targets beside each other", async () => {
        using first = await open("vgpu:gfx1100");
        using second = await open("vgpu:gfx1101");
        using again = await open("vgpu:gfx1100");
        expect([first.target, second.target, again.target]).toEqual(["gfx1100", "gfx1101", "gfx1100"]);
        await Promise.all([expectTwice(first), expectTwice(second), expectTwice(again)]);
        const { twice } = await first.load<"twice">({ source: SOURCE });
        await expect(twice({ y: second.tensor("i32", [3]) })).rejects.toThrow(/y is a tensor of another device/);
    });

    it("has one name for each device, and a reason where there is none", async () => {
        const all = await devices();
        expect(new Set(all.map((device) => device.device)).size).toBe(all.length);
        expect(all.some((device) => device.device.startsWith("vgpu:") && device.available)).toBe(true);
        for (const { device, reason } of all.filter(({ available }) => !available)) {
            expect(["hip", "cuda"]).toContain(device);
            expect(reason).toMatch(new RegExp(`^can't open ${device}: `));
            // Named, it is an error and never another device.
            await expect(open(device)).rejects.toThrow(reason);
        }
    });
});

describe("the device under test", () => {
    it("says what it has", async () => {
        const gpu = await testGpu();
        const { properties } = gpu;
        expect(gpu.kind).toBe(DEVICE.startsWith("vgpu") ? "virtual" : DEVICE.startsWith("cuda") ? "cuda" : "hip");
        expect([32, 64]).toContain(properties.waveSize);
        expect(properties.maxWorkgroupSize).toBeGreaterThanOrEqual(256);
        expect(properties.ldsBytes).toBeGreaterThanOrEqual(48 * 1024);
        expect(properties.memoryBytes).toBeGreaterThan(2 ** 28);
    });

    it("loads a code object from a file, by path and by URL, without a compiler", async () => {
        const gpu = await testGpu();
        const folder = mkdtempSync(join(tmpdir(), "soma-load-"));
        try {
            const file = join(folder, "twice.hsaco");
            writeFileSync(file, (await gpu.load({ source: SOURCE })).codeObject);
            for (const input of [file, pathToFileURL(file)]) {
                using module = await gpu.load<"twice">(input);
                expect(module.compilation).toBeUndefined();
                const y = gpu.tensor("i32", [2], [5, 6]);
                await module.twice({ y });
                expect(await y.read()).toEqual(Int32Array.of(10, 12));
            }
        } finally {
            rmSync(folder, { recursive: true });
        }
    });

    it("runs launches, writes and reads in the order of the calls", async () => {
        const gpu = await testGpu();
        const { twice } = await gpu.load<"twice">({ source: SOURCE });
        const y = gpu.tensor("i32", [1], [1]);
        const launches = [twice({ y }), twice({ y })];
        const four = y.read();
        const written = y.write([100]);
        launches.push(twice({ y }));
        expect(await four).toEqual(Int32Array.of(4));
        expect(await y.read()).toEqual(Int32Array.of(200));
        await Promise.all([...launches, written]);
    });

    it("measures a launch", async () => {
        const gpu = await testGpu();
        const { twice } = await gpu.load<"twice">({ source: SOURCE });
        const { milliseconds, counters } = await twice({ y: gpu.tensor("i32", [1000]) });
        expect(milliseconds).toBeGreaterThan(0);
        if (gpu.kind === "virtual") {
            // 1000 elements, four by each work-item of a workgroup of 256.
            expect(counters).toMatchObject({ launches: 1, waves: 256 / gpu.properties.waveSize });
        } else {
            expect(counters).toBe("unavailable");
        }
    });

    it("says what was asked for when the memory runs out, and goes on", async () => {
        const gpu = await testGpu();
        const bytes = gpu.properties.memoryBytes * 2;
        expect(() => gpu.tensor("u8", [bytes])).toThrow(new RegExp(`hipErrorOutOfMemory.* ${bytes} bytes`));
        await expectTwice(gpu);
    });
});
