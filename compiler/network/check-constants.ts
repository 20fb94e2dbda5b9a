// Numbers that are known where they are written and can't be meant: time constants that are none, bounds the wrong way round.

import type { Formula } from "../../codeobject/network/formula.js";
import { badValue } from "../diagnostics/catalogue/networks.js";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type { Model, Variable } from "./model.js";
import { sameDimension, TIME } from "./units.js";

type Report = (diagnostic: Diagnostic) => void;

/** Refuses a lower bound above the upper one, where both are numbers. */
export function requireOrder(report: Report, subject: string, low: Formula, high: Formula, span: Span): void {
    if (typeof low !== "number" || typeof high !== "number" || low <= high) return;
    const what = `${subject} are the wrong way round: ${low} is above ${high}`;
    report(diagnose(badValue, span, { what, help: "write the lower one first" }));
}

/**
 * Refuses times that are 0 or negative where equations or traces divide by them.
 * @param known a parameter's value, where it is known
 * @param spanOf where that is written
 */
export function requireTimeConstants(
    report: Report,
    { params, derivatives, traces }: Pick<Model, "params" | "derivatives" | "traces">,
    known: (param: Variable) => Formula | null,
    spanOf: (param: Variable) => Span,
): void {
    const divisors = new Set([...derivatives.values()].flatMap(divisorsOf));
    for (const { tau } of traces) divisors.add(tau);
    for (const param of params) {
        const value = known(param);
        const isTime = divisors.has(param.name) && sameDimension(param.dimension, TIME);
        if (!isTime || typeof value !== "number" || value > 0) continue;
        const what = `the time constant \`${param.name}\` is ${value} ms`;
        report(diagnose(badValue, spanOf(param), { what, help: "write a time above 0: `20 ms`" }));
    }
}

/** What a formula divides by. */
function divisorsOf(formula: Formula): readonly Formula[] {
    if (typeof formula !== "object") return [];
    const [operation, ...operands] = formula as readonly [string, ...Formula[]];
    const own = operation === "/" ? [operands[1] as Formula] : [];
    return [...own, ...operands.flatMap(divisorsOf)];
}
