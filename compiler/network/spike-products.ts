// Spikes of many instances through weights that they share, as a matrix product: instances by presynaptic neurons, 0 or 1, with presynaptic by
// postsynaptic neurons, in integers. A weight is the integer of units that it is in all sums, as four digits to the base 256 from −128 to 127, whose
// products the matrix cores sum without error modulo 2³²: sums are to the bit what a gather makes of the list of spikes.

import type { Formula } from "../../codeobject/network/formula.js";
import { bound, CONSTANTS, type Generation, sizeOf, weightsOf } from "./generation.js";
import type { Connection } from "./network.js";
import { type Draft, type KernelParameter, STEP } from "./source.js";
import { delaySteps } from "./spike-kernels.js";
import { Printer } from "./text.js";

/** Of instances, presynaptic and postsynaptic neurons. Weights are taken apart once for each block of instances, so those are large. */
export const BLOCK = { instances: 64, depth: 32, columns: 64 } as const;

/** Where spikes lie as 0 and 1, [batch, ring, neurons], beside their list. */
export function emittedOf(population: string): string {
    return `${population}.emitted`;
}

/** @param when when it runs; null is always */
export function spikeProducts(generation: Generation, connection: Connection, when: Formula | null): Draft {
    const { name, from, to, connectivity } = connection;
    // It follows from the list of spikes.
    generation.buffer({
        name: emittedOf(from.name),
        element: "i8",
        extents: ["batch", `ring:${from.name}`, sizeOf(from)],
        initial: { kind: "zero" },
        isState: false,
    });
    const printer = new Printer(generation.constants, (each) => ({ uniform: each }));
    const scaled = `weights_of[0, i, j] * ${printer.print(["/", 1, `unit:${name}`])}`;
    const skips = from === to && !connectivity.autapses;
    const tile = `tile i32[${BLOCK.instances}, ${BLOCK.columns}]`;
    const body = [
        // The unit is one for all instances.
        "let r: index = 0",
        ...printer.loads(""),
        "let slot = ((step - delay) as index + s) % s",
        ...[0, 1, 2, 3].map((digit) => `var sum${digit}: ${tile} = 0`),
        `for i in q by ${BLOCK.depth} {`,
        "    let fired = emitted[e, slot, i]",
        `    let v0 = round(${skips ? `where(indices(i)[:, none] != indices(j)[none, :], ${scaled}, 0.0)` : scaled}) as i32`,
        "    let d0 = v0 as i8",
        "    let v1 = (v0 - (d0 as i32)) >> 8",
        "    let d1 = v1 as i8",
        "    let v2 = (v1 - (d1 as i32)) >> 8",
        "    let d2 = v2 as i8",
        "    let d3 = ((v2 - (d2 as i32)) >> 8) as i8",
        ...[0, 1, 2, 3].map((digit) => `    sum${digit} += fired @ d${digit}`),
        "}",
        "arrived[e, 0, j] = arrived[e, 0, j] + sum0 + (sum1 << 8) + (sum2 << 16) + (sum3 << 24)",
    ];
    const parameters: KernelParameter[] = [
        CONSTANTS,
        STEP,
        { name: "delay", type: "i32", binding: { value: "formula", formula: delaySteps(generation, connection) } },
        { name: "emitted", type: "i8[b, s, q]", binding: bound(emittedOf(from.name)) },
        { name: "weights_of", type: "f32[one, q, n]", binding: bound(weightsOf(connection)) },
        { name: "arrived", type: "mut i32[b, 1, n]", binding: bound(`${name}.arrived`) },
    ];
    return {
        name: generation.kernelName(name, "products"),
        doc: `${name}: deliver, from products of tiles.`,
        parameters,
        groups: [],
        workgroup: [],
        blocks: `e in b by ${BLOCK.instances}, j in n by ${BLOCK.columns}`,
        when,
        body,
    };
}
