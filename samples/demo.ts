// The main job, `npm run demo`: saxpy over a million elements and the edges of 10,000 handwritten digits, on the default
// device, each checked against double precision on the host.

import * as digits from "./aura/digits.js";
import * as saxpy from "./aura/saxpy.js";
import { runIfStarted } from "./common/main.js";
import { progress } from "./common/progress.js";
import { formatTable, rowsOf } from "./common/table.js";

await runIfStarted(import.meta.url, async (gpu) => {
    using line = progress(5);
    line.step("saxpy over 1,048,576 elements");
    const saxpyRun = await saxpy.run(gpu);
    line.step("checking saxpy");
    const saxpyErrors = saxpy.check(saxpyRun);
    line.step("edges and brightness of 10,000 digits");
    const digitsRun = await digits.run(gpu);
    line.step("checking the digits");
    const digitsErrors = digits.check(digitsRun);
    line.step("writing the pictures");
    const pictures = await digits.drawDigits(digitsRun);
    line.done();

    console.log();
    console.log(
        formatTable([...rowsOf(gpu.target, saxpyRun, saxpyErrors), ...rowsOf(gpu.target, digitsRun, digitsErrors)]),
    );
    console.log("\nAll results are right. The pictures:");
    for (const path of pictures) {
        console.log(`    ${path}`);
    }
});
