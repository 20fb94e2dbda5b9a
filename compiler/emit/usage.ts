// Which buffers a function reads and writes, directly or in what it calls: LLVM is told on the parameters.

import type { Contents, ModuleContents } from "../ir/contents.js";
import type { IrFunction, ValueId } from "../ir/module.js";
import { isBuffer } from "../ir/types.js";

const READS: ReadonlySet<string> = new Set(["load", "load_words", "load_turned", "load_to_lds"]);

export interface Usage {
    readonly reads: ReadonlySet<ValueId>;
    readonly writes: ReadonlySet<ValueId>;
}

export const NO_USAGE: Usage = { reads: new Set(), writes: new Set() };

export function usageOf(contents: ModuleContents): ReadonlyMap<string, Usage> {
    const known = new Map<string, Usage>();
    const functions = new Map<string, IrFunction>();
    for (const [fn, each] of contents) {
        const takes = fn.parameters.some(({ value }) => isBuffer(fn.values[value]?.type ?? "bool"));
        known.set(fn.name, takes ? usageOfFunction(fn, each, functions, known) : NO_USAGE);
        functions.set(fn.name, fn);
    }
    return known;
}

function usageOfFunction(
    fn: IrFunction,
    { accesses }: Contents,
    functions: ReadonlyMap<string, IrFunction>,
    known: ReadonlyMap<string, Usage>,
): Usage {
    const reads = new Set<ValueId>();
    const writes = new Set<ValueId>();
    // Buffers that begin within others are those.
    const roots = new Map<ValueId, ValueId>();
    const rootOf = (buffer: ValueId) => roots.get(buffer) ?? buffer;
    for (const { op, operands, results, attributes } of accesses) {
        const [buffer] = operands;
        if (op === "offset" && buffer !== undefined) {
            for (const result of results) roots.set(result, rootOf(buffer));
        } else if (op === "call") {
            const callee = functions.get(attributes.callee ?? "");
            const inner = known.get(attributes.callee ?? "");
            callee?.parameters.forEach(({ value }, at) => {
                const operand = operands[at];
                if (operand === undefined) return;
                if (inner?.reads.has(value)) reads.add(rootOf(operand));
                if (inner?.writes.has(value)) writes.add(rootOf(operand));
            });
        } else if (
            op !== "aligned" &&
            op !== "at_multiple" &&
            buffer !== undefined &&
            isBuffer(fn.values[buffer]?.type ?? "bool")
        ) {
            if (op !== "store" && op !== "store_words") reads.add(rootOf(buffer));
            if (!READS.has(op)) writes.add(rootOf(buffer));
        }
    }
    return { reads, writes };
}
