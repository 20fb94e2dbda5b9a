// What only shows in a process of several threads, or at its end. Each program runs in a process of its own.

import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { ADD, hsaco, WMMA } from "./llvm-samples.js";

const ADDON = fileURLToPath(new URL("../../build/native/soma_llvm.node", import.meta.url));

/** Runs a program with `llvm`, `ADD`, `WMMA`, `options` and `worker_threads` at hand; returns what it printed. */
async function run(program: string): Promise<string> {
    const prelude = `
        const worker_threads = require("node:worker_threads");
        const llvm = require(${JSON.stringify(ADDON)});
        const ADD = ${JSON.stringify(ADD)}, WMMA = ${JSON.stringify(WMMA)};
        const options = { target: "gfx1100", optimisation: 3, output: "hsaco" };
        const prelude = process.env.PRELUDE;`; // For the source of worker threads.
    const { stdout } = await promisify(execFile)(process.execPath, ["-e", prelude + program], {
        env: { ...process.env, PRELUDE: prelude },
        timeout: 60_000,
    });
    return stdout.trim();
}

describe("in a process of its own", () => {
    it("compiles in the main thread and in several workers at once, to the same bytes", {
        timeout: 60_000,
    }, async () => {
        const hashes = await run(`
            const hash = (bytes) => require("node:crypto").createHash("sha256").update(bytes).digest("hex");
            const job = async () => (await Promise.all(Array.from({ length: 6 }, () => llvm.generate(ADD, options)))).map(({ output }) => hash(output));
            const source = prelude + "const hash = " + hash + "; const job = " + job + "; job().then((all) => worker_threads.parentPort.postMessage(all));";
            const inWorker = () => new Promise((resolve, reject) => {
                const worker = new worker_threads.Worker(source, { eval: true });
                worker.once("message", resolve).once("error", reject);
            });
            Promise.all([job(), inWorker(), inWorker(), inWorker()]).then((all) => console.log([...new Set(all.flat())].join()));
        `);
        const { createHash } = await import("node:crypto");
        expect(hashes).toBe(
            createHash("sha256")
                .update(await hsaco(ADD))
                .digest("hex"),
        );
    });

    it("survives workers that are stopped while they compile", { timeout: 60_000 }, async () => {
        const printed = await run(`
            const source = prelude + "for (let i = 0; i < 8; i++) llvm.generate(ADD, options); worker_threads.parentPort.postMessage(0);";
            (async () => {
                for (let i = 0; i < 8; i++) {
                    const worker = new worker_threads.Worker(source, { eval: true });
                    await new Promise((resolve) => worker.once("message", resolve));
                    await worker.terminate();
                }
                const { output } = await llvm.generate(ADD, options);
                console.log(output.length > 0 ? "fine" : "broken");
            })();
        `);
        expect(printed).toBe("fine");
    });

    it("exits cleanly while jobs run, and after LLVM has given up", { timeout: 60_000 }, async () => {
        await run("for (let i = 0; i < 16; i++) llvm.generate(ADD, options); setImmediate(() => process.exit(0));");
        await run("for (let i = 0; i < 16; i++) llvm.generate(ADD, options);");
        const words = await run(`
            llvm.generate(WMMA, { ...options, target: "gfx1030" }).then(({ messages }) => {
                console.log(messages[0].message);
                process.exit(0);
            });
        `);
        expect(words).toMatch(/^LLVM gave up/);
    });

    it("keeps the event loop turning while it compiles", async () => {
        const turns = await run(`
            let turns = 0, done = false;
            const turn = () => { turns++; if (!done) setImmediate(turn); };
            turn();
            llvm.generate(ADD, options).then(() => { done = true; console.log(turns); });
        `);
        expect(Number(turns)).toBeGreaterThan(2);
    });
});
