import { describe, expect, it } from "vitest";
import {
    ArgumentError,
    CodeObjectError,
    CompileError,
    type Gpu,
    KernelFault,
    LaunchError,
    open,
    ShapeError,
} from "../../runtime/index.js";
import { DEVICE, kernelsOf, testGpu } from "./harness.js";

const SOURCE = `
kernel double(x: f32[n], y: mut f32[n]) over i in n {
    y[i] = x[i] + x[i]
}

kernel beyond(offset: index, x: f32[n], y: mut f32[n]) over i in n {
    y[i] = x[i + offset]
}

kernel endless(y: mut i32[n]) over i in n {
    while y[i] == 0 {
        y[i] = 0
    }
}

kernel wide(y: mut i32[1]) over (i in m, j in n) {
    y[0] = 1
}
`;

const isVirtual = DEVICE.startsWith("vgpu");

/** Works after whatever happened before. */
async function expectWorking(gpu: Gpu): Promise<void> {
    const { double } = await kernelsOf(SOURCE);
    const y = gpu.tensor("f32", [3]);
    await double?.({ x: gpu.tensor("f32", [3], [1, 2, 3]), y });
    expect(await y.read()).toEqual(Float32Array.of(2, 4, 6));
}

describe("source with errors", () => {
    it.each([
        ["a wrong type", "kernel k(y: mut f32[n], a: i32) over i in n {\n    y[i] = a\n}", "y[i] = a"],
        ["an unknown name", "kernel k(y: mut f32[n]) over i in n {\n    y[i] = z\n}", "z"],
        ["a missing brace", "kernel k(y: mut f32[n]) over i in n {\n    y[i] = 1.0\n", "k.soma"],
    ])("%s is a CompileError with diagnostics and a code frame", async (_, source, shown) => {
        const gpu = await testGpu();
        const error = await gpu.load({ source, path: "k.soma" }).catch((each) => each);
        expect(error).toBeInstanceOf(CompileError);
        expect(error.diagnostics).toHaveLength(1);
        expect(error.diagnostics[0].span.file.path).toBe("k.soma");
        expect(error.message).toContain(shown);
        expect(error.message).toContain(error.diagnostics[0].code);
        await expectWorking(gpu);
    });
});

describe("arguments", () => {
    it("that are missing or don't agree are refused, naming them", async () => {
        const gpu = await testGpu();
        const { double } = await kernelsOf(SOURCE);
        const x = gpu.tensor("f32", [1000]);
        const y = gpu.tensor("f32", [999]);
        await expect(double?.({})).rejects.toThrow(ArgumentError);
        await expect(double?.({})).rejects.toThrow(/missing the arguments x, y/);
        await expect(double?.({ x, y })).rejects.toThrow(ShapeError);
        await expect(double?.({ x, y })).rejects.toThrow(/n is 1000 in x .* but 999 in y/);
        await expectWorking(gpu);
    });
});

describe("code objects", () => {
    it("that are truncated or something else are refused", async () => {
        const gpu = await testGpu();
        const { codeObject } = await gpu.load({ source: SOURCE });
        for (const length of [0, 3, 63, 64, 200, codeObject.length >> 1, codeObject.length - 1]) {
            await expect(gpu.load(codeObject.subarray(0, length))).rejects.toThrow(CodeObjectError);
        }
        await expect(gpu.load(Buffer.from("not a code object"))).rejects.toThrow(/not a code object/);
        await expectWorking(gpu);
    });

    it.skipIf(!isVirtual)("for another target are refused, naming both", async () => {
        const gpu = await testGpu();
        const { codeObject } = await gpu.load({ source: SOURCE });
        const flags = codeObject[48];
        const other = Uint8Array.from(codeObject);
        other[48] = flags === 0x36 ? 0x41 : 0x36;
        await expect(gpu.load(other)).rejects.toThrow(/gfx1030|gfx1100/);
        await expectWorking(gpu);
    });

    it("that were damaged never bring the process down", async () => {
        const gpu = await testGpu();
        const { codeObject } = await gpu.load({ source: SOURCE });
        for (let i = 0; i < 200; i++) {
            const damaged = Uint8Array.from(codeObject);
            const at = Math.floor((i * codeObject.length) / 200);
            damaged[at] = (damaged[at] as number) ^ 0x55;
            await gpu.load(damaged).then(
                (module) => module.dispose(),
                (error) => expect(error).toBeInstanceOf(Error),
            );
        }
        await expectWorking(gpu);
    });
});

describe("launches", () => {
    it("larger than the device are refused", async () => {
        const gpu = await testGpu();
        const { wide } = await kernelsOf(SOURCE);
        const y = gpu.tensor("i32", [1]);
        await expect(wide?.({ y, m: 1, n: 2 ** 40 })).rejects.toThrow(LaunchError);
        await expect(wide?.({ y, m: 2 ** 40, n: 1 })).rejects.toThrow(/launch it in parts/);
        await expect(wide?.({ y, m: -1, n: 1 })).rejects.toThrow(/m = -1 is negative/);
        await expectWorking(gpu);
    });
});

describe.skipIf(!isVirtual)("a kernel that is stopped on the virtual GPU", () => {
    it("for a read out of bounds names the kernel, the line and the nearest memory", async () => {
        const gpu = await testGpu();
        const { beyond } = await kernelsOf(SOURCE);
        const args = { x: gpu.tensor("f32", [1000]), y: gpu.tensor("f32", [1000]) };
        await beyond?.({ offset: 0, ...args });
        for (const offset of [2 ** 20, -(2 ** 20), 2n ** 60n]) {
            const fault = await beyond?.({ offset, ...args }).catch((error) => error);
            expect(fault).toBeInstanceOf(KernelFault);
            expect(fault.kernel).toBe("beyond");
            expect(fault.place).toEqual({ file: "test.soma", line: 7 });
            await expectWorking(gpu);
        }
    });

    it("for an endless loop names the kernel, at a limit that can be set", async () => {
        const gpu = await testGpu();
        const { endless } = await kernelsOf(SOURCE);
        const y = gpu.tensor("i32", [64]);
        gpu.limits({ instructions: 10_000 });
        try {
            const fault = await endless?.({ y }).catch((error) => error);
            expect(fault).toBeInstanceOf(KernelFault);
            expect(fault.message).toContain("endless");
            expect(fault.message).toMatch(/10[,. ]?000/);
            await expectWorking(gpu);
        } finally {
            gpu.limits({ instructions: Number.POSITIVE_INFINITY });
        }
    });

    it("leaves what was launched behind it an error or done, never hanging", async () => {
        const gpu = await testGpu();
        const { beyond, double } = await kernelsOf(SOURCE);
        const args = { x: gpu.tensor("f32", [4]), y: gpu.tensor("f32", [4]) };
        const launches = [beyond?.({ offset: 2 ** 20, ...args }), double?.(args), args.y.read()];
        const outcomes = await Promise.allSettled(launches);
        expect(outcomes[0]?.status).toBe("rejected");
        await expectWorking(gpu);
    });
});

describe("open", () => {
    it.each([
        ["gpu0", ArgumentError, /there is no device "gpu0": open takes "hip"/],
        ["hip:x", ArgumentError, /not "x"/],
        ["/nowhere/libamdhip64.so", Error, /\/nowhere\/libamdhip64\.so/],
        ["vgpu:gfx9999", Error, /gfx9999/],
    ])("refuses %s", async (device, kind, message) => {
        await expect(open(device)).rejects.toThrow(kind);
        await expect(open(device)).rejects.toThrow(message);
    });
});
