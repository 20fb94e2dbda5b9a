// Which buffers a function reads and writes, directly or in what it calls: LLVM is told on the parameters.

import { type IrFunction, type IrModule, type ValueId, walk } from "../ir/module.js";
import { isBuffer } from "../ir/types.js";

export interface Usage {
    readonly reads: ReadonlySet<ValueId>;
    readonly writes: ReadonlySet<ValueId>;
}

export const NO_USAGE: Usage = { reads: new Set(), writes: new Set() };

export function usageOf(module: IrModule): ReadonlyMap<string, Usage> {
    const known = new Map<string, Usage>();
    const functions = new Map(module.functions.map((fn) => [fn.name, fn]));
    for (const fn of module.functions) {
        const takes = fn.parameters.some(({ value }) => isBuffer(fn.values[value]?.type ?? "bool"));
        known.set(fn.name, takes ? usageOfFunction(fn, functions, known) : NO_USAGE);
    }
    return known;
}

function usageOfFunction(
    fn: IrFunction,
    functions: ReadonlyMap<string, IrFunction>,
    known: ReadonlyMap<string, Usage>,
): Usage {
    const reads = new Set<ValueId>();
    const writes = new Set<ValueId>();
    // Buffers that begin within others are those.
    const roots = new Map<ValueId, ValueId>();
    const rootOf = (buffer: ValueId) => roots.get(buffer) ?? buffer;
    walk(fn, fn.body, (op) => {
        const [buffer] = op.operands;
        if (op.op === "offset" && buffer !== undefined) {
            for (const result of op.results) roots.set(result, rootOf(buffer));
            return;
        }
        if (op.op === "call") {
            const callee = functions.get(op.attributes.callee ?? "");
            const inner = known.get(op.attributes.callee ?? "");
            callee?.parameters.forEach(({ value }, at) => {
                const operand = op.operands[at];
                if (operand === undefined) return;
                if (inner?.reads.has(value)) reads.add(rootOf(operand));
                if (inner?.writes.has(value)) writes.add(rootOf(operand));
            });
        } else if (op.op !== "aligned" && buffer !== undefined && isBuffer(fn.values[buffer]?.type ?? "bool")) {
            if (op.op !== "store" && op.op !== "store_words") reads.add(rootOf(buffer));
            if (op.op !== "load" && op.op !== "load_words") writes.add(rootOf(buffer));
        }
    });
    return { reads, writes };
}
