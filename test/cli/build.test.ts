// soma build, and what can be said of its result without running it: inspect and disasm.

import { spawnSync } from "node:child_process";
import { linkSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { llvmTool } from "../../bench/llvm.js";
import { STACK, sample, Workplace } from "./soma.js";

const SAXPY = sample("saxpy.soma");
const workplace = new Workplace();
const soma = workplace.soma.bind(workplace);
beforeAll(() => {
    writeFileSync(workplace.path("saxpy.soma"), readFileSync(SAXPY));
    writeFileSync(workplace.path("bad.soma"), "kernel zero(y: mut f32[n]) over i in n {\n    y[i] = nothing\n}\n");
    expect(soma(["build", "saxpy.soma", "--target", "gfx1100", "-o", "x.hsaco"])).toMatchObject({ status: 0 });
});
afterAll(() => workplace[Symbol.dispose]());

function read(name: string): Buffer {
    return readFileSync(workplace.path(name));
}

describe("build", () => {
    test("is quiet, and gives the same bytes every time, as a file and on standard output", () => {
        const again = soma(["build", "saxpy.soma", "--target", "gfx1100", "-o", "-"]);
        expect(again).toMatchObject({ status: 0, stderr: "" });
        expect(again.bytes.equals(read("x.hsaco"))).toBe(true);
    });

    test("LLVM's readelf reads its notes, and finds the kernel's descriptor", () => {
        const readelf = spawnSync(llvmTool("llvm-readelf"), ["--notes", "--symbols", workplace.path("x.hsaco")]);
        expect(readelf.stderr.toString()).toBe("");
        expect(readelf.stdout.toString()).toMatch(/amdhsa\.target:\s+'?amdgcn-amd-amdhsa--gfx1100'?/);
        expect(readelf.stdout.toString()).toMatch(/GLOBAL\s+PROTECTED\s+\d+\s+saxpy\.kd/);
    });

    test.each(["gfx90a", "gfx942", "gfx950", "gfx1030", "gfx1100", "gfx1151", "gfx1200", "gfx1201", "gfx1250"])(
        "compiles for %s",
        (target) => {
            expect(soma(["build", "saxpy.soma", "--target", target, "-o", `${target}.hsaco`])).toMatchObject({
                status: 0,
            });
            const { stdout } = soma(["inspect", "--json", `${target}.hsaco`]);
            expect(JSON.parse(stdout)).toMatchObject({ target, kernels: [{ name: "saxpy" }] });
        },
    );

    test.each([
        ["ir", "saxpy.ir", /saxpy/],
        ["llvm", "saxpy.ll", /define .*amdgpu_kernel void @saxpy\(/],
        ["asm", "saxpy.s", /\.amdhsa_kernel saxpy/],
        ["hsaco", "saxpy.hsaco", /^\x7fELF/],
    ])("--emit %s writes %s beside the source", (emit, output, content) => {
        expect(soma(["build", "saxpy.soma", "--target", "gfx1100", "--emit", emit])).toMatchObject({ status: 0 });
        expect(read(output).toString("latin1")).toMatch(content);
    });

    test("an optimised kernel is shorter than one that is not", () => {
        const instructions = ["-O0", "-O3"].map((level) => {
            const { status, stdout } = soma([
                "build",
                "saxpy.soma",
                "--target",
                "gfx1100",
                "--emit",
                "asm",
                "-o",
                "-",
                // Several elements for each work-item take more code.
                "--disable",
                "coarsen",
                level,
            ]);
            expect(status).toBe(0);
            return stdout.split("\n").filter((line) => /^\t[a-z]+_/.test(line)).length;
        });
        expect(instructions[1]).toBeLessThan(instructions[0] ?? 0);
    });

    test("an unknown target lists those there are", () => {
        const { status, stderr } = soma(["build", "saxpy.soma", "--target", "gfx1101x", "-o", "y.hsaco"]);
        expect(stderr).toMatch(/gfx1101x/);
        expect(stderr).toMatch(/gfx90a.*gfx942.*gfx1100.*gfx1201/);
        expect(stderr).not.toMatch(/-->|\^/);
        expect(status).toBe(1);
        expect(readdirSync(workplace.folder)).not.toContain("y.hsaco");
    });

    test("a source with mistakes leaves an earlier output as it was, and nothing else behind", () => {
        writeFileSync(workplace.path("bad.hsaco"), "earlier");
        const before = readdirSync(workplace.folder);
        const { status, stdout, stderr } = soma(["build", "bad.soma", "--target", "gfx1100"]);
        expect(stderr).toMatch(/bad\.soma:2:12/);
        expect(stdout).toBe("");
        expect(status).toBe(1);
        expect(read("bad.hsaco").toString()).toBe("earlier");
        expect(readdirSync(workplace.folder)).toEqual(before);
    });

    test("never overwrites its source, by whatever name", () => {
        linkSync(workplace.path("saxpy.soma"), workplace.path("hard.out"));
        symlinkSync("saxpy.soma", workplace.path("soft.out"));
        for (const output of ["saxpy.soma", "./saxpy.soma", "hard.out", "soft.out"]) {
            const { status, stderr } = soma(["build", "saxpy.soma", "--target", "gfx1100", "-o", output]);
            expect(stderr).toMatch(/is the source file itself/);
            expect(status).toBe(1);
        }
        expect(read("saxpy.soma").equals(readFileSync(SAXPY))).toBe(true);
    });

    test("follows a symbolic link to what it replaces", () => {
        writeFileSync(workplace.path("target.hsaco"), "");
        symlinkSync("target.hsaco", workplace.path("link.hsaco"));
        expect(soma(["build", "saxpy.soma", "--target", "gfx1100", "-o", "link.hsaco"])).toMatchObject({ status: 0 });
        expect(read("target.hsaco").equals(read("x.hsaco"))).toBe(true);
    });

    test("says why it cannot write", () => {
        mkdirSync(workplace.path("folder"));
        expect(soma(["build", "saxpy.soma", "--target", "gfx1100", "-o", "no/such/x"])).toMatchObject({
            status: 1,
            stderr: expect.stringMatching(/cannot write no\/such\/x: there is no such/),
        });
        expect(soma(["build", "saxpy.soma", "--target", "gfx1100", "-o", "folder"])).toMatchObject({
            status: 1,
            stderr: expect.stringMatching(/cannot write folder: it is a folder/),
        });
        expect(soma(["build", "saxpy.soma", "--target", "gfx1100", "-o", "/dev/null"])).toMatchObject({ status: 0 });
    });
});

describe("inspect", () => {
    test("shows arguments, launch, registers, LDS, spills and occupancy", () => {
        const { status, stdout } = soma(["inspect", "x.hsaco"]);
        expect(status).toBe(0);
        expect(stdout).toMatch(/^gfx1100, .*code object version \d, soma/);
        expect(stdout).toMatch(/kernel saxpy/);
        expect(stdout).toMatch(/launch +over n, workgroup 256/);
        for (const name of ["VGPRs", "SGPRs", "LDS", "spills", "occupancy"]) {
            expect(stdout).toMatch(new RegExp(`^ +${name} +\\d`, "m"));
        }
        expect(stdout).toMatch(/^ +a +f32 +0 +4$/m);
        expect(stdout).toMatch(/^ +x +f32\[n\] +8 +8$/m);
        expect(stdout).toMatch(/^ +y +mut f32\[n\] +16 +8$/m);
        expect(stdout).toMatch(/^ +n +dimension +24 +8$/m);
    });

    test("gives the same as data", () => {
        const { stdout } = soma(["inspect", "--json", "x.hsaco"]);
        expect(JSON.parse(stdout)).toMatchObject({
            target: "gfx1100",
            kernels: [
                {
                    name: "saxpy",
                    symbol: "saxpy.kd",
                    doc: "y ← a·x + y, one work-item per element.",
                    dims: ["n"],
                    launch: { kind: "over", extents: ["n"] },
                    waveSize: 32,
                    ldsBytes: 0,
                    scratchBytes: 0,
                    vgprSpills: 0,
                    sgprSpills: 0,
                },
            ],
        });
    });

    test("LDS is what the kernel declares", () => {
        soma(["build", sample("partial_sums.soma"), "--target", "gfx1100", "-o", "sums.hsaco"]);
        const { stdout } = soma(["inspect", "--json", "sums.hsaco"]);
        // shared buf: f32[256]
        expect(JSON.parse(stdout)).toMatchObject({ kernels: [{ name: "partial_sums", ldsBytes: 1024 }] });
    });
});

test("disasm puts the source's lines above their instructions", () => {
    const { status, stdout } = soma(["disasm", "x.hsaco"]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^; gfx1100/);
    expect(stdout).toMatch(/^saxpy: +; kernel, wave32$/m);
    expect(stdout).toMatch(/^; saxpy\.soma:3 {2}y\[i\] = a \* x\[i\] \+ y\[i\]$/m);
    expect(stdout).toMatch(/^ {4}v_fma\w+ .* ; 0x[0-9a-f]+: [0-9a-f]+$/m);
    expect(stdout).toMatch(/^ {4}s_endpgm +;/m);
});

describe.each(["inspect", "disasm", "run"])("%s refuses", (command) => {
    test.each([
        ["a source of another kind", "picture.hsaco", () => Buffer.from("\x89PNG\r\n"), /picture\.hsaco: .*ELF/],
        ["an empty file", "empty.hsaco", () => Buffer.alloc(0), /empty\.hsaco: /],
        ["a truncated one", "short.hsaco", () => read("x.hsaco").subarray(0, 1000), /short\.hsaco: .*truncated/],
        [
            "an ELF for another machine",
            "host.hsaco",
            () => readFileSync(process.execPath).subarray(0, 4096),
            /host\.hsaco: /,
        ],
    ])("%s", (_, name, content, reason) => {
        writeFileSync(workplace.path(name), content());
        const { status, stdout, stderr } = soma([command, name]);
        expect(stderr).toMatch(reason);
        expect(stderr).not.toMatch(STACK);
        expect(stdout).toBe("");
        expect(status).toBe(1);
    });

    test("one that is not there", () => {
        const { status, stderr } = soma([command, "missing.hsaco"]);
        expect(stderr).toMatch(/missing\.hsaco.*there is no such file/);
        expect(status).toBe(1);
    });
});
