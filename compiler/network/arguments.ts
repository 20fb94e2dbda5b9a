// The arguments of a network's parts, taken apart: what stands first, and what has a name.

import type * as ast from "../syntax/ast.js";

export interface Arguments {
    readonly positional: readonly ast.Expr[];
    readonly labelled: ReadonlyMap<string, ast.Argument>;
    /** Those with a name that one before has. */
    readonly repeated: readonly ast.Argument[];
}

export function argumentsOf(args: readonly ast.Argument[]): Arguments {
    const isRepeated = ({ label }: ast.Argument, at: number) =>
        label !== null && args.slice(0, at).some((each) => each.label?.text === label.text);
    return {
        positional: args.filter(({ label }) => label === null).map(({ value }) => value),
        labelled: new Map(args.flatMap((each) => (each.label === null ? [] : [[each.label.text, each] as const]))),
        repeated: args.filter(isRepeated),
    };
}

/** `lif(tau: 10 ms)` or `lif`. */
export interface Use {
    readonly name: ast.Name;
    readonly args: readonly ast.Argument[];
}

export function useOf(expr: ast.Expr): Use | null {
    if (expr.kind === "name") return { name: { text: expr.text, span: expr.span }, args: [] };
    if (expr.kind !== "call" || expr.callee.kind !== "name") return null;
    return { name: { text: expr.callee.text, span: expr.callee.span }, args: expr.args };
}
