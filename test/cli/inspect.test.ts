// The instruction mix of `soma inspect` and `soma build --report`: the virtual GPU counts what it executes by class and source
// line; of code without branches, run by one wave, that is what the code has.

import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { llvmTool } from "../../bench/llvm.js";
import { sample, Workplace } from "./soma.js";

const SOURCE = `#wave(64)
kernel straight(x: mut f32[64], d: mut f64[64], c: mut u32[64]) groups 1 workgroup(64) {
    shared buf: f32[64]
    let i = local_id()
    buf[i] = sqrt(x[i]) + x[63 - i]
    barrier()
    atomic_add(c[i], 1)
    d[i] = 1.0 / (d[i] + 2.0)
    x[i] = buf[63 - i] + wave_sum(x[i])
}
`;

interface Line {
    readonly file: string;
    readonly line: number;
    readonly count: number;
    readonly classes: Readonly<Record<string, number>>;
}

/** Of the profile's lines. */
interface ProfileLine {
    readonly file: string;
    readonly line: number;
    readonly executed: number;
    readonly instructions: Readonly<Record<string, number>>;
}

const workplace = new Workplace();
const soma = workplace.soma.bind(workplace);
beforeAll(() => {
    writeFileSync(workplace.path("straight.soma"), SOURCE);
    copyFileSync(sample("saxpy.soma"), workplace.path("saxpy.soma"));
});
afterAll(() => workplace[Symbol.dispose]());

function json(name: string) {
    return JSON.parse(readFileSync(workplace.path(name), "utf8"));
}

describe.each(["gfx90a", "gfx942", "gfx1030", "gfx1100", "gfx1201"])("on %s", (target) => {
    test("a kernel has, by class and line, what the virtual GPU executes of it", () => {
        const built = soma(["build", "straight.soma", "--target", target, "--report-json", "report.json"]);
        expect(built).toMatchObject({ status: 0, stderr: "" });
        const run = soma([
            ...["run", "straight.hsaco", "--device", `vgpu:${target}`, "--profile-json", "profile.json"],
            ...["--arg", "x=range(64)", "--arg", "d=zeros(64)", "--arg", "c=zeros(64)"],
        ]);
        expect(run).toMatchObject({ status: 0 });
        const [{ instructions: mix }] = json("report.json").kernels;
        const [executed] = json("profile.json").kernels;
        expect(executed.waves).toBe(1);
        expect(mix.classes.branch).toBeUndefined();
        expect(mix.classes).toEqual(withoutZeros(executed.instructions));
        const lines: readonly ProfileLine[] = executed.lines;
        expect(byPlace(mix.lines)).toEqual(
            byPlace(
                lines.flatMap(({ file, line, executed: count, instructions }) =>
                    count === 0 ? [] : [{ file, line, count, classes: withoutZeros(instructions) }],
                ),
            ),
        );
    });
});

test("inspect shows what the report shows, with the source's lines", () => {
    const built = soma(["build", "straight.soma", "--target", "gfx1100", "--report", "--report-json", "report.json"]);
    const { status, stdout } = soma(["inspect", "straight.hsaco"]);
    expect(status).toBe(0);
    const sums = /\d+ instructions, \d+ bytes: .*/.exec(built.stderr)?.[0];
    expect(sums).toMatch(/\d+ valu, .*1 vector atomic/);
    expect(stdout).toContain(`  ${sums}\n`);
    expect(stdout).toMatch(/^ {4}straight\.soma:7 +\d+ .*1 vector atomic.* atomic_add\(c\[i\], 1\)$/m);
    expect(JSON.parse(soma(["inspect", "--json", "straight.hsaco"]).stdout)).toEqual(json("report.json"));
});

test("a bundle's report is a list", () => {
    const built = soma(["build", "saxpy.soma", "--target", "gfx1100,gfx942", "--report-json", "both.json"]);
    expect(built).toMatchObject({ status: 0, stderr: "" });
    expect(json("both.json")).toMatchObject([
        { target: "gfx1100", kernels: [{ name: "saxpy", instructions: { classes: {} } }] },
        { target: "gfx942", kernels: [{ name: "saxpy", instructions: { classes: {} } }] },
    ]);
    expect(soma(["inspect", "saxpy.hsaco"]).stdout.match(/^kernel saxpy$/gm)).toHaveLength(2);
});

test("of code that clang made, functions are counted too", () => {
    const source = `
__attribute__((noinline)) float twice(float a) {
    return a * 2.0f;
}
kernel void call(global float* x) { *x = twice(*x); }
`;
    const options = ["-x", "cl", "-target", "amdgcn-amd-amdhsa", "-mcpu=gfx1100", "-nogpulib", "-O1", "-g"];
    const built = spawnSync(llvmTool("clang"), [...options, "-", "-o", workplace.path("call.hsaco")], {
        input: source,
    });
    expect(built.stderr.toString()).toBe("");
    const { functions } = JSON.parse(soma(["inspect", "--json", "call.hsaco"]).stdout);
    const twice = functions.find(({ name }: { name: string }) => name === "twice");
    const lines: readonly Line[] = twice.instructions.lines;
    expect(lines.find(({ line }) => line === 3)?.classes.valu).toBe(1);
    expect(soma(["inspect", "call.hsaco"]).stdout).toMatch(/^function twice\n {2}\d+ instructions/m);
});

test("what is no machine code is inspected, but not counted", () => {
    expect(soma(["build", "saxpy.soma", "--target", "sm_90"])).toMatchObject({ status: 0 });
    expect(soma(["inspect", "saxpy.ptx"])).toMatchObject({ status: 0, stderr: "" });
});

test("a report is refused for what has no machine code", () => {
    const { status, stderr } = soma(["build", "saxpy.soma", "--target", "sm_90", "--report-json", "x.json"]);
    expect(status).toBe(2);
    expect(stderr).toContain("needs a code object of AMD's");
});

function byPlace(lines: readonly Line[]): readonly Line[] {
    return [...lines].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
}

function withoutZeros(counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
    return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}
