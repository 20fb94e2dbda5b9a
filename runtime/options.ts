// Options objects as callers pass them.

import { describeValue } from "./elements.js";
import { ArgumentError } from "./errors.js";

/** @throws ArgumentError for what is no object */
export function requireOptions<T extends object>(place: string, options: T): T {
    if (typeof options !== "object" || options === null) {
        throw new ArgumentError(`${place}: options are an object, not ${describeValue(options)}`);
    }
    return options;
}
