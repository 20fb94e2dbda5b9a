import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bytesOf, errorOf, library, setUp, wordsOf } from "./hip-support.js";

let gpu: Awaited<ReturnType<typeof setUp>>;
beforeAll(async () => {
    gpu = await setUp();
});
afterAll(() => gpu.dispose());

describe("devices", () => {
    it("is a virtual gfx1100 unless SOMA_VGPU says otherwise", () => {
        expect(library.virtualAbiVersion).toBe(1);
        expect(gpu.device).toMatchObject({ index: 0, target: "gfx1100", architecture: "gfx1100" });
        expect(gpu.device.name).toMatch(/virtual/i);
    });

    it("has RDNA 3's limits", () => {
        // AMD's RDNA 3 ISA guide: wave32, 64 KiB of LDS for a workgroup of at most 1024 work-items.
        expect(gpu.device.attribute("warpSize")).toBe(32);
        expect(gpu.device.attribute("maxThreadsPerBlock")).toBe(1024);
        expect(gpu.device.attribute("maxSharedMemoryPerBlock")).toBe(65536);
        expect(gpu.device.attribute("computeCapabilityMajor")).toBe(11);
        expect(gpu.device.attribute("computeCapabilityMinor")).toBe(0);
    });

    it("gets further devices, and loses only those that nothing is on", () => {
        library.configureVirtualDevices(["gfx1100", "gfx90a", "gfx1201"]);
        expect([0, 1, 2].map((index) => library.device(index).target)).toEqual(["gfx1100", "gfx90a", "gfx1201"]);
        // LLVM's AMDGPU guide: gfx90a is wave64 only, gfx12 wave32 by default.
        expect([1, 2].map((index) => library.device(index).attribute("warpSize"))).toEqual([64, 32]);
        const buffer = library.device(2).allocate(16);
        const refused = errorOf(() => library.configureVirtualDevices(["gfx1100"]));
        expect(refused).toMatchObject({ name: "hipErrorIllegalState", call: "somaVgpuConfigure" });
        expect(refused.fault).toContain("device 2 (gfx1201)");
        buffer.dispose();
        library.configureVirtualDevices(["gfx1100"]);
        expect(library.deviceCount()).toBe(1);
    });

    it("names the targets there are when asked for another", () => {
        const error = errorOf(() => library.configureVirtualDevices(["gfx1100", "gfx9999"]));
        expect(error.name).toBe("hipErrorInvalidValue");
        expect(error.fault).toMatch(/'gfx9999'.*gfx1100/);
        expect(library.deviceCount()).toBe(1);
    });
});

describe("memory", () => {
    it("counts what is allocated and comes back when it is disposed", () => {
        const before = gpu.device.memory();
        const buffer = gpu.device.allocate(1 << 20);
        expect(buffer.bytes).toBe(1 << 20);
        expect(buffer.device).toBe(gpu.device);
        // HIP promises 256-byte alignment.
        expect(buffer.address % 256n).toBe(0n);
        const during = gpu.device.memory();
        expect(during.total).toBe(before.total);
        expect(before.free - during.free).toBeGreaterThanOrEqual(1 << 20);
        buffer.dispose();
        expect(gpu.device.memory()).toEqual(before);
        expect(buffer.disposed).toBe(true);
    });

    it("frees once, however often it is disposed, and refuses to be used afterwards", () => {
        const before = gpu.device.memory();
        const buffer = gpu.device.allocate(64);
        buffer.dispose();
        buffer.dispose();
        expect(gpu.device.memory()).toEqual(before);
        expect(() => buffer.address).toThrow(/disposed/);
        expect(() => gpu.stream.read(buffer, 0, 4)).toThrow(/disposed/);
    });

    it("frees what is still in use only when the operations before are done", async () => {
        const before = gpu.device.memory();
        const buffer = gpu.device.allocate(1024);
        const written = gpu.stream.write(buffer, 0, bytesOf([1, 2, 3]));
        const read = gpu.stream.read(buffer, 0, 12);
        buffer.dispose();
        await written;
        expect(wordsOf(await read)).toEqual([1, 2, 3]);
        await gpu.stream.synchronize();
        expect(gpu.device.memory()).toEqual(before);
    });

    it("allocates zero bytes without an address", async () => {
        const buffer = gpu.device.allocate(0);
        expect(buffer).toMatchObject({ address: 0n, bytes: 0 });
        expect(wordsOf(await gpu.stream.read(buffer, 0, 0))).toEqual([]);
        await gpu.stream.write(buffer, 0, new Uint8Array(0));
        buffer.dispose();
    });

    it("says how much was asked for when there is not enough", () => {
        const { total } = gpu.device.memory();
        const error = errorOf(() => gpu.device.allocate(total + 1));
        expect(error).toMatchObject({ name: "hipErrorOutOfMemory", code: 2, call: "hipMalloc" });
        expect(error.asked).toBe(`${total + 1} bytes on device 0 (gfx1100)`);
        expect(error.message).toContain("hipErrorOutOfMemory");
        expect(error.message).toContain(String(total + 1));
    });

    it("refuses sizes that are none", () => {
        for (const bytes of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53]) {
            expect(() => gpu.device.allocate(bytes)).toThrow(RangeError);
        }
        expect(() => gpu.device.allocate("64" as unknown as number)).toThrow(TypeError);
    });
});

describe("copies", () => {
    it("carries bytes there and back, at offsets", async () => {
        const buffer = gpu.device.allocate(4096);
        const data = Uint8Array.from({ length: 4096 }, (_, index) => (index * 7) % 251);
        await gpu.stream.write(buffer, 0, data);
        expect(new Uint8Array(await gpu.stream.read(buffer, 0, 4096))).toEqual(data);
        await gpu.stream.write(buffer, 100, data.subarray(0, 10));
        expect(new Uint8Array(await gpu.stream.read(buffer, 99, 12))).toEqual(
            Uint8Array.of(data[99] as number, ...data.subarray(0, 10), data[110] as number),
        );
        buffer.dispose();
    });

    it("takes a snapshot of what it writes", async () => {
        const buffer = gpu.device.allocate(16);
        const data = bytesOf([1, 2, 3, 4]);
        const written = gpu.stream.write(buffer, 0, data);
        data.fill(255);
        await written;
        expect(wordsOf(await gpu.stream.read(buffer, 0, 16))).toEqual([1, 2, 3, 4]);
        buffer.dispose();
    });

    it("fills ranges and copies between buffers", async () => {
        const from = gpu.device.allocate(16);
        const to = gpu.device.allocate(16);
        gpu.stream.fill(from, 0, 16, 0x11);
        gpu.stream.fill(from, 4, 8, 0xff);
        gpu.stream.fill(to, 0, 16, 0);
        gpu.stream.copy(to, 8, from, 0, 8);
        expect(wordsOf(await gpu.stream.read(to, 0, 16))).toEqual([0, 0, 0x11111111, 0xffffffff]);
        from.dispose();
        to.dispose();
    });

    it("refuses ranges outside the buffer and arrays that were transferred away", () => {
        const buffer = gpu.device.allocate(16);
        expect(() => gpu.stream.read(buffer, 12, 5)).toThrow(/5 bytes at offset 12 .* 16 bytes/);
        expect(() => gpu.stream.read(buffer, 17, 0)).toThrow(RangeError);
        expect(() => gpu.stream.write(buffer, 9, new Uint8Array(8))).toThrow(RangeError);
        expect(() => gpu.stream.fill(buffer, 0, 17, 0)).toThrow(RangeError);
        expect(() => gpu.stream.fill(buffer, 0, 16, 256)).toThrow(RangeError);
        expect(() => gpu.stream.copy(buffer, 8, buffer, 0, 9)).toThrow(/target/);
        const gone = new Uint8Array(16);
        structuredClone(gone, { transfer: [gone.buffer] });
        expect(() => gpu.stream.write(buffer, 0, gone)).toThrow(/detached/);
        expect(() => gpu.stream.write(buffer, 0, new Float32Array(4) as unknown as Uint8Array)).toThrow(/Uint8Array/);
        buffer.dispose();
    });

    it("refuses a buffer of another device", () => {
        library.configureVirtualDevices(["gfx1100", "gfx1100"]);
        const other = library.device(1).allocate(16);
        expect(() => gpu.stream.read(other, 0, 16)).toThrow(/device 1 .* device 0/);
        other.dispose();
        library.configureVirtualDevices(["gfx1100"]);
    });

    it("takes no other object for a handle", () => {
        const buffer = gpu.device.allocate(16);
        const read = gpu.stream.read as unknown as (...args: unknown[]) => unknown;
        for (const value of [undefined, null, 1, {}, gpu.device, gpu.stream, Object.create(buffer)]) {
            expect(() => read.call(gpu.stream, value, 0, 1)).toThrow(TypeError);
        }
        expect(() => read.call({}, buffer, 0, 1)).toThrow(TypeError);
        expect(() => new (buffer.constructor as new () => unknown)()).toThrow(TypeError);
        buffer.dispose();
    });
});
