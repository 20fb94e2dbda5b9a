// Which operation each value is a result of. Parameters of functions and regions have none.

import { type IrFunction, type Operation, type ValueId, walk } from "./module.js";

export type Definitions = ReadonlyMap<ValueId, Operation>;

export function definitionsOf(fn: IrFunction): Definitions {
    const definitions = new Map<ValueId, Operation>();
    walk(fn, fn.body, (op) => {
        for (const result of op.results) definitions.set(result, op);
    });
    return definitions;
}
