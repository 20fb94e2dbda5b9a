// npm run fuzz:programs -- --count 20000 --seed 1: generated programs by the interpreter and on the virtual GPU. Prints
// how many ran; each difference is shrunk and printed, and makes the exit code 1.

import { parseArgs } from "node:util";
import { open } from "../../runtime/index.js";
import { search } from "./search.js";

process.env.SOMA_CACHE = "off";
const { values } = parseArgs({
    options: {
        count: { type: "string", default: "1000" },
        seed: { type: "string", default: "1" },
        device: { type: "string", default: "vgpu:gfx1100" },
    },
});
const [count, seed] = [Number(values.count), Number(values.seed)];
if (!Number.isSafeInteger(count) || count < 1 || !Number.isSafeInteger(seed)) {
    console.error("--count and --seed take whole numbers: npm run fuzz:programs -- --count 1000 --seed 1");
    process.exit(2);
}
const gpu = await open(values.device);
const { ran, long, findings } = await search(gpu, {
    count,
    seed,
    onFinding: ({ number, message, source }) =>
        console.log(`\nprogram ${number} of seed ${seed}: ${message}\n${source}`),
    onProgress: (done, found) => {
        if (done % 320 === 0) console.log(`${done} programs, ${found} differences`);
    },
});
gpu.close();
console.log(`${ran} programs ran (seed ${seed}; ${long} more were left out as long), ${findings.length} differences`);
process.exitCode = findings.length > 0 ? 1 : 0;
