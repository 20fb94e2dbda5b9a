// Where the step is too long: states that relax faster than the explicit method by which they step can follow. The rate is the
// diagonal of the Jacobian, where neurons begin and with the parameters' defaults; of linear equations it is the same everywhere.

import type { Formula } from "../../codeobject/network/formula.js";
import { stiffState } from "../diagnostics/catalogue/networks.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { isConditionallyLinear, METHOD_NAMES, type Plan, type System } from "./analysis.js";
import type { Generation } from "./generation.js";

/**
 * h·|λ| up to which a step of h shrinks what decays with the rate λ: the real ends of the methods' regions of stability (E. Hairer, G.
 * Wanner, "Solving Ordinary Differential Equations II", section IV.2). Other methods have none.
 */
const STABLE_TO: Readonly<Partial<Record<string, number>>> = { euler: 2, rk2: 2, rk4: 2.785293563405282 };

export interface Stepped {
    readonly system: System;
    readonly plan: Plan;
    /** The length of the step. */
    readonly h: Formula;
    /** What the system's names are at the start, as formulas over the network's parameters. */
    readonly atStart: (name: string) => Formula | undefined;
    readonly nameOf: (state: string) => string;
    /** The neuron whose `substeps` divide the step; null where nothing does. */
    readonly dividesIn: string | null;
    readonly span: Span;
}

/** Warns of each state whose method is unstable in these steps. */
export function warnOfStiffness(generation: Generation, stepped: Stepped): void {
    const { system, plan, atStart, nameOf, dividesIn, span } = stepped;
    const h = generation.known(stepped.h);
    const dt = generation.known("dt");
    if (h === undefined || dt === undefined) return;
    for (const { method, states, parts } of plan.groups) {
        const bound = STABLE_TO[method];
        if (bound === undefined) continue;
        for (const state of states) {
            const derivative = system.derivatives.get(state) as Formula;
            const rate = slope(generation, derivative, state, atStart);
            const step = h / parts;
            if (rate === undefined || !(-rate * step > bound * (1 + 1e-6))) continue;
            const longest = -bound / rate;
            const substeps = Math.ceil((dt / parts / longest) * (1 + 1e-6));
            const remedies = [
                ...(dividesIn === null ? [] : [`\`substeps ${substeps}\` in \`${dividesIn}\``]),
                `a \`dt\` of at most ${milliseconds((longest * dt) / step)}`,
                ...(dividesIn !== null && isConditionallyLinear(system, state)
                    ? ["`#method(exponential_euler)`, which is stable in steps of any length"]
                    : []),
            ];
            generation.report(
                diagnose(stiffState, span, {
                    state: nameOf(state),
                    tau: milliseconds(-1 / rate),
                    method: METHOD_NAMES[method],
                    longest: milliseconds(longest),
                    step: milliseconds(step),
                    remedies,
                }),
            );
        }
    }
}

/** ∂f/∂x at the start, by the difference of both sides in double precision; undefined where it isn't known. */
function slope(
    generation: Generation,
    derivative: Formula,
    state: string,
    atStart: Stepped["atStart"],
): number | undefined {
    const place = generation.known(state, atStart);
    if (place === undefined) return undefined;
    const delta = 1e-5 * Math.max(1, Math.abs(place));
    const at = (x: number) => generation.known(derivative, (name) => (name === state ? x : atStart(name)));
    const [above, below] = [at(place + delta), at(place - delta)];
    return above === undefined || below === undefined ? undefined : (above - below) / (2 * delta);
}

/** Times of three digits. */
function milliseconds(time: number): string {
    return `${Number(time.toPrecision(3))} ms`;
}
