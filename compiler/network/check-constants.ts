// Numbers that are known where they are written and can't be meant: time constants that are none, bounds the wrong way round.

import type { Formula } from "../../codeobject/network/formula.js";
import type { NetworkParameter } from "../../codeobject/network/manifest.js";
import { badValue } from "../diagnostics/catalogue/networks.js";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type { Action, Model, Variable } from "./model.js";
import { DIMENSIONS, type Dimension, sameDimension, showDimension, TIME } from "./units.js";

type Report = (diagnostic: Diagnostic) => void;

const CAPACITANCE = DIMENSIONS.capacitance as Dimension;

/** Refuses a lower bound above the upper one, where both are numbers. */
export function requireOrder(report: Report, subject: string, low: Formula, high: Formula, span: Span): void {
    if (typeof low !== "number" || typeof high !== "number" || low <= high) return;
    const what = `${subject} are the wrong way round: ${low} is above ${high}`;
    report(diagnose(badValue, span, { what, help: "write the lower one first" }));
}

type Sign = NetworkParameter["sign"];
type Signed = Pick<Model, "params" | "derivatives" | "traces" | "spikes" | "every">;

/** What parameters can mean nothing below: times and capacitances that equations or traces divide by, and periods. */
export function signsOf({ params, derivatives, traces, spikes, every }: Signed): ReadonlyMap<string, Sign> {
    const divisors = new Set([...derivatives.values()].flatMap(divisorsOf));
    for (const { tau } of traces) divisors.add(tau);
    const periods = new Set(spikes.flatMap(({ actions }) => actions ?? []).flatMap(periodsOf));
    const signs = new Map<string, Sign>();
    for (const { name, dimension } of params) {
        if ((divisors.has(name) && isPositive(dimension)) || name === every) signs.set(name, "positive");
        else if (periods.has(name)) signs.set(name, "not negative");
    }
    return signs;
}

/**
 * Refuses parameters that mean nothing.
 * @param known a parameter's value, where it is known
 * @param spanOf where that is written
 */
export function requireSigns(
    report: Report,
    model: Signed,
    known: (param: Variable) => Formula | null,
    spanOf: (param: Variable) => Span,
): void {
    const signs = signsOf(model);
    for (const param of model.params) {
        const [value, sign] = [known(param), signs.get(param.name)];
        if (sign === undefined || typeof value !== "number" || value > 0 || (value === 0 && sign !== "positive"))
            continue;
        const isTime = sameDimension(param.dimension, TIME);
        const word =
            sign !== "positive" || param.name === model.every ? "period" : isTime ? "time constant" : "capacitance";
        const what = `the ${word} \`${param.name}\` is ${value} ${isTime ? "ms" : "pF"}`;
        const least = sign === "positive" ? "above 0" : "of 0 or more";
        const help = isTime ? `write a time ${least}: \`20 ms\`` : "write a capacitance above 0: `200 pF`";
        report(diagnose(badValue, spanOf(param), { what, help }));
    }
}

function periodsOf(action: Action): readonly Formula[] {
    if (action.kind === "if") return [...action.then, ...action.otherwise].flatMap(periodsOf);
    return action.kind === "refractory" ? [action.value] : [];
}

/** Refuses to divide by 0, and by a time or capacitance below it. */
export function requireDivisor(report: Report, divisor: Formula, dimension: Dimension, span: Span): void {
    if (typeof divisor !== "number" || divisor > 0 || (divisor < 0 && !isPositive(dimension))) return;
    const what = isPositive(dimension)
        ? `a formula divides by ${showDimension(dimension)} of ${divisor}`
        : "a formula divides by 0";
    const help = isPositive(dimension) ? "write one above 0, and a sign before the formula" : "write another number";
    report(diagnose(badValue, span, { what, help }));
}

function isPositive(dimension: Dimension): boolean {
    return sameDimension(dimension, TIME) || sameDimension(dimension, CAPACITANCE);
}

/** What a formula divides by. */
function divisorsOf(formula: Formula): readonly Formula[] {
    if (typeof formula !== "object") return [];
    const [operation, ...operands] = formula as readonly [string, ...Formula[]];
    const own = operation === "/" ? [operands[1] as Formula] : [];
    return [...own, ...operands.flatMap(divisorsOf)];
}
