// The sums of a layer as matrix products of tiles: samples by presynaptic neurons with presynaptic by postsynaptic ones, for each instance.

import { ACTIVATIONS } from "./activations.js";
import { activity } from "./generate-layers.js";
import { bound, CONSTANTS, type Generation, weightsOf } from "./generation.js";
import type { Connection, Layer } from "./network.js";
import type { Operand, TileSums } from "./propagation.js";
import type { Draft, KernelParameter } from "./source.js";
import { Printer } from "./text.js";

/** Widest block of neurons behind. */
const WIDEST = 64;

/** Rows and depth of a block. What is rounded is so once for each block of rows, which are many for that; fused multiply-adds keep fewer sums. */
function blockOf({ operands, onMatrixCores }: TileSums): { readonly rows: number; readonly depth: number } {
    if (!onMatrixCores) return { rows: 16, depth: 16 };
    return { rows: operands.some((each) => each !== "f32") ? 64 : 32, depth: 32 };
}

/** The least power of two from 16 on that covers a size, at most the widest block. */
function columnsFor(size: number | undefined): number {
    let columns = 16;
    while (columns < WIDEST && columns < (size ?? WIDEST)) columns *= 2;
    return columns;
}

export function productDraft(
    generation: Generation,
    layer: Layer,
    incoming: readonly Connection[],
    sums: TileSums,
): Draft {
    const { activation } = layer;
    const { text } = ACTIVATIONS[activation.name] as (typeof ACTIVATIONS)[string];
    const { rows, depth } = blockOf(sums);
    const columns = columnsFor(generation.known(layer.size));
    const printer = new Printer(generation.constants, (name) => ({ uniform: name }));
    const args = activation.args.map((arg) => printer.print(arg));
    const parameters: KernelParameter[] = [
        ...incoming.flatMap((connection, at): KernelParameter[] => [
            { name: `x${at}`, type: `f32[b, m, n${at}]`, binding: bound(activity(connection.from)) },
            { name: `w${at}`, type: `f32[b, n${at}, n]`, binding: bound(weightsOf(connection)) },
        ]),
        ...(layer.bias === null ? [] : [{ name: "bias", type: "f32[b, n]", binding: bound(`${layer.name}.bias`) }]),
        { name: "y", type: "mut f32[b, m, n]", binding: bound(activity(layer)) },
    ];
    const rounded = (text: string, operand: Operand) => (operand === "f32" ? text : `(${text} as ${operand})`);
    const body = [
        ...printer.loads(""),
        `var sum: tile f32[${rows}, ${columns}] = 0.0`,
        ...(layer.bias === null ? [] : ["sum += bias[r, j][none, :]"]),
        ...sums.operands.flatMap((operand, at) => [
            `for i in n${at} by ${depth} {`,
            `    sum += ${rounded(`x${at}[r, s, i]`, operand)} @ ${rounded(`w${at}[r, i, j]`, operand)}`,
            "}",
        ]),
        `y[r, s, j] = ${text === null ? "sum" : text("sum", args)}`,
    ];
    return {
        name: generation.kernelName(layer.name, "products"),
        doc: `The activity of ${layer.name}, from products of tiles.`,
        parameters: printer.usesConstants ? [CONSTANTS, ...parameters] : parameters,
        groups: [],
        workgroup: [],
        when: sums.when,
        blocks: `r in b, s in m by ${rows}, j in n by ${columns}`,
        body,
    };
}
