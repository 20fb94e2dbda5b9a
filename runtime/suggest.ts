// "Did you mean" at the end of an error's first sentence.

import { nearest } from "../compiler/diagnostics/suggestions.js";

/** ` (did you mean NAME?)` for the candidate that a misspelt name is near to, or nothing. */
export function didYouMean(name: string, candidates: readonly string[]): string {
    const meant = nearest(name, candidates);
    return meant === undefined ? "" : ` (did you mean ${meant}?)`;
}
