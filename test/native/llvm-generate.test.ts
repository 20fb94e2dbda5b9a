import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { llvmTool } from "../../bench/llvm.js";
import type { CodegenMessage, CodegenOptions } from "../../compiler/codegen.js";
import { ADD, hsaco, llvm, usesLds, WMMA } from "./llvm-samples.js";

const GFX1100: CodegenOptions = { target: "gfx1100", optimisation: 3, output: "hsaco" };

async function text(ir: string, options: Partial<CodegenOptions>): Promise<string> {
    const { output, messages } = await llvm.generate(ir, { ...GFX1100, ...options });
    expect(messages).toEqual([]);
    return Buffer.from(output ?? []).toString();
}

async function errors(ir: string, options: Partial<CodegenOptions> = {}): Promise<readonly CodegenMessage[]> {
    const { output, messages } = await llvm.generate(ir, { ...GFX1100, ...options });
    expect(output).toBeNull();
    return messages.filter(({ severity }) => severity === "error");
}

describe("generate", () => {
    it("knows its LLVM and the targets", () => {
        expect(llvm.version).toMatch(/^22\.\d+\.\d+$/);
        for (const target of ["gfx900", "gfx90a", "gfx942", "gfx950", "gfx1030", "gfx1100", "gfx1151", "gfx1201"]) {
            expect(llvm.targets).toContain(target);
        }
        expect(llvm.targets.every((name) => /^(gfx|sm_)/.test(name))).toBe(true);
    });

    it.each(["gfx90a", "gfx942", "gfx950", "gfx1030", "gfx1100", "gfx1151", "gfx1200", "gfx1201", "gfx1250"])(
        "makes a shared AMDGPU ELF for %s",
        async (target) => {
            const bytes = Buffer.from(await hsaco(ADD, target));
            expect(bytes.subarray(0, 4).toString("latin1")).toBe("\x7fELF");
            expect(bytes.readUInt16LE(16)).toBe(3); // ET_DYN
            expect(bytes.readUInt16LE(18)).toBe(224); // EM_AMDGPU
        },
    );

    it("prints assembly, and IR after LLVM's passes", async () => {
        expect(await text(ADD, { output: "asm" })).toMatch(/^add:[\s\S]*v_add_f32_e32[\s\S]*s_endpgm/m);
        const unoptimised =
            "define amdgpu_kernel void @f(ptr addrspace(1) %p) {\n %a = add i32 2, 3\n store i32 %a, ptr addrspace(1) %p\n ret void\n}";
        expect(await text(unoptimised, { output: "llvm" })).toContain("store i32 5,");
        expect(await text(unoptimised, { output: "llvm" })).toContain('target triple = "amdgcn-amd-amdhsa"');
        expect(await text(unoptimised, { output: "llvm", optimisation: 0 })).toContain("add i32 2, 3");
    });

    it("optimises more at each level than at 0", async () => {
        const loads = async (optimisation: 0 | 1 | 2 | 3) => {
            const ir = `
define amdgpu_kernel void @f(ptr addrspace(1) noalias %p, ptr addrspace(1) noalias %q) {
  %slot = alloca i32, addrspace(5)
  %a = load i32, ptr addrspace(1) %p
  store i32 %a, ptr addrspace(5) %slot
  %b = load i32, ptr addrspace(5) %slot
  store i32 %b, ptr addrspace(1) %q
  ret void
}`;
            const assembly = await text(ir, { output: "asm", optimisation });
            return assembly.match(/scratch_load/g)?.length ?? 0;
        };
        expect(await loads(0)).toBeGreaterThan(0);
        for (const level of [1, 2, 3] as const) expect(await loads(level)).toBe(0);
    });

    it("inlines what must be inlined at -O0", async () => {
        const ir = `
define internal float @half(float %x) alwaysinline {
  %r = fmul float %x, 0.5
  ret float %r
}
define amdgpu_kernel void @f(ptr addrspace(1) %p, float %x) {
  %r = call float @half(float %x)
  store float %r, ptr addrspace(1) %p
  ret void
}`;
        expect(await text(ir, { output: "llvm", optimisation: 0 })).not.toContain("@half");
    });

    it("never contracts a product and a sum", async () => {
        const ir = `
define amdgpu_kernel void @f(ptr addrspace(1) %p, float %a, float %b, float %c) {
  %m = fmul float %a, %b
  %s = fadd float %m, %c
  store float %s, ptr addrspace(1) %p
  ret void
}`;
        expect(await text(ir, { output: "asm" })).not.toMatch(/v_(fma|fmac|mad|pk_fma)/);
    });

    it("gives the same bytes every time", async () => {
        const [first, ...others] = await Promise.all(Array.from({ length: 8 }, () => hsaco(ADD)));
        for (const other of others) expect(Buffer.compare(other, first ?? Buffer.alloc(0))).toBe(0);
    });

    // For programs of tiles LLVM's own options are set, which belong to the process.
    it("gives the same bytes whatever is compiled beside it", async () => {
        const others = usesLds(64);
        const tiles = `${others}\n!soma.tiles = !{}\n`;
        const alone = await hsaco(others, "gfx942");
        const together = await Promise.all(
            Array.from({ length: 8 }, (_, at) => hsaco(at % 2 === 0 ? tiles : others, "gfx942")),
        );
        for (const [at, bytes] of together.entries()) {
            if (at % 2 === 1) expect(Buffer.from(bytes).equals(Buffer.from(alone))).toBe(true);
        }
    });

    it("leaves nothing of this machine in the code object", async () => {
        const bytes = Buffer.from(await hsaco(ADD)).toString("latin1");
        expect(bytes).not.toContain(tmpdir());
        expect(bytes).not.toContain(process.cwd());
    });

    it("makes what llvm-readelf reads", async () => {
        const folder = mkdtempSync(join(tmpdir(), "soma-test-"));
        try {
            const file = join(folder, "add.hsaco");
            writeFileSync(file, await hsaco(ADD));
            const read = execFileSync(llvmTool("llvm-readelf"), ["--notes", "--dyn-symbols", file], {
                encoding: "utf8",
            });
            expect(read).toContain("amdhsa.target:   amdgcn-amd-amdhsa--gfx1100");
            expect(read).toMatch(/PROTECTED\s+\d+ add\.kd/);
            expect(read).toMatch(/FUNC\s+GLOBAL\s+PROTECTED\s+\d+ add\n/);
        } finally {
            rmSync(folder, { recursive: true });
        }
    });
});

describe("what LLVM has to say", () => {
    it("names an unknown target and lists those there are", async () => {
        const [error] = await errors(ADD, { target: "gfx9999" });
        expect(error?.message).toMatch(/unknown target 'gfx9999'.*\bgfx1100, gfx1101\b/);
        for (const target of ["", "x86-64", "gfx1100:xnack+", "GFX1100", "fiji", "gfx1100\0"]) {
            expect(await errors(ADD, { target })).toHaveLength(1);
        }
    });

    it("says which line of the IR is not well formed", async () => {
        const [error] = await errors("define void @f() {\n  %a = add i32 1\n  ret void\n}");
        expect(error?.message).toMatch(
            /not well formed, line 3, column 3: expected ',' in arithmetic operation: ret void$/,
        );
        expect(error?.file).toBeUndefined();
        expect(await errors("\ud800 define")).toHaveLength(1);
        expect(await errors("BC\u00c0\u00de")).toHaveLength(1);
    });

    it("verifies the module", async () => {
        const ir =
            "define void @f(i1 %c) {\n br i1 %c, label %a, label %b\na:\n %x = add i32 1, 2\n br label %b\nb:\n %y = add i32 %x, 1\n ret void\n}";
        expect((await errors(ir))[0]?.message).toMatch(
            /the LLVM IR is invalid: Instruction does not dominate all uses/,
        );
    });

    it("refuses IR for another machine", async () => {
        const ir = 'target triple = "x86_64-pc-linux-gnu"\ndefine void @f() { ret void }';
        expect((await errors(ir))[0]?.message).toBe(
            "the LLVM IR is for x86_64-pc-linux-gnu, not for amdgcn-amd-amdhsa",
        );
        const cpu = 'define amdgpu_kernel void @f() "target-cpu"="gfx900" { ret void }';
        expect((await errors(cpu))[0]?.message).toContain("target-cpu=gfx900, but the target is gfx1100");
    });

    it("names what is undefined", async () => {
        const ir = "declare void @missing()\ndefine amdgpu_kernel void @f() {\n call void @missing()\n ret void\n}";
        expect((await errors(ir))[0]?.message).toMatch(/^linking: undefined symbol: missing/);
    });

    it("gives the source line of a kernel that needs more LDS than there is", async () => {
        // 64 KiB: RDNA3 ISA guide, "Local Data Share"; LLVM's limit for a workgroup of gfx1100.
        expect((await llvm.generate(usesLds(65_536), GFX1100)).output).not.toBeNull();
        const [error] = await errors(usesLds(65_537));
        expect(error).toMatchObject({ file: "lds.soma", line: 7 });
        expect(error?.message).toMatch(/^local memory \(6553[67]\d*\) exceeds limit \(65536\) in function 'fill'$/);
    });

    it("goes on after LLVM has given up", async () => {
        for (let i = 0; i < 3; i++) {
            const [error] = await errors(WMMA, { target: "gfx1030" });
            expect(error?.message).toMatch(/^LLVM gave up: Cannot select: intrinsic %llvm\.amdgcn\.wmma/);
        }
        expect((await llvm.generate(WMMA, GFX1100)).output).not.toBeNull();
    });
});

describe("several modules", () => {
    const second = ADD.replaceAll("@add", "@sum");

    it("become one code object, with the kernels in their order", async () => {
        const { output, messages } = await llvm.generate([ADD, second], GFX1100);
        expect(messages).toEqual([]);
        const { kernels } = await llvm.inspect(output ?? new Uint8Array());
        expect(kernels.map(({ name }) => name)).toEqual(["add", "sum"]);
        expect(kernels.map(({ arguments: list }) => list.map(({ name }) => name))).toEqual([
            ["x", "y", "n"],
            ["x", "y", "n"],
        ]);
    });

    it("all have to be good", async () => {
        const { output, messages } = await llvm.generate([ADD, "nonsense", second], GFX1100);
        expect(output).toBeNull();
        expect(messages).toMatchObject([{ severity: "error", message: expect.stringContaining("not well formed") }]);
    });

    it("must have different kernels", async () => {
        const { output, messages } = await llvm.generate([ADD, ADD], GFX1100);
        expect(output).toBeNull();
        expect(messages[0]?.message).toMatch(/duplicate symbol: add/);
    });

    it("survive that LLVM gives up on one of them", async () => {
        const { output, messages } = await llvm.generate([ADD, WMMA], { ...GFX1100, target: "gfx1030" });
        expect(output).toBeNull();
        expect(messages).toMatchObject([{ severity: "error", message: expect.stringContaining("LLVM gave up") }]);
    });
});

describe("wrong arguments of generate", () => {
    const generate = llvm.generate as (...args: unknown[]) => unknown;
    const cases: [string, unknown[], RegExp][] = [
        ["no arguments", [], /first argument must be a string/],
        ["IR as bytes", [Buffer.from(ADD), GFX1100], /first argument must be a string/],
        ["no module", [[], GFX1100], /first argument must be a string/],
        ["a module as bytes", [[ADD, Buffer.from(ADD)], GFX1100], /element 1 is no string/],
        ["assembly of two", [[ADD, ADD], { ...GFX1100, output: "asm" }], /several modules become a code object only/],
        ["no options", [ADD], /second argument must be an object/],
        ["null options", [ADD, null], /second argument must be an object/],
        ["no target", [ADD, { ...GFX1100, target: undefined }], /options\.target must be a string/],
        ["a level as text", [ADD, { ...GFX1100, optimisation: "3" }], /options\.optimisation must be 0, 1, 2 or 3/],
        ["level 4", [ADD, { ...GFX1100, optimisation: 4 }], /options\.optimisation/],
        ["level -1", [ADD, { ...GFX1100, optimisation: -1 }], /options\.optimisation/],
        ["level 1.5", [ADD, { ...GFX1100, optimisation: 1.5 }], /options\.optimisation/],
        ["level NaN", [ADD, { ...GFX1100, optimisation: Number.NaN }], /options\.optimisation/],
        ["an unknown output", [ADD, { ...GFX1100, output: "obj" }], /must be "asm", "hsaco" or "llvm", not "obj"/],
    ];
    it.each(cases)("%s", (_, args, words) => {
        expect(() => generate(...args)).toThrow(TypeError);
        expect(() => generate(...args)).toThrow(words);
    });

    it("passes on what a getter throws", () => {
        const options = {
            ...GFX1100,
            get target(): string {
                throw new RangeError("from the getter");
            },
        };
        expect(() => generate(ADD, options)).toThrow(RangeError);
    });
});

it("exports nothing but the module's entry", () => {
    const symbols = execFileSync(
        llvmTool("llvm-nm"),
        ["-D", "--defined-only", "--format=just-symbols", "build/native/soma_llvm.node"],
        {
            encoding: "utf8",
        },
    );
    expect(symbols.trim().split("\n").sort()).toEqual([
        "napi_register_module_v1",
        "node_api_module_get_api_version_v1",
    ]);
    expect(readFileSync("build/native/soma_llvm.node").includes(process.cwd())).toBe(false);
});
