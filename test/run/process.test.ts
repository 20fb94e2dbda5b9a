// What a whole process does: it ends by itself and cleanly, with the compiler and the HIP addon loaded together, whether
// or not the device was closed, and with several worker threads. Uses the built package, as its users do.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { DEVICE } from "./harness.js";

const SOURCE = "kernel triple(y: mut i32[n]) over i in n { y[i] = 3 * y[i] }";

const PRELUDE = `
    import { open } from "soma-lang/runtime";
    const gpu = await open(${JSON.stringify(DEVICE)});
    const { triple } = await gpu.load({ source: ${JSON.stringify(SOURCE)} });
    const y = gpu.tensor("i32", [3], [1, 2, 3]);
`;

/** Its standard output; rejects when it fails, is killed by a signal, or has not ended after 30 seconds. */
async function runProgram(program: string): Promise<string> {
    const { stdout } = await promisify(execFile)(
        process.execPath,
        ["--unhandled-rejections=strict", "--input-type=module", "--eval", program],
        { cwd: packageRoot(), timeout: 30_000 },
    );
    return stdout.trim();
}

describe("a process", () => {
    it.each([
        ["without close", "await triple({ y }); console.log((await y.read()).join());"],
        ["after close", "await triple({ y }); console.log((await y.read()).join()); gpu.close();"],
        ["with a launch that nobody awaits", "triple({ y }); console.log((await y.read()).join());"],
        [
            "that closes while it launches",
            "const read = triple({ y }).then(() => y.read()).catch(() => y.shape); gpu.close(); await read; console.log('3,6,9');",
        ],
    ])("%s ends by itself", async (_, rest) => {
        expect(await runProgram(PRELUDE + rest)).toBe("3,6,9");
    });

    it("reports an error that nobody catches, and exits with 1", async () => {
        const program = `${PRELUDE} await triple({});`;
        await expect(runProgram(program)).rejects.toMatchObject({
            code: 1,
            stderr: expect.stringMatching(/ArgumentError: triple is missing the argument y/),
        });
    });

    it("hears of a source's errors from the compiler's thread", async () => {
        const program = `${PRELUDE}
            const error = await gpu.load({ source: "kernel k(x: f32[n]) over i in n { x[i] = y }", path: "k.soma" })
                .catch((error) => error);
            console.log(error.code, error.diagnostics[0].span.file.path, error.diagnostics.map(({ code }) => code).join());`;
        expect(await runProgram(program)).toMatch(/^ERR_SOMA_COMPILE k\.soma E0\d+/);
    });

    it("compiles and launches from two worker threads at once", async () => {
        const worker = `${PRELUDE}
            import { parentPort } from "node:worker_threads";
            await triple({ y });
            parentPort.postMessage((await y.read()).join());`;
        const program = `
            import { Worker } from "node:worker_threads";
            const url = new URL("data:text/javascript," + encodeURIComponent(${JSON.stringify(worker)}.replace(
                "soma-lang/runtime", import.meta.resolve("soma-lang/runtime"))));
            const answers = [0, 1].map(() => new Promise((resolve, reject) => {
                new Worker(url).on("message", resolve).on("error", reject);
            }));
            console.log((await Promise.all(answers)).join(" "));`;
        expect(await runProgram(program)).toBe("3,6,9 3,6,9");
    });
});
