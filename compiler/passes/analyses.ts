// What passes ask of a function as it is now. Each is computed when it is first asked for, and stays until a pass changes
// the function: most passes find nothing to do in most functions.

import { type Contents, contentsOf } from "../ir/contents.js";
import { type Definitions, definitionsOf } from "../ir/definitions.js";
import type { IrFunction } from "../ir/module.js";
import type { OpName } from "../ir/ops.js";
import { analyseRanges, type Ranges } from "./range-analysis.js";

export class Analyses {
    #contents: Contents | null = null;
    #definitions: Definitions | null = null;
    #ranges: Ranges | null = null;

    constructor(readonly fn: IrFunction) {}

    /** How many operations of this name there are. */
    count(op: OpName): number {
        this.#contents ??= contentsOf(this.fn);
        return this.#contents.counts.get(op) ?? 0;
    }

    get definitions(): Definitions {
        this.#definitions ??= definitionsOf(this.fn);
        return this.#definitions;
    }

    get ranges(): Ranges {
        this.#ranges ??= analyseRanges(this.fn, this.definitions);
        return this.#ranges;
    }

    /** To be called when the function has changed. */
    forget(): void {
        this.#contents = null;
        this.#definitions = null;
        this.#ranges = null;
    }
}
