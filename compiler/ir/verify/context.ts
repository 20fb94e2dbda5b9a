// What the verifier's rules share: the function they look at, and how to speak of its types.

import { type IrFunction, type Operation, operation, region, type ValueId } from "../module.js";
import { type IrType, sameType, typeText } from "../types.js";

/** What the rules of one function need to know. */
export interface Context {
    readonly fn: IrFunction;
    /** Functions that come before this one: only these may be called. */
    readonly callees: ReadonlyMap<string, IrFunction>;
    readonly mutable: ReadonlySet<ValueId>;
    readonly report: (problem: string) => void;
    typeOf(id: ValueId): IrType;
}

/** Types as text, for messages. */
export function listTypes(types: readonly IrType[]): string {
    return `(${types.map(typeText).join(", ")})`;
}

export function sameTypes(a: readonly IrType[], b: readonly IrType[]): boolean {
    return a.length === b.length && a.every((type, at) => sameType(type, b[at] as IrType));
}

/** The parameters' types of an operation's region, and the region's last operation. */
export function regionOf(fn: IrFunction, op: Operation, at: number): { parameters: IrType[]; last: Operation | null } {
    const id = op.regions[at];
    if (id === undefined || !fn.regions[id]) return { parameters: [], last: null };
    const { parameters, operations } = region(fn, id);
    const last = operations.at(-1);
    return {
        parameters: parameters.map((parameter) => fn.values[parameter]?.type ?? "bool"),
        last: last === undefined || !fn.operations[last] ? null : operation(fn, last),
    };
}
