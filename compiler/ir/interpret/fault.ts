// What stops an interpreted launch. Faults are thrown within the interpreter and handed to its caller as data.

import type { Span } from "../../diagnostics/diagnostic.js";

export type Triple = readonly [x: number, y: number, z: number];

export interface Fault {
    /** One sentence that names the cause. */
    readonly message: string;
    readonly span: Span;
    readonly kernel: string;
    readonly group: Triple;
    /** The work-item's place in its workgroup. */
    readonly item: Triple;
}

/** A fault on its way up; `interpret` adds whose it is. */
export class Stop extends Error {
    constructor(
        message: string,
        readonly span: Span,
    ) {
        super(message);
    }
}
