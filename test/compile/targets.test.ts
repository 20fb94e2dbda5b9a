// The targets' limits against LLVM's own: its llc prints each kernel's occupancy as a comment.

import { spawnSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { llvmTool } from "../../bench/llvm.js";
import { type AmdCodeObject, readCodeObject } from "../../codeobject/codeobject.js";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { matrixInstruction } from "../../compiler/targets/matrix.js";
import { occupancy } from "../../compiler/targets/occupancy.js";
import { type AmdTarget, findTarget, TARGETS } from "../../compiler/targets/targets.js";

const VGPRS = [8, 24, 32, 36, 48, 64, 68, 84, 96, 100, 128, 132, 148, 168, 172, 196, 220, 244];
const LDS = [1024, 8192, 16384, 32768, 40000, 65536];

interface Case {
    readonly name: string;
    readonly vgprs: number;
    readonly lds: number;
    readonly workgroup: number;
}

const CASES: readonly Case[] = [
    ...VGPRS.map((vgprs) => ({ name: `v${vgprs}`, vgprs, lds: 0, workgroup: 64 })),
    ...LDS.map((lds) => ({ name: `l${lds}`, vgprs: 4, lds, workgroup: 256 })),
];

/** Kernels that touch the highest register they are to need, or one byte of as much LDS. */
function llvm(): string {
    const kernels = CASES.map(({ name, vgprs, lds, workgroup }) => {
        const attributes = `nounwind "amdgpu-flat-work-group-size"="${workgroup},${workgroup}"`;
        const body =
            lds === 0
                ? `call void asm sideeffect "; use", "~{v${vgprs - 1}}"()`
                : `store volatile i8 1, ptr addrspace(3) @lds.${name}`;
        const array = lds === 0 ? "" : `@lds.${name} = internal addrspace(3) global [${lds} x i8] poison, align 16\n`;
        return `${array}define amdgpu_kernel void @${name}() ${attributes} {\n  ${body}\n  ret void\n}\n`;
    });
    return `target triple = "amdgcn-amd-amdhsa"\n${kernels.join("\n")}`;
}

const AMD = TARGETS.filter((target): target is AmdTarget => target.backend === "amdgpu");

function measured(target: AmdTarget): Record<string, number> {
    const { status, stdout, stderr } = spawnSync(llvmTool("llc"), [`-mcpu=${target.name}`, "-O1", "-o", "-"], {
        input: llvm(),
        encoding: "utf8",
    });
    if (status !== 0) throw new Error(stderr);
    const found: Record<string, number> = {};
    let kernel = "";
    for (const [, name, waves] of stdout.matchAll(/^(\w+):\s+; @|^; Occupancy: (\d+)/gm)) {
        if (name !== undefined) kernel = name;
        else found[kernel] = Number(waves);
    }
    return found;
}

describe("occupancy agrees with LLVM", () => {
    test.each(AMD)("on $name", (target) => {
        const expected = measured(target);
        const ours = CASES.map(({ name, vgprs, lds, workgroup }) => [
            name,
            occupancy(target.name, { vgprs, sgprs: 16, lds, workgroup })?.wavesPerSimd,
        ]);
        expect(Object.fromEntries(ours)).toEqual(expected);
    });
});

test("the limit is named", () => {
    const needs = { vgprs: 24, sgprs: 16, lds: 0, workgroup: 256 };
    expect(occupancy("gfx1100", needs)).toEqual({ wavesPerSimd: 16, maxWavesPerSimd: 16, limitedBy: null });
    expect(occupancy("gfx1100", { ...needs, vgprs: 240 })?.limitedBy).toBe("VGPRs");
    expect(occupancy("gfx1100", { ...needs, lds: 65536 })?.limitedBy).toBe("LDS");
    expect(occupancy("gfx90a", { ...needs, sgprs: 102 })?.limitedBy).toBe("SGPRs");
});

test("an unknown target has no occupancy", () => {
    expect(occupancy("gfx9999", { vgprs: 1, sgprs: 1, lds: 0, workgroup: 64 })).toBeNull();
});

test("LLVM knows every target of the table", () => {
    expect(loadCodegen().targets).toEqual(expect.arrayContaining(TARGETS.map(({ name }) => name)));
});

// LLVM's "Generic processors" and "ELF Header": machine numbers EF_AMDGPU_MACH_AMDGCN_GFX…_GENERIC, ABI version 4 for code
// objects of version 6.
test.each([
    ["gfx9-generic", 0x51],
    ["gfx9-4-generic", 0x5f],
    ["gfx10-1-generic", 0x52],
    ["gfx10-3-generic", 0x53],
    ["gfx11-generic", 0x54],
    ["gfx12-generic", 0x59],
])("code for %s is of version 6 and says what it runs on", async (target, machine) => {
    const text = "kernel double(x: mut f32[n]) over i in n { x[i] = x[i] * 2.0 }\n";
    const codegen = loadCodegen();
    const { output } = await compile({ path: "double.soma", text }, () => undefined, codegen, { target });
    const bytes = Buffer.from(output ?? []);
    expect(bytes.readUInt32LE(48) & 0xff).toBe(machine);
    expect(bytes[8]).toBe(4);
    expect(await codegen.inspect(bytes)).toMatchObject({ target, codeObjectVersion: 6 });
    expect(readCodeObject(bytes)).toMatchObject({ target, version: 6 });
});

// LLVM's "ELF Header", `e_ident[EI_ABIVERSION]`.
test.each([
    [4, 2],
    [5, 3],
    [6, 4],
] as const)("code of version %i has ABI version %i", async (codeObjectVersion, abi) => {
    const text = "kernel double(x: mut f32[n]) over i in n { x[i] = x[i] * 2.0 }\n";
    const codegen = loadCodegen();
    const options = { target: "gfx1100", codeObjectVersion };
    const { output } = await compile({ path: "double.soma", text }, () => undefined, codegen, options);
    const bytes = Buffer.from(output ?? []);
    expect(bytes[8]).toBe(abi);
    expect(await codegen.inspect(bytes)).toMatchObject({ target: "gfx1100", codeObjectVersion });
    const { metadata } = readCodeObject(bytes) as AmdCodeObject;
    // No hidden arguments in any of them: a pointer and an extent.
    expect(metadata.kernels).toMatchObject([{ kernargSegmentSize: 16 }]);
});

test.each([
    ["gfx11-generic", 5, "there are no code objects of version 5 for gfx11-generic"],
    ["sm_90", 5, "code for sm_90 is PTX, which has no code object version"],
] as const)("%s has no code object version %i", async (target, codeObjectVersion, message) => {
    const source = { path: "double.soma", text: "kernel double(x: mut f32[n]) over i in n { x[i] = x[i] * 2.0 }\n" };
    const { diagnostics, output } = await compile(source, () => undefined, loadCodegen(), {
        target,
        codeObjectVersion,
    });
    expect(output).toBeNull();
    expect(diagnostics).toMatchObject([{ code: "E1012", message }]);
});

// "Generic processors": gfx9-4-generic is without the formats of 8 bits of gfx942 and gfx950.
test("a generic target has the matrix instructions that its processors share", () => {
    const target = findTarget("gfx9-4-generic") as AmdTarget;
    for (const type of ["f16", "bf16", "i8", "f32", "f64"]) {
        expect(matrixInstruction(target, type, type, 64)).not.toBeNull();
    }
    for (const type of ["f8e4m3", "f8e5m2", "f8e4m3fnuz", "f8e5m2fnuz"]) {
        expect(matrixInstruction(target, type, type, 64)).toBeNull();
    }
});
