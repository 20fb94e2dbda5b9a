// A pass changes functions in place. It may replace operations and unlink them from regions; ids stay what they are.

import type { IrFunction } from "../ir/module.js";
import type { Target } from "../targets/targets.js";

/** What passes know beside the function. */
export interface PassContext {
    readonly target: Target;
    /** The module's, by name; those that a function calls went through the pass before it. */
    readonly functions: ReadonlyMap<string, IrFunction>;
}

export interface Pass {
    readonly name: string;
    /** Left out at -O0, where a work-item is at one place of the program, for one element, with its variables as written. */
    readonly optimises?: true;
    readonly run: (fn: IrFunction, context: PassContext) => void;
}
