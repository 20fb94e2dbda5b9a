// Algebra over formulas: sums and products that fold, and the coefficients of names in which a formula is linear.

import { evaluate, type Formula, namesOf } from "../../codeobject/network/formula.js";

export function add(a: Formula, b: Formula): Formula {
    if (a === 0) return b;
    if (b === 0) return a;
    return typeof a === "number" && typeof b === "number" ? a + b : ["+", a, b];
}

export function negate(a: Formula): Formula {
    return typeof a === "number" ? -a : ["neg", a];
}

export function multiply(a: Formula, b: Formula): Formula {
    if (a === 0 || b === 0) return 0;
    if (a === 1) return b;
    if (b === 1) return a;
    return typeof a === "number" && typeof b === "number" ? a * b : ["*", a, b];
}

export function divide(a: Formula, b: Formula): Formula {
    if (a === 0) return 0;
    return b === 1 ? a : ["/", a, b];
}

/** A formula as Σ coefficient · name + rest. */
export interface Linear {
    readonly coefficients: ReadonlyMap<string, Formula>;
    readonly rest: Formula;
}

/** Null where it isn't linear in these names. */
export function linearIn(formula: Formula, names: ReadonlySet<string>): Linear | null {
    if (![...namesOf(formula)].some((name) => names.has(name))) return { coefficients: new Map(), rest: formula };
    if (typeof formula === "string") return { coefficients: new Map([[formula, 1]]), rest: 0 };
    if (typeof formula !== "object") return null;
    const [operation, ...operands] = formula;
    const [a, b] = operands.map((operand) => linearIn(operand, names)) as [Linear | null, Linear | null | undefined];
    if (operation === "neg") return a && map(a, negate);
    if (a === null || b === null || b === undefined) return null;
    switch (operation) {
        case "+":
            return combine(a, b);
        case "-":
            return combine(a, map(b, negate));
        case "*":
            if (b.coefficients.size === 0) return map(a, (each) => multiply(each, b.rest));
            return a.coefficients.size === 0 ? map(b, (each) => multiply(a.rest, each)) : null;
        case "/":
            return b.coefficients.size === 0 ? map(a, (each) => divide(each, b.rest)) : null;
        default:
            return null;
    }
}

function map({ coefficients, rest }: Linear, change: (formula: Formula) => Formula): Linear {
    return { coefficients: new Map([...coefficients].map(([name, each]) => [name, change(each)])), rest: change(rest) };
}

function combine(a: Linear, b: Linear): Linear {
    const coefficients = new Map(a.coefficients);
    for (const [name, each] of b.coefficients) coefficients.set(name, add(coefficients.get(name) ?? 0, each));
    return { coefficients, rest: add(a.rest, b.rest) };
}

/** Its value where `of` gives names theirs; undefined where it gives none, and where it draws. */
export function valueWith(formula: Formula, of: (name: string) => number | undefined): number | undefined {
    const known = <T>(value: T | undefined): T => {
        if (value === undefined) throw new Unknown();
        return value;
    };
    try {
        return Number(
            evaluate(
                formula,
                (name) => known(of(name)),
                () => known<number>(undefined),
            ),
        );
    } catch (error) {
        if (error instanceof Unknown) return undefined;
        throw error;
    }
}

/** A value is not known. */
class Unknown extends Error {}

/** A formula with the means of what it draws. */
export function expected(formula: Formula): Formula {
    if (typeof formula !== "object") return formula;
    const [operation, ...operands] = formula;
    const inner = operands.map(expected) as [Formula, Formula];
    switch (operation) {
        case "random":
            return ["/", ["+", ...inner], 2];
        case "normal":
        case "poisson":
            return inner[0];
        case "uniform":
            return 0.5;
        case "gauss":
            return 0;
        default:
            return [operation, ...inner];
    }
}

/** Its value, if it has one without any names. */
export function valueOfFormula(formula: Formula): number | null {
    if (namesOf(formula).size > 0) return null;
    try {
        return Number(evaluate(formula, () => 0));
    } catch {
        return null;
    }
}
