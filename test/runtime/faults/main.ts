// `npm run fuzz:faults -- --count 10000 --seed 1`: random sequences of calls with random failures of HIP, and every tenth without
// any. Stops at the first that goes wrong, and says which.

import { parseArgs } from "node:util";
import { compile } from "../../../compiler/driver.js";
import { loadCodegen, loadModule } from "../../../compiler/index.js";
import { FaultyHip } from "./faulty.js";
import { runSequence, SOURCE } from "./sequences.js";

const { values } = parseArgs({
    options: { count: { type: "string", default: "10000" }, seed: { type: "string", default: "1" } },
});
const first = Number(values.seed);
const count = Number(values.count);

const source = { path: "faults.soma", text: SOURCE };
const { output } = await compile(source, loadModule, loadCodegen(), { target: "gfx1100" });
if (output === null) throw new Error("the kernels don't compile");
using hip = new FaultyHip();
let calls = 0;
let failures = 0;
for (let seed = first; seed < first + count; seed++) {
    const chance = seed % 10 === 0 ? 0 : 0.002 * 2 ** (seed % 7);
    try {
        const outcome = await runSequence(hip, output, seed, chance);
        calls += outcome.calls;
        failures += outcome.failures;
    } catch (error) {
        console.error(
            `the sequence of seed ${seed} (chance ${chance}): ${error instanceof Error ? error.stack : error}`,
        );
        process.exit(1);
    }
    if ((seed - first + 1) % 1000 === 0)
        console.log(`${seed - first + 1} sequences, ${calls} calls, ${failures} failed`);
}
const { heapUsed, rss } = process.memoryUsage();
console.log(
    `${count} sequences, ${calls} calls, of which ${failures} failed; ${Math.round(heapUsed / 2 ** 20)} MiB of heap, ${Math.round(rss / 2 ** 20)} MiB resident`,
);
