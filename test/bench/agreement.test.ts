// Foreign code: what clang makes of the benchmark's kernels in OpenCL C, at -O0 and at -O3, leaves on every kind of virtual
// GPU what the interpreter of Soma's IR leaves, which shares nothing with either; so the targets agree with each other.

import { expect, test } from "vitest";
import { differences } from "../../bench/codegen/compare.js";
import { interpretSoma } from "../../bench/codegen/interpreted.js";
import { BASELINES, runClang } from "../../bench/codegen/measure.js";
import { open } from "../../runtime/index.js";

const exact = interpretSoma();

test.each(["gfx1100", "gfx1201", "gfx90a", "gfx942", "gfx950"])(
    "clang's code does on %s what the interpreter does",
    async (target) => {
        using gpu = await open(`vgpu:${target}`);
        for (const baseline of BASELINES) {
            for (const level of [0, 3] as const) {
                expect(differences(exact, await runClang(gpu, baseline, level)), `${baseline} at -O${level}`).toEqual(
                    [],
                );
            }
        }
    },
);
