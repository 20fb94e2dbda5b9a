// Where in a program something was made: the first line of its own on the stack, for messages.

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the runtime, compiled or not: lines in it are not the program's. */
const RUNTIME = dirname(dirname(fileURLToPath(import.meta.url)));
const DEPTH = 8;

/** A stack as text: as objects it would keep what its functions were called on. */
export type Site = string;

export function currentSite(): Site {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = DEPTH;
    const holder: { readonly stack?: string } = {};
    Error.captureStackTrace(holder, currentSite);
    const { stack = "" } = holder;
    Error.stackTraceLimit = stackTraceLimit;
    return stack;
}

/** Such as `train (file:///app/train.js:12:34)`. */
export function describeSite(site: Site): string {
    const lines = site.split("\n").slice(1);
    const own = lines.find((line) => !line.includes(RUNTIME) && !line.includes("node:internal"));
    return own === undefined ? "a place that is not known" : own.trim().replace(/^at /, "");
}
