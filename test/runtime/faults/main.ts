// `npm run fuzz:faults -- --count 10000 --seed 1`: random sequences of calls with random failures of HIP, and every tenth without
// any. Ends with an error at the first that goes wrong, and says which.

import { parseArgs } from "node:util";
import { compile } from "../../../compiler/driver.js";
import { loadCodegen, loadModule } from "../../../compiler/index.js";
import { FaultyHip } from "./faulty.js";
import { runSequences, SOURCE } from "./sequences.js";

const { values } = parseArgs({
    options: { count: { type: "string", default: "10000" }, seed: { type: "string", default: "1" } },
});
const first = Number(values.seed);
const count = Number(values.count);

/** After so many it looks for leaks. */
const GROUP = 50;

const source = { path: "faults.soma", text: SOURCE };
const { output } = await compile(source, loadModule, loadCodegen(), { target: "gfx1100" });
if (output === null) throw new Error("the kernels don't compile");
using hip = new FaultyHip();
let calls = 0;
let failures = 0;
for (let done = 0; done < count; ) {
    const seeds = Array.from({ length: Math.min(GROUP, count - done) }, (_, index) => first + done + index);
    const outcome = await runSequences(hip, output, seeds, (seed) => (seed % 10 === 0 ? 0 : 0.002 * 2 ** (seed % 7)));
    calls += outcome.calls;
    failures += outcome.failures;
    done += seeds.length;
    if (done % 1000 === 0) console.log(`${done} sequences, ${calls} calls, ${failures} failed`);
}
const { heapUsed, rss } = process.memoryUsage();
console.log(
    `${count} sequences, ${calls} calls, of which ${failures} failed; ${Math.round(heapUsed / 2 ** 20)} MiB of heap, ${Math.round(rss / 2 ** 20)} MiB resident`,
);
