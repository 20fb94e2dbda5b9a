// The call graph: which functions the kernels reach, callees before callers, and cycles in it. Without recursion of
// its own, so that a long chain of calls can't exhaust the stack.

import { recursion } from "../diagnostics/catalogue/functions.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type { Call, FunctionRecord } from "./context.js";

export interface Reached {
    /** Callees before callers. */
    readonly functions: readonly FunctionRecord[];
    /** One for each call that closes a cycle. */
    readonly cycles: readonly Diagnostic[];
}

/** `callsOf` gives the calls in a function's body. */
export function reach(roots: readonly Call[], callsOf: (record: FunctionRecord) => readonly Call[]): Reached {
    const functions: FunctionRecord[] = [];
    const cycles: Diagnostic[] = [];
    const entered = new Set<FunctionRecord>();
    /** The functions of the path. */
    const active = new Set<FunctionRecord["item"]>();
    const path: { readonly record: FunctionRecord; readonly calls: readonly Call[]; next: number }[] = [];

    const enter = (record: FunctionRecord) => {
        entered.add(record);
        active.add(record.item);
        path.push({ record, calls: callsOf(record), next: 0 });
    };
    for (const root of roots) {
        if (!entered.has(root.callee)) enter(root.callee);
        for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
            const call = top.calls[top.next++];
            if (call === undefined) {
                path.pop();
                active.delete(top.record.item);
                functions.push(top.record);
            } else if (active.has(call.callee.item)) {
                // Also an instance of a generic function that calls another instance of it.
                const from = path.findIndex(({ record }) => record.item === call.callee.item);
                const names = [...path.slice(from).map(({ record }) => record.fn.name), call.callee.fn.name];
                cycles.push(diagnose(recursion, call.span, { cycle: shorten(names) }));
            } else if (!entered.has(call.callee)) {
                enter(call.callee);
            }
        }
    }
    return { functions, cycles };
}

function shorten(names: readonly string[]): string {
    const shown = names.length <= 8 ? names : [...names.slice(0, 4), "…", ...names.slice(-3)];
    return shown.join(" → ");
}
