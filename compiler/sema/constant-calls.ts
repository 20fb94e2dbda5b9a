// Calls of functions in constants. The checker finds out what is called and that it is right; computing it is handed in,
// because that takes the stages behind it. Everything is bounded: the steps of a call, those of all calls of a program
// together, and constants that need functions that need constants.

import { constantCall } from "../diagnostics/catalogue/constants.js";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type { ConstantValue } from "./constants.js";
import type { Call, FunctionRecord } from "./context.js";
import type { Fn } from "./program.js";
import { reach } from "./reach.js";

/** Calls the last of the functions, each of which stands behind those that it calls. Arguments and results are the scalars of values. */
export type ComputeCall = (functions: readonly Fn[], args: readonly ConstantValue[], limit: number) => Computed;

export type Computed =
    | { readonly kind: "value"; readonly values: readonly ConstantValue[]; readonly steps: number }
    /** `message` is the cause in a few words, `span` its place in one of the functions. */
    | { readonly kind: "stopped"; readonly message: string; readonly span: Span; readonly steps: number };

/** What a function's body has been found to be. */
type Checked = NonNullable<FunctionRecord["checked"]>;

/** Steps of one call. */
const MAX_STEPS = 1_000_000;
/** Steps of all calls of one program. */
const MAX_ALL_STEPS = 2 * MAX_STEPS;
/** Constants in bodies of functions that constants in bodies of functions call. */
const MAX_DEPTH = 16;

export class ConstantCalls {
    private readonly known = new Map<string, Computed>();
    private left = MAX_ALL_STEPS;
    private depth = 0;

    /** `check` checks a function's body, or gives what was found when it was. */
    constructor(
        private readonly compute: ComputeCall,
        private readonly check: (record: FunctionRecord) => Checked,
    ) {}

    /** The scalars of a call's value; null where it has none, which is reported here or where the function's mistake is. */
    values({ callee, span }: Call, args: readonly ConstantValue[], report: (d: Diagnostic) => void) {
        const computed = this.depth < MAX_DEPTH ? this.computed(callee, args) : tooDeep(callee);
        if (computed === null) return null;
        if (computed.kind === "value") return computed.values;
        const labels = [{ span: computed.span, message: "here" }];
        report(diagnose(constantCall, span, { name: callee.fn.name, message: computed.message }, { labels }));
        return null;
    }

    private computed(callee: FunctionRecord, args: readonly ConstantValue[]): Computed | null {
        this.depth++;
        const { functions, cycles } = reach([{ callee, span: callee.fn.span }], (record) => this.check(record).calls);
        this.depth--;
        if (cycles.length > 0 || !functions.every((record) => this.check(record).isRight)) return null;
        const key = [callee.fn.symbol, ...args.map(keyOf)].join(" ");
        const known = this.known.get(key);
        if (known !== undefined) return known;
        const fns = functions.map(({ fn }) => fn);
        const computed = this.compute(fns, args, Math.min(MAX_STEPS, this.left));
        this.left -= computed.steps;
        this.known.set(key, computed);
        return computed;
    }
}

function tooDeep({ fn }: FunctionRecord): Computed {
    const message = `more than ${MAX_DEPTH} constants wait for each other's functions`;
    return { kind: "stopped", message, span: fn.span, steps: 0 };
}

function keyOf(value: ConstantValue): string {
    return Object.is(value, -0) ? "-0" : String(value);
}
