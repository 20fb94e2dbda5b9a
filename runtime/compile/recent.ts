// The modules that were compiled most recently in this thread, by what was asked for. Behind it is the compiler's own cache,
// in memory and on disk.

import { RecentMap } from "../../compiler/cache/recent.js";
import { describeValue } from "../elements.js";
import { ArgumentError } from "../errors.js";
import type { CompileOutcome } from "./source.js";

interface Compiled extends CompileOutcome {
    readonly output: Uint8Array;
}

let recent = new RecentMap<Compiled>(1000);

export function recentlyCompiled(): RecentMap<Compiled> {
    return recent;
}

/**
 * How many compiled modules this thread keeps, the least recently used going first; by default 1000. Those it has are
 * forgotten; with 0 it keeps none.
 * @throws ArgumentError
 */
export function keepCompiled(modules: number): void {
    if (!Number.isSafeInteger(modules) || modules < 0) {
        throw new ArgumentError(`keepCompiled takes a number of modules from 0, not ${describeValue(modules)}`);
    }
    recent = new RecentMap(modules);
}
