// Which operation each value is a result of. Parameters of functions and regions have none.

import { type IrFunction, type Operation, type ValueId, walk } from "./module.js";

export interface Definitions {
    get(value: ValueId): Operation | undefined;
}

export function definitionsOf(fn: IrFunction): Definitions {
    const definitions: (Operation | undefined)[] = new Array(fn.values.length);
    walk(fn, fn.body, (op) => {
        for (const result of op.results) definitions[result] = op;
    });
    return { get: (value) => definitions[value] };
}
