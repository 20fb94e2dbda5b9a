// Which values are those of the source's variables, for debuggers. A value says from where it is computed on which variables have
// it; so a variable is told of if each of its values was computed for it, or if it has but one. Of vectors, arrays and structures
// each scalar is a variable, named as the source would.

import type { ElementLayout, ValueId, Variable } from "../ir/module.js";
import type { Local } from "../sema/program.js";
import { isValue } from "../sema/scalars.js";
import type { Context } from "./context.js";
import { layoutOf } from "./layout.js";

interface Known {
    readonly variable: Variable;
    binds: number;
    /** Some value is older than the variable's having it. */
    borrowed: boolean;
}

/** Of each variable its scalars. */
export type Variables = Map<Local, readonly Known[]>;

/** Notes that a variable is given a value, which is of so many scalars. */
export function noteVariable({ builder, variables }: Context, local: Local, ids: readonly ValueId[]): void {
    const { type, name, span } = local;
    if (!isValue(type) || type.kind === "tile" || ids.length > MOST) return;
    const { values } = builder.function;
    const scalars =
        variables.get(local) ??
        layoutOf(type).leaves.map(({ path }): Known => {
            return { variable: { name: `${name}${path}`, span, exact: true }, binds: 0, borrowed: false };
        });
    variables.set(local, scalars);
    for (const [at, known] of scalars.entries()) {
        const id = ids[at];
        const value = id === undefined ? undefined : values[id];
        // A branch begins with the values from before the other one.
        if (id === undefined || value === undefined || value.variables?.includes(known.variable)) continue;
        known.binds += 1;
        if (value.variables !== undefined || values.length - id > NEAR + ids.length) known.borrowed = true;
        known.variable.exact = !known.borrowed || known.binds === 1;
        value.variables = [...(value.variables ?? []), known.variable];
    }
}

/** Notes what lies in each element of an array of structures. */
export function noteElements({ builder }: Context, array: ValueId, layout: ElementLayout): void {
    const value = builder.function.values[array];
    if (value !== undefined && layout.leaves.length <= MOST) value.elements = layout;
}

/** What an assignment computes is among the last values: results of one operation come together. */
const NEAR = 8;

/** Of what has more scalars debuggers are told nothing: each takes private memory, and a store wherever it changes. */
const MOST = 64;
