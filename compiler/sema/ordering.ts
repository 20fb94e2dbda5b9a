// The scope and the order of atomics and fences: `scope: device, order: acquire` behind the other arguments.

import { badOrdering } from "../diagnostics/catalogue/kernels.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type { Builtin } from "./builtins.js";
import type { BodyContext } from "./context.js";
import type { Order, Ordering, Scope } from "./program.js";

const SCOPES: readonly Scope[] = ["workgroup", "device", "system"];
const ORDERS: readonly Order[] = ["relaxed", "acquire", "release", "acq_rel"];

/** A load has nothing to release, a store nothing to acquire, and a fence that orders nothing is none. */
function ordersOf({ name, kind }: Builtin): readonly Order[] {
    if (kind === "fence") return ORDERS.slice(1);
    if (name === "atomic_load") return ["relaxed", "acquire"];
    return name === "atomic_store" ? ["relaxed", "release"] : ORDERS;
}

export interface Ordered {
    readonly ordering: Ordering;
    /** The arguments without names. */
    readonly values: readonly ast.Expr[];
}

/** Takes the named arguments of an atomic's or a fence's call; null where one is wrong, which was reported. */
export function takeOrdering(ctx: BodyContext, builtin: Builtin, args: readonly ast.Argument[]): Ordered | null {
    const words = { scope: SCOPES as readonly string[], order: ordersOf(builtin) as readonly string[] };
    const found: { scope?: string; order?: string } = {};
    let right = true;
    for (const { label, value } of args) {
        if (label === null) continue;
        const key = label.text === "scope" || label.text === "order" ? label.text : null;
        const word = value.kind === "name" ? value.text : "";
        if (key !== null && found[key] === undefined && words[key].includes(word)) {
            found[key] = word;
            continue;
        }
        const span = key === null ? label.span : value.span;
        const wants = key === null || found[key] !== undefined ? "one `scope` and one `order`" : oneOf(key, words[key]);
        ctx.report(diagnose(badOrdering, span, { name: builtin.name, wants }));
        right = false;
    }
    if (!right) return null;
    return {
        ordering: found as Ordering,
        values: args.filter(({ label }) => label === null).map(({ value }) => value),
    };
}

function oneOf(key: string, words: readonly string[]): string {
    return `\`${key}\` as ${words.map((word) => `\`${word}\``).join(", ")}`;
}
