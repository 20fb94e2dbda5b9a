// Code for generic targets, and code objects of every version, run on the processors that they are for.

import { describe, expect, it } from "vitest";
import { writeBundle } from "../../codeobject/bundle.js";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { CodeObjectError, open } from "../../runtime/index.js";

/** A sum over waves, LDS, and a matrix product: what targets do differently. */
const SOURCE = {
    path: "parts.soma",
    text: `
kernel sums(x: f32[n], y: mut f32[g]) groups g workgroup(64) {
    shared parts: f32[64]
    parts[local_id()] = x[global_id()]
    barrier()
    let sum = wave_sum(parts[63 - local_id()])
    if local_id() % wave_size() == 0 { atomic_add(y[group_id()], sum) }
}

matrix kernel product(a: f16[m, k], b: f16[k, n], c: mut f32[m, n]) over (i in m by 16, j in n by 16) {
    var acc: tile f32[16, 16] = 0.0
    for p in k by 16 { acc += a[i, p] @ b[p, j] }
    c[i, j] = acc
}
`,
};

async function build(target: string, codeObjectVersion?: 4 | 5 | 6): Promise<Uint8Array> {
    const { output } = await compile(SOURCE, loadModule, loadCodegen(), { target, codeObjectVersion });
    if (output === null) throw new Error(`nothing for ${target}`);
    return output;
}

async function expectRuns(device: string, codeObject: Uint8Array): Promise<void> {
    const gpu = await open(device);
    try {
        const { sums, product } = await gpu.load(codeObject);
        const x = Float32Array.from({ length: 128 }, (_, at) => at);
        const y = gpu.tensor("f32", [2]);
        await sums?.({ x: gpu.tensor("f32", [128], x), y });
        expect([...(await y.read())]).toEqual([(63 * 64) / 2, (63 * 64) / 2 + 64 * 64]);
        const ones = (shape: readonly number[]) => gpu.tensor("f16", shape, new Array(16 * 32).fill(1));
        const c = gpu.tensor("f32", [16, 16]);
        await product?.({ a: ones([16, 32]), b: ones([32, 16]), c });
        expect(new Set(await c.read())).toEqual(new Set([32]));
    } finally {
        gpu.close();
    }
}

describe.each([
    ["gfx9-4-generic", ["vgpu:gfx942", "vgpu:gfx950"]],
    ["gfx10-3-generic", ["vgpu:gfx1030"]],
    ["gfx11-generic", ["vgpu:gfx1100", "vgpu:gfx1103", "vgpu:gfx1151"]],
    ["gfx12-generic", ["vgpu:gfx1200", "vgpu:gfx1201"]],
])("code for %s", (target, devices) => {
    it("runs on its processors", async () => {
        const codeObject = await build(target);
        for (const device of devices) await expectRuns(device, codeObject);
    });
});

it("refuses a processor that the generic one doesn't stand for", async () => {
    const gpu = await open("vgpu:gfx90a");
    const codeObject = await build("gfx9-4-generic");
    await expect(gpu.load(codeObject)).rejects.toThrow(CodeObjectError);
    await expect(gpu.load(codeObject)).rejects.toThrow(/compiled for gfx9-4-generic.*is a gfx90a/);
    gpu.close();
});

it("takes of a bundle what is for the device itself, else what stands for it", async () => {
    const targets = ["gfx9-4-generic", "gfx11-generic", "gfx1100"];
    const entries = targets.map(async (target) => ({ target, codeObject: await build(target) }));
    const bundle = writeBundle(await Promise.all(entries));
    for (const [device, expected] of [
        ["vgpu:gfx942", "gfx9-4-generic"],
        ["vgpu:gfx1101", "gfx11-generic"],
        ["vgpu:gfx1100", "gfx1100"],
    ] as const) {
        const gpu = await open(device);
        expect((await gpu.load(bundle)).manifest.target).toBe(expected);
        gpu.close();
        await expectRuns(device, bundle);
    }
});

it.each([4, 5, 6] as const)("runs code objects of version %i", async (version) => {
    await expectRuns("vgpu:gfx1100", await build("gfx1100", version));
});

it("compiles source to the version that is asked for", async () => {
    const gpu = await open("vgpu:gfx1100");
    const { codeObject } = await gpu.load({ source: SOURCE.text }, { codeObjectVersion: 4 });
    // LLVM's "ELF Header": e_ident[EI_ABIVERSION] is 2 for version 4.
    expect(codeObject[8]).toBe(2);
    await expect(gpu.load({ source: SOURCE.text }, { codeObjectVersion: 7 as 6 })).rejects.toThrow(
        /no code objects of version 7 for gfx1100/,
    );
    gpu.close();
});
