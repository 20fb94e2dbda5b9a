// The code of the benchmark's kernels is no worse than soma.json has it, reaches its aims beside both baselines, and does
// what they do: a change that makes a column worse on purpose writes the file anew, by `npm run bench:codegen -- --update`.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { differences, misses, regressions } from "../../bench/codegen/compare.js";
import {
    BASELINES,
    type Columns,
    compileSoma,
    type Run,
    runClang,
    runSoma,
    TARGETS,
} from "../../bench/codegen/measure.js";
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
    for (const baseline of BASELINES) {
        const theirs = await runClang(gpu, baseline);
        expect(differences(soma, theirs)).toEqual([]);
        expect(misses(baseline, soma, theirs)).toEqual([]);
    }
});

describe("what is compared", () => {
    const columns = Object.values(kept.gfx1100 ?? {})[0] as Columns;
    const runs = (changed: Partial<Columns>): ReadonlyMap<string, Run> =>
        new Map([["k", { columns: { ...columns, ...changed }, results: new Map() }]]);

    test.each(Object.keys(columns) as (keyof Columns)[])("a worse %s is found", (column) => {
        const worse = { ...columns, [column]: columns[column] + (column === "occupancy" ? -1 : 1) };
        expect(regressions("k", columns, columns)).toEqual([]);
        expect(regressions("k", columns, worse)).toHaveLength(1);
        expect(regressions("k", worse, columns)).toEqual([]);
    });

    test("a column that was never kept is a worse one", () => {
        const { transactions: _, ...fewer } = columns;
        expect(regressions("k", fewer as Columns, columns)).toHaveLength(1);
    });

    test.each([
        ["instructions", { instructions: columns.instructions * 1.03 }],
        ["transactions", { transactions: columns.transactions + 1 }],
        ["occupancy", { occupancy: columns.occupancy - 1 }],
    ] as const)("%s beyond the aims are a miss", (_column, changed) => {
        expect(misses("plain", runs({ instructions: columns.instructions * 0.8 }), runs({}))).toEqual([]);
        expect(misses("plain", runs(changed), runs({})).length).toBeGreaterThan(0);
    });
});
