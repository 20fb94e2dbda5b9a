// NVIDIA's targets: every construct, sample and library module gives PTX that LLVM's back end makes and NVIDIA's own
// assembler takes, where it is installed (ptxas comes with CUDA).

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readCodeObject } from "../../codeobject/codeobject.js";
import { type CompileOptions, compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { TARGETS } from "../../compiler/targets/targets.js";
import { CONSTRUCTS } from "./constructs.js";

const NVIDIA = TARGETS.filter(({ backend }) => backend === "nvptx").map(({ name }) => name);
const AURA = new URL("../../samples/aura/", import.meta.url);
const SAMPLES = ["digits", "histogram", "mandelbrot", "matmul", "partial_sums", "saxpy", "transpose", "vector_add"];

const { status, stdout: help } = spawnSync("ptxas", ["--help"], { encoding: "utf8" });
const hasPtxas = status === 0;
const folder = mkdtempSync(join(tmpdir(), "soma-ptx-"));
afterAll(() => rmSync(folder, { recursive: true }));

async function build(
    text: string,
    target: string,
    { optimisation = 3, disable = [] }: Pick<CompileOptions, "optimisation" | "disable"> = {},
): Promise<string> {
    const options = { verify: true, target, optimisation, disable };
    const { output, diagnostics } = await compile({ path: "test.soma", text }, loadModule, loadCodegen(), options);
    if (output === null) throw new Error(diagnostics.map(({ message }) => message).join("\n"));
    return Buffer.from(output).toString();
}

/** What ptxas says against it. Targets that this CUDA no longer knows are assembled for the oldest that it does. */
function refusals(ptx: string, target: string): string {
    const known = [...help.matchAll(/'(sm_\d+a?)'/g)].map(([, name]) => name as string);
    const oldest = known.find((name) => !name.endsWith("a")) ?? target;
    const architecture = known.includes(target) ? target : oldest;
    const file = join(folder, "kernels.ptx");
    writeFileSync(file, ptx);
    const { stderr } = spawnSync("ptxas", [`-arch=${architecture}`, file, "-o", join(folder, "kernels.cubin")], {
        encoding: "utf8",
    });
    return stderr;
}

/** The first target of all and the one that is measured: between them lie the differences in what the hardware has. */
describe.each(["sm_70", "sm_90"])("%s", (target) => {
    test.each(Object.entries(CONSTRUCTS))("builds %s", async (_name, text) => {
        await build(text, target, { optimisation: 0 });
        const ptx = await build(text, target);
        if (hasPtxas) expect(refusals(ptx, target)).toBe("");
    });

    test.each(SAMPLES)("builds the sample %s", async (name) => {
        const ptx = await build(readFileSync(new URL(`${name}.soma`, AURA), "utf8"), target);
        // Arrays in local memory would be slow, and no sample needs one.
        expect(ptx).not.toMatch(/__local_depot|\.local/);
        if (hasPtxas) expect(refusals(ptx, target)).toBe("");
    });
});

/** The opcodes of a kernel in order, without debug directives. */
function opcodes(ptx: string, kernel: string): string[] {
    const [body = ""] = ptx.slice(ptx.indexOf(`.entry ${kernel}(`)).split(/^}/m);
    return [...body.matchAll(/^\t(?:@!?%p\d+ )?([a-z][\w.]+)/gm)].map(([, opcode]) => opcode as string);
}

describe.each(NVIDIA)("on %s", (target) => {
    test("saxpy is what one would write by hand", async () => {
        const ptx = await build(readFileSync(new URL("saxpy.soma", AURA), "utf8"), target);
        expect(ptx).toContain(`.target ${target}\n`);
        expect(ptx).toContain("\n.reqntid 256, 1, 1\n");
        const found = opcodes(ptx, "saxpy");
        for (const wide of ["ld.global.nc.v4.b32", "ld.global.v4.b32", "st.global.v4.b32"])
            expect(found).toContain(wide);
        expect(found.filter((opcode) => opcode === "fma.rn.f32")).toHaveLength(5);
    });

    test("saxpy by single elements is what one would write by hand", async () => {
        const ptx = await build(readFileSync(new URL("saxpy.soma", AURA), "utf8"), target, { disable: ["coarsen"] });
        const found = opcodes(ptx, "saxpy");
        // The index and the guard in 32 bits, one multiplication for both addresses, the read-only view through the
        // read-only cache, one fma.
        expect(found.filter((opcode) => !/^(ld\.param|mov)/.test(opcode))).toEqual([
            ...["shl.b32", "or.b32", "setp.ge.u32", "bra"],
            ...["mul.wide.u32", "add.s64", "add.s64"],
            ...["ld.global.nc.b32", "ld.global.b32", "fma.rn.f32", "st.global.b32", "ret"],
        ]);
    });

    test("arithmetic is IEEE 754's, contracted where Soma says so alone", async () => {
        const ptx = await build(
            "kernel k(x: f32[n], y: mut f32[n], z: mut f64[n]) over i in n {\n" +
                "    let p = x[i] * x[i]\n    y[i] = sqrt(p) / (p - y[i])\n    z[i] = z[i] / sqrt(z[i])\n}\n",
            target,
        );
        const found = opcodes(ptx, "k");
        for (const opcode of ["mul.rn.f32", "sub.rn.f32", "sqrt.rn.f32", "div.rn.f32", "sqrt.rn.f64", "div.rn.f64"]) {
            expect(found).toContain(opcode);
        }
        expect(ptx).not.toMatch(/\.ftz|\.approx|fma/);
    });

    test("barriers, atomics and shared arrays are the workgroup's and the device's", async () => {
        const ptx = await build(
            "kernel k(x: mut u32[n]) groups (n, n) workgroup(64, 2) {\n    shared s: u32[64]\n" +
                "    s[local_id(1)] = 0\n    barrier()\n    atomic_add(s[local_id(1)], 1)\n    barrier()\n" +
                "    atomic_max(x[0], s[0])\n}\n",
            target,
        );
        expect(ptx).toContain("\n.reqntid 2, 64, 1\n");
        expect(ptx).toMatch(/^\s*\.shared \.align 16 \.b8 \S+\[256\];$/m);
        const found = opcodes(ptx, "k");
        expect(found.filter((opcode) => opcode.startsWith("bar"))).toEqual(["bar.sync", "bar.sync"]);
        expect(ptx).toMatch(/\t(atom|red)(\.relaxed)?(\.cta)?\.shared(\.cta)?\.add\.u32/);
        expect(ptx).toMatch(/\t(atom|red)(\.relaxed)?(\.gpu)?\.global(\.gpu)?\.max\.u32/);
    });
});

test("operations of waves name the lanes that take part, and all lanes that could are asked who does", async () => {
    const ptx = await build(
        "kernel k(x: f32[n], y: mut f32[n]) over i in n {\n    if x[i] > 0.0 { y[i] = wave_shuffle_up(x[i], 1) }\n}\n",
        "sm_90",
        { optimisation: 0 },
    );
    const found = opcodes(ptx, "k").filter((opcode) => /^(vote|shfl|activemask)/.test(opcode));
    // Who has not left by the guard; for whom the condition holds.
    expect(found).toEqual(["vote.sync.ballot.b32", "vote.sync.ballot.b32", "shfl.sync.idx.b32"]);
});

test("the same source gives the same bytes", async () => {
    const text = readFileSync(new URL("matmul.soma", AURA), "utf8");
    expect(await build(text, "sm_90")).toBe(await build(text, "sm_90"));
});

test("the manifest and the kernels' heads are read back, and agree", async () => {
    const text = readFileSync(new URL("transpose.soma", AURA), "utf8");
    const object = readCodeObject(Buffer.from(await build(text, "sm_90")));
    expect(object).toMatchObject({
        format: "ptx",
        target: "sm_90",
        version: "7.8",
        kernels: [
            {
                name: "transpose",
                arguments: [0, 8, 16, 24].map((offset) => ({ offset, size: 8 })),
                argumentBytes: 32,
                // shared tile: f32[32, 33]
                sharedBytes: 4224,
                requiredWorkgroupSize: [32, 8, 1],
            },
        ],
        manifest: { target: "sm_90", kernels: [{ doc: expect.stringContaining("out ← xᵀ"), argumentSize: 32 }] },
    });
});

test("arguments lie where the manifest says, whatever their types", async () => {
    const types = ["u8", "f64", "bool", "i16", "f16", "u32", "i8", "index", "bool"];
    const parameters = types.map((type, at) => `p${at}: ${type}`).join(", ");
    const body = types.map((type, at) => (type === "bool" ? "" : `    y[${at}] = p${at} as f32\n`)).join("");
    const ptx = await build(`kernel k(${parameters}, y: mut f32[n]) over i in n {\n${body}}\n`, "sm_70");
    const object = readCodeObject(Buffer.from(ptx));
    const [kernel] = object.format === "ptx" ? object.kernels : [];
    expect(kernel?.arguments.map(({ offset }) => offset)).toEqual([0, 8, 16, 18, 20, 24, 28, 32, 40, 48, 56]);
    expect(object.manifest?.kernels[0]?.arguments.map(({ offset }) => offset)).toEqual(
        kernel?.arguments.map(({ offset }) => offset),
    );
});

test("a code object of the other vendor's format is refused", async () => {
    const source = { path: "saxpy.soma", text: readFileSync(new URL("saxpy.soma", AURA), "utf8") };
    const refused = async (target: string, emit: "hsaco" | "ptx") => {
        const { output, diagnostics } = await compile(source, loadModule, loadCodegen(), { target, emit });
        expect(output).toBeNull();
        return diagnostics[0];
    };
    expect(await refused("sm_90", "hsaco")).toMatchObject({ code: "E1006", help: expect.stringContaining("ptx") });
    expect(await refused("gfx1100", "ptx")).toMatchObject({ code: "E1006", help: expect.stringContaining("hsaco") });
});

test("LDS beyond what a kernel can declare is reserved by the launch, up to what a workgroup can have", async () => {
    const kernel = (count: number) =>
        `kernel k(x: mut f32[n]) groups n workgroup(64) {
            shared a: u8[5]
            shared b: f32[${count}]
            shared c: f32[n]
            a[0] = 1
            b[${count - 1}] = x[0]
            c[0] = b[${count - 1}]
            barrier()
            x[0] = c[0] + a[0] as f32
        }`;
    const shared = async (count: number, target: string) => {
        const { manifest } = readCodeObject(Buffer.from(await build(kernel(count), target)));
        return manifest?.kernels[0]?.shared?.map(({ name, element, dims }) => [name, element, dims[0]]);
    };
    const sized = ["c", "f32", "n"];
    expect(await shared(12284, "sm_90")).toEqual([sized]);
    expect(await shared(12285, "sm_90")).toEqual([["a", "u8", 5], ["b", "u8", 49140], sized]);
    const ptx = await build(kernel(12285), "sm_90");
    expect(ptx.match(/\.shared /g)).toHaveLength(1);
    expect(ptx).toContain(".extern .shared .align 16 .b8 soma$sized[];");
    // CUDA C++ Programming Guide: 227 KiB on compute capability 9.0, 64 KiB on 7.5.
    await expect(build(kernel(60000), "sm_90")).rejects.toThrow(/240005 bytes, but a workgroup on sm_90 has 232448/);
    await expect(build(kernel(16384), "sm_75")).rejects.toThrow(/65541 bytes, but a workgroup on sm_75 has 65536/);
});

// PTX ISA, "mma": f16 from sm_75 on (k = 8) and sm_80 (k = 16), bf16, i8 and f64 from sm_80 on.
test.each([
    ["sm_70", "f16", "f32", null],
    ["sm_75", "f16", "f32", "m16n8k8.row.col.f32.f16.f16.f32"],
    ["sm_80", "f16", "f32", "m16n8k16.row.col.f32.f16.f16.f32"],
    ["sm_90", "bf16", "f32", "m16n8k16.row.col.f32.bf16.bf16.f32"],
    ["sm_75", "i8", "i32", null],
    ["sm_86", "i8", "i32", "m16n8k32.row.col.s32.s8.s8.s32"],
    ["sm_90", "f64", "f64", "m8n8k4.row.col.f64.f64.f64.f64"],
])("%s multiplies tiles of %s on the tensor cores where it can", async (target, type, sum, instruction) => {
    const ptx = await build(
        `matrix kernel k(a: ${type}[m, k], b: ${type}[k, n], c: mut ${sum}[m, n]) over (i in m by 32, j in n by 32) {
            var acc: tile ${sum}[32, 32] = ${sum === "i32" ? "0" : "0.0"}
            for p in k by 32 { acc += a[i, p] @ b[p, j] }
            c[i, j] = acc
        }`,
        target,
    );
    const found = new Set([...ptx.matchAll(/mma\.sync\.aligned\.(\S+)/g)].map(([, name]) => name));
    expect([...found]).toEqual(instruction === null ? [] : [instruction]);
    expect(refusals(ptx, target)).toBe("");
});

test("f32 becomes a 32-bit integer in one instruction, which clamps as the language does", async () => {
    const ptx = await build(
        "kernel k(x: f32[n], a: mut i32[n], b: mut u32[n]) over i in n { a[i] = x[i] as i32\n b[i] = x[i] as u32 }\n",
        "sm_90",
    );
    expect(ptx).toContain("cvt.rzi.s32.f32");
    expect(ptx).toContain("cvt.rzi.u32.f32");
    expect(ptx).not.toContain("selp");
});

test("ldexp of f32 is three products without branches or selects", async () => {
    const text = "kernel k(x: f32[n], e: i32[n], y: mut f32[n]) over i in n { y[i] = ldexp(x[i], e[i]) }\n";
    const ptx = await build(text, "sm_90", { disable: ["coarsen"] });
    expect(ptx.match(/mul\.rn\.f32/g)).toHaveLength(3);
    expect(ptx).not.toContain("selp");
});

test.each([
    ["#wave(64)", "E1007", /sm_90 has no waves of 64 lanes/],
    ["#waves_per_eu(2)", "E1008", /AMD's GPUs, and sm_90 is NVIDIA's/],
])("%s is refused: it is AMD's alone", async (attribute, code, reason) => {
    const text = `${attribute}\nkernel k(x: mut f32[n]) over i in n { x[i] = 0.0 }\n`;
    const { output, diagnostics } = await compile({ path: "test.soma", text }, loadModule, loadCodegen(), {
        target: "sm_90",
    });
    expect(output).toBeNull();
    expect(diagnostics).toMatchObject([{ code, message: expect.stringMatching(reason) }]);
    await expect(build(text, "gfx1100", { optimisation: 0 })).resolves.toBeTruthy();
});

test("addresses that a loop counts up by ones are pointers with constants beside, not offsets added each time", async () => {
    const text = `kernel matmul(a: f32[m, k], b: f32[k, n], c: mut f32[m, n]) over (i in m, j in n) {
    var sum: f32 = 0.0
    for p in 0 .. k { sum = a[i, p] * b[p, j] + sum }
    c[i, j] = sum
}`;
    const lines = (await build(text, "sm_90")).split("\n");
    const first = lines.findIndex((line) => line.includes("ld.global"));
    const last = lines.findIndex((line, at) => at > first && line.includes("bra"));
    const loop = lines.slice(first, last).join("\n");
    // Four rounds at once: a's four elements have one pointer.
    expect(loop.match(/ld\.global\S* .*\[%rd\d+(\+-?\d+)?\]/g)).toHaveLength(8);
    expect(loop.match(/\[%rd\d+\+-?\d+\]/g)).toHaveLength(3);
    expect(loop).not.toMatch(/cvt\.u64\.u32/);
});
