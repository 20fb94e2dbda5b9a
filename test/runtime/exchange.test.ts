import { describe, expect, it } from "vitest";
import { ArgumentError, DisposedError, open, ShapeError } from "../../runtime/index.js";

const SOURCE = "kernel add_one(x: mut f32[n]) over i in n { x[i] = x[i] + 1.0 }";

describe("memory of others", () => {
    it("is used where it lies, and not freed", async () => {
        using gpu = await open("vgpu:gfx1100");
        const { add_one } = await gpu.load<"add_one">({ source: SOURCE });
        const own = gpu.tensor("f32", [2, 3], [1, 2, 3, 4, 5, 6]);
        await gpu.synchronize();
        const same = gpu.tensorAt(own.address, "f32", [6]);
        await add_one({ x: same });
        expect([...(await own.read())]).toEqual([2, 3, 4, 5, 6, 7]);
        const column = gpu.tensorAt(own.address + 4n, "f32", [2], [3]);
        expect([...(await column.read())]).toEqual([3, 6]);
        same.dispose();
        expect(() => same.slice([0, 1])).toThrow(DisposedError);
        expect([...(await own.read())]).toEqual([2, 3, 4, 5, 6, 7]);
        expect(gpu.memory.live).toBe(1);
    });

    it("goes through DLPack's words and back", async () => {
        using gpu = await open("vgpu:gfx1100");
        const own = gpu.tensor("f32x4", [2], [1, 2, 3, 4, 5, 6, 7, 8]);
        await gpu.synchronize();
        const described = gpu.toDlpack(own);
        // kDLFloat is 2; 12 is kDLExtDev.
        expect(described).toEqual({
            data: own.address,
            device: { type: 12, id: 0 },
            dtype: { code: 2, bits: 32, lanes: 4 },
            shape: [2],
            strides: [1],
            byteOffset: 0,
        });
        const second = gpu.fromDlpack({ ...described, shape: [1], byteOffset: 16 });
        expect(second.type).toBe("f32x4");
        expect([...((await second.read()) as Float32Array)]).toEqual([5, 6, 7, 8]);
        for (const type of ["bool", "i8", "u16", "i64", "f16", "bf16", "f64", "f8e5m2", "i4x2", "i4x2x4"] as const) {
            expect(gpu.fromDlpack(gpu.toDlpack(gpu.tensor(type, [4]))).type).toBe(type);
        }
        // kDLInt is 0: a pair is two lanes of less than a byte.
        expect(gpu.toDlpack(gpu.tensor("i4x2", [4])).dtype).toEqual({ code: 0, bits: 4, lanes: 2 });
    });

    it("is refused where the description is none of this device's", async () => {
        using gpu = await open("vgpu:gfx1100");
        const described = gpu.toDlpack(gpu.tensor("f32", [4]));
        expect(() => gpu.fromDlpack({ ...described, device: { type: 2, id: 0 } })).toThrow(/device type 2/);
        expect(() => gpu.fromDlpack({ ...described, dtype: { code: 2, bits: 24, lanes: 1 } })).toThrow(ArgumentError);
        expect(() => gpu.fromDlpack({ ...described, data: 5 as never })).toThrow(/data is a bigint/);
        expect(() => gpu.fromDlpack({ ...described, strides: [1, 1] })).toThrow(ShapeError);
        expect(() => gpu.fromDlpack(undefined as never)).toThrow(ArgumentError);
        expect(() => gpu.tensorAt(0n, "f32", [4])).toThrow(/address is a bigint above 0/);
        expect(() => gpu.tensorAt(1n << 70n, "f32", [4])).toThrow(ArgumentError);
        expect(() => gpu.tensorAt(4096n, "f33" as never, [4])).toThrow(ArgumentError);
        expect(() => gpu.tensorAt(4096n, "f32", [2 ** 53])).toThrow(ShapeError);
        expect(() => gpu.toDlpack({} as never)).toThrow(/takes a tensor/);
    });
});

describe("bad input", () => {
    it("names what is wrong, and loses nothing", async () => {
        using gpu = await open("vgpu:gfx1100");
        using other = await open("vgpu:gfx1100");
        const module = await gpu.load<"add_one">({ source: SOURCE });
        const { add_one } = module;
        const x = gpu.tensor("f32", [4], [1, 2, 3, 4]);
        const gone = gpu.tensor("f32", [4]);
        gone.dispose();
        const detached = new Float32Array(4);
        structuredClone(detached.buffer, { transfer: [detached.buffer] });
        const tries: [() => unknown, RegExp][] = [
            [() => add_one.enqueue({ x: gone }), /add_one: x: the tensor f32\[4\] was disposed/],
            [() => add_one.enqueue({ x: other.tensor("f32", [4]) }), /add_one: x is a tensor of another device/],
            [() => add_one.enqueue({ x, y: x }), /add_one has no argument y/],
            [() => add_one.enqueue({}), /missing the argument x/],
            [() => add_one.enqueue({ x: gpu.tensor("i32", [4]) }), /takes elements of f32, not of i32/],
            [() => gpu.tensor("f32", [Number.NaN]), /extents are integers from 0, not NaN/],
            [() => gpu.tensor("f32", [2 ** 40, 2 ** 40]), /more bytes than can be counted/],
            [() => gpu.tensor("f32", [-1]), /extents are integers/],
            [() => gpu.tensor("f32", [4], detached), /buffer was transferred/],
            [() => gpu.tensor("f32", [4], new Float32Array(5)), /data has 5 elements/],
            [() => gpu.tensor("f32", [4], new Int32Array(4) as never), /takes a Float32Array/],
        ];
        tries.push(
            [() => gpu.tensor("f32", [1], [1], null as never), /tensor: options are an object, not null/],
            [() => gpu.stream(null as never), /stream: options are an object/],
            [() => gpu.limits(undefined as never), /limits: options are an object/],
            [() => gpu.reports(null as never), /reports: options are an object/],
            [() => add_one.enqueue({ x }, 5 as never), /add_one: options are an object, not 5/],
        );
        for (const [act, message] of tries) expect(act).toThrow(message);
        const later: [() => Promise<unknown>, RegExp][] = [
            [() => open("vgpu", null as never), /open: options are an object/],
            [() => gpu.load({ source: "" }, null as never), /load: options are an object/],
            [() => x.read(null as never), /read: options are an object/],
            [() => x.write([1, 2, 3, 4], null as never), /write: options are an object/],
            [() => gpu.copy(x, x, { stream: 7 as never }), /stream is none of/],
            [() => add_one({ x }, 5 as never), /add_one: options are an object, not 5/],
        ];
        for (const [act, message] of later) await expect(act()).rejects.toThrow(message);
        await expect(x.write(new Float32Array(3))).rejects.toThrow(/data has 3 elements/);
        await expect(x.write(detached)).rejects.toThrow(/transferred/);
        await expect(gone.read()).rejects.toThrow(DisposedError);
        await expect(gpu.copy(x, gone)).rejects.toThrow(DisposedError);
        await expect(gpu.copy(x, gpu.tensor("f32", [5]))).rejects.toThrow(ShapeError);
        await expect(other.copy(x, other.tensor("f32", [4]))).rejects.toThrow(/target must be a tensor of/);
        await expect(gpu.copy(x, 4 as never)).rejects.toThrow(/source must be a tensor, not 4/);
        // Unloaded while launches are queued: they run; later ones are refused.
        for (let i = 0; i < 50; i++) add_one.enqueue({ x });
        module.dispose();
        expect(() => add_one.enqueue({ x })).toThrow(/its module was disposed/);
        expect([...(await x.read())]).toEqual([51, 52, 53, 54]);
        gpu.close();
        await expect(x.read()).rejects.toThrow(/was closed/);
        await expect(gpu.synchronize()).rejects.toThrow(DisposedError);
        expect(() => gpu.tensor("f32", [1])).toThrow(DisposedError);
        expect(() => gpu.stream()).toThrow(DisposedError);
    });
});
