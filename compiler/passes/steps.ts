// Loops whose counter can't leave its type: then a round needs one sum and one comparison, of the same value. A loop
// never wraps, so where a step could lead out of the type, it would be cut to one that leads just beyond the end.

import type { Range } from "../ir/module.js";
import type { IrScalar } from "../ir/types.js";
import { rangeOfType } from "./range.js";

/**
 * The greatest step that keeps a counter of `type` in it, from `start` to below `end`: a larger one may be cut to it, as
 * both end the loop after the first round. Null where there is none, or the step might not be positive.
 */
export function greatestStep(type: IrScalar, start: Range, end: Range, step: Range): bigint | null {
    if (step.min < 1n) return null;
    const room = rangeOfType(type).max - (end.max - 1n);
    return step.max <= room || start.min + room >= end.max ? room : null;
}
