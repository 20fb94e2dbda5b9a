// A file of many kernels is compiled in parts: what comes out is what one module would have given, on any number of processors.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { llvmTool } from "../../bench/llvm.js";
import type { Codegen } from "../../compiler/codegen.js";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { testGpu } from "../run/harness.js";

const llvm = loadCodegen();
const KERNELS = join(packageRoot(), "bench", "codegen", "kernels.soma");
const SOURCE = { path: "kernels.soma", text: readFileSync(KERNELS, "utf8") };

/** What the code generator is asked for, and the code object. */
async function build(source: typeof SOURCE, target: string, optimisation: 0 | 3 = 3) {
    let modules: readonly string[] = [];
    const codegen: Codegen = {
        version: llvm.version,
        generate(ir, options) {
            modules = typeof ir === "string" ? [ir] : ir;
            return llvm.generate(ir, options);
        },
    };
    const { output, diagnostics } = await compile(source, loadModule, codegen, { target, optimisation });
    if (output === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    return { modules, output };
}

/** The same program's code object, made of one module. */
async function buildWhole(target: string): Promise<Uint8Array> {
    const { output: ir } = await compile(SOURCE, loadModule, llvm, { target, emit: "llvm" });
    const { output } = await llvm.generate(Buffer.from(ir ?? []).toString(), {
        target,
        optimisation: 3,
        output: "hsaco",
    });
    return output ?? new Uint8Array();
}

/** What was said of kernels, without where they are. */
async function kernelsIn(codeObject: Uint8Array) {
    const { kernels } = await llvm.inspect(codeObject);
    const { functions } = await llvm.disassemble(codeObject);
    const code = new Map(functions.map(({ name, instructions }) => [name, instructions.map(({ text }) => text)]));
    return kernels.map(({ entry, descriptor: { entryOffset, ...descriptor }, ...rest }) => ({
        ...rest,
        descriptor,
        // Padding between kernels counts to the one before.
        code: code.get(rest.name)?.filter((text) => !/^s_(nop|code_end)/.test(text)),
    }));
}

describe.each(["gfx1100", "gfx942"])("16 kernels for %s", (target) => {
    it("become what they become as one module", async () => {
        const { modules, output } = await build(SOURCE, target);
        expect(modules.length).toBeGreaterThan(3);
        const parts = await kernelsIn(output);
        expect(parts).toHaveLength(16);
        expect(parts).toEqual(await kernelsIn(await buildWhole(target)));
    });
});

it("are each in one module, with what they call, and the manifest in the first", async () => {
    const { modules } = await build(SOURCE, "gfx1100");
    const kernels = modules.flatMap((text) => [...text.matchAll(/amdgpu_kernel void @(\w+)/g)].map(([, name]) => name));
    expect(kernels).toHaveLength(16);
    expect(new Set(kernels).size).toBe(16);
    const calling = modules.filter((text) => text.includes("call float @cumulative"));
    expect(calling).toEqual(modules.filter((text) => text.includes("define internal float @cumulative")));
    expect(modules.map((text) => text.includes(".note.soma"))).toEqual(modules.map((_, at) => at === 0));
});

it.each([0, 3] as const)("has DWARF that verifies, at level %d", async (optimisation) => {
    const { output } = await build(SOURCE, "gfx1100", optimisation);
    const folder = mkdtempSync(join(tmpdir(), "soma-parts-"));
    try {
        const path = join(folder, "kernels.hsaco");
        writeFileSync(path, output);
        const words = execFileSync(llvmTool("llvm-dwarfdump"), ["--verify", path]).toString();
        expect(words).toContain("No errors.");
    } finally {
        rmSync(folder, { recursive: true });
    }
});

it("gives the same bytes with one processor", async () => {
    const { output } = await build(SOURCE, "gfx1100");
    const url = (path: string) => JSON.stringify(pathToFileURL(join(packageRoot(), "dist", "compiler", path)).href);
    const program = `
        import { createHash } from "node:crypto";
        import { readFileSync } from "node:fs";
        import { compile } from ${url("driver.js")};
        import { loadCodegen } from ${url("shell/codegen.js")};
        import { loadModule } from ${url("shell/modules.js")};
        const source = { path: "kernels.soma", text: readFileSync(${JSON.stringify(KERNELS)}, "utf8") };
        const { output } = await compile(source, loadModule, loadCodegen(), { target: "gfx1100" });
        console.log(createHash("sha256").update(output).digest("hex"));`;
    const node = [process.execPath, "--input-type=module", "-e", program];
    const hash = execFileSync("taskset", ["-c", "0", ...node])
        .toString()
        .trim();
    expect(hash).toBe(createHash("sha256").update(output).digest("hex"));
});

describe("kernels that print", () => {
    /** Kernels long enough for a part each, with a place that reports in each. */
    const program = Array.from({ length: 3 }, (_, at) => {
        const steps = Array.from({ length: 60 }, (_, step) => `    v = v * ${step + 2}.5 + x[(i + ${step}) % n]`);
        return `kernel k${at}(x: f32[n], y: mut f32[n]) over i in n {
    var v: f32 = x[i]
${steps.join("\n")}
    y[i] = v
    if i == ${at} { print("kernel ${at} at {}", i) }
}
`;
    }).join("");
    const source = { path: "prints.soma", text: program };

    it("tell which they are, also from different parts", async () => {
        expect((await build(source, "gfx1100")).modules).toHaveLength(3);
        const gpu = await testGpu();
        const printed: string[] = [];
        gpu.reports({ print: ({ text }) => printed.push(text) });
        const { kernels } = await gpu.load({ source: program, path: source.path });
        const data = Array.from({ length: 8 }, (_, at) => at / 8);
        for (const name of ["k0", "k1", "k2"]) {
            const [x, y] = [gpu.tensor("f32", [8], data), gpu.tensor("f32", [8])];
            await kernels[name]?.({ x, y });
        }
        expect(printed).toEqual(["kernel 0 at 0", "kernel 1 at 1", "kernel 2 at 2"]);
    });
});

it("programs of tiles share a part with no others, and say so to the code generator", async () => {
    const text = `kernel double(x: mut f32[n]) over i in n { x[i] = 2 * x[i] }
matrix kernel scale(x: mut f32[m, n]) over (i in m by 16, j in n by 16) { x[i, j] = 2.0 * x[i, j] }
kernel halve(x: mut f32[n]) over i in n { x[i] = 0.5 * x[i] }
`;
    const { modules } = await build({ path: "mixed.soma", text }, "gfx1100");
    expect(modules.map((module) => module.includes("!soma.tiles"))).toEqual([false, true, false]);
});
