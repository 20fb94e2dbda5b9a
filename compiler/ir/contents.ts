// What a function consists of, by the names of its operations alone: found in one walk, as many ask for it who would each
// have to go through all functions to find that most of them hold nothing for them.

import { type IrFunction, type IrModule, walk } from "./module.js";
import type { OpName } from "./ops.js";

export interface Contents {
    /** How many operations of each name there are. */
    readonly counts: ReadonlyMap<OpName, number>;
    /** The functions that are called, by name, once for each call. */
    readonly callees: readonly string[];
    /** Number of operations. */
    readonly size: number;
}

const NO_CALLEES: readonly string[] = [];

export function contentsOf(fn: IrFunction): Contents {
    const counts = new Map<OpName, number>();
    let callees: string[] | null = null;
    let size = 0;
    walk(fn, fn.body, ({ op, attributes }) => {
        size += 1;
        counts.set(op, (counts.get(op) ?? 0) + 1);
        if (op === "call" && attributes.callee !== undefined) {
            callees ??= [];
            callees.push(attributes.callee);
        }
    });
    return { counts, callees: callees ?? NO_CALLEES, size };
}

/** Of each function, in the module's order: callees before callers. */
export function moduleContents({ functions }: IrModule): ReadonlyMap<IrFunction, Contents> {
    return new Map(functions.map((fn) => [fn, contentsOf(fn)]));
}
