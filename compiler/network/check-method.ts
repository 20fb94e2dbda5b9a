// `#method(…)`: how a model's equations are to be stepped.

import { badValue, misplacedMember } from "../diagnostics/catalogue/networks.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import { METHODS, type Method, type MethodOfState, type Model } from "./model.js";

/** The model in which the attribute stands. */
export interface AroundMethod {
    readonly report: (diagnostic: Diagnostic) => void;
    /** What it is, in words. */
    readonly where: string;
    readonly isState: (name: string) => boolean;
    /** A whole number from 1. */
    readonly count: (expr: ast.Expr, what: string) => number;
}

/** `#method(rk4)`, or `#method(v: euler(2), u: euler)`. */
export function checkMethod({ name, args, span }: ast.Attribute, around: AroundMethod): Model["method"] {
    if (name.text !== "method") {
        around.report(
            diagnose(misplacedMember, span, {
                what: `\`#${name.text}\``,
                where: around.where,
                help: "a neuron has `#method(…)`",
            }),
        );
        return null;
    }
    if (args.length === 1 && args[0]?.label === null) {
        return methodNamed(args[0].value, around)?.method ?? null;
    }
    const methods: MethodOfState[] = [];
    for (const { label, value } of args) {
        const state = label?.text ?? "";
        const method = methodNamed(value, around);
        if (!around.isState(state) || method === null || method.method === "exact") {
            if (method !== null) {
                const help = "write `#method(v: euler(2), u: euler)`, the states in the order of their steps";
                around.report(
                    diagnose(misplacedMember, value.span, { what: "this method", where: around.where, help }),
                );
            }
        } else methods.push({ state, ...method });
    }
    return methods;
}

function methodNamed(expr: ast.Expr, around: AroundMethod): { readonly method: Method; readonly parts: number } | null {
    const call = expr.kind === "call" && expr.callee.kind === "name" && expr.args.length === 1 ? expr : null;
    const name = call ? (call.callee as { text: string }).text : expr.kind === "name" ? expr.text : "";
    const method = METHODS.find((each) => each === name);
    if (method === undefined) {
        const what = "there is no such method";
        around.report(diagnose(badValue, expr.span, { what, help: `methods are ${METHODS.join(", ")}` }));
        return null;
    }
    return { method, parts: call ? around.count((call.args[0] as ast.Argument).value, "parts of a step") : 1 };
}
