// The interpreter's memory: arrays of values, of one type each. Every access is checked.

import type { Span } from "../../diagnostics/diagnostic.js";
import type { ScalarName } from "../../sema/types.js";
import type { AtomicKind, ConstantValue } from "../module.js";
import { OPS } from "../ops.js";
import { Stop } from "./fault.js";

/** Elements that nothing has written yet are undefined. */
export interface Memory {
    readonly name: string;
    readonly element: ScalarName;
    readonly values: (ConstantValue | undefined)[];
    /** Which of the values is the first; absent is 0. */
    readonly first?: bigint;
}

export function allocate(name: string, element: ScalarName, count: number): Memory {
    return { name, element, values: new Array<undefined>(count).fill(undefined) };
}

/** The same memory from an element on. */
export function beginningAt(memory: Memory, element: bigint): Memory {
    return { ...memory, first: (memory.first ?? 0n) + element };
}

export function zeroOf(type: ScalarName): ConstantValue {
    return type === "bool" ? false : type.startsWith("f") ? 0 : 0n;
}

export function load(memory: Memory, index: bigint, span: Span): ConstantValue {
    const at = place(memory, index, "reads", span);
    const value = memory.values[at];
    if (value === undefined)
        throw new Stop(`reads element ${at} of \`${memory.name}\`, which nothing has written`, span);
    return value;
}

export function store(memory: Memory, index: bigint, value: ConstantValue, span: Span): void {
    memory.values[place(memory, index, "writes", span)] = value;
}

/** Updates an element as the operation of the atomic's name would; gives the former value. */
export function update(memory: Memory, index: bigint, kind: AtomicKind, value: ConstantValue, span: Span) {
    const former = load(memory, index, span);
    const next = kind === "exchange" ? value : OPS[kind].fold?.([former, value], memory.element, memory.element);
    if (next === undefined || next === null) throw new Error(`atomic ${kind} of ${memory.element} has no meaning`);
    store(memory, index, next, span);
    return former;
}

function place({ name, values, first = 0n }: Memory, relative: bigint, what: string, span: Span): number {
    const index = first + relative;
    if (index >= 0n && index < BigInt(values.length)) return Number(index);
    throw new Stop(`${what} element ${index} of \`${name}\`, which has ${values.length}`, span);
}
