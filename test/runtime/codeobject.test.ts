import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { llvmTool } from "../../bench/llvm.js";
import { type AmdCodeObject, readCodeObject } from "../../codeobject/codeobject.js";
import { CodeObjectError } from "../../codeobject/error.js";
import { buildElf, SAXPY_MANIFEST, SAXPY_METADATA } from "./elf-builder.js";

/** A generator of 32-bit numbers (Steele, Lea, Flood: SplitMix, 2014, reduced to 32 bits), so that failures repeat. */
function random(seed: number): () => number {
    let state = seed;
    return () => {
        state = (state + 0x9e3779b9) | 0;
        let z = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
        z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
        return (z ^ (z >>> 15)) >>> 0;
    };
}

function readAmd(bytes: Uint8Array): AmdCodeObject {
    const object = readCodeObject(bytes);
    if (object.format !== "hsaco") throw new Error(`not AMD's, but ${object.format}`);
    return object;
}

describe("readCodeObject", () => {
    it("reads the target, AMD's metadata and the Soma manifest", () => {
        const object = readAmd(buildElf());
        expect(object.target).toBe("gfx1100");
        expect(object.version).toBe(5);
        expect(object.manifest).toEqual(SAXPY_MANIFEST);
        expect(object.metadata.kernels[0]).toMatchObject({ name: "saxpy", vgprCount: 6, wavefrontSize: 32 });
    });

    it("reads xnack and sramecc of e_flags", () => {
        const metadata = { ...SAXPY_METADATA, "amdhsa.target": "amdgcn-amd-amdhsa--gfx90a:sramecc+:xnack-" };
        const object = readCodeObject(buildElf({ flags: 0x3f | 0x200 | 0xc00, metadata, manifest: null }));
        expect(object).toMatchObject({ target: "gfx90a", xnack: "off", sramecc: "on", manifest: undefined });
    });

    it.each([
        ["no bytes", new Uint8Array(0), /there are no bytes/],
        ["text", Buffer.from("kernel saxpy"), /does not begin as an ELF file/],
        ["a bundle", Buffer.from("__CLANG_OFFLOAD_BUNDLE__ …"), /clang-offload-bundler/],
        ["32 bits", Buffer.from("\x7fELF\x01\x01\x01"), /not 64-bit little-endian/],
        ["a program of the host", readFileSync(process.execPath).subarray(0, 4096), /machine \d+ \(AMDGPU is 224\)/],
        ["another OS ABI", buildElf({ osAbi: 66 }), /OS ABI 66/],
        ["an old version", buildElf({ abiVersion: 1 }), /version 3: compile it again/],
        ["an unknown processor", buildElf({ flags: 0xfe }), /e_flags 0xfe/],
        ["two targets", buildElf({ flags: 0x36 }), /header says gfx1030, and AMD's metadata gfx1100/],
    ])("refuses %s", (_, bytes, message) => {
        expect(() => readCodeObject(bytes)).toThrow(CodeObjectError);
        expect(() => readCodeObject(bytes)).toThrow(message);
    });

    const kernel = SAXPY_MANIFEST.kernels[0];
    it.each<[string, object, RegExp]>([
        ["a newer manifest", { version: 2 }, /version 2, and this runtime reads version 1/],
        ["another target", { target: "gfx1201" }, /header says gfx1100, and its Soma manifest gfx1201/],
        ["kernels that are none", { kernels: 7 }, /kernels in the Soma manifest must be an array, but is 7/],
        ["a kernel that is not there", { kernels: [{ ...kernel, symbol: "axpy" }] }, /no axpy\.kd/],
        [
            "an unknown type",
            { kernels: [{ ...kernel, parameters: [{ kind: "scalar", name: "a", type: "f8" }] }] },
            /f8/,
        ],
        ["a missing field", { kernels: [{ ...kernel, dims: undefined }] }, /kernels\[0\]\.dims .* is missing/],
        ["an argument outside", { kernels: [{ ...kernel, argumentSize: 24 }] }, /arguments\[3\]\.offset .* 24 … 16/],
        ["too large arguments", { kernels: [{ ...kernel, argumentSize: 64 }] }, /64 bytes of arguments/],
        [
            "an undeclared dimension",
            { kernels: [{ ...kernel, launch: { kind: "over", extents: ["m"], workgroup: [256] } }] },
            /extents\[0\] .* must be one of n, but is "m"/,
        ],
        [
            "a workgroup of nothing",
            { kernels: [{ ...kernel, launch: { kind: "over", extents: ["n"], workgroup: [0] } }] },
            /workgroup\[0\]/,
        ],
        ["the same kernel twice", { kernels: [kernel, kernel] }, /must declare "saxpy" once/],
    ])("refuses a manifest with %s", (_, change, message) => {
        const bytes = buildElf({ manifest: { ...SAXPY_MANIFEST, ...change } });
        expect(() => readCodeObject(bytes)).toThrow(CodeObjectError);
        expect(() => readCodeObject(bytes)).toThrow(message);
    });

    it("refuses a dimension expression nested without end", () => {
        let deep: unknown = "n";
        for (let i = 0; i < 1000; i++) {
            deep = ["+", deep, 1];
        }
        const manifest = {
            ...SAXPY_MANIFEST,
            kernels: [{ ...kernel, launch: { kind: "over", extents: [deep], workgroup: [1] } }],
        };
        expect(() => readCodeObject(buildElf({ manifest }))).toThrow(/nested at most 64 deep/);
    });

    it("reads or refuses every truncation", () => {
        const whole = buildElf();
        for (let length = 0; length < whole.length; length++) {
            expect(() => readCodeObject(whole.subarray(0, length))).toThrow(CodeObjectError);
        }
    });

    it("reads or refuses every mutation, with a CodeObjectError only", () => {
        const next = random(1);
        const whole = buildElf();
        for (let i = 0; i < 5000; i++) {
            const mutated = Uint8Array.from(whole);
            for (let j = 0; j <= i % 4; j++) {
                mutated[next() % mutated.length] = next();
            }
            try {
                readCodeObject(mutated);
            } catch (error) {
                expect(error).toBeInstanceOf(CodeObjectError);
            }
        }
    });
});

describe("a code object made by clang", () => {
    const folder = mkdtempSync(join(tmpdir(), "soma-codeobject-"));
    const file = join(folder, "scale.hsaco");

    beforeAll(() => {
        const source = join(folder, "scale.cl");
        writeFileSync(
            source,
            "__kernel __attribute__((reqd_work_group_size(64, 1, 1))) void scale(__global float *y, float a) { __local float t[64]; size_t i = __builtin_amdgcn_workitem_id_x(); t[i] = y[i]; y[i] = t[63 - i] * a; }",
        );
        const target = ["-target", "amdgcn-amd-amdhsa", "-mcpu=gfx90a:xnack-", "-nogpulib", "-w"];
        execFileSync(llvmTool("clang"), ["-x", "cl", "-cl-std=CL2.0", ...target, "-O1", source, "-o", file]);
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    it("is read as llvm-readelf reads it", () => {
        const object = readAmd(readFileSync(file));
        const text = execFileSync("llvm-readelf-22", ["--notes", file], { encoding: "utf8" });
        const said = (key: string): number => Number(new RegExp(`\\${key}: +(\\d+)`).exec(text)?.[1]);
        expect(object).toMatchObject({ target: "gfx90a", xnack: "off", manifest: undefined });
        expect(object.metadata.kernels).toHaveLength(1);
        expect(object.metadata.kernels[0]).toMatchObject({
            name: "scale",
            symbol: "scale.kd",
            reqdWorkgroupSize: [64, 1, 1],
            wavefrontSize: 64,
            groupSegmentFixedSize: said(".group_segment_fixed_size"),
            kernargSegmentSize: said(".kernarg_segment_size"),
            sgprCount: said(".sgpr_count"),
            vgprCount: said(".vgpr_count"),
            agprCount: said(".agpr_count"),
        });
        expect(object.metadata.kernels[0]?.args.slice(0, 2)).toMatchObject([
            { offset: 0, size: 8, valueKind: "global_buffer" },
            { offset: 8, size: 4, valueKind: "by_value" },
        ]);
    });
});
