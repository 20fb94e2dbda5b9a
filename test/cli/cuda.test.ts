// NVIDIA's GPUs on the command line: built for without one, and run on through a stand-in for the driver
// (test/native/cuda/fake_cuda.c), which takes any PTX and knows one kernel, `add`, whose body is its own.

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ROOT, STACK, sample, Workplace } from "./soma.js";

const workplace = new Workplace();
const driver = workplace.path("libfake.so");
const log = workplace.path("calls");
const GPU = { SOMA_LIBCUDA: driver, FAKE_CUDA_LOG: log };
const NO_GPU = { SOMA_LIBCUDA: "libcuda-that-is-not-there.so.1" };
const soma = workplace.soma.bind(workplace);

beforeAll(() => {
    const source = join(ROOT, "test", "native", "cuda", "fake_cuda.c");
    execFileSync("cc", ["-std=gnu11", "-shared", "-fPIC", source, "-o", driver]);
    writeFileSync(workplace.path("saxpy.soma"), readFileSync(sample("saxpy.soma")));
    expect(soma(["build", "saxpy.soma", "--target", "sm_90"])).toMatchObject({ status: 0, stderr: "" });
});
afterAll(() => workplace[Symbol.dispose]());

describe("without a GPU", () => {
    test("build writes PTX that says what is in it", () => {
        const { status, stdout } = soma(["inspect", "saxpy.ptx"]);
        expect(status).toBe(0);
        expect(stdout).toMatch(/^sm_90, PTX 7\.8, soma/);
        expect(stdout).toMatch(/launch +over n, workgroup 256/);
        expect(stdout).toMatch(/^ +y +mut f32\[n\] +16 +8$/m);
        expect(JSON.parse(soma(["inspect", "--json", "saxpy.ptx"]).stdout)).toMatchObject({
            target: "sm_90",
            ptxVersion: "7.8",
            kernels: [{ name: "saxpy", argumentBytes: 32, ldsBytes: 0, requiredWorkgroupSize: [256, 1, 1] }],
        });
    });

    test.each([
        [["build", "saxpy.soma", "--target", "sm_90", "--emit", "hsaco"], 1, /code objects for sm_90 are ptx/],
        [["build", "saxpy.soma", "--target", "gfx1100,sm_90"], 2, /only AMD's code objects can be bundled/],
        [
            ["build", "saxpy.soma", "--target", "sm_90", "--report"],
            2,
            /a report \(--report, --report-json\) needs a code object of AMD's/,
        ],
        [["disasm", "saxpy.ptx"], 1, /is PTX, which is text[\s\S]*ptxas -arch=sm_90/],
        [["run", "saxpy.ptx", "--device", "vgpu"], 1, /compiled for sm_90, and Soma virtual GPU/],
    ])("%s is an error that says why", (args, status, reason) => {
        const result = soma(args);
        expect(result.stderr).toMatch(reason);
        expect(result.stderr).not.toMatch(STACK);
        expect(result.status).toBe(status);
    });

    test("the device is listed with the reason why it isn't there", () => {
        const { status, stdout } = soma(["devices"], NO_GPU);
        expect(status).toBe(0);
        expect(stdout).toMatch(/^cuda +unavailable: can't open cuda: .*libcuda-that-is-not-there\.so\.1.*vgpu/m);
        expect(stdout).toMatch(/^vgpu:gfx1100 /m);
        const asked = soma(["run", "saxpy.soma", "--device", "cuda"], NO_GPU);
        expect(asked.stderr).toMatch(/can't open cuda: /);
        expect(asked.status).toBe(1);
    });
});

describe("with a GPU", () => {
    test("the device is listed", () => {
        expect(soma(["devices"], GPU).stdout).toMatch(/^cuda +sm_90 /m);
    });

    test.each(["add.soma", "add.ptx"])("the driver gets the PTX of %s, and the launch's arguments", (file) => {
        const source = "kernel add(x: mut u32[8], n: u32, by: u32) groups 2 workgroup(32) { x[0] = n + by }\n";
        writeFileSync(workplace.path("add.soma"), source);
        expect(soma(["build", "add.soma", "--target", "sm_80"])).toMatchObject({ status: 0 });
        writeFileSync(log, "");
        const values = ["--arg", "x=range(8)", "--arg", "n=5", "--arg", "by=100"];
        const { status, stdout } = soma(["run", file, "--device", "cuda", ...values, "--print", "x"], GPU);
        expect(status).toBe(0);
        expect(stdout).toMatch(/100, 101, 102, 103, 104, 5, 6, 7/);
        const calls = readFileSync(log, "utf8");
        expect(calls).toMatch(/^cuModuleLoadDataEx/m);
        expect(calls).toMatch(/^cuLaunchKernel 2,1,1 32,1,1 0$/m);
    });
});
