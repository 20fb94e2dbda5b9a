import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesOf, errorOf, once, over, rejection, setUp, wordsOf } from "./hip-support.js";

let gpu: Awaited<ReturnType<typeof setUp>>;
beforeAll(async () => {
    gpu = await setUp();
});
afterAll(() => gpu.dispose());

describe("launches", () => {
    it("runs a kernel that clang compiled", async () => {
        const buffer = gpu.device.allocate(4000);
        gpu.stream.write(buffer, 0, bytesOf(Array.from({ length: 1000 }, (_, index) => index)));
        await gpu.stream.launch(gpu.kernel("add"), over(buffer, 4, 999, 5));
        const result = wordsOf(await gpu.stream.read(buffer, 0, 4000));
        expect(result).toEqual(Array.from({ length: 1000 }, (_, index) => (index < 999 ? index + 5 : index)));
        buffer.dispose();
    });

    it("runs one with LDS and a barrier", async () => {
        const buffer = gpu.device.allocate(1024);
        const values = Array.from({ length: 256 }, (_, index) => index * index);
        gpu.stream.write(buffer, 0, bytesOf(values));
        gpu.stream.launch(gpu.kernel("reverse"), over(buffer, 1));
        expect(wordsOf(await gpu.stream.read(buffer, 0, 1024))).toEqual(values.reverse());
        buffer.dispose();
    });

    it("finds a module's variables", async () => {
        const table = gpu.module.global("table");
        expect(table.bytes).toBe(16);
        expect(table.address).not.toBe(0n);
        const buffer = gpu.device.allocate(4);
        gpu.stream.launch(gpu.kernel("look_up"), once(buffer));
        expect(wordsOf(await gpu.stream.read(buffer, 0, 4))).toEqual([2 + 3 + 5 + 7]);
        buffer.dispose();
    });

    it("knows what a kernel needs", () => {
        expect(gpu.kernel("reverse")).toMatchObject({ name: "reverse", sharedBytes: 1024, maxThreadsPerBlock: 256 });
        expect(gpu.kernel("sixty_four").maxThreadsPerBlock).toBe(64);
        expect(gpu.kernel("add").registers).toBeGreaterThan(0);
    });

    it("counts what it executes", async () => {
        const buffer = gpu.device.allocate(2048);
        gpu.stream.fill(buffer, 0, 2048, 0);
        await gpu.stream.synchronize();
        const before = gpu.device.counters();
        await gpu.stream.launch(gpu.kernel("add"), over(buffer, 2, 512, 1));
        const after = gpu.device.counters();
        // Two workgroups of 256 work-items in waves of 32.
        expect((after?.launches ?? 0) - (before?.launches ?? 0)).toBe(1);
        expect((after?.waves ?? 0) - (before?.waves ?? 0)).toBe(16);
        expect((after?.vectorStore ?? 0) - (before?.vectorStore ?? 0)).toBe(16);
        expect(after?.instructions ?? 0).toBeGreaterThan(before?.instructions ?? 0);
        buffer.dispose();
    });

    it.each([
        ["an empty grid", { grid: [0, 1, 1] }, "hipErrorInvalidConfiguration", /empty/],
        ["a workgroup beyond the kernel's", { block: [512, 1, 1] }, "hipErrorInvalidConfiguration", /512.*256/],
        ["a workgroup beyond the device's", { block: [1024, 2, 1] }, "hipErrorInvalidConfiguration", /2048/],
        ["a grid of 2³² work-items", { grid: [2 ** 24, 1, 1] }, "hipErrorInvalidConfiguration", /2³²/],
        ["more LDS than there is", { dynamicSharedBytes: 65537 }, "hipErrorInvalidConfiguration", /65537.*65536/],
        ["too few arguments", { arguments: new Uint8Array(8) }, "hipErrorInvalidValue", /8 bytes.*16/],
        ["no arguments", { arguments: new Uint8Array(0) }, "hipErrorInvalidValue", /arguments/],
    ] as const)("refuses %s, and goes on", async (_, change, name, words) => {
        const buffer = gpu.device.allocate(1024);
        const launch = { ...over(buffer, 1, 256, 1), ...change };
        const error = await rejection(gpu.stream.launch(gpu.kernel("add"), launch));
        expect(error).toMatchObject({ name, call: "hipModuleLaunchKernel" });
        expect(error.fault).toMatch(words);
        expect(error.fault).toContain("'add'");
        await gpu.stream.launch(gpu.kernel("add"), over(buffer, 1, 256, 1));
        buffer.dispose();
    });

    it("refuses a workgroup other than the one a kernel requires", async () => {
        const buffer = gpu.device.allocate(4);
        const error = await rejection(gpu.stream.launch(gpu.kernel("sixty_four"), once(buffer)));
        expect(error.fault).toContain("64 × 1 × 1");
        buffer.dispose();
    });

    it("refuses a launch that is no launch", () => {
        const buffer = gpu.device.allocate(4);
        const launch = gpu.stream.launch.bind(gpu.stream) as (kernel: unknown, launch: unknown) => unknown;
        const good = once(buffer, 1);
        for (const bad of [
            undefined,
            { ...good, grid: [1, 1] },
            { ...good, grid: [1, 1, -1] },
            { ...good, block: [1, 1, 2 ** 32] },
            { ...good, arguments: [1] },
            { ...good, buffers: [{}] },
            { ...good, dynamicSharedBytes: -1 },
        ]) {
            expect(() => launch(gpu.kernel("count"), bad)).toThrow(Error);
        }
        expect(() => launch({}, good)).toThrow(/kernel must be a Kernel/);
        buffer.dispose();
    });
});

describe("faults", () => {
    it("names kernel, cause and place, rejects what was queued behind, and is over then", async () => {
        const buffer = gpu.device.allocate(1024);
        gpu.stream.fill(buffer, 0, 1024, 0);
        const before = gpu.stream.launch(gpu.kernel("add"), over(buffer, 1, 256, 1));
        const stray = rejection(gpu.stream.launch(gpu.kernel("stray"), once(buffer)));
        const behind = [
            gpu.stream.launch(gpu.kernel("add"), over(buffer, 1, 256, 1)),
            gpu.stream.read(buffer, 0, 4),
            gpu.stream.synchronize(),
        ].map(rejection);
        await before;
        const error = await stray;
        expect(error).toMatchObject({ name: "hipErrorIllegalAddress", code: 700 });
        expect(error.asked).toContain("kernel 'stray'");
        expect(error.fault).toContain("stray");
        expect(error.fault).toContain("kernels.cl");
        for (const skipped of await Promise.all(behind)) {
            expect(skipped.name).toBe("hipErrorIllegalAddress");
            expect(skipped.asked).toContain("queued behind");
            expect(skipped.fault).toBe(error.fault);
        }
        await gpu.stream.launch(gpu.kernel("add"), over(buffer, 1, 256, 10));
        expect(wordsOf(await gpu.stream.read(buffer, 0, 8))).toEqual([11, 11]);
        buffer.dispose();
    });

    it("leaves other streams alone", async () => {
        const other = gpu.device.createStream();
        const buffer = gpu.device.allocate(4);
        const stray = rejection(gpu.stream.launch(gpu.kernel("stray"), once(buffer)));
        await other.launch(gpu.kernel("count"), once(buffer, 3));
        expect(wordsOf(await other.read(buffer, 0, 4))).toEqual([3]);
        expect((await stray).name).toBe("hipErrorIllegalAddress");
        other.dispose();
        buffer.dispose();
    });

    it("stops an endless loop at the limit", async () => {
        const buffer = gpu.device.allocate(4);
        await gpu.stream.fill(buffer, 0, 4, 0);
        expect(gpu.device.setInstructionLimit(10_000)).toBe(true);
        const error = await rejection(gpu.stream.launch(gpu.kernel("endless"), once(buffer)));
        gpu.device.setInstructionLimit(2 ** 28);
        expect(error).toMatchObject({ name: "hipErrorLaunchTimeOut", code: 702 });
        expect(error.fault).toContain("endless");
        expect(error.fault).toContain("10000");
        await gpu.stream.launch(gpu.kernel("count"), once(buffer, 7));
        expect(wordsOf(await gpu.stream.read(buffer, 0, 4))).toEqual([7]);
        buffer.dispose();
    });
});

describe("streams and events", () => {
    it("runs the operations of a stream in the order of the calls", async () => {
        const buffer = gpu.device.allocate(4);
        const reads: Promise<ArrayBuffer>[] = [];
        gpu.stream.fill(buffer, 0, 4, 0);
        for (let step = 1; step <= 20; step++) {
            gpu.stream.launch(gpu.kernel("add"), over(buffer, 1, 1, step));
            reads.push(gpu.stream.read(buffer, 0, 4));
        }
        const values = (await Promise.all(reads)).map((bytes) => wordsOf(bytes)[0]);
        // Triangular numbers.
        expect(values).toEqual(Array.from({ length: 20 }, (_, index) => ((index + 1) * (index + 2)) / 2));
        buffer.dispose();
    });

    it("lets one stream wait for another's event", async () => {
        const first = gpu.device.createStream();
        const second = gpu.device.createStream();
        const buffer = gpu.device.allocate(4);
        const event = gpu.device.createEvent();
        await first.fill(buffer, 0, 4, 0);
        first.launch(gpu.kernel("count"), once(buffer, 50_000));
        first.record(event);
        second.wait(event);
        expect(wordsOf(await second.read(buffer, 0, 4))).toEqual([50_000]);
        for (const handle of [first, second, event, buffer]) {
            handle.dispose();
        }
    });

    it("times what lies between two events", async () => {
        const start = gpu.device.createEvent();
        const stop = gpu.device.createEvent();
        const unused = gpu.device.createEvent();
        const buffer = gpu.device.allocate(4);
        expect(start.query()).toBe(true);
        gpu.stream.record(start);
        gpu.stream.launch(gpu.kernel("count"), once(buffer, 1000));
        await gpu.stream.record(stop);
        expect(stop.query()).toBe(true);
        expect(stop.elapsedSince(start)).toBeGreaterThan(0);
        expect(errorOf(() => unused.elapsedSince(start)).name).toBe("hipErrorInvalidHandle");
        for (const event of [start, stop, unused]) {
            event.dispose();
        }
        buffer.dispose();
    });

    it("does not block the event loop while a kernel runs", async () => {
        const buffer = gpu.device.allocate(4);
        let finished = false;
        const launched = gpu.stream.launch(gpu.kernel("count"), once(buffer, 1_000_000)).then(() => {
            finished = true;
        });
        // Each turn of the loop comes back here, so the launch did not keep it.
        let turns = 0;
        while (!finished && turns < 3) {
            await new Promise(setImmediate);
            turns++;
        }
        expect(turns).toBe(3);
        await launched;
        buffer.dispose();
    });

    it("ends a disposed stream after what was queued on it", async () => {
        const stream = gpu.device.createStream();
        const buffer = gpu.device.allocate(4);
        stream.launch(gpu.kernel("count"), once(buffer, 10));
        const read = stream.read(buffer, 0, 4);
        stream.dispose();
        expect(stream.disposed).toBe(true);
        expect(() => stream.synchronize()).toThrow(/disposed/);
        expect(wordsOf(await read)).toEqual([10]);
        buffer.dispose();
    });
});
