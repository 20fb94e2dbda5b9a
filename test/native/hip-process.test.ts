// What takes a process of its own: other libraries, worker threads, the environment, and how a process ends.

import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { virtualLibraryPath } from "../../runtime/hip/addon.js";
import type { NativeLibraryError } from "../../runtime/hip/binding.js";
import { addon, errorOf, FIXTURES, inFolder, kernels } from "./hip-support.js";

const NATIVE = join(packageRoot(), "build", "native");
const KERNELS = kernels();

/** Runs a script in a Node of its own. It has `hip`, the addon, and `library`, the virtual GPU (made when first used). */
function runScript(script: string, environment: Record<string, string> = {}) {
    return inFolder((folder) => {
        writeFileSync(join(folder, "kernels.hsaco"), KERNELS);
        const prelude = `
            const { Worker, isMainThread, threadId } = require("node:worker_threads");
            const hip = require(${JSON.stringify(join(NATIVE, "soma_hip.node"))});
            const open = () => hip.openLibrary(${JSON.stringify(virtualLibraryPath())});
            const image = () => require("node:fs").readFileSync(${JSON.stringify(join(folder, "kernels.hsaco"))});
            const once = (buffer, n) => {
                const args = new Uint8Array(12);
                new DataView(args.buffer).setBigUint64(0, buffer.address, true);
                new DataView(args.buffer).setUint32(8, n, true);
                return { grid: [1, 1, 1], block: [1, 1, 1], arguments: args, buffers: [buffer] };
            };
        `;
        const file = join(folder, "script.cjs");
        writeFileSync(file, prelude + script);
        const env = { ...process.env, SOMA_VGPU: "gfx1100", ...environment };
        const { stdout, stderr, status, signal } = spawnSync(process.execPath, [file], {
            encoding: "utf8",
            env,
            timeout: 30_000,
        });
        return { stdout: stdout.trim(), stderr, status, signal };
    });
}

/** fake_hip.c as a shared library in a folder. */
function fakeHip(folder: string, ...definitions: readonly string[]): string {
    const output = join(folder, `fake${definitions.length}.so`);
    const flags = ["-std=c11", "-Wall", "-Wextra", "-Wno-unused-parameter", "-shared", "-fPIC"];
    execFileSync("cc", [...flags, ...definitions, join(FIXTURES, "fake_hip.c"), "-o", output]);
    return output;
}

describe("other libraries", () => {
    it("says what a library lacks", () => {
        const error = errorOf(() => addon.openLibrary("libm.so.6")) as unknown as NativeLibraryError;
        expect(error).toMatchObject({ name: "HipLibraryError", path: "libm.so.6" });
        expect(error.missing).toContain("hipMalloc");
        expect(error.missing).toContain("hipModuleLaunchKernel");
        expect(error.message).toContain("hipMalloc");
    });

    it("says that there is none", () => {
        const error = errorOf(() => addon.openLibrary("/nonexistent/libhip.so")) as unknown as NativeLibraryError;
        expect(error).toMatchObject({ name: "HipLibraryError", missing: [] });
        expect(error.message).toContain("/nonexistent/libhip.so");
    });

    it.each([
        ["HIP 5", ["-DDEVICE", "-DLAYOUT5"], "gfx90a"],
        ["HIP 6 and 7", ["-DDEVICE"], "gfx942"],
    ] as const)("reads the target in the layout of %s", (_, definitions, target) => {
        const device = inFolder((folder) => addon.openLibrary(fakeHip(folder, ...definitions)).device(0));
        expect(device).toMatchObject({ target, architecture: `${target}:sramecc+:xnack-` });
        expect(device.counters()).toBeUndefined();
        expect(device.setInstructionLimit(1)).toBe(false);
    });

    it("has no device where the library says so, and no virtual ones to configure", () => {
        const library = inFolder((folder) => addon.openLibrary(fakeHip(folder)));
        expect(library.virtualAbiVersion).toBeUndefined();
        expect(library.deviceCount()).toBe(0);
        expect(() => library.configureVirtualDevices(["gfx1100"])).toThrow(/no virtual devices/);
    });

    it("says what to do where a HIP library finds no device", () => {
        inFolder((folder) => {
            copyFileSync(fakeHip(folder), join(folder, "libamdhip64.so"));
            const { stdout, status } = runScript(
                `try { hip.openHip(); } catch (error) { console.log(JSON.stringify({ name: error.name, ...error })); }`,
                { LD_LIBRARY_PATH: folder },
            );
            expect(status).toBe(0);
            const error = JSON.parse(stdout);
            expect(error).toMatchObject({ code: 100, call: "hipGetDeviceCount" });
            expect(error.help).toContain("libamdhip64.so is installed");
            expect(error.help).toContain("/dev/kfd");
        });
    });

    it("fails cleanly without a GPU whatever is installed here", () => {
        const { stdout, status } = runScript(
            `try { console.log("found", hip.openHip().deviceCount()); } catch (error) { console.log(error.help); }`,
        );
        expect(status).toBe(0);
        expect(stdout).toMatch(/found [1-9]|\/dev\/kfd|ROCm/);
    });
});

describe("the environment variable SOMA_VGPU", () => {
    const list = `const l = open(); const n = l.deviceCount();
        console.log(Array.from({ length: n }, (_, i) => l.device(i).target).join());`;

    it("lists the devices", () => {
        expect(runScript(list, { SOMA_VGPU: "gfx942, gfx1201" })).toMatchObject({
            stdout: "gfx942,gfx1201",
            status: 0,
        });
    });

    it("is explained when it is wrong", () => {
        const { stdout } = runScript(`try { open().deviceCount(); } catch (error) { console.log(error.message); }`, {
            SOMA_VGPU: "gfx1100,rtx4090",
        });
        expect(stdout).toMatch(/hipErrorNoDevice[\s\S]*SOMA_VGPU[\s\S]*'rtx4090'[\s\S]*gfx1100/);
    });
});

describe("threads and the end", () => {
    const count = `async function count(n) {
        const device = open().device(0);
        const module = await device.loadModule(image());
        const stream = device.createStream();
        const buffer = device.allocate(4);
        await stream.launch(module.kernel("count"), once(buffer, n));
        return new Uint32Array(await stream.read(buffer, 0, 4))[0];
    }`;

    it("works from several worker threads at once", () => {
        const { stdout, status, signal } = runScript(`${count}
            if (isMainThread) {
                let left = 4;
                for (let i = 0; i < 4; i++) {
                    new Worker(__filename).on("message", (n) => {
                        console.log(n);
                        left--;
                    }).on("exit", () => left === 0 && hip && console.log("exited"));
                }
                count(77).then((n) => console.log(n));
            } else {
                count(100 + threadId).then((n) => require("node:worker_threads").parentPort.postMessage(n));
            }`);
        expect({ status, signal }).toEqual({ status: 0, signal: null });
        expect(
            stdout
                .split("\n")
                .filter((line) => line !== "exited")
                .sort(),
        ).toEqual(["101", "102", "103", "104", "77"]);
    });

    it("ends by itself, though nothing was disposed", () => {
        expect(runScript(`${count} count(5).then((n) => console.log(n));`)).toMatchObject({ stdout: "5", status: 0 });
    });

    it("waits for operations whose promises are open", () => {
        const { stdout, status } = runScript(`${count} count(100_000).then((n) => console.log(n));`);
        expect({ stdout, status }).toEqual({ stdout: "100000", status: 0 });
    });

    it("ends at process.exit while a kernel runs", () => {
        const { status, signal } = runScript(`${count}
            open().device(0).setInstructionLimit(0);
            count(2 ** 32 - 1);
            setTimeout(() => process.exit(3), 200);`);
        expect({ status, signal }).toEqual({ status: 3, signal: null });
    });

    it("survives a worker thread that is terminated while its kernel runs", () => {
        const { stdout, status, signal } = runScript(`${count}
            if (isMainThread) {
                const worker = new Worker(__filename);
                worker.on("message", async () => {
                    await worker.terminate();
                    console.log(await count(9));
                });
            } else {
                count(300_000);
                setTimeout(() => require("node:worker_threads").parentPort.postMessage("running"), 50);
            }`);
        expect({ stdout, status, signal }).toEqual({ stdout: "9", status: 0, signal: null });
    });

    it("frees what is collected without having been disposed", () => {
        const { stdout, status } = runScript(
            `require("node:v8").setFlagsFromString("--expose-gc");
            const gc = require("node:vm").runInNewContext("gc");
            const device = open().device(0);
            const before = device.memory().free;
            for (let i = 0; i < 100; i++) device.allocate(1 << 20);
            console.log(before - device.memory().free >= 100 << 20);
            (async () => {
                for (let i = 0; i < 10 && device.memory().free !== before; i++) {
                    gc();
                    await new Promise((resolve) => setTimeout(resolve, 1));
                }
                console.log(device.memory().free === before);
            })();`,
        );
        expect({ stdout, status }).toEqual({ stdout: "true\ntrue", status: 0 });
    });
});

describe("a C program", () => {
    const PROGRAMS = ["program.c", "graphs.c", "per_thread.c", "advice.c", "shared_pool.c"];

    it.each(PROGRAMS)("runs against the header and the library: %s", (source) => {
        inFolder((folder) => {
            const program = join(folder, "program");
            writeFileSync(join(folder, "kernels.hsaco"), KERNELS);
            execFileSync("cc", [
                ...["-std=c11", "-Wall", "-Wextra", "-Werror", join(FIXTURES, source), "-o", program],
                ...[`-L${NATIVE}`, "-lsoma_vgpu", `-Wl,-rpath,${NATIVE}`, "-pthread"],
            ]);
            const output = execFileSync(program, [join(folder, "kernels.hsaco")], {
                encoding: "utf8",
                timeout: 30_000,
            });
            const lines = output.trim().split("\n");
            expect(lines.filter((line) => line.startsWith("WRONG"))).toEqual([]);
            expect(lines.at(-1)).toBe("done");
            expect(lines.length).toBeGreaterThan(30);
        });
    });
});
