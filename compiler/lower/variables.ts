// Which values are those of the source's variables, for debuggers. A value says from where it is computed on which variables have
// it; so a variable is told of if each of its values was computed for it, or if it has but one. Only scalars are.

import type { ValueId, Variable } from "../ir/module.js";
import type { Local } from "../sema/program.js";
import type { Context } from "./context.js";

interface Known {
    readonly variable: Variable;
    binds: number;
    /** Some value is older than the variable's having it. */
    borrowed: boolean;
}

export type Variables = Map<Local, Known>;

/** Notes that a variable is given a value. */
export function noteVariable({ builder, variables }: Context, local: Local, id: ValueId): void {
    const { values } = builder.function;
    const value = values[id];
    if (value === undefined) return;
    const known = variables.get(local) ?? {
        variable: { name: local.name, span: local.span, exact: true },
        binds: 0,
        borrowed: false,
    };
    variables.set(local, known);
    // A branch begins with the values from before the other one.
    if (value.variables?.includes(known.variable)) return;
    known.binds += 1;
    if (value.variables !== undefined || values.length - id > NEAR) known.borrowed = true;
    known.variable.exact = !known.borrowed || known.binds === 1;
    value.variables = [...(value.variables ?? []), known.variable];
}

/** What an assignment computes is among the last values: results of one operation come together. */
const NEAR = 8;
