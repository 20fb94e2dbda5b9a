// The virtual GPU's own tests: vgpu_test (C++) runs kernels that clang compiled, and single instructions, and prints a
// line for each; here the code objects are made and the lines become tests.

import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const here = dirname(fileURLToPath(import.meta.url));
const program = join(here, "../../../build/native/vgpu_test");
const clang = process.env.LLVM_DIR ? join(process.env.LLVM_DIR, "bin/clang") : "clang-22";

const directory = mkdtempSync(join(tmpdir(), "soma-vgpu-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function compile(source: string, output: string, ...options: string[]): string {
    const file = join(directory, output);
    const target = ["-target", "amdgcn-amd-amdhsa", "-mcpu=gfx1100"];
    execFileSync(clang, [...target, ...options, source, "-o", file], { encoding: "utf8" });
    return file;
}

function compileKernels(level: number): string {
    const language = ["-x", "cl", "-cl-std=CL2.0", "-cl-fp32-correctly-rounded-divide-sqrt"];
    const file = join(here, "kernels.cl");
    return compile(file, `kernels.O${level}.co`, ...language, "-nogpulib", "-w", "-g", `-O${level}`);
}

/** What vgpu_test says of each of its tests: "ok", or why it failed. */
function run(mode: string, image: string): Map<string, string> {
    const output = execFileSync(program, [mode, image], { encoding: "utf8" });
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
        it(`runs clang's kernels at -O${level}`, () => expectAll(run("kernels", compileKernels(level)), 19));
        it(`reports faults at -O${level}, and goes on`, () => expectAll(run("faults", compileKernels(level)), 10));
    }

    it("executes single instructions as the manuals say", () => {
        const source = join(directory, "instructions.s");
        writeFileSync(source, execFileSync(program, ["assembly"], { encoding: "utf8" }));
        expectAll(run("instructions", compile(source, "instructions.co", "-x", "assembler")), 60);
    });

    it("refuses code objects that are damaged or for something else", () =>
        expectAll(run("loader", compileKernels(3)), 6));
});
