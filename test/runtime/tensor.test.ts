import { describe, expect, it } from "vitest";
import {
    ArgumentError,
    DisposedError,
    ELEMENT_TYPES,
    type ElementType,
    HipError,
    ShapeError,
} from "../../runtime/index.js";
import { hipError, openFake } from "./fake-device.js";

describe("tensor", () => {
    const { gpu } = openFake();

    it.each(ELEMENT_TYPES)("%s is zero-filled without data", async (type) => {
        const values = await gpu.tensor(type, [2, 3]).read();
        expect(values).toHaveLength(6);
        expect([...values].every((value) => Number(value) === 0)).toBe(true);
    });

    const EXTREMES: readonly [ElementType, readonly (number | bigint)[]][] = [
        ["i8", [-128, 127]],
        ["i16", [-32768, 32767]],
        ["i32", [-2147483648, 2147483647]],
        ["i64", [-9223372036854775808n, 9223372036854775807n]],
        ["u8", [0, 255]],
        ["u16", [0, 65535]],
        ["u32", [0, 4294967295]],
        ["u64", [0n, 18446744073709551615n]],
        ["index", [-9223372036854775808n, 9223372036854775807n]],
        ["f16", [65504, 2 ** -24]],
        ["f32", [Number.NEGATIVE_INFINITY, 0.5]],
        ["f64", [Number.MAX_VALUE, Number.MIN_VALUE]],
    ];
    it.each(EXTREMES)("%s takes its extremes and gives them back", async (type, values) => {
        expect([...(await gpu.tensor(type, [2], [...values]).read())]).toEqual(values);
    });

    it("takes typed arrays, subarrays, nested arrays and booleans", async () => {
        const whole = Float32Array.of(0, 1, 2, 3);
        expect(await gpu.tensor("f32", [2], whole.subarray(1, 3)).read()).toEqual(Float32Array.of(1, 2));
        expect(
            await gpu
                .tensor(
                    "i32",
                    [2, 2],
                    [
                        [1, 2],
                        [3, 4],
                    ],
                )
                .read(),
        ).toEqual(Int32Array.of(1, 2, 3, 4));
        expect(await gpu.tensor("i64", [2], [1, 2n]).read()).toEqual(BigInt64Array.of(1n, 2n));
        expect(await gpu.tensor("bool", [3], [true, 0, 1]).read()).toEqual(Uint8Array.of(1, 0, 1));
        expect(await gpu.tensor("u8", [1], Uint8ClampedArray.of(300)).read()).toEqual(Uint8Array.of(255));
    });

    it("rounds f16 from numbers and keeps bits of a Uint16Array", async () => {
        expect(await gpu.tensor("f16", [1], [1 + 2 ** -11]).readBytes()).toEqual(Uint8Array.of(0x00, 0x3c));
        expect(await gpu.tensor("f16", [1], Float32Array.of(-2)).readBytes()).toEqual(Uint8Array.of(0x00, 0xc0));
        expect(await gpu.tensor("f16", [1], Uint16Array.of(0x3555)).read()).toEqual(Float32Array.of(0.333251953125));
    });

    it("takes a snapshot of the data", async () => {
        const data = Float32Array.of(1, 2);
        const tensor = gpu.tensor("f32", [2], data);
        data.fill(9);
        expect(await tensor.read()).toEqual(Float32Array.of(1, 2));
    });

    it("writes in the order of the calls", async () => {
        const tensor = gpu.tensor("u8", [1], [1]);
        const first = tensor.read();
        const written = tensor.write([2]);
        expect(await first).toEqual(Uint8Array.of(1));
        await written;
        expect(await tensor.read()).toEqual(Uint8Array.of(2));
    });

    it.each<[string, () => unknown, RegExp]>([
        ["an unknown type", () => gpu.tensor("float32" as "f32", [1]), /not "float32"/],
        ["no shape", () => gpu.tensor("f32", 3 as unknown as number[]), /array of extents.*not 3/],
        ["a negative extent", () => gpu.tensor("f32", [2, -1]), /not -1 \(axis 1\)/],
        ["NaN", () => gpu.tensor("f32", [Number.NaN]), /not NaN/],
        ["more than can be counted", () => gpu.tensor("f64", [2 ** 30, 2 ** 30]), /more bytes than can be counted/],
        ["too few elements", () => gpu.tensor("f32", [3], [1, 2]), /data has 2 elements, and the shape \[3\] takes 3/],
        ["ragged arrays", () => gpu.tensor("f32", [2, 2], [[1, 2], [3]]), /data\[1\] has 1 entries/],
        [
            "another typed array",
            () => gpu.tensor("f32", [1], new Int32Array(1) as never),
            /a Float32Array.*not an Int32Array/,
        ],
        [
            "a value out of range",
            () => gpu.tensor("u8", [2], [1, 300]),
            /data\[1\] is u8 and takes an integer in 0 … 255/,
        ],
        ["a fraction", () => gpu.tensor("i32", [1], [1.5]), /data\[0\] is i32 and takes an integer, not 1\.5/],
        ["an inexact number", () => gpu.tensor("i64", [1], [2 ** 60]), /beyond what a number holds exactly/],
        ["text", () => gpu.tensor("f32", [1], ["1"] as never), /takes a number, not "1"/],
        ["a bigint for a float", () => gpu.tensor("f32", [1], [1n]), /takes a number, not 1n/],
        ["a byte that is no bool", () => gpu.tensor("bool", [2], Uint8Array.of(1, 2)), /data\[1\] is bool/],
        ["a hole", () => gpu.tensor("f32", [2], new Array(2)), /not undefined/],
    ])("refuses %s", (_, make, message) => {
        expect(make).toThrow(ArgumentError);
        expect(make).toThrow(message);
    });

    it("names a detached buffer", () => {
        const data = new Float32Array(4);
        structuredClone(data.buffer, { transfer: [data.buffer] });
        expect(() => gpu.tensor("f32", [4], data)).toThrow(
            /data has 0 elements \(an array whose buffer was transferred/,
        );
    });

    it("reports the memory that is not there", () => {
        expect(() => gpu.tensor("u8", [2 ** 31])).toThrow(HipError);
        expect(() => gpu.tensor("u8", [2 ** 31])).toThrow(/hipMalloc failed with hipErrorOutOfMemory \(2: in words\)/);
    });

    it("is freed once and refused afterwards", async () => {
        const { gpu, device } = openFake();
        const tensor = gpu.tensor("f32", [2]);
        {
            using scoped = tensor;
            await scoped.read();
        }
        tensor.dispose();
        expect(device.buffers[0]?.disposed).toBe(true);
        await expect(tensor.read()).rejects.toThrow(DisposedError);
        await expect(tensor.write([1, 2])).rejects.toThrow(/tensor f32\[2\] was disposed/);
    });

    it("reports a write that failed where the tensor is used, until it is written again", async () => {
        const { gpu, device } = openFake();
        device.failNext.set("hipMemcpyAsync", hipError(999, "hipErrorUnknown", "hipMemcpyAsync"));
        const tensor = gpu.tensor("f32", [1], [1]);
        await expect(tensor.read()).rejects.toThrow(/contents of the tensor f32\[1\] were lost .*hipErrorUnknown/);
        await tensor.write([2]);
        expect(await tensor.read()).toEqual(Float32Array.of(2));
    });

    it("frees everything at close and refuses to go on", async () => {
        const { gpu, device } = openFake();
        const tensor = gpu.tensor("f32", [2]);
        gpu.close();
        gpu.close();
        expect(device.buffers.every((buffer) => buffer.disposed)).toBe(true);
        expect(() => gpu.tensor("f32", [2])).toThrow(/fake GPU was closed/);
        await expect(tensor.read()).rejects.toThrow(DisposedError);
    });

    it("is empty with a zero extent", async () => {
        expect(await gpu.tensor("f32", [0, 4], []).read()).toEqual(new Float32Array(0));
    });

    it("refuses what is no count of instructions, and a device without limits", () => {
        expect(() => gpu.limits({ instructions: 0 })).toThrow(ArgumentError);
        expect(() => gpu.limits({ instructions: 100 })).toThrow(/only the virtual GPU/);
    });

    it("shape errors are argument errors", () => {
        expect(() => gpu.tensor("f32", [3], [1])).toThrow(ShapeError);
    });
});
