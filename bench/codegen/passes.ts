// `npm run bench:passes`: what each pass over the IR brings. The kernels of kernels.soma run on virtual GPUs, compiled with all
// passes and without one; of each column the geometric mean over the kernels, without over with: what is above 1 the pass
// saves. `bounds`, which has nothing to do where nothing is checked, is measured with bounds checked. Decision 27 holds what
// came out.

import type { Bounds } from "../../compiler/codegen.js";
import { bounds } from "../../compiler/passes/bounds.js";
import { PIPELINE } from "../../compiler/passes/pipeline.js";
import { open } from "../../runtime/index.js";
import { geometricMean } from "./compare.js";
import { type Columns, compileSoma, type Run, runSoma } from "./measure.js";

const TARGETS = ["gfx1100", "gfx942"] as const;
const COLUMNS = ["instructions", "transactions", "codeBytes"] as const satisfies readonly (keyof Columns)[];

type Runs = ReadonlyMap<string, Run>;

async function measure(target: string, bounds: Bounds, disable: readonly string[]): Promise<Runs> {
    using gpu = await open(`vgpu:${target}`);
    return await runSoma(gpu, await compileSoma(target, { bounds, disable }));
}

function compared(without: Runs, all: Runs): string[] {
    const means = COLUMNS.map((column) =>
        geometricMean(
            [...all].map(([name, { columns }]) => (without.get(name)?.columns[column] ?? 0) / columns[column]),
        ),
    );
    return means.map((mean) => mean.toFixed(3));
}

/** The kernels whose executed instructions the pass changes by a hundredth or more, with the ratio. */
function changed(without: Runs, all: Runs): string {
    const ratios = [...all].map(([name, { columns }]) => {
        return [name, (without.get(name)?.columns.instructions ?? 0) / columns.instructions] as const;
    });
    return ratios
        .flatMap(([name, ratio]) => (Math.abs(ratio - 1) < 0.01 ? [] : [`${name} ${ratio.toFixed(2)}`]))
        .join(", ");
}

for (const target of TARGETS) {
    const all = {
        unchecked: await measure(target, "unchecked", []),
        checked: await measure(target, "checked", []),
    };
    console.log(`\n| without, on ${target} | executed | cache lines | code | kernels |\n|---|---|---|---|---|`);
    for (const pass of new Set(PIPELINE.map(({ name }) => name))) {
        const how = pass === bounds.name ? "checked" : "unchecked";
        const without = await measure(target, how, [pass]);
        console.log(`| \`${pass}\` | ${compared(without, all[how]).join(" | ")} | ${changed(without, all[how])} |`);
    }
}
