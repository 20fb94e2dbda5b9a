// Runs a sample as a program of its own: `node dist/samples/aura/saxpy.js`. SOMA_DEVICE names another device than the
// default, as open() takes it.

import { realpathSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Gpu, open, SomaError } from "soma-lang/runtime";
import { WrongResult } from "./check.js";
import type { Sample, SampleRun } from "./sample.js";
import { formatTable, rowsOf } from "./table.js";

/** Runs and checks the sample if the module at `url` is what Node was started with. */
export async function main<R extends SampleRun>(url: string, { run, check }: Sample<R>): Promise<void> {
    await runIfStarted(url, async (gpu) => {
        const result = await run(gpu);
        console.log(formatTable(rowsOf(gpu.target, result, check(result))));
    });
}

/** Runs `program` on the default device if the module at `url` is what Node was started with; exits 1 on an error. */
export async function runIfStarted(url: string, program: (gpu: Gpu) => Promise<void>): Promise<void> {
    const started = process.argv[1];
    if (started === undefined || realpathSync(started) !== fileURLToPath(url)) {
        return;
    }
    try {
        using gpu = await open(process.env.SOMA_DEVICE);
        console.log(`device: ${gpu.name}`);
        await program(gpu);
    } catch (error) {
        if (!(error instanceof SomaError || error instanceof WrongResult)) {
            throw error;
        }
        console.error(`error: ${error.message}`);
        process.exitCode = 1;
    }
}
