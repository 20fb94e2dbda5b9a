// A step of a system as Soma source, by its plan. The names of states are variables, which have their values before the
// step at its beginning and those after it at its end.

import type { Formula } from "../../codeobject/network/formula.js";
import { linearIn, multiply } from "./algebra.js";
import { driveOf, type Group, type Plan, propagatorOf, type System } from "./analysis.js";

export interface StepContext {
    readonly system: System;
    readonly plan: Plan;
    /** Prints formulas in which `names` have other code. */
    readonly print: (formula: Formula, names?: ReadonlyMap<string, string>) => string;
    readonly codeOf: (state: string) => string;
    /** Where it is set, states keep their values where this condition holds. */
    readonly heldWhen: string | null;
    /** The length of the step. */
    readonly h: Formula;
}

export function printStep(context: StepContext): string[] {
    const { plan } = context;
    const before = plan.groups.filter((group) => group.inOrder);
    const together = plan.groups.filter((group) => !group.inOrder);
    const lines = before.flatMap((group) => [...printGroup(context, group), ...assign(context, group.states)]);
    const jointly = [...plan.exact.keys(), ...together.flatMap((group) => group.states)];
    return [
        ...lines,
        ...printExact(context),
        ...together.flatMap((group) => printGroup(context, group)),
        ...assign(context, jointly),
    ];
}

function next(state: string): string {
    return `next_${state}`;
}

function assign({ system, codeOf, heldWhen }: StepContext, states: readonly string[]): string[] {
    return states.map((state) => {
        const isHeld = heldWhen !== null && system.held.has(state);
        const value = next(codeOf(state));
        return `${codeOf(state)} = ${isHeld ? `if ${heldWhen} { ${codeOf(state)} } else { ${value} }` : value}`;
    });
}

function printExact({ plan, print, codeOf, h }: StepContext): string[] {
    const rows = plan.exact;
    const drives = [...rows].filter(([, { rest }]) => rest !== 0);
    // What is not a constant is computed once, for all states that it drives.
    const named = new Map(drives.map(([state, { rest }]) => [state, { rest, code: `drive_${codeOf(state)}` }]));
    const lines: string[] = [];
    for (const [state, { rest, code }] of named) {
        const text = print(rest);
        if (/^\(?-?[\d.]+(e-?\d+)?\)?$|^k\d+$/.test(text)) named.set(state, { rest, code: "" });
        else lines.push(`let ${code} = ${text}`);
    }
    for (const state of rows.keys()) {
        const terms = [...rows.keys()].flatMap((from) => {
            const factor = propagatorOf(rows, state, from, h);
            return factor === 0 ? [] : [`${print(factor)} * ${codeOf(from)}`];
        });
        for (const [from, { rest, code }] of named) {
            const factor = driveOf(rows, state, from, h);
            if (factor === 0) continue;
            terms.push(code === "" ? print(multiply(factor, rest)) : `${print(factor)} * ${code}`);
        }
        lines.push(`let ${next(codeOf(state))} = ${terms.join(" + ") || "0.0"}`);
    }
    return lines;
}

function printGroup(context: StepContext, group: Group): string[] {
    const { codeOf, h } = context;
    const { parts, states } = group;
    const part: Formula = parts === 1 ? h : ["/", h, parts];
    if (parts === 1) return printMethod(context, group, part, new Map(), next);
    // Several parts of the step, one after the other: the states move on in variables of their own.
    const lines = states.map((state) => `var ${next(codeOf(state))} = ${codeOf(state)}`);
    for (let at = 0; at < parts; at++) {
        const moving = new Map(states.map((state) => [state, next(codeOf(state))]));
        const own = (code: string) => `${next(code)}_${at}`;
        lines.push(...printMethod(context, group, part, moving, own));
        lines.push(...states.map((state) => `${next(codeOf(state))} = ${own(codeOf(state))}`));
    }
    return lines;
}

/** `let` statements that name the states' values after a step of h. */
function printMethod(
    { system, print, codeOf }: StepContext,
    { method, states }: Group,
    h: Formula,
    names: ReadonlyMap<string, string>,
    result: (code: string) => string,
): string[] {
    const derivative = (state: string) => system.derivatives.get(state) as Formula;
    const at = (state: string) => names.get(state) ?? codeOf(state);
    if (method === "exponential_euler") {
        return states.map((state) => {
            const factor = linearIn(derivative(state), new Set([state]))?.coefficients.get(state) ?? 0;
            const step = print(multiply(h, ["phi", multiply(factor, h)]), names);
            return `let ${result(codeOf(state))} = ${at(state)} + ${step} * ${print(derivative(state), names)}`;
        });
    }
    const slope = (stage: number, state: string) => `slope${stage}_${result(codeOf(state))}`;
    const lines: string[] = [];
    const stage = (number: number, places: ReadonlyMap<string, string>) => {
        for (const state of states) lines.push(`let ${slope(number, state)} = ${print(derivative(state), places)}`);
    };
    const moved = (number: number, share: Formula): ReadonlyMap<string, string> => {
        const places = new Map(names);
        for (const state of states) {
            const code = `place${number}_${result(codeOf(state))}`;
            lines.push(`let ${code} = ${at(state)} + ${print(multiply(share, h))} * ${slope(number, state)}`);
            places.set(state, code);
        }
        return places;
    };
    stage(1, names);
    if (method === "rk2") stage(2, moved(1, 0.5));
    if (method === "rk4") {
        stage(2, moved(1, 0.5));
        stage(3, moved(2, 0.5));
        stage(4, moved(3, 1));
    }
    for (const state of states) {
        const slopes = (number: number) => slope(number, state);
        const change = {
            euler: () => `${print(h)} * ${slopes(1)}`,
            rk2: () => `${print(h)} * ${slopes(2)}`,
            rk4: () =>
                `${print(["/", h, 6])} * (${slopes(1)} + 2.0 * ${slopes(2)} + 2.0 * ${slopes(3)} + ${slopes(4)})`,
        }[method]();
        lines.push(`let ${result(codeOf(state))} = ${at(state)} + ${change}`);
    }
    return lines;
}

/** Names the draws of a formula, so that all stages of a step see the same; `lines` computes them. */
export function withDrawsNamed(formula: Formula, lines: string[], print: (formula: Formula) => string): Formula {
    if (typeof formula !== "object") return formula;
    const [operation, ...operands] = formula;
    const inner = operands.map((each) => withDrawsNamed(each, lines, print));
    if (operation !== "uniform" && operation !== "gauss" && operation !== "poisson") return [operation, ...inner];
    const code = `draw_${lines.length}`;
    lines.push(`let ${code} = ${print([operation, ...inner])}`);
    return `draw:${code}`;
}
