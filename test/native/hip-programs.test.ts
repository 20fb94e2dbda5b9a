// HIP C++ host programs: clang compiles device and host side, the code objects travel in the program as an offload bundle,
// and the virtual GPU stands in for libamdhip64.so at link time.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deflateSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { llvmTool } from "../../bench/llvm.js";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { FIXTURES, inFolder } from "./hip-support.js";

const NATIVE = join(packageRoot(), "build", "native");
const clang = llvmTool("clang++");
const OPTIONS = ["-x", "hip", "-nogpuinc", "-nogpulib", "-std=c++20", "-O2", "-w"];

/** clang's offload bundle, as its documentation lays it out: the host's entry, which is empty, then one for each target. */
function bundle(codes: ReadonlyMap<string, Buffer>): Buffer {
    const entries: (readonly [string, Buffer])[] = [["host-x86_64-unknown-linux-gnu-", Buffer.alloc(0)]];
    for (const [target, code] of codes) entries.push([`hipv4-amdgcn-amd-amdhsa--${target}`, code]);
    const align = (size: number) => Math.ceil(size / 4096) * 4096;
    const header = [Buffer.from("__CLANG_OFFLOAD_BUNDLE__"), Buffer.alloc(8)];
    header[1]?.writeBigUInt64LE(BigInt(entries.length));
    let offset = 4096;
    const bodies: Buffer[] = [];
    for (const [id, code] of entries) {
        const fields = Buffer.alloc(24);
        fields.writeBigUInt64LE(BigInt(offset), 0);
        fields.writeBigUInt64LE(BigInt(code.length), 8);
        fields.writeBigUInt64LE(BigInt(id.length), 16);
        header.push(fields, Buffer.from(id));
        bodies.push(code, Buffer.alloc(align(code.length) - code.length));
        offset += align(code.length);
    }
    const head = Buffer.concat(header);
    return Buffer.concat([head, Buffer.alloc(4096 - head.length), ...bodies]);
}

/** Version 2 of the compressed form: magic, version, method 0 (zlib), whole size, expanded size, hash. */
function compressed(plain: Buffer): Buffer {
    const body = deflateSync(plain);
    const header = Buffer.alloc(24);
    header.write("CCOB", 0, "latin1");
    header.writeUInt16LE(2, 4);
    header.writeUInt32LE(header.length + body.length, 8);
    header.writeUInt32LE(plain.length, 12);
    return Buffer.concat([header, body]);
}

function runProgram(targets: readonly string[], pack: (plain: Buffer) => Buffer): string[] {
    return inFolder((folder) => {
        const source = join(FIXTURES, "programs/program.hip");
        const codes = new Map<string, Buffer>();
        for (const target of targets) {
            const output = join(folder, `${target}.co`);
            const device = [`--offload-arch=${target}`, "--cuda-device-only", "--no-gpu-bundle-output"];
            execFileSync(clang, [...OPTIONS, ...device, source, "-o", output]);
            codes.set(target, readFileSync(output));
        }
        const fat = join(folder, "fat.hipfb");
        const object = join(folder, "program.o");
        const program = join(folder, "program");
        writeFileSync(fat, pack(bundle(codes)));
        const host = ["--cuda-host-only", "-Xclang", "-fcuda-include-gpubinary", "-Xclang", fat];
        execFileSync(clang, [...OPTIONS, `--offload-arch=${targets[0]}`, ...host, "-c", source, "-o", object]);
        const link = [`-L${NATIVE}`, "-lsoma_vgpu", `-Wl,-rpath,${NATIVE}`, "-pthread"];
        execFileSync("c++", [object, "-o", program, ...link]);
        const env = { ...process.env, SOMA_VGPU: targets.length === 1 ? `${targets},${targets}` : targets.join() };
        return execFileSync(program, { encoding: "utf8", env, timeout: 60_000 }).trim().split("\n");
    });
}

describe("a HIP C++ program", () => {
    const cases: readonly [string, readonly string[], (plain: Buffer) => Buffer][] = [
        ["on two devices of a kind", ["gfx1100"], (plain) => plain],
        ["on two devices of two kinds, from a compressed bundle", ["gfx1100", "gfx942"], compressed],
    ];
    it.each(cases)(
        "runs unchanged %s",
        (_, targets, pack) => {
            const lines = runProgram(targets, pack);
            expect(lines.filter((line) => line.startsWith("WRONG"))).toEqual([]);
            expect(lines.at(-1)).toBe("done");
            expect(lines.length).toBeGreaterThan(30);
        },
        180_000,
    );
});
