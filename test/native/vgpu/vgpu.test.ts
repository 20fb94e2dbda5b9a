// The virtual GPU's own tests: vgpu_test (C++) runs kernels that clang compiled, and single instructions, and prints a
// line for each; here the code objects are made and the lines become tests.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { llvmTool } from "../../../bench/llvm.js";

const here = dirname(fileURLToPath(import.meta.url));
const program = join(here, "../../../build/native/vgpu_test");

const clang = llvmTool("clang");

const directory = mkdtempSync(join(tmpdir(), "soma-vgpu-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function compile(target: string, source: string, output: string, ...options: string[]): string {
    const file = join(directory, output);
    const common = ["-target", "amdgcn-amd-amdhsa", `-mcpu=${target}`];
    execFileSync(clang, [...common, ...options, source, "-o", file], { encoding: "utf8" });
    return file;
}

function compileKernels(level: number, target = "gfx1100", ...options: string[]): string {
    const language = ["-x", "cl", "-cl-std=CL2.0", "-cl-fp32-correctly-rounded-divide-sqrt"];
    const file = join(here, "kernels.cl");
    const all = [...language, "-nogpulib", "-w", "-g", `-O${level}`, ...options];
    return compile(target, file, `kernels.${target}.O${level}.co`, ...all);
}

/** What vgpu_test says of each of its tests: "ok", or why it failed. */
function run(mode: string, image: string, target = "gfx1100", lanes = 32): Map<string, string> {
    const output = execFileSync(program, [mode, image, target, `${lanes}`], { encoding: "utf8" });
    const results = new Map<string, string>();
    for (const line of output.split("\n").filter((text) => text !== "")) {
        const match = /^(?:ok (\S+)|FAIL (\S+): (.*))$/.exec(line);
        expect(match, `an unexpected line: ${line}`).not.toBeNull();
        results.set(match?.[1] ?? match?.[2] ?? "", match?.[3] ?? "ok");
    }
    return results;
}

function expectAll(results: Map<string, string>, least: number): void {
    expect(Object.fromEntries([...results].filter(([, result]) => result !== "ok"))).toEqual({});
    expect(results.size).toBeGreaterThanOrEqual(least);
}

describe("the virtual GPU", () => {
    beforeAll(() => expect(existsSync(program), `${program} is not built: run npm run setup`).toBe(true));

    for (const level of [0, 3]) {
        it(`runs clang's kernels at -O${level}`, () => expectAll(run("kernels", compileKernels(level)), 22));
        it(`reports faults at -O${level}, and goes on`, () => expectAll(run("faults", compileKernels(level)), 10));
    }

    // Their semantics are the ones they share with gfx1100; waves of 64 lanes, other names and other start-up state.
    for (const target of ["gfx90a", "gfx942", "gfx950", "gfx1030", "gfx1151", "gfx1201"]) {
        it(`runs the same kernels on ${target}`, () => {
            expectAll(run("kernels", compileKernels(0, target), target), 22);
            expectAll(run("kernels", compileKernels(3, target), target), 22);
        });
    }

    // 5 is what clang makes by itself, which the others above are.
    for (const version of [4, 6]) {
        it(`runs the same kernels from code objects of version ${version}`, () => {
            const image = compileKernels(3, "gfx1100", `-mcode-object-version=${version}`);
            expectAll(run("kernels", image), 22);
        });
    }

    for (const version of [4, 5, 6]) {
        it.each(["gfx1100", "gfx1201", "gfx90a", "gfx942"])(
            `loads code objects of version ${version} for %s`,
            (target) => {
                const format = `-mcode-object-version=${version}`;
                for (const level of [0, 3]) {
                    const language = ["-x", "cl", "-cl-std=CL2.0", "-nogpulib", "-w", `-DVERSION=${version}`];
                    const output = `foreign.${target}.${version}.${level}.co`;
                    const options = [...language, format, `-O${level}`];
                    const image = compile(target, join(here, "foreign.cl"), output, ...options);
                    expectAll(run("foreign", image, target), 4);
                }
            },
        );
    }

    it("executes single instructions as the manuals say", () => {
        const source = join(directory, "instructions.s");
        writeFileSync(source, execFileSync(program, ["assembly"], { encoding: "utf8" }));
        expectAll(run("instructions", compile("gfx1100", source, "instructions.co", "-x", "assembler")), 60);
    });

    // At least so many instructions, in waves of so many lanes.
    for (const [target, lanes, least] of [
        ["gfx90a", 64, 30],
        ["gfx942", 64, 50],
        ["gfx950", 64, 100],
        ["gfx1100", 32, 6],
        ["gfx1100", 64, 6],
        ["gfx1201", 32, 22],
        ["gfx1201", 64, 22],
    ] as const) {
        it(`multiplies matrices on ${target} in waves of ${lanes}`, () => {
            const source = join(directory, `matrix.${target}.${lanes}.s`);
            writeFileSync(source, execFileSync(program, ["matrix-assembly", target, `${lanes}`], { encoding: "utf8" }));
            const wave = lanes === 64 && !target.startsWith("gfx9") ? ["-mwavefrontsize64"] : [];
            const image = compile(target, source, `matrix.${target}.${lanes}.co`, "-x", "assembler", ...wave);
            expectAll(run("matrix", image, target, lanes), least);
        });
    }

    it("refuses code objects that are damaged or for something else", () =>
        expectAll(run("loader", compileKernels(3)), 9));
});
