import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { llvmTool } from "../../bench/llvm.js";
import { ADD, hsaco, llvm, usesLds, WAVE64_CALLS, WMMA } from "./llvm-samples.js";

/** What an LLVM tool prints about these bytes. */
function toolOutput(tool: string, args: readonly string[], bytes: Uint8Array): string {
    const folder = mkdtempSync(join(tmpdir(), "soma-test-"));
    try {
        writeFileSync(join(folder, "file"), bytes);
        return execFileSync(llvmTool(tool), [...args, join(folder, "file")], { encoding: "utf8" });
    } finally {
        rmSync(folder, { recursive: true });
    }
}

describe("inspect", () => {
    it("says what the metadata note says", async () => {
        const info = await llvm.inspect(await hsaco(ADD));
        expect(info).toMatchObject({ target: "gfx1100", features: [], codeObjectVersion: 5 });
        expect(info.kernels).toHaveLength(1);
        const [kernel] = info.kernels;
        // Offsets and sizes: LLVM's AMDGPU guide, kernel arguments are laid out as a C struct.
        expect(kernel).toMatchObject({
            name: "add",
            symbol: "add.kd",
            kernargAlign: 8,
            ldsBytes: 0,
            scratchBytes: 0,
            dynamicStack: false,
            agprs: 0,
            vgprSpills: 0,
            sgprSpills: 0,
            waveSize: 32,
            maxWorkgroupSize: 256,
            requiredWorkgroupSize: null,
        });
        expect(kernel?.arguments.slice(0, 3)).toEqual([
            { name: "x", offset: 0, size: 8, kind: "global_buffer", addressSpace: "global" },
            { name: "y", offset: 8, size: 8, kind: "global_buffer", addressSpace: "global" },
            { name: "n", offset: 16, size: 4, kind: "by_value", addressSpace: null },
        ]);
    });

    it("agrees with llvm-readelf", async () => {
        for (const [ir, target] of [
            [ADD, "gfx942"],
            [WMMA, "gfx1100"],
            [usesLds(1000), "gfx1201"],
        ] as const) {
            const bytes = await hsaco(ir, target, 0);
            const notes = toolOutput("llvm-readelf", ["--notes"], bytes);
            const number = (key: string) => Number(new RegExp(`\\.${key}:\\s+(\\d+)`).exec(notes)?.[1] ?? 0);
            const [kernel] = (await llvm.inspect(bytes)).kernels;
            expect(kernel?.vgprs).toBe(number("vgpr_count"));
            expect(kernel?.agprs).toBe(number("agpr_count"));
            expect(kernel?.sgprs).toBe(number("sgpr_count"));
            expect(kernel?.kernargSize).toBe(number("kernarg_segment_size"));
            expect(kernel?.ldsBytes).toBe(number("group_segment_fixed_size"));
            expect(kernel?.scratchBytes).toBe(number("private_segment_fixed_size"));
            expect(kernel?.maxWorkgroupSize).toBe(number("max_flat_workgroup_size"));
            expect(kernel?.waveSize).toBe(number("wavefront_size"));
            const symbols = toolOutput("llvm-readelf", ["--dyn-symbols"], bytes);
            const [, address, size] =
                new RegExp(`([0-9a-f]{16})\\s+(\\d+) FUNC.* ${kernel?.name}\\n`).exec(symbols) ?? [];
            expect(kernel?.entry).toBe(Number.parseInt(address ?? "", 16));
            expect(kernel?.codeSize).toBe(Number(size));
        }
    });

    it("says what the descriptor says", async () => {
        const [kernel] = (await llvm.inspect(await hsaco(usesLds(1000)))).kernels;
        expect(kernel?.ldsBytes).toBe(1000);
        expect(kernel?.descriptor.ldsBytes).toBe(1000);
        expect(kernel?.descriptor.kernargSize).toBe(kernel?.kernargSize);
        // Bit 10 of the properties is ENABLE_WAVEFRONT_SIZE32 (LLVM's AMDGPU guide, "Kernel Descriptor").
        expect((kernel?.descriptor.kernelCodeProperties ?? 0) & 1024).toBe(1024);
        const [wave64] = (await llvm.inspect(await hsaco(WAVE64_CALLS))).kernels;
        expect(wave64?.waveSize).toBe(64);
        expect((wave64?.descriptor.kernelCodeProperties ?? 0) & 1024).toBe(0);
    });

    it("knows a required workgroup size and target features", async () => {
        const ir = `
define amdgpu_kernel void @f() "target-features"="+xnack" !reqd_work_group_size !0 { ret void }
!0 = !{i32 16, i32 8, i32 2}`;
        const info = await llvm.inspect(await hsaco(ir, "gfx90a"));
        expect(info.kernels[0]?.requiredWorkgroupSize).toEqual([16, 8, 2]);
        expect(info.features).toContain("xnack+");
    });

    it("takes a code object without kernels", async () => {
        expect((await llvm.inspect(await hsaco(""))).kernels).toEqual([]);
        expect((await llvm.disassemble(await hsaco(""))).functions).toEqual([]);
    });
});

describe("disassemble", () => {
    it("agrees with llvm-objdump", async () => {
        for (const target of ["gfx90a", "gfx942", "gfx1030", "gfx1100", "gfx1201"]) {
            const bytes = await hsaco(ADD, target, 0);
            const dump = toolOutput("llvm-objdump", ["--disassemble-symbols=add", "--no-leading-addr"], bytes);
            // Lines such as `\tv_mov_b32_e32 v0, 0    // 000000001900: 7E000280`, addresses and words in hexadecimal.
            const expected = [...dump.matchAll(/^\t(.*?)\s*\/\/ ([0-9A-F]+): ([0-9A-F ]+?)(?: <.*>)?$/gm)].map(
                (line) => ({
                    text: line[1]?.replaceAll(/\s+/g, " "),
                    address: Number.parseInt(line[2] ?? "", 16),
                    words: line[3]?.toLowerCase().split(" "),
                }),
            );
            expect(expected.length).toBeGreaterThan(10);
            const { functions } = await llvm.disassemble(bytes);
            expect(functions.map(({ name, kernel }) => [name, kernel])).toEqual([["add", true]]);
            const actual = functions[0]?.instructions.map(({ text, address, bytes }) => ({
                text: text.replaceAll(/\s+/g, " "),
                address,
                words: bytes
                    .match(/.{8}/g)
                    ?.map((word) => Buffer.from(word, "hex").readUInt32LE().toString(16).padStart(8, "0")),
            }));
            // llvm-objdump goes on into the padding behind the function.
            expect(actual).toEqual(expected.slice(0, actual?.length));
            expect(actual?.at(-1)?.text).toMatch(/^s_endpgm/);
        }
    });

    it("gives source lines and where branches go", async () => {
        const [add] = (await llvm.disassemble(await hsaco(ADD))).functions;
        const instruction = (text: RegExp) => add?.instructions.find((one) => text.test(one.text));
        expect(instruction(/^v_add_f32/)).toMatchObject({ file: "vector add.soma", line: 4, column: 9 });
        expect(instruction(/^v_cmp_gt_u32/)).toMatchObject({ file: "vector add.soma", line: 3, column: 5 });
        const branch = instruction(/^s_cbranch_execz/);
        expect(add?.instructions.find(({ address }) => address === branch?.branch)?.text).toBe("s_endpgm");
        expect(instruction(/^s_endpgm/)?.branch).toBeUndefined();
    });

    it("covers every byte of a function, in order", async () => {
        const { functions } = await llvm.disassemble(await hsaco(WAVE64_CALLS));
        expect(functions.map(({ name, kernel, waveSize }) => [name, kernel, waveSize])).toEqual(
            expect.arrayContaining([
                ["calls", true, 64],
                ["twice", false, 64],
            ]),
        );
        for (const { address, instructions } of functions) {
            let next = address;
            for (const instruction of instructions) {
                expect(instruction.address).toBe(next);
                next += instruction.bytes.length / 2;
            }
            expect(instructions.length).toBeGreaterThan(0);
        }
    });

    it("shows bytes that are no instruction as data", async () => {
        const ir = 'define amdgpu_kernel void @f() {\n call void asm sideeffect ".long 0xffffffff", ""()\n ret void\n}';
        const { functions } = await llvm.disassemble(await hsaco(ir));
        expect(functions[0]?.instructions.map(({ text }) => text)).toContain(".long 0xffffffff");
    });
});

describe("what is no code object", () => {
    const refused = async (bytes: Uint8Array, words: RegExp) => {
        await expect(llvm.inspect(bytes)).rejects.toThrow(words);
        await expect(llvm.disassemble(bytes)).rejects.toThrow(words);
    };

    it("says what is wrong", async () => {
        await refused(new Uint8Array(0), /^this is not an ELF file$/);
        await refused(Buffer.from("kernel f() {}".repeat(20)), /^this is not an ELF file$/);
        await refused(
            readFileSync(process.execPath).subarray(0, 1 << 20),
            /^this is an ELF file, but not for AMD GPUs$/,
        );
        const bytes = Buffer.from(await hsaco(ADD));
        const relocatable = Buffer.from(bytes);
        relocatable.writeUInt16LE(1, 16); // ET_REL
        await refused(relocatable, /is not linked/);
        const version = Buffer.from(bytes);
        version.writeUInt8(1, 8); // EI_ABIVERSION of version 3
        await refused(version, /code object version 3; versions 4 to 6 can be read/);
        const target = Buffer.from(bytes);
        target.write("gfx9999", target.indexOf("gfx1100"));
        await refused(target, /target gfx9999 is not known/);
        const missing = Buffer.from(bytes.toString("latin1").replaceAll("add.kd", "add.kx"), "latin1");
        missing.write("add.kd", missing.indexOf("add.kx"));
        await refused(missing, /no symbol add\.k[dx], the descriptor of its kernel add/);
    });

    it("survives files that end early", async () => {
        const bytes = await hsaco(ADD);
        for (let length = 0; length < bytes.length; length += 61) {
            for (const result of await Promise.allSettled([
                llvm.inspect(bytes.subarray(0, length)),
                llvm.disassemble(bytes.subarray(0, length)),
            ])) {
                if (result.status === "rejected") expect(result.reason.message).toMatch(/\S/);
            }
        }
    });

    it("survives thousands of damaged files", { timeout: 180_000 }, async () => {
        // Xorshift (Marsaglia, "Xorshift RNGs", 2003): the same damage in every run.
        let state = 0x2545_f491;
        const random = (below: number) => {
            state ^= state << 13;
            state ^= state >>> 17;
            state ^= state << 5;
            return (state >>> 0) % below;
        };
        const samples = await Promise.all([
            hsaco(ADD),
            hsaco(WAVE64_CALLS, "gfx1201", 0),
            hsaco(WMMA),
            hsaco(usesLds(64), "gfx942"),
        ]);
        let refused = 0;
        const rounds = 3000;
        for (let round = 0; round < rounds; round++) {
            const bytes = Buffer.from(samples[round % samples.length] ?? []);
            for (let damage = 1 + random(6); damage > 0; damage--) {
                // Half of the damage goes to the headers at both ends, where offsets and sizes are.
                const header = random(2) === 0;
                const at = header
                    ? random(2) === 0
                        ? random(512)
                        : bytes.length - 1 - random(1024)
                    : random(bytes.length);
                bytes[at] = random(3) === 0 ? 0xff : random(256);
            }
            // A disassembly takes a child process, which is slow: every fourth file has one.
            const jobs: Promise<unknown>[] = [llvm.inspect(bytes)];
            if (round % 4 === 0) jobs.push(llvm.disassemble(bytes));
            const results = await Promise.allSettled(jobs);
            for (const result of results) {
                if (result.status === "rejected") {
                    refused++;
                    expect(result.reason).toBeInstanceOf(Error);
                    expect(result.reason.message).toMatch(/\S/);
                }
            }
        }
        expect(refused).toBeGreaterThan(rounds / 10);
        expect((await llvm.inspect(samples[0] ?? new Uint8Array())).kernels[0]?.name).toBe("add");
    });

    it("survives a crash of LLVM's disassembler", async () => {
        // A literal where gfx9 has none; LLVM 22.1 dereferences null on it (llvm/llvm-project issue 170318).
        const ir = `
define amdgpu_kernel void @f() {
  call void asm sideeffect ".long 0xd1030000\\0A.long 0x0001fe00", ""()
  ret void
}`;
        const bytes = await hsaco(ir, "gfx900");
        const result = await llvm.disassemble(bytes).catch((error: Error) => error.message);
        if (typeof result === "string") expect(result).toMatch(/^LLVM crashed while reading it \(Segmentation fault\)/);
        expect((await llvm.disassemble(await hsaco(ADD))).functions).toHaveLength(1);
    });

    it("wants a Uint8Array", () => {
        for (const wrong of [undefined, null, "ELF", {}, [], new ArrayBuffer(8), new Float32Array(2), 7]) {
            const bytes = wrong as Uint8Array;
            expect(() => llvm.inspect(bytes)).toThrow(TypeError);
            expect(() => llvm.disassemble(bytes)).toThrow(/must be a Uint8Array, the code object/);
        }
    });

    it("does not mind when the array changes meanwhile", async () => {
        const bytes = await hsaco(ADD);
        const copy = Uint8Array.from(bytes);
        const promise = llvm.inspect(copy);
        copy.fill(0);
        expect((await promise).kernels[0]?.name).toBe("add");
    });
});
