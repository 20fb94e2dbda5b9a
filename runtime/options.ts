// Options objects as callers pass them.

import { describeValue } from "./elements.js";
import { ArgumentError } from "./errors.js";
import { didYouMean } from "./suggest.js";

/**
 * @param known the names that options have, where others are refused: a misspelt one would silently mean nothing
 * @throws ArgumentError for what is no object, and for other names
 */
export function requireOptions<T extends object>(place: string, options: T, known?: readonly string[]): T {
    if (typeof options !== "object" || options === null || (known !== undefined && Array.isArray(options))) {
        throw new ArgumentError(`${place}: options are an object, not ${describeValue(options)}`);
    }
    const other = known && Object.keys(options).find((name) => !known.includes(name));
    if (known && other !== undefined) {
        throw new ArgumentError(
            `${place} has no option ${other}${didYouMean(other, known) || `: it has ${known.join(", ")}`}`,
        );
    }
    return options;
}

/** @throws ArgumentError for what is no text */
export function requireText(place: string, value: unknown): string {
    if (typeof value === "string") return value;
    throw new ArgumentError(`${place} is a text, not ${describeValue(value)}`);
}
