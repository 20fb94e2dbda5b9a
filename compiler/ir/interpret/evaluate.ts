// A function of the IR by itself, outside of any launch: what constants call. It computes what every device does, so
// whatever only a launch has, devices approximate, or a constant must not do stops it.

import type { Span } from "../../diagnostics/diagnostic.js";
import { attribute, type ConstantValue, type IrFunction, type IrModule, type Operation } from "../module.js";
import { OPS } from "../ops.js";
import { Stop } from "./fault.js";
import { type Group, WorkItem } from "./work-item.js";

export type Evaluation =
    | { readonly kind: "values"; readonly values: readonly ConstantValue[]; readonly steps: number }
    /** `message` is the cause in a few words, `span` its place. */
    | { readonly kind: "stopped"; readonly message: string; readonly span: Span; readonly steps: number };

/** Places in the path of a work-item: one for each open call, two or three for each open branch or loop. */
const MAX_DEPTH = 256;

/** Operations without a `fold` that need nothing but the function's own memory. */
const OWN_MEMORY: ReadonlySet<string> = new Set(["const", "alloc", "zero", "offset", "load", "store", "check", "call"]);

/** Calls a function of a well-formed module. A step is an operation, or an element of an array that is made. */
export function evaluateFunction(
    { functions }: IrModule,
    name: string,
    args: readonly ConstantValue[],
    limit: number,
): Evaluation {
    const byName = new Map(functions.map((fn) => [fn.name, fn]));
    const fn = byName.get(name);
    if (fn === undefined) throw new Error(`the module has no function @${name}`);
    const fuel = { left: limit };
    const group: Group = {
        functions: byName,
        id: [0, 0, 0],
        count: [1, 1, 1],
        shared: new Map(),
        fuel,
        waveSize: 1,
        onPrint: () => undefined,
        guard: (op, path, operand) => {
            refuse(op, operand);
            if (op.op === "alloc") fuel.left -= attribute(op, "count");
            if (fuel.left <= 0) throw new Stop("it takes too many steps", op.span);
            if (path > MAX_DEPTH) throw new Stop("its calls and blocks nest too deep", op.span);
        },
    };
    try {
        const values = run(fn, args, group);
        return { kind: "values", values, steps: limit - fuel.left };
    } catch (error) {
        if (!(error instanceof Stop)) throw error;
        const { message, span } = error;
        return { kind: "stopped", message, span, steps: limit - Math.max(fuel.left, 0) };
    }
}

function run(fn: IrFunction, args: readonly ConstantValue[], group: Group): readonly ConstantValue[] {
    const { done, value } = new WorkItem(group, [0, 0, 0], 0).run(fn, args).next();
    if (!done) throw new Error(`${value.op.op} was let through`);
    return value;
}

function refuse(op: Operation, operand: (at: number) => ConstantValue): void {
    const { effects, fold, approximates, regions, terminator } = OPS[op.op];
    if (approximates !== null) throw new Stop(`devices approximate \`${op.op}\`, each in its own way`, op.span);
    if ((op.op === "div" || op.op === "rem") && operand(1) === 0n) throw new Stop("it divides by zero", op.span);
    if (fold !== null || regions.length > 0 || terminator || OWN_MEMORY.has(op.op)) return;
    const what = effects === "wave" ? "what lanes of a wave have in common" : `\`${op.op}\``;
    throw new Stop(`${what} is for running kernels only`, op.span);
}
