// Where lanes of a wave meet: which functions, and which operations with regions, have an operation of the wave in them.

import type { ModuleContents } from "./contents.js";
import { type IrFunction, type OpId, operation, type RegionId, region } from "./module.js";
import { OPS, type OpName } from "./ops.js";

/** The functions, by name, in which lanes meet, or in those that they call. */
export function meetingFunctions(contents: ModuleContents): ReadonlySet<string> {
    return functionsWith(contents, (op) => OPS[op].effects === "wave");
}

/** The functions, by name, in which the work-items of a workgroup meet at a barrier, or in those that they call. */
export function barrierFunctions(contents: ModuleContents): ReadonlySet<string> {
    return functionsWith(contents, (op) => op === "barrier" || op === "lds_barrier");
}

function functionsWith(contents: ModuleContents, wanted: (op: OpName) => boolean): ReadonlySet<string> {
    const found = new Set<string>();
    // Callees come before callers.
    for (const [{ name }, { counts, callees }] of contents) {
        if (callees.some((callee) => found.has(callee)) || [...counts.keys()].some(wanted)) found.add(name);
    }
    return found;
}

/** The operations of a function that have lanes meet in one of their regions. */
export function meetingHolders(fn: IrFunction, meeting: ReadonlySet<string>): ReadonlySet<OpId> {
    const found = new Set<OpId>();
    if (meeting.has(fn.name)) holders(fn, fn.body, meeting, found);
    return found;
}

/** Whether lanes meet in the region; adds the operations within it that hold such regions. */
function holders(fn: IrFunction, id: RegionId, meeting: ReadonlySet<string>, found: Set<OpId>): boolean {
    let meets = false;
    for (const opId of region(fn, id).operations) {
        const { op, attributes, regions } = operation(fn, opId);
        let inner = false;
        // All of them, also behind one in which lanes meet: each may hold further operations.
        for (const each of regions) if (holders(fn, each, meeting, found)) inner = true;
        if (inner) found.add(opId);
        meets ||= inner || OPS[op].effects === "wave" || meeting.has(attributes.callee ?? "");
    }
    return meets;
}
