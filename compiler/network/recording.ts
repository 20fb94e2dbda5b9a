// What `record` keeps of a state: the kernel that steps the population writes it to a ring on the device, which has room for the moments of
// as many steps as are replayed at once (`chunk`), so that it is fetched no more often than that.

import type { Formula } from "../../codeobject/network/formula.js";
import { bound, type Generation, sizeOf } from "./generation.js";
import type { Population, RecordOf } from "./network.js";
import type { KernelParameter } from "./source.js";

/** How many steps lie between two moments. */
export function stepsOf({ every }: RecordOf): Formula {
    return every === null ? 1 : ["max", 1, ["round", ["/", every, "dt"]]];
}

export function ringOf({ what, of }: RecordOf): string {
    return `${of.name}.${what}.recorded`;
}

/** The records of a population's states. */
export function recordsOf({ network }: Generation, population: Population): readonly RecordOf[] {
    return network.records.filter(({ of, what }) => of === population && what !== "spikes");
}

export function declareRings(generation: Generation, population: Population): void {
    for (const record of recordsOf(generation, population)) {
        generation.buffer({
            name: ringOf(record),
            element: "f32",
            extents: ["batch", ["ceil", ["/", "chunk", stepsOf(record)]], sizeOf(population)],
            initial: { kind: "zero" },
            isState: false,
        });
    }
}

/** Statements behind a step that keep a state, and the parameters that they need. */
export function recording(record: RecordOf, code: string) {
    const { what } = record;
    const steps = stepsOf(record);
    const keep = (moment: string) => `${what}_ring[r, ${moment} % ${what}_moments, i] = ${code}`;
    const ring: KernelParameter = {
        name: `${what}_ring`,
        type: `mut f32[b, ${what}_moments, n]`,
        binding: bound(ringOf(record)),
    };
    if (steps === 1) return { lines: [keep("(step as index)")], parameters: [ring] };
    const every: KernelParameter = {
        name: `${what}_every`,
        type: "i32",
        binding: { value: "formula", formula: steps },
    };
    const lines = [`if (step + 1) % ${what}_every == 0 {`, `    ${keep(`((step / ${what}_every) as index)`)}`, "}"];
    return { lines, parameters: [ring, every] };
}
