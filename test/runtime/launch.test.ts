import { describe, expect, it } from "vitest";
import type { KernelManifest, Manifest, ManifestDim, ParameterManifest } from "../../codeobject/manifest.js";
import { Gpu } from "../../runtime/gpu.js";
import { ArgumentError, KernelFault, LaunchError, ShapeError, SomaError } from "../../runtime/index.js";
import { buildElf, SAXPY_MANIFEST, SAXPY_METADATA } from "./elf-builder.js";
import { FakeDevice, hipError, openFake } from "./fake-device.js";

interface Declaration {
    readonly parameters: readonly ParameterManifest[];
    readonly dims?: readonly string[];
    readonly over?: readonly ManifestDim[];
    readonly groups?: readonly ManifestDim[];
    readonly workgroup?: readonly number[];
}

const view = (name: string, dims: readonly ManifestDim[], mutable = false, element = "f32"): ParameterManifest =>
    ({ kind: "view", name, element, dims, mutable }) as ParameterManifest;
const scalar = (name: string, type: string): ParameterManifest => ({ kind: "scalar", name, type }) as ParameterManifest;

/** A code object with one kernel `k` whose arguments lie 8 bytes apart: parameters, then dimensions. */
function codeObject({ parameters, dims = [], over, groups, workgroup = [64] }: Declaration): Uint8Array {
    const pieces = [...parameters, ...dims.map((name) => ({ kind: "dim", name }))];
    const kernel = {
        name: "k",
        symbol: "k",
        doc: "",
        parameters,
        dims,
        arguments: pieces.map((piece, index) => ({ ...piece, offset: index * 8 })) as KernelManifest["arguments"],
        argumentSize: pieces.length * 8,
        launch:
            groups === undefined
                ? { kind: "over", extents: over ?? [64], workgroup }
                : { kind: "groups", groups, workgroup },
    } satisfies KernelManifest;
    const manifest: Manifest = { ...SAXPY_MANIFEST, kernels: [kernel] };
    const described = { ...SAXPY_METADATA["amdhsa.kernels"][0], ".name": "k", ".symbol": "k.kd" };
    const metadata = {
        ...SAXPY_METADATA,
        "amdhsa.kernels": [{ ...described, ".kernarg_segment_size": pieces.length * 8 }],
    };
    return buildElf({ manifest, metadata });
}

async function loadSaxpy(gpu: Gpu) {
    return (await gpu.load<"saxpy">(buildElf())).saxpy;
}

/** What the fake device counts for one launch. */
const counters = { launches: 1, waves: 8, instructions: 100 };

describe("a launch", () => {
    it("passes packed arguments, addresses and dimensions at the manifest's offsets", async () => {
        const { gpu, device } = openFake();
        device.kernel = ({ arguments: bytes }, memory) => {
            const args = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
            const x = new Float32Array(memory(args.getBigUint64(8, true)));
            const y = new Float32Array(memory(args.getBigUint64(16, true)));
            for (let i = 0; i < Number(args.getBigInt64(24, true)); i++) {
                y[i] = args.getFloat32(0, true) * (x[i] as number) + (y[i] as number);
            }
        };
        const { saxpy } = await gpu.load<"saxpy">(buildElf());
        const x = gpu.tensor(
            "f32",
            [300],
            Float32Array.from({ length: 300 }, (_, i) => i),
        );
        const y = gpu.tensor("f32", [300], new Float32Array(300).fill(1));
        const result = await saxpy({ a: 2, x, y });
        expect(await y.read()).toEqual(Float32Array.from({ length: 300 }, (_, i) => 2 * i + 1));
        expect(result).toEqual({ grid: [2, 1, 1], block: [256, 1, 1], milliseconds: 0.5, counters, outputs: {} });
        expect(saxpy.name).toBe("saxpy");
    });

    it("has counters when it was alone, and none when others were in flight", async () => {
        const { gpu, device } = openFake();
        const saxpy = await loadSaxpy(gpu);
        const args = { a: 2, x: gpu.tensor("f32", [4]), y: gpu.tensor("f32", [4]) };
        expect((await saxpy(args)).counters).toEqual(counters);
        const [first, second] = await Promise.all([saxpy(args), saxpy(args)]);
        expect(first?.counters).toEqual(counters);
        expect(second?.counters).toBe("unavailable");
        device.counters = () => undefined as never;
        expect((await saxpy(args)).counters).toBe("unavailable");
    });

    it("encodes every scalar type", async () => {
        const { gpu, device } = openFake();
        const types = ["bool", "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "index", "f16", "f32", "f64"];
        const parameters = types.map((type) => scalar(type, type));
        const { k } = await gpu.load<"k">(codeObject({ parameters }));
        await k({
            bool: true,
            i8: -1,
            i16: -2,
            i32: -3,
            i64: -4n,
            u8: 255,
            u16: 65534,
            u32: 4294967293,
            u64: 18446744073709551612n,
            index: -5,
            f16: 1.5,
            f32: 0.1,
            f64: 0.1,
        });
        const bytes = device.launches[0]?.arguments as Uint8Array;
        const args = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        expect(args.getUint8(0)).toBe(1);
        expect(args.getInt8(8)).toBe(-1);
        expect(args.getInt16(16, true)).toBe(-2);
        expect(args.getInt32(24, true)).toBe(-3);
        expect(args.getBigInt64(32, true)).toBe(-4n);
        expect(args.getUint8(40)).toBe(255);
        expect(args.getUint16(48, true)).toBe(65534);
        expect(args.getUint32(56, true)).toBe(4294967293);
        expect(args.getBigUint64(64, true)).toBe(18446744073709551612n);
        expect(args.getBigInt64(72, true)).toBe(-5n);
        expect(args.getUint16(80, true)).toBe(0x3e00);
        expect(args.getFloat32(88, true)).toBe(Math.fround(0.1));
        expect(args.getFloat64(96, true)).toBe(0.1);
    });

    const { gpu } = openFake();
    const { gpu: otherGpu } = openFake();
    const x = gpu.tensor("f32", [4]);
    const y = gpu.tensor("f32", [4]);
    const short = gpu.tensor("f32", [3]);
    const disposed = gpu.tensor("f32", [4]);
    disposed.dispose();

    it.each<[string, unknown, RegExp]>([
        ["no arguments", undefined, /one object with its arguments by name, not undefined/],
        ["positions", [2, x, y], /by name, not an array/],
        [
            "a missing argument",
            { x, y },
            /missing the argument a: it takes saxpy\(a: f32, x: f32\[n\], y: mut f32\[n\]\)/,
        ],
        ["missing arguments", {}, /missing the arguments a, x, y/],
        ["a misspelt argument", { alpha: 2, a: 2, x, y }, /saxpy has no argument alpha: it takes/],
        ["a nearly right one", { a: 2, xx: x, y }, /no argument xx \(did you mean x\?\)/],
        ["a dimension that is bound", { a: 2, x, y, n: 4 }, /the dimension n comes from the tensors' shapes/],
        ["a number for a tensor", { a: 2, x: 1, y }, /saxpy: x is f32\[n\] and takes a tensor, not 1/],
        [
            "data for a tensor",
            { a: 2, x: [1, 2], y },
            /put the data on the device first: gpu\.tensor\("f32", shape, data\)/,
        ],
        ["a tensor for a number", { a: x, x, y }, /saxpy: a is f32 and takes a number, not a Tensor/],
        ["a number beyond the type", { a: 1e300, x, y }, /a is f32, and 1e\+300 is beyond its range/],
        ["a disposed tensor", { a: 2, x: disposed, y }, /saxpy: x: the tensor f32\[4\] was disposed/],
        ["another device's tensor", { a: 2, x: otherGpu.tensor("f32", [4]), y }, /x is a tensor of another device/],
        [
            "other elements",
            { a: 2, x: gpu.tensor("f64", [4]), y },
            /x is f32\[n\] and takes elements of f32, not of f64/,
        ],
        ["another rank", { a: 2, x: gpu.tensor("f32", [2, 2]), y }, /takes 1 dimension, not the shape \[2, 2\]/],
        [
            "unequal shapes",
            { a: 2, x: short, y },
            /n is 3 in x \(f32\[n\], shape \[3\]\) but 4 in y \(mut f32\[n\], shape \[4\]\)/,
        ],
        ["the same tensor, written", { a: 2, x: y, y }, /x and y are the same memory, and y is written/],
    ])("refuses %s", async (_, args, message) => {
        const saxpy = await loadSaxpy(gpu);
        const launched = saxpy(args as never);
        await expect(launched).rejects.toThrow(SomaError);
        await expect(launched).rejects.toThrow(message);
    });

    it("goes on after a refusal", async () => {
        const saxpy = await loadSaxpy(gpu);
        await expect(saxpy({ a: 2, x, y: short })).rejects.toThrow(ShapeError);
        expect((await saxpy({ a: 2, x, y })).grid).toEqual([1, 1, 1]);
    });

    it.each<[string, string, unknown, RegExp]>([
        ["too large a byte", "u8", 300, /k: s is u8 and takes an integer in 0 … 255, not 300/],
        ["a negative unsigned", "u32", -1, /0 … 4294967295, not -1/],
        ["a fraction", "i32", 0.5, /takes an integer, not 0\.5/],
        ["NaN for an integer", "i32", Number.NaN, /takes an integer, not NaN/],
        ["an inexact number", "i64", 2 ** 53, /pass a bigint/],
        ["beyond 64 bits", "u64", 2n ** 64n, /not 18446744073709551616/],
        ["a number for bool", "bool", 2, /takes true or false, not 2/],
        ["a bigint for a float", "f64", 1n, /takes a number, not 1n/],
        ["beyond f16", "f16", 65520, /beyond its range/],
    ])("refuses %s", async (_, type, value, message) => {
        const { k } = await gpu.load<"k">(codeObject({ parameters: [scalar("s", type)] }));
        await expect(k({ s: value as number })).rejects.toThrow(ArgumentError);
        await expect(k({ s: value as number })).rejects.toThrow(message);
    });

    it("allows a tensor twice where it is only read, and empty ones", async () => {
        const parameters = [view("a", ["n"]), view("b", ["n"])];
        const { k } = await gpu.load<"k">(codeObject({ parameters, dims: ["n"], over: ["n"] }));
        await k({ a: x, b: x });
        const saxpy = await loadSaxpy(gpu);
        const empty = gpu.tensor("f32", [0]);
        expect((await saxpy({ a: 2, x: empty, y: empty })).grid).toEqual([0, 1, 1]);
    });

    it("refuses a view of 4 GiB", async () => {
        const { gpu, device } = openFake();
        const buffer = { device, address: 4096n, isHost: false, host: () => new ArrayBuffer(), disposed: false };
        device.allocate = (bytes) => ({ ...buffer, bytes, dispose: () => {} });
        const huge = gpu.tensor("f32", [2 ** 30]);
        const saxpy = await loadSaxpy(gpu);
        await expect(saxpy({ a: 2, x: huge, y: huge })).rejects.toThrow(
            /shape \[1073741824\].*at most 4294963200 bytes/,
        );
        const wide = gpu.tensor("f32", [0, 2 ** 30]);
        const { k } = await gpu.load<"k">(
            codeObject({ parameters: [view("x", ["m", "n"])], dims: ["m", "n"], over: ["n", "m"] }),
        );
        await expect(k({ x: wide })).rejects.toThrow(/an extent of 0 counts as 1/);
    });
});

describe("dimensions", () => {
    const { gpu } = openFake();
    it("checks expressions and constants", async () => {
        const parameters = [view("start", [["+", "n", 1]]), view("x", ["n", 3])];
        const { k } = await gpu.load<"k">(codeObject({ parameters, dims: ["n"], over: ["n"] }));
        await k({ start: gpu.tensor("f32", [6]), x: gpu.tensor("f32", [5, 3]) });
        await expect(k({ start: gpu.tensor("f32", [5]), x: gpu.tensor("f32", [5, 3]) })).rejects.toThrow(
            /start \(f32\[n \+ 1\], shape \[5\]\) must have n \+ 1 = 6 elements along axis 0, not 5: n is 5 in x/,
        );
        await expect(k({ start: gpu.tensor("f32", [6]), x: gpu.tensor("f32", [5, 4]) })).rejects.toThrow(
            /must have 3 elements along axis 1, not 4/,
        );
    });

    it("names one view that disagrees with itself", async () => {
        const { k } = await gpu.load<"k">(codeObject({ parameters: [view("x", ["n", "n"])], dims: ["n"] }));
        await expect(k({ x: gpu.tensor("f32", [3, 4]) })).rejects.toThrow(
            /n is 3 but 4 in x \(f32\[n, n\], shape \[3, 4\]\)/,
        );
    });

    it("takes a dimension that no view binds from the caller", async () => {
        const { gpu, device } = openFake();
        const { k } = await gpu.load<"k">(codeObject({ parameters: [], dims: ["g"], groups: ["g"], workgroup: [64] }));
        expect((await k({ g: 5 })).grid).toEqual([5, 1, 1]);
        expect(device.launches[0]?.arguments).toEqual(Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0));
        await expect(k({})).rejects.toThrow(/missing the argument g: it takes k\(g: index\)/);
        await expect(k({ g: -1 })).rejects.toThrow(/number of workgroups on x: g = -1 is negative/);
    });
});

describe("the grid", () => {
    const { gpu } = openFake();
    const launchWith = async (
        over: readonly ManifestDim[],
        args: Record<string, number | bigint>,
        workgroup = [64],
    ) => {
        const { k } = await gpu.load<"k">(codeObject({ parameters: [], dims: ["m", "n"], over, workgroup }));
        return k({ m: 1, n: 1, ...args });
    };

    it.each([
        [0, 0],
        [1, 1],
        [63, 1],
        [64, 1],
        [65, 2],
        [1_000_003, 15626],
    ])("covers %i work-items with %i workgroups of 64", async (n, groups) => {
        expect((await launchWith(["n"], { n })).grid).toEqual([groups, 1, 1]);
    });

    it("has an axis for each extent, x first", async () => {
        const { grid, block } = await launchWith(["n", "m"], { n: 33, m: 9 }, [32, 8]);
        expect([grid, block]).toEqual([
            [2, 2, 1],
            [32, 8, 1],
        ]);
    });

    it("divides as the kernel does, towards zero", async () => {
        expect((await launchWith([["+", ["/", "n", 2], 5]], { n: -7 })).grid).toEqual([1, 1, 1]);
        expect((await launchWith([["+", ["%", "n", 4], 67]], { n: -7 })).grid).toEqual([1, 1, 1]);
    });

    it.each<[string, ManifestDim, Record<string, number | bigint>, RegExp]>([
        ["a negative extent", ["-", "n", 10], { n: 3 }, /extent on x: n - 10 = -7 is negative/],
        ["a division by zero", ["/", "n", "m"], { n: 3, m: 0 }, /n \/ m divides by zero/],
        ["a remainder by zero", ["%", "n", "m"], { n: 3, m: 0 }, /n % m divides by zero/],
        ["an overflow", ["*", "n", "n"], { n: 2n ** 32n }, /n \* n is 18446744073709551616, which overflows 64 bits/],
        ["one larger than the device", "n", { n: 2n ** 40n }, /takes at most 2147483647 workgroups/],
        ["more work-items than 32 bits count", "n", { n: 2n ** 32n }, /4294967295 work-items on an axis/],
    ])("refuses %s", async (_, extent, args, message) => {
        await expect(launchWith([extent], args)).rejects.toThrow(LaunchError);
        await expect(launchWith([extent], args)).rejects.toThrow(message);
    });

    it("refuses more workgroups on y than the device takes, and too large a workgroup", async () => {
        await expect(launchWith([1, "n"], { n: 65536 }, [1, 1])).rejects.toThrow(/on y: n = 65536 .* at most 65535/);
        const device = new FakeDevice();
        device.attribute = () => 256;
        const small = new Gpu(device, "virtual");
        const { k } = await small.load<"k">(codeObject({ parameters: [], over: [1], workgroup: [512] }));
        await expect(k({})).rejects.toThrow(
            /workgroup of 512 × 1 × 1 = 512 work-items is larger than the device's 256/,
        );
    });
});

describe("failures of the device", () => {
    it("make a KernelFault with the kernel and the source place, and the next launch works", async () => {
        const { gpu, device } = openFake();
        const words = "saxpy read 4 bytes past the end\n  at samples/aura/saxpy.soma:3:5";
        device.failNext.set(
            "hipModuleLaunchKernel",
            hipError(700, "hipErrorIllegalAddress", "hipStreamSynchronize", words),
        );
        const saxpy = await loadSaxpy(gpu);
        const args = { a: 2, x: gpu.tensor("f32", [4]), y: gpu.tensor("f32", [4]) };
        const fault = await saxpy(args).catch((error) => error);
        expect(fault).toBeInstanceOf(KernelFault);
        expect(fault.message).toContain(words);
        expect(fault).toMatchObject({
            name: "KernelFault",
            kernel: "saxpy",
            place: { file: "samples/aura/saxpy.soma", line: 3 },
            hip: { call: "hipStreamSynchronize", code: 700, name: "hipErrorIllegalAddress", asked: "what was asked" },
        });
        expect((await saxpy(args)).grid).toEqual([1, 1, 1]);
    });

    it("name the tensor whose data never arrived", async () => {
        const { gpu, device } = openFake();
        device.failNext.set("hipMemcpyAsync", hipError(999, "hipErrorUnknown", "hipMemcpyAsync"));
        const x = gpu.tensor("f32", [1], [1]);
        const saxpy = await loadSaxpy(gpu);
        await expect(saxpy({ a: 1, x, y: gpu.tensor("f32", [1]) })).rejects.toThrow(
            /saxpy: x: the contents .* were lost/,
        );
    });
});
