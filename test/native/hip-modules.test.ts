import { afterAll, describe, expect, it } from "vitest";
import { bytesOf, errorOf, kernels, library, once, over, rejection, wordsOf } from "./hip-support.js";

const image = kernels();
const device = library.device(0);
const stream = device.createStream();
afterAll(() => stream.dispose());

/** A clang offload bundle, as clang's documentation of the offload bundler lays it out. */
function bundle(entries: readonly (readonly [id: string, code: Uint8Array])[]): Uint8Array {
    const table = entries.reduce((bytes, [id]) => bytes + 24 + id.length, 24 + 8);
    const begin = Math.ceil(table / 4096) * 4096;
    const bytes = new Uint8Array(entries.reduce((end, [, code]) => end + code.length, begin));
    const view = new DataView(bytes.buffer);
    const text = (at: number, value: string) => bytes.set(new TextEncoder().encode(value), at);
    text(0, "__CLANG_OFFLOAD_BUNDLE__");
    view.setBigUint64(24, BigInt(entries.length), true);
    let at = 32;
    let offset = begin;
    for (const [id, code] of entries) {
        for (const [index, field] of [offset, code.length, id.length].entries()) {
            view.setBigUint64(at + 8 * index, BigInt(field), true);
        }
        text(at + 24, id);
        bytes.set(code, offset);
        at += 24 + id.length;
        offset += code.length;
    }
    return bytes;
}

describe("modules", () => {
    it("gives its memory back, and refuses to be used when disposed", async () => {
        const before = device.memory();
        const module = await device.loadModule(image);
        expect(device.memory().free).toBeLessThan(before.free);
        module.dispose();
        module.dispose();
        expect(device.memory()).toEqual(before);
        expect(() => module.kernel("add")).toThrow(/disposed/);
    });

    it("stays loaded for its kernels", async () => {
        const module = await device.loadModule(image);
        const add = module.kernel("add");
        module.dispose();
        const buffer = device.allocate(8);
        stream.write(buffer, 0, bytesOf([1, 2]));
        await stream.launch(add, over(buffer, 1, 2, 1));
        expect(wordsOf(await stream.read(buffer, 0, 8))).toEqual([2, 3]);
        buffer.dispose();
    });

    it("names what it has when asked for what it has not", async () => {
        const module = await device.loadModule(image);
        const error = errorOf(() => module.kernel("missing"));
        expect(error).toMatchObject({ name: "hipErrorNotFound", call: "hipModuleGetFunction" });
        expect(error.fault).toMatch(/'missing'.*add.*reverse/);
        expect(errorOf(() => module.global("add")).name).toBe("hipErrorNotFound");
        expect(() => module.kernel("a\0b")).toThrow(TypeError);
        module.dispose();
    });

    it("takes the device's entry of an offload bundle", async () => {
        const module = await device.loadModule(
            bundle([
                ["host-x86_64-unknown-linux-gnu--", new Uint8Array(0)],
                ["hipv4-amdgcn-amd-amdhsa--gfx90a:xnack-", kernels("gfx90a")],
                ["hipv4-amdgcn-amd-amdhsa--gfx1100", image],
            ]),
        );
        const buffer = device.allocate(4);
        await stream.launch(module.kernel("look_up"), once(buffer));
        expect(wordsOf(await stream.read(buffer, 0, 4))).toEqual([17]);
        buffer.dispose();
        module.dispose();
    });

    it("takes the entry for a generic target, if there is none for the device's own", async () => {
        const generic = kernels("gfx11-generic");
        const module = await device.loadModule(
            bundle([
                ["hipv4-amdgcn-amd-amdhsa--gfx9-4-generic:xnack-", kernels("gfx90a")],
                ["hipv4-amdgcn-amd-amdhsa--gfx11-generic", generic],
            ]),
        );
        const buffer = device.allocate(4);
        await stream.launch(module.kernel("look_up"), once(buffer));
        expect(wordsOf(await stream.read(buffer, 0, 4))).toEqual([17]);
        buffer.dispose();
        module.dispose();
        const error = await rejection(device.loadModule(kernels("gfx12-generic")));
        expect(error.fault).toMatch(/gfx12-generic[\s\S]*gfx1100/);
    });

    it("says which targets a bundle has when the device's is not among them", async () => {
        const error = await rejection(
            device.loadModule(bundle([["hipv4-amdgcn-amd-amdhsa--gfx90a:xnack-", kernels("gfx90a")]])),
        );
        expect(error).toMatchObject({ name: "hipErrorNoBinaryForGpu", code: 209 });
        expect(error.fault).toContain("gfx90a:xnack-");
        expect(error.help).toContain("gfx1100");
    });

    it("refuses a code object for another target", async () => {
        const error = await rejection(device.loadModule(kernels("gfx90a")));
        expect(error.name).toBe("hipErrorNoBinaryForGpu");
        expect(error.fault).toMatch(/gfx90a[\s\S]*gfx1100/);
    });

    it.each([
        ["nothing", new Uint8Array(0)],
        ["text", new TextEncoder().encode("int main() { return 0; }")],
        ["an ELF header alone", image.slice(0, 64)],
        ["half a code object", image.slice(0, image.length / 2)],
        ["a code object without its last byte", image.slice(0, -1)],
        ["a bundle's magic alone", new TextEncoder().encode("__CLANG_OFFLOAD_BUNDLE__")],
        ["a truncated bundle", bundle([["hip-amdgcn-amd-amdhsa--gfx1100", image]]).slice(0, -100)],
        ["a compressed bundle", new TextEncoder().encode("CCOB and so on")],
    ])("refuses %s", async (_, bytes) => {
        const error = await rejection(device.loadModule(bytes));
        expect(error.name).toBe("hipErrorInvalidImage");
        expect(error.asked).toBe(`a code object of ${bytes.length} bytes on device 0 (gfx1100)`);
        expect(error.fault).not.toBe("");
    });

    it("survives damage anywhere in a code object", async () => {
        // Every 97th byte, inverted in turn: what loads may, nothing crashes. What other tests left to the collector may
        // be freed meanwhile.
        const before = device.memory();
        for (let at = 0; at < image.length; at += 97) {
            const damaged = image.slice();
            damaged[at] = ~(damaged[at] as number);
            const module = await device.loadModule(damaged).catch(() => undefined);
            module?.dispose();
        }
        expect(device.memory().free).toBeGreaterThanOrEqual(before.free);
    });
});
