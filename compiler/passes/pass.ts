// A pass changes functions in place. It may replace operations and unlink them from regions; ids stay what they are.

import type { IrFunction } from "../ir/module.js";
import type { Target } from "../targets/targets.js";
import type { Analyses } from "./analyses.js";

/** What passes know beside the function. */
export interface PassContext {
    readonly target: Target;
    /** What is known of the function as it is. */
    readonly known: Analyses;
    /** By name, how many operations a call does of those functions that do nothing but compute (coarsening-cost.ts). */
    readonly work: Map<string, number>;
}

export interface Pass {
    readonly name: string;
    /** Left out at -O0, where a work-item is at one place of the program, for one element, with its variables as written. */
    readonly optimises?: true;
    /** Gives whether it changed the function. Run again at once, it would change nothing. */
    readonly run: (fn: IrFunction, context: PassContext) => boolean;
}
