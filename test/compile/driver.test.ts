// compile(): what it gives, and what it says where it can't.

import { describe, expect, test } from "vitest";
import { readCodeObject } from "../../codeobject/codeobject.js";
import type { Codegen, CodegenMessage, CodegenResult } from "../../compiler/codegen.js";
import { isNowhere } from "../../compiler/diagnostics/diagnostic.js";
import { renderDiagnostics } from "../../compiler/diagnostics/render.js";
import { type CompileOptions, check, compile, type Stage } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { TARGETS } from "../../compiler/targets/targets.js";

const SAXPY = `/// y ← a·x + y, "one" work-item per element.
kernel saxpy(a: f32, flag: bool, x: f32[n], y: mut f32[n]) over i in n {
    y[i] = a * x[i] + y[i]
}
`;

async function build(text: string, options: Partial<CompileOptions> = {}, codegen: Codegen = loadCodegen()) {
    const source = { path: "test.soma", text };
    return compile(source, loadModule, codegen, { target: "gfx1100", verify: true, ...options });
}

async function textOf(text: string, options: Partial<CompileOptions>): Promise<string> {
    const { output, diagnostics } = await build(text, options);
    if (output === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    return Buffer.from(output).toString();
}

describe("a code object", () => {
    test("carries the manifest that compile() returns", async () => {
        const { output, manifest } = await build(SAXPY);
        expect(readCodeObject(output ?? new Uint8Array()).manifest).toEqual(manifest);
        expect(manifest?.kernels[0]?.doc).toBe('y ← a·x + y, "one" work-item per element.');
    });

    test("has the argument buffer of the manifest and no hidden arguments", async () => {
        const { output, manifest } = await build(SAXPY);
        const { kernels } = await loadCodegen().inspect(output ?? new Uint8Array());
        const [kernel] = kernels;
        const ours = manifest?.kernels[0]?.arguments.map(({ name, offset }) => [name, offset]);
        expect(ours).toEqual([
            ["a", 0],
            ["flag", 4],
            ["x", 8],
            ["y", 16],
            ["n", 24],
        ]);
        expect(kernel?.arguments.map(({ name, offset }) => [name, offset])).toEqual(ours);
        expect(kernel?.kernargSize).toBe(manifest?.kernels[0]?.argumentSize);
        expect(kernel?.symbol).toBe("saxpy.kd");
        expect(kernel?.requiredWorkgroupSize).toEqual([256, 1, 1]);
    });

    test.each(["gfx90a", "gfx1201"])("has wave size and lines of the source on %s", async (target) => {
        const { output } = await build(SAXPY, { target });
        const { functions } = await loadCodegen().disassemble(output ?? new Uint8Array());
        const stores = functions.flatMap(({ instructions }) =>
            instructions.filter(({ text }) => text.startsWith("global_store")),
        );
        // Of all elements of a work-item together, and of each where they don't fill it.
        expect(stores.length).toBeGreaterThanOrEqual(2);
        for (const { file, line } of stores) expect([file, line]).toEqual(["test.soma", 3]);
        expect(functions[0]?.waveSize).toBe(TARGETS.find(({ name }) => name === target)?.waveSize);
    });

    test("doesn't load the manifest to the device", async () => {
        const { output } = await build(SAXPY);
        const elf = Buffer.from(output ?? []);
        const at = elf.indexOf(Buffer.from('{"version":1'));
        const [headers, size, count] = [Number(elf.readBigUInt64LE(32)), elf.readUInt16LE(54), elf.readUInt16LE(56)];
        const loaded = Array.from({ length: count }, (_, index) => headers + index * size)
            .filter((header) => elf.readUInt32LE(header) === 1)
            .map(
                (header) =>
                    [Number(elf.readBigUInt64LE(header + 8)), Number(elf.readBigUInt64LE(header + 32))] as const,
            );
        expect(at).toBeGreaterThan(0);
        expect(loaded.length).toBeGreaterThan(0);
        expect(loaded.filter(([offset, bytes]) => at >= offset && at < offset + bytes)).toEqual([]);
    });
});

describe("contraction", () => {
    const kernel = (body: string) =>
        `kernel f(a: f32, b: f32, c: f32, d: f32, out: mut f32[n]) over i in n {\n${body}\n}\n`;
    // One element for each work-item: the operations are counted.
    const disable = ["coarsen"];

    // By the rule in spec/ir.md: how many fma, how many mul, how many add and sub.
    test.each([
        ["out[i] = a * b + c", 1, 0, 0],
        ["out[i] = c + a * b", 1, 0, 0],
        ["out[i] = (a * b) - c", 1, 0, 0],
        ["out[i] = c - a * b", 1, 0, 0],
        ["out[i] += a * b", 1, 0, 0],
        ["out[i] -= a * b", 1, 0, 0],
        ["out[i] = a * b + c * d", 1, 1, 0],
        ["out[i] = a * b + c + d", 1, 0, 1],
        ["out[i] = a + b * c + d", 1, 0, 1],
        ["out[i] = a * b * c + d", 1, 1, 0],
        ["let p = a * b\n    out[i] = p + c", 0, 1, 1],
        ["out[i] = -(a * b) + c", 0, 1, 1],
        ["out[i] = a * b / c", 0, 1, 0],
    ])("%s", async (body, fma, mul, add) => {
        const options = { optimisation: 3, disable } as const;
        const ir = await textOf(kernel(body), { ...options, emit: "ir" });
        const count = (op: string) => ir.match(new RegExp(`f32 = ${op} `, "g"))?.length ?? 0;
        expect([count("fma"), count("mul"), count("add") + count("sub")]).toEqual([fma, mul, add]);
        // LLVM keeps each rounding: what the machine does is what the IR says, division's own steps aside.
        if (body.includes("/")) return;
        const asm = await textOf(kernel(body), { ...options, emit: "asm" });
        expect(asm.match(/_(fma|fmac|fmamk|fmaak)_f32/g)?.length ?? 0).toBe(fma);
    });

    test("integers aren't touched", async () => {
        const ir = await textOf("kernel f(a: i32, out: mut i32[n]) over i in n { out[i] = a * a + out[i] }\n", {
            emit: "ir",
        });
        expect(ir).not.toContain("fma");
    });
});

test("the stages are reported in order", async () => {
    const stages: Stage[] = [];
    await build(SAXPY, { onStage: (stage) => stages.push(stage) });
    expect(stages).toEqual(["check", "lower", "passes", "emit", "codegen"]);
});

test("check() finds what compile() finds, without a code generator", () => {
    expect(check({ path: "test.soma", text: SAXPY }, loadModule)).toEqual([]);
    const [error] = check({ path: "test.soma", text: SAXPY.replace("a *", "b *") }, loadModule);
    expect(error?.severity).toBe("error");
});

describe("a mistake is a diagnostic", () => {
    test("an unknown target lists those there are", async () => {
        const { output, manifest, diagnostics } = await build(SAXPY, { target: "gfx1101x" });
        expect([output, manifest]).toEqual([null, null]);
        expect(diagnostics.map(({ code, message }) => [code, message])).toEqual([
            ["E1001", "there is no target `gfx1101x`"],
        ]);
        for (const { name } of TARGETS) expect(diagnostics[0]?.help).toContain(name);
        expect(diagnostics[0]?.help).toContain("did you mean `gfx1101`");
    });

    test("too much shared memory names the target's limit", async () => {
        const text =
            "kernel f(x: mut f32[n]) groups n workgroup(64) {\n    shared a: f32[20000]\n    a[0] = x[0]\n    x[0] = a[1]\n}\n";
        const { diagnostics } = await build(text);
        expect(diagnostics.map(({ code }) => code)).toEqual(["E1002"]);
        expect(diagnostics[0]?.message).toContain("80000 bytes, but a workgroup on gfx1100 has 65536");
        expect((await build(text, { target: "gfx950" })).diagnostics).toEqual([]);
    });

    test("too much private memory in all is LLVM's finding, at its place", async () => {
        const text =
            "kernel f(x: mut f32[n]) over i in n {\n    var a: f32[40000]\n    var b: f32[40000]\n    a[i] = x[i]\n    b[i] = x[i]\n    x[i] = a[i + 1] + b[i + 2]\n}\n";
        const { output, diagnostics } = await build(text);
        expect(output).toBeNull();
        expect(diagnostics.map(({ code, span }) => [code, span.file.path])).toEqual([["E1003", "test.soma"]]);
        expect(diagnostics[0]?.message).toMatch(/stack frame size/);
    });
});

describe("what the code generator says", () => {
    const saying = (messages: readonly CodegenMessage[], output: Uint8Array | null = null): Codegen => ({
        version: "22",
        generate: async (): Promise<CodegenResult> => ({ output, messages }),
    });
    const codes = async (codegen: Codegen) =>
        (await build(SAXPY, {}, codegen)).diagnostics.map(({ code, span }) => [code, span.start, span.end]);

    test("with a place is about the source", async () => {
        const place = { file: "test.soma", line: 3, column: 5 };
        const start = SAXPY.indexOf("y[i] =");
        const end = SAXPY.indexOf("\n", start);
        expect(await codes(saying([{ severity: "error", message: "no", ...place }]))).toEqual([["E1003", start, end]]);
        expect(await codes(saying([{ severity: "warning", message: "hm", ...place }], new Uint8Array(1)))).toEqual([
            ["W1004", start, end],
        ]);
    });

    test("without a place is a bug of ours", async () => {
        for (const messages of [[{ severity: "error", message: "Cannot select" }], []] as const) {
            const { diagnostics } = await build(SAXPY, {}, saying(messages));
            expect(diagnostics.map(({ code, span }) => [code, isNowhere(span)])).toEqual([["E1005", true]]);
            expect(renderDiagnostics(diagnostics)).not.toContain("-->");
        }
    });

    test("without a place is a warning without a frame", async () => {
        const { diagnostics } = await build(
            SAXPY,
            {},
            saying([{ severity: "warning", message: "hm" }], new Uint8Array(1)),
        );
        expect(diagnostics.map(({ code, span }) => [code, isNowhere(span)])).toEqual([["W1004", true]]);
    });

    test("beside the point is left out", async () => {
        const messages = [
            { severity: "remark", message: "inlined" },
            { severity: "note", message: "here" },
        ] as const;
        expect(await codes(saying(messages, new Uint8Array(1)))).toEqual([]);
    });
});
