// The code of the benchmark's kernels is no worse than soma.json has it, and they do what OpenCL's do by clang: a change
// that makes a column worse on purpose writes the file anew, by `npm run bench:codegen -- --update`.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { differences, regressions } from "../../bench/codegen/compare.js";
import { type Columns, compileClang, compileSoma, runClang, runSoma, TARGETS } from "../../bench/codegen/measure.js";
import { packageRoot } from "../../compiler/shell/package-root.js";
import { open } from "../../runtime/index.js";

const kept: Record<string, Record<string, Columns>> = JSON.parse(
    readFileSync(join(packageRoot(), "bench", "codegen", "soma.json"), "utf8"),
);

test.each(TARGETS)("no column of a benchmark kernel is worse on %s", async (target) => {
    using gpu = await open(`vgpu:${target}`);
    const soma = await runSoma(gpu, await compileSoma(target));
    const found = [...soma].flatMap(([name, { columns }]) =>
        regressions(name, kept[target]?.[name] as Columns, columns),
    );
    expect(found, "if this is meant: npm run bench:codegen -- --update").toEqual([]);
    expect(Object.keys(kept[target] ?? {})).toEqual([...soma.keys()]);
    expect(differences(soma, await runClang(gpu, compileClang(target)))).toEqual([]);
});
