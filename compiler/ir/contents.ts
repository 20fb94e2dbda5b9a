// What a function consists of, by the names of its operations alone: found in one walk, as many ask for it who would each
// have to go through all functions to find that most of them hold nothing for them.

import { type IrFunction, type IrModule, type Operation, walk } from "./module.js";
import { OPS, type OpName } from "./ops.js";

export interface Contents {
    /** How many operations of each name there are. */
    readonly counts: ReadonlyMap<OpName, number>;
    /** The functions that are called, by name, once for each call. */
    readonly callees: readonly string[];
    /** Calls, and operations that may be on a buffer, in order. */
    readonly accesses: readonly Operation[];
    /** Operations that say which work-item or workgroup it is. */
    readonly ids: readonly Operation[];
    /** Number of operations. */
    readonly size: number;
}

/** Of each function of a module, in the module's order: callees before callers. */
export type ModuleContents = ReadonlyMap<IrFunction, Contents>;

/** What may have a buffer as an operand; of a call any operand may be one, of the others the first. */
const ACCESSES: ReadonlySet<OpName> = new Set(
    (Object.keys(OPS) as OpName[]).filter((name) => {
        const { operands, effects } = OPS[name];
        return operands === "variadic" ? effects === "read" || effects === "write" : operands[0] === "buffer<T>";
    }),
);

export function contentsOf(fn: IrFunction): Contents {
    const counts = new Map<OpName, number>();
    const callees: string[] = [];
    const accesses: Operation[] = [];
    const ids: Operation[] = [];
    let size = 0;
    walk(fn, fn.body, (operation) => {
        const { op } = operation;
        size += 1;
        counts.set(op, (counts.get(op) ?? 0) + 1);
        if (op === "call") callees.push(operation.attributes.callee ?? "");
        if (op === "local_id" || op === "group_id" || op === "group_count") ids.push(operation);
        else if (ACCESSES.has(op)) accesses.push(operation);
    });
    return { counts, callees, accesses, ids, size };
}

export function moduleContents({ functions }: IrModule): ModuleContents {
    return new Map(functions.map((fn) => [fn, contentsOf(fn)]));
}
