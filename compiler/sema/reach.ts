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
    const done = new Set<FunctionRecord>();
    const entered = new Set<FunctionRecord>();
    const path: { readonly record: FunctionRecord; readonly calls: readonly Call[]; next: number }[] = [];

    const enter = (record: FunctionRecord) => {
        entered.add(record);
        path.push({ record, calls: callsOf(record), next: 0 });
    };
    for (const root of roots) {
        if (!entered.has(root.callee)) enter(root.callee);
        for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
            const call = top.calls[top.next++];
            if (call === undefined) {
                path.pop();
                done.add(top.record);
                functions.push(top.record);
            } else if (!entered.has(call.callee)) {
                enter(call.callee);
            } else if (!done.has(call.callee)) {
                const from = path.findIndex(({ record }) => record === call.callee);
                const names = [...path.slice(from).map(({ record }) => record.fn.name), call.callee.fn.name];
                cycles.push(diagnose(recursion, call.span, { cycle: shorten(names) }));
            }
        }
    }
    return { functions, cycles };
}

function shorten(names: readonly string[]): string {
    const shown = names.length <= 8 ? names : [...names.slice(0, 4), "…", ...names.slice(-3)];
    return shown.join(" → ");
}
