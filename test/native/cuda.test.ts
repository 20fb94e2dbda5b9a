// libsoma_cuda.so over a stand-in for NVIDIA's driver (cuda/fake_cuda.c), which records calls and fails where it is told.
// Each test is a process of its own: a process keeps the driver that it found.

import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { compile } from "../../compiler/driver.js";
import { loadCodegen } from "../../compiler/shell/codegen.js";
import { loadModule } from "../../compiler/shell/modules.js";
import { packageRoot } from "../../compiler/shell/package-root.js";

const NATIVE = join(packageRoot(), "build", "native");
const FIXTURES = join(packageRoot(), "test", "native", "cuda");
const LIBRARY = join(NATIVE, "libsoma_cuda.so");

const folder = mkdtempSync(join(tmpdir(), "soma-cuda-"));
/** Compiles the stand-in; with `FAKE_CUDA_OLD` it lacks what drivers before CUDA 11.1 lack. */
function standIn(name: string, ...flags: readonly string[]): string {
    const path = join(folder, name);
    const sources = ["fake_cuda.c", "fake_cuda_graphs.c", "fake_cuda_recent.c"].map((file) => join(FIXTURES, file));
    execFileSync("cc", [
        ...["-std=gnu11", "-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-shared", "-fPIC"],
        ...[...flags, ...sources, "-o", path],
    ]);
    return path;
}
const driver = standIn("libfake.so");

afterAll(() => rmSync(folder, { recursive: true }));

interface Outcome {
    /** What the script's function gave. */
    readonly value?: unknown;
    readonly error?: Readonly<Record<string, unknown>> & { readonly message: string };
    /** Calls of the driver, as `cuMemAlloc_v2 16`. */
    readonly calls: readonly string[];
}

/** Runs the body of an async function that has `hip`, the addon, and `open()`, device 0, in a Node of its own. */
function run(body: string, environment: Readonly<Record<string, string>> = {}): Outcome {
    const log = join(folder, "calls");
    const script = join(folder, "script.cjs");
    rmSync(log, { force: true });
    writeFileSync(
        script,
        `const hip = require(${JSON.stringify(join(NATIVE, "soma_hip.node"))});
        const library = () => hip.openLibrary(${JSON.stringify(LIBRARY)});
        const open = () => library().device(0);
        const text = (words) => new TextEncoder().encode(words);
        const launch = (buffer, n, by, more = {}) => {
            const view = new DataView(new ArrayBuffer(16));
            view.setBigUint64(0, buffer.address, true);
            view.setUint32(8, n, true);
            view.setUint32(12, by, true);
            const args = new Uint8Array(view.buffer);
            return { grid: [2, 1, 1], block: [32, 1, 1], arguments: args, buffers: [buffer], ...more };
        };
        (async () => { ${body} })().then(
            (value) => console.log(JSON.stringify({ value })),
            (error) => console.log(JSON.stringify({ error: { ...error, message: error.message } })),
        );`,
    );
    const { stdout, stderr, status } = spawnSync(process.execPath, [script], {
        encoding: "utf8",
        env: { ...process.env, SOMA_LIBCUDA: driver, FAKE_CUDA_LOG: log, ...environment },
        timeout: 30_000,
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
    const calls = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
    return { ...JSON.parse(stdout), calls };
}

/** Loads the stand-in's kernel, adds `by` to eight numbers and reads them. */
const ADD = `
    const device = open();
    const module = await device.loadModule(text("ptx"));
    const stream = device.createStream();
    const x = device.allocate(32);
    await stream.write(x, 0, new Uint8Array(Uint32Array.of(1, 2, 3, 4, 5, 6, 7, 8).buffer));
    await stream.launch(module.kernel("add"), launch(x, 8, 5));
    return [...new Uint32Array(await stream.read(x, 0, 32))];`;

describe("libsoma_cuda.so", () => {
    it("takes HIP's calls and refuses what HIP refuses", () => {
        const program = join(folder, "program");
        execFileSync("cc", [
            ...["-std=c11", "-Wall", "-Wextra", "-Werror", join(FIXTURES, "program.c"), "-o", program],
            ...[`-L${NATIVE}`, "-lsoma_cuda", `-Wl,-rpath,${NATIVE}`],
        ]);
        const env = { ...process.env, SOMA_LIBCUDA: driver, FAKE_CUDA_DEVICES: "2" };
        expect(execFileSync(program, { encoding: "utf8", env, timeout: 30_000 })).toBe("done\n");
    });

    it("needs nothing of CUDA's and exports HIP's functions alone", () => {
        const needed = execFileSync("readelf", ["-d", LIBRARY], { encoding: "utf8" });
        expect(needed).not.toMatch(/NEEDED.*(cuda|nv)/);
        const symbols = execFileSync("readelf", ["--dyn-syms", "-W", LIBRARY], { encoding: "utf8" });
        const exported = [...symbols.matchAll(/(?:GLOBAL|WEAK)\s+\w+\s+(?!UND)\S+\s+(\w+)/g)].map((match) => match[1]);
        expect(exported.length).toBeGreaterThan(50);
        expect(exported.filter((name) => !name?.startsWith("hip"))).toEqual([]);
    });
});

describe("a device that is reset", () => {
    it("loads modules again, and launches with new memory", () => {
        const { value, error, calls } = run(`
            const device = open();
            const module = await device.loadModule(text("ptx"));
            const add = module.kernel("add");
            await device.reset();
            module.reload(text("ptx"));
            const stream = device.createStream();
            const x = device.allocate(32);
            await stream.write(x, 0, new Uint8Array(32));
            await stream.launch(add, launch(x, 8, 5));
            return [...new Uint32Array(await stream.read(x, 0, 32))];`);
        expect(error).toBeUndefined();
        expect(value).toEqual(Array(8).fill(5));
        const contexts = calls.filter((call) => call.startsWith("cuDevicePrimaryCtx"));
        expect(contexts.slice(0, 4)).toEqual([
            "cuDevicePrimaryCtxRetain 0",
            "cuDevicePrimaryCtxReset_v2 0",
            "cuDevicePrimaryCtxRelease_v2 0",
            "cuDevicePrimaryCtxRetain 0",
        ]);
    });
});

describe("graphs, pools and memory of others", () => {
    /** Runs the C program for them; what it prints and the driver's calls. */
    function program(library: string) {
        const path = join(folder, "graphs");
        const log = join(folder, "graph-calls");
        rmSync(log, { force: true });
        execFileSync("cc", [
            ...["-std=c11", "-Wall", "-Wextra", "-Werror", join(FIXTURES, "graphs.c"), "-o", path],
            ...[`-L${NATIVE}`, "-lsoma_cuda", `-Wl,-rpath,${NATIVE}`],
        ]);
        const env = { ...process.env, SOMA_LIBCUDA: library, FAKE_CUDA_LOG: log };
        const printed = execFileSync(path, { encoding: "utf8", env, timeout: 30_000 });
        return { printed, calls: readFileSync(log, "utf8").trim().split("\n") };
    }

    it("reach the driver with HIP's fields in CUDA's places, and strangers are refused", () => {
        const { printed, calls } = program(driver);
        expect(printed).toBe("done\n");
        const expected = [
            "cuGraphAddMemsetNode after 0: value 7 of 4, 100 by 3, pitch 512",
            "cuGraphAddKernelNode after 1: grid 4 5 6 block 32 2 1 shared 64",
            "cuGraphAddMemcpyNode after 2: 400 by 1 by 1, from 0 0 0 (4), to 0 0 0 (4)",
            "cuGraphAddMemcpyNode after 0: 10 by 11 by 12, from 1 2 3 (4), to 4 5 6 (4)",
            "cuMemPoolCreate kind 1 handles 0 location 1 0 most 8192",
            "cuMemPoolSetAttribute 4 1073741824",
            "cuIpcOpenMemHandle_v2 11 22 1",
            "cuStreamCreateWithPriority 1 -3",
        ];
        expect(calls.filter((call) => expected.includes(call))).toEqual(expected);
    });

    it("of a driver that lacks them say so", () => {
        const { printed } = program(standIn("libold.so", "-DFAKE_CUDA_OLD"));
        expect(printed).toContain("hipErrorNotSupported");
        expect(printed).toContain("this NVIDIA driver, of CUDA 13.0, lacks cuGraphCreate: take a newer one");
    });
});

describe.runIf(process.env.SOMA_DEVICE?.startsWith("cuda"))("on a GPU", () => {
    it("graphs, captures and pools do what they do on the virtual one", async () => {
        const text = `kernel add(x: mut u32[1000], count: u32, step: u32) groups 4 workgroup(256) {
            if global_id() < count as index { x[global_id()] += step }
        }`;
        const { output } = await compile({ path: "add.soma", text }, loadModule, loadCodegen(), { target: "sm_70" });
        writeFileSync(join(folder, "add.ptx"), output ?? "");
        const path = join(folder, "device-graphs");
        execFileSync("cc", [
            ...["-std=c11", "-Wall", "-Wextra", "-Werror", "-DSOMA_CUDA"],
            ...[join(FIXTURES, "..", "hip", "graphs.c"), "-o", path],
            ...[`-L${NATIVE}`, "-lsoma_cuda", `-Wl,-rpath,${NATIVE}`],
        ]);
        const { stdout } = spawnSync(path, [join(folder, "add.ptx")], { encoding: "utf8", timeout: 60_000 });
        const lines = stdout.trim().split("\n");
        expect(lines.filter((line) => line.startsWith("WRONG"))).toEqual([]);
        expect(lines.at(-1)).toBe("done");
    });
});

describe("the HIP binding over it", () => {
    it("names the device and its target", () => {
        const { value } = run(`const device = open(); return [device.name, device.target, library().deviceCount(),
            device.attribute("warpSize"), device.attribute("maxGridDimY"), device.memory().total];`);
        expect(value).toEqual(["Fake GPU 0", "sm_90", 1, 32, 65535, 5 * 2 ** 30]);
    });

    it("writes, launches and reads", () => {
        const { value, calls } = run(ADD);
        expect(value).toEqual([6, 7, 8, 9, 10, 11, 12, 13]);
        expect(calls).toContain("cuLaunchKernel 2,1,1 32,1,1 0");
        expect(calls).toContain("cuStreamCreate 1");
        expect(calls.filter((call) => call.startsWith("cuDevicePrimaryCtxRetain"))).toEqual([
            "cuDevicePrimaryCtxRetain 0",
        ]);
    });

    it("lets a kernel have more shared memory than by default, and asks the driver once", () => {
        const { value, calls } = run(
            ADD.replace("launch(x, 8, 5)", "launch(x, 8, 5, { dynamicSharedBytes: 65536 })").replace(
                "return",
                'await stream.launch(module.kernel("add"), launch(x, 8, 0, { dynamicSharedBytes: 1024 })); return',
            ),
        );
        expect(value).toEqual([6, 7, 8, 9, 10, 11, 12, 13]);
        expect(calls.filter((call) => call.startsWith("cuFuncSetAttribute"))).toEqual(["cuFuncSetAttribute 8 65536"]);
    });

    it("times with events", () => {
        const { value } = run(`const device = open(); const stream = device.createStream();
            const [a, b] = [device.createEvent(), device.createEvent()];
            await stream.record(a); await stream.record(b);
            return b.elapsedSince(a);`);
        expect(value).toBe(2.5);
    });

    it("loads PTX text of any length, though no size is passed", () => {
        const { calls } = run(
            `const device = open();
            for (let n = 0; n < 64; n++) { (await device.loadModule(text("ptx" + "x".repeat(n)))).dispose(); }`,
        );
        const lengths = calls.filter((call) => call.startsWith("cuModuleLoadDataEx")).map((call) => call.split(" ")[1]);
        expect(lengths).toEqual(Array.from({ length: 64 }, (_, n) => String(3 + n)));
    });
});

describe("errors", () => {
    it("carry HIP's code, CUDA's name and number, and what was asked for", () => {
        const { error } = run("open().allocate(4096);", { FAKE_CUDA_FAIL: "cuMemAlloc_v2=2" });
        expect(error).toMatchObject({ name: "hipErrorOutOfMemory", code: 2, call: "hipMalloc" });
        expect(error?.message).toContain("cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY (2), out of memory: 4096 bytes");
    });

    it("carry the driver's compiler's log", () => {
        const { error } = run(`await open().loadModule(text(".versio 7.8"));`);
        expect(error).toMatchObject({ name: "hipErrorInvalidImage", code: 200 });
        expect(error?.message).toContain("CUDA_ERROR_INVALID_PTX (218)");
        expect(error?.message).toContain("line 1; fatal : Parsing error near '.versio '");
    });

    it("of a kernel name the kernel and the launch", () => {
        const { error } = run(ADD, { FAKE_CUDA_FAIL: "cuLaunchKernel=700" });
        expect(error).toMatchObject({ name: "hipErrorIllegalAddress", code: 700 });
        expect(error?.message).toContain("CUDA_ERROR_ILLEGAL_ADDRESS (700)");
        expect(error?.message).toContain("kernel 'add' with 2 × 1 × 1 workgroups of 32 × 1 × 1 work-items");
    });

    it("that HIP has not become its nearest, with CUDA's number", () => {
        const { error } = run(ADD, { FAKE_CUDA_FAIL: "cuEventQuery=716" });
        expect(error).toMatchObject({ name: "hipErrorIllegalAddress", code: 700 });
        expect(error?.message).toContain("CUDA_ERROR_MISALIGNED_ADDRESS (716)");
        const unknown = run(ADD, { FAKE_CUDA_FAIL: "cuEventQuery=4242" });
        expect(unknown.error).toMatchObject({ name: "hipErrorUnknown", code: 999 });
        expect(unknown.error?.message).toContain("CUDA error 4242");
    });

    it.each([
        ["cuCtxSetCurrent", 1],
        ["cuDevicePrimaryCtxRetain", 2],
        ["cuDeviceGetCount", 1],
        ["cuDeviceGetName", 1],
        ["cuDeviceGetAttribute", 1],
        ["cuStreamCreate", 2],
        ["cuModuleLoadDataEx", 218],
        ["cuModuleGetFunction", 500],
        ["cuFuncGetAttribute", 1],
        ["cuMemcpyHtoDAsync_v2", 1],
        ["cuMemcpyDtoHAsync_v2", 1],
        ["cuEventCreate", 2],
        ["cuEventRecord", 1],
    ] as const)("%s failing is an error, not a crash", (call, code) => {
        const { error } = run(ADD, { FAKE_CUDA_FAIL: `${call}=${code}` });
        expect(error?.message).toContain(call.replace(/_v2$/, ""));
    });
});

describe("without a GPU", () => {
    const count = "return library().deviceCount();";

    it("says that there is no driver, and what to do", () => {
        const { error } = run(count, { SOMA_LIBCUDA: "libcuda-that-is-not-there.so.1" });
        expect(error?.message).toContain("NVIDIA's driver is not there");
        expect(error?.message).toContain("libcuda-that-is-not-there.so.1");
        expect(error?.message).toContain('the device "vgpu"');
    });

    it("says what a library lacks that is no driver", () => {
        const { error } = run(count, { SOMA_LIBCUDA: "libm.so.6" });
        expect(error?.message).toMatch(/'libm.so.6' is no CUDA driver.*cuInit/);
    });

    it("has no device where the driver finds none", () => {
        expect(run(count, { FAKE_CUDA_DEVICES: "0" }).value).toBe(0);
        expect(run(count, { FAKE_CUDA_FAIL: "cuInit=100" }).value).toBe(0);
    });

    it("says why the driver can't start", () => {
        const { error } = run(count, { FAKE_CUDA_FAIL: "cuInit=803" });
        expect(error).toMatchObject({ name: "hipErrorInsufficientDriver" });
        expect(error?.message).toContain("cuInit: CUDA error 803");
    });
});
