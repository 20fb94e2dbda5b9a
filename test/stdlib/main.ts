// npm run test:math -- --step 1021: the largest error of every mathematical function over all f16 and every `step`th of
// all f32 numbers. One that is beyond what its documentation states makes the exit code 1.

import { parseArgs } from "node:util";
import { open } from "../../runtime/index.js";
import { measureBinary, measureUnary, type Worst } from "./accuracy.js";
import { BINARY, UNARY } from "./functions.js";
import { statedBounds } from "./reference.js";

const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
        step: { type: "string", default: "1021" },
        device: { type: "string", default: "vgpu:gfx1100" },
    },
});
const step = Number(values.step);
if (!Number.isSafeInteger(step) || step < 1) {
    console.error("--step takes a positive whole number: npm run test:math -- --step 1021 exp sin");
    process.exit(2);
}
const bounds = statedBounds(values.device);
const gpu = await open(values.device);
const chosen = (table: object) =>
    Object.keys(table).filter((name) => positionals.length === 0 || positionals.includes(name));

function report(type: "f16" | "f32", { name, tried, error, at }: Worst): void {
    const bound = type === "f16" ? 1 : (bounds.get(`${name}_f32`) as number);
    const verdict = error <= bound ? "" : "  BEYOND ITS BOUND";
    console.log(`${type} ${name}: at most ${error.toFixed(3)} of ${bound} ULP in ${tried}${verdict}  (${at})`);
    if (error > bound) process.exitCode = 1;
}

for (const name of chosen(UNARY)) {
    report("f16", await measureUnary(gpu, "f16", name, 1));
    report("f32", await measureUnary(gpu, "f32", name, step));
}
for (const name of chosen(BINARY)) report("f32", await measureBinary(gpu, name, Math.ceil(2 ** 32 / step)));
gpu.close();
