import { describe, expect, it } from "vitest";
import { Gpu } from "../../runtime/gpu.js";
import { CodeObjectError, DisposedError, LoadError } from "../../runtime/index.js";
import { buildElf, SAXPY_MANIFEST } from "./elf-builder.js";
import { FakeDevice, openFake } from "./fake-device.js";

describe("load", () => {
    const { gpu } = openFake();

    it("refuses what is no code object, naming it", async () => {
        await expect(gpu.load(Buffer.from("hello"))).rejects.toThrow(CodeObjectError);
        await expect(gpu.load(new URL("../../package.json", import.meta.url))).rejects.toThrow(
            /ends in \.soma, \.hsaco or \.ptx/,
        );
        await expect(gpu.load(7 as never)).rejects.toThrow(/not 7/);
        await expect(gpu.load("missing.hsaco")).rejects.toThrow(LoadError);
        await expect(gpu.load("missing.hsaco")).rejects.toThrow("can't read missing.hsaco: there is no such file");
        await expect(gpu.load("kernel k() over i in 1 {}")).rejects.toThrow(/source text is passed as \{ source \}/);
    });

    it("refuses a code object for another target or without a manifest", async () => {
        const other = new Gpu(new FakeDevice("gfx1201"), "virtual");
        await expect(other.load(buildElf())).rejects.toThrow(
            /compiled for gfx1100, and fake GPU is a gfx1201: compile it with --target gfx1201/,
        );
        await expect(gpu.load(buildElf({ manifest: null }))).rejects.toThrow(/no Soma manifest/);
    });

    it("keeps a copy of the bytes", async () => {
        const bytes = buildElf();
        const module = await gpu.load(bytes);
        bytes.fill(0);
        expect(module.codeObject).toEqual(buildElf());
    });

    it("gives kernels, manifest and dispose, and lists only the kernels", async () => {
        const module = await gpu.load<"saxpy">(buildElf());
        expect(Object.keys(module)).toEqual(["saxpy"]);
        expect(module.manifest).toEqual(SAXPY_MANIFEST);
        expect(module.kernels.saxpy).toBe(module.saxpy);
        expect(module.compilation).toBeUndefined();
        module.dispose();
        module[Symbol.dispose]();
        await expect(module.saxpy({})).rejects.toThrow(DisposedError);
        await expect(module.saxpy({})).rejects.toThrow("saxpy: its module was disposed");
    });

    it.each(["then", "manifest", "dispose", "__proto__"])("has a kernel named %s under `kernels`", async (name) => {
        const kernels = [{ ...SAXPY_MANIFEST.kernels[0], name }];
        const module = await gpu.load(buildElf({ manifest: { ...SAXPY_MANIFEST, kernels } }));
        expect(Object.hasOwn(module.kernels, name)).toBe(true);
        expect(module.manifest.kernels).toHaveLength(1);
        module.dispose();
    });

    it("is refused after close, as are its kernels", async () => {
        const { gpu } = openFake();
        const { saxpy } = await gpu.load<"saxpy">(buildElf());
        gpu.close();
        await expect(gpu.load(buildElf())).rejects.toThrow(/was closed/);
        await expect(saxpy({})).rejects.toThrow("saxpy: fake GPU was closed");
    });
});
