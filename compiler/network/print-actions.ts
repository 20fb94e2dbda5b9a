// The statements of `spike when` and `on` as Soma source.

import type { Formula } from "../../codeobject/network/formula.js";
import type { Action } from "./model.js";
import type { Printer } from "./text.js";

/**
 * @param codeOf how a name that is assigned is written
 * @param refractory the statement for a refractory period, of its length as code
 */
export function printActions(
    actions: readonly Action[],
    printer: Printer,
    codeOf: (name: string) => string,
    refractory: (period: Extract<Action, { kind: "refractory" }>) => string,
    indent = "",
): string[] {
    const inner = (list: readonly Action[]) => printActions(list, printer, codeOf, refractory, `${indent}    `);
    const print = (action: Action): string[] => {
        switch (action.kind) {
            case "set":
                return [`${indent}${codeOf(action.name)} ${action.op} ${printer.print(action.value)}`];
            case "let":
                return [`${indent}let ${codeOf(action.name)} = ${printer.print(action.value)}`];
            case "refractory":
                return [`${indent}${refractory(action)}`];
            case "rewire":
                return REWIRE.map((line) => `${indent}${line}`);
            case "if": {
                const condition = printer.print(action.condition);
                const [then, otherwise] = [inner(action.then), inner(action.otherwise)];
                const other = otherwise.length > 0 ? [`${indent}} else {`, ...otherwise] : [];
                return [`${indent}if ${condition} {`, ...then, ...other, `${indent}}`];
            }
        }
    };
    return actions.flatMap(print);
}

/** The synapse `at` of the neuron `pre` gets one of `others` neurons behind it, but for itself where `own` is 1. */
const REWIRE = [
    "let drawn = below_u32((others - own) as u32, seed, at as u64, stream, step as u32) as i32",
    "targets[at] = if own == 1 && drawn >= pre as i32 { drawn + 1 } else { drawn }",
] as const;

/** Whether a block gives synapses other targets. */
export function rewires(actions: readonly Action[]): boolean {
    return actions.some(
        (action) =>
            action.kind === "rewire" || (action.kind === "if" && (rewires(action.then) || rewires(action.otherwise))),
    );
}

/** Actions with their formulas changed. */
export function substituteInActions(actions: readonly Action[], change: (formula: Formula) => Formula): Action[] {
    return actions.map((action) => {
        switch (action.kind) {
            case "rewire":
                return action;
            case "if":
                return {
                    ...action,
                    condition: change(action.condition),
                    then: substituteInActions(action.then, change),
                    otherwise: substituteInActions(action.otherwise, change),
                };
            default:
                return { ...action, value: change(action.value) };
        }
    });
}

/** The names that `let` gives in a block. */
export function localsOf(actions: readonly Action[]): string[] {
    return actions.flatMap((action) =>
        action.kind === "let"
            ? [action.name]
            : action.kind === "if"
              ? [...localsOf(action.then), ...localsOf(action.otherwise)]
              : [],
    );
}
