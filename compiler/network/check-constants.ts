// Numbers that are known where they are written and can't be meant: time constants that are none, bounds the wrong way round.

import type { Formula } from "../../codeobject/network/formula.js";
import { badValue } from "../diagnostics/catalogue/networks.js";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type { Model, Variable } from "./model.js";
import { DIMENSIONS, type Dimension, sameDimension, showDimension, TIME } from "./units.js";

type Report = (diagnostic: Diagnostic) => void;

const CAPACITANCE = DIMENSIONS.capacitance as Dimension;

/** Refuses a lower bound above the upper one, where both are numbers. */
export function requireOrder(report: Report, subject: string, low: Formula, high: Formula, span: Span): void {
    if (typeof low !== "number" || typeof high !== "number" || low <= high) return;
    const what = `${subject} are the wrong way round: ${low} is above ${high}`;
    report(diagnose(badValue, span, { what, help: "write the lower one first" }));
}

type Divided = Pick<Model, "params" | "derivatives" | "traces">;

/** The parameters that are times or capacitances by which equations or traces divide. */
export function positiveOf({ params, derivatives, traces }: Divided): ReadonlySet<string> {
    const divisors = new Set([...derivatives.values()].flatMap(divisorsOf));
    for (const { tau } of traces) divisors.add(tau);
    return new Set(
        params.flatMap(({ name, dimension }) => (divisors.has(name) && isPositive(dimension) ? [name] : [])),
    );
}

/**
 * Refuses such parameters where they are 0 or negative.
 * @param known a parameter's value, where it is known
 * @param spanOf where that is written
 */
export function requirePositive(
    report: Report,
    model: Divided,
    known: (param: Variable) => Formula | null,
    spanOf: (param: Variable) => Span,
): void {
    const positive = positiveOf(model);
    for (const param of model.params) {
        const value = known(param);
        if (!positive.has(param.name) || typeof value !== "number" || value > 0) continue;
        const isTime = sameDimension(param.dimension, TIME);
        const what = `the ${isTime ? "time constant" : "capacitance"} \`${param.name}\` is ${value} ${isTime ? "ms" : "pF"}`;
        const help = isTime ? "write a time above 0: `20 ms`" : "write a capacitance above 0: `200 pF`";
        report(diagnose(badValue, spanOf(param), { what, help }));
    }
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
