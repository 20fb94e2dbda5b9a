// Memory of the host, of other processes and of other devices; views of other types.

import { fork } from "node:child_process";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { ArgumentError, DisposedError, HipError, type Kernel, open, ShapeError } from "../../runtime/index.js";

const SOURCE = `
kernel add_one(x: mut f32[n]) over i in n { x[i] = x[i] + 1.0 }
kernel meet(arrived: mut u32[1], seen: mut u32[g]) groups g workgroup(32) {
    if local_id() == 0 {
        atomic_add(arrived[0], 1)
        var all: u32 = 0
        while all < g as u32 { all = atomic_add(arrived[0], 0) }
        seen[group_id()] = all
    }
}
`;

async function setUp(device = "vgpu:gfx1100") {
    const gpu = await open(device);
    const { kernels } = await gpu.load({ source: SOURCE });
    return { gpu, ...(kernels as Record<"add_one" | "meet", Kernel>) };
}

describe("memory of the host", () => {
    it("is a typed array here and a tensor for kernels, without a copy", async () => {
        const { gpu, add_one } = await setUp();
        const x = gpu.tensor("f32", [4], [1, 2, 3, 4], { memory: "host" });
        const { array } = x;
        expect(array).toEqual(Float32Array.of(1, 2, 3, 4));
        await add_one({ x });
        expect(array).toEqual(Float32Array.of(2, 3, 4, 5));
        array[0] = 10;
        await add_one({ x });
        expect([...(await x.read())]).toEqual([11, 4, 5, 6]);
        expect(x.slice([1, 3]).array).toEqual(Float32Array.of(4, 5));
        expect(x.slice([1, 3]).array.buffer).toBe(array.buffer);
        const y = gpu.tensor("f32", [4]);
        await gpu.copy(y, x);
        expect([...(await y.read())]).toEqual([11, 4, 5, 6]);
        x.dispose();
        expect(array.length).toBe(0);
        expect(() => x.array).toThrow(DisposedError);
        gpu.close();
    });

    it("has the bits of small floats, and nothing for nothing", async () => {
        const { gpu } = await setUp();
        expect(gpu.tensor("f16", [2], [1, -2], { memory: "host" }).array).toEqual(Uint16Array.of(0x3c00, 0xc000));
        expect(gpu.tensor("f32x2", [1], [1, 2], { memory: "host" }).array).toEqual(Float32Array.of(1, 2));
        expect(gpu.tensor("i64", [1], [5n], { memory: "host" }).array).toEqual(BigInt64Array.of(5n));
        expect(gpu.tensor("f32", [0], undefined, { memory: "host" }).array.length).toBe(0);
        expect(() => gpu.tensor("f32", [1]).array).toThrow(/make it with \{ memory: "host" \}/);
        expect(() => gpu.tensor("f32", [1], [1], { memory: "hots" as never })).toThrow(/one of device, host, shared/);
        gpu.close();
    });

    it("lives as long as an array over it that another thread was given", async () => {
        const { gpu } = await setUp();
        const x = gpu.tensor("u8", [4096], new Uint8Array(4096).fill(7), { memory: "host" });
        const moved = structuredClone(x.array, { transfer: [x.array.buffer] });
        x.dispose();
        gpu.close();
        expect(moved.every((each) => each === 7)).toBe(true);
    });
});

describe("a view of another type", () => {
    it("has the same bytes", async () => {
        const { gpu } = await setUp();
        const x = gpu.tensor("f32", [2, 2], [1, 2, 3, -0]);
        expect([...(await x.as("u32", 4).read())]).toEqual([0x3f800000, 0x40000000, 0x40400000, 0x80000000]);
        const row = x.slice(1, null).as("u8", 3);
        await row.write([1, 0, 0]);
        expect([...(await x.as("u32", 4).read())][2]).toBe(0x40000001);
        gpu.close();
    });

    it("must fit and be aligned", async () => {
        const { gpu } = await setUp();
        const x = gpu.tensor("u8", [16]);
        expect(() => x.as("f32", 5)).toThrow(ShapeError);
        expect(() => x.slice([1, 16]).as("f32", 1)).toThrow(/begins at byte 1 .* no multiple of the 4 bytes of f32/);
        expect(() => x.as("f32", 2, 2).transpose().as("u8", 1)).toThrow(ArgumentError);
        expect(() => x.as("f31" as never, 1)).toThrow(ArgumentError);
        gpu.close();
    });
});

describe("memory of another process", () => {
    it("is used by both", async () => {
        const { gpu } = await setUp();
        const x = gpu.tensor("f32", [2, 3], [1, 2, 3, 4, 5, 6], { memory: "shared" });
        await gpu.synchronize();
        const child = fork(join(packageRoot(), "dist/test/runtime/exchange-processes.js"), { execArgv: [] });
        child.send(gpu.exportTensor(x.slice(1, null)));
        const answer = await new Promise<{ found: number[]; refused: string }>((resolve) =>
            child.once("message", (message) => resolve(message as never)),
        );
        await new Promise((resolve) => child.once("exit", resolve));
        expect(answer.found).toEqual([4, 5, 6]);
        expect(answer.refused).toMatch(/^HipError: .*hipIpcOpenMemHandle/);
        expect([...(await x.read())]).toEqual([1, 2, 3, 8, 10, 12]);
        x.dispose();
        gpu.close();
    });

    it("has memory of its own, and is none of this process", async () => {
        const { gpu } = await setUp();
        const x = gpu.tensor("f32", [4], undefined, { memory: "shared" });
        expect(() => gpu.exportTensor(gpu.tensor("f32", [4]))).toThrow(/make it with \{ memory: "shared" \}/);
        expect(() => gpu.importTensor(gpu.exportTensor(x))).toThrow(HipError);
        expect(() => gpu.importTensor({ handle: "" } as never)).toThrow(ArgumentError);
        expect(() => gpu.importTensor(undefined as never)).toThrow(ArgumentError);
        gpu.close();
    });
});

describe("several devices", () => {
    it("exchange tensors in the order of the calls", async () => {
        const [one, two] = [await setUp("vgpu:gfx1100"), await setUp("vgpu:gfx942")];
        const x = one.gpu.tensor("f32", [3], [1, 2, 3]);
        const y = two.gpu.tensor("f32", [3]);
        for (let round = 0; round < 20; round++) {
            one.add_one.enqueue({ x });
            const there = two.gpu.copy(y, x);
            two.add_one.enqueue({ x: y });
            const back = one.gpu.copy(x, y);
            await Promise.all([there, back]);
        }
        expect([...(await x.read())]).toEqual([41, 42, 43]);
        await expect(two.add_one({ x })).rejects.toThrow(/tensor of another device/);
        await expect(one.gpu.copy(y, x)).rejects.toThrow(/the target must be a tensor of vgpu:gfx1100/);
        one.gpu.close();
        two.gpu.close();
    });

    it("of the same target are told apart by a number", async () => {
        const [first, second] = [await open("vgpu:gfx1201"), await open("vgpu:gfx1201:1")];
        expect(second.device.index).not.toBe(first.device.index);
        expect([first.id, second.id]).toEqual(["vgpu:gfx1201", "vgpu:gfx1201:1"]);
        await expect(open("vgpu:gfx1201:x")).rejects.toThrow(ArgumentError);
        first.close();
        second.close();
    });
});

describe("a cooperative launch", () => {
    it("has all workgroups on the device at the same time", async () => {
        const { gpu, meet } = await setUp();
        const groups = 24;
        const seen = gpu.tensor("u32", [groups]);
        await meet({ arrived: gpu.tensor("u32", [1]), seen }, { cooperative: true });
        expect([...(await seen.read())]).toEqual(Array(groups).fill(groups));
        gpu.close();
    });

    it("is refused where they don't fit", async () => {
        const { gpu, meet } = await setUp();
        const error = await meet(
            { arrived: gpu.tensor("u32", [1]), seen: gpu.tensor("u32", [1 << 20]) },
            { cooperative: true },
        ).catch((reason: unknown) => reason);
        expect(error).toMatchObject({ hip: { name: "hipErrorCooperativeLaunchTooLarge" } });
        gpu.close();
    });
});
