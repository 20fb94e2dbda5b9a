// How a system of equations is stepped: what is linear exactly, what is linear in its own state by the exponential Euler
// method, and the rest by Runge and Kutta's method of fourth order, or as the model says.
//
// Exact: x' = A x + b has x(h) = e^(A h) x(0) + ∫ e^(A s) ds b, where b is what doesn't change within the step (S. Rotter,
// M. Diesmann, "Exact digital simulation of time-invariant linear systems", 1999). Exponential Euler: x' = a x + b with a and
// b held, x += h f(x) φ(a h), φ(z) = (eᶻ − 1) / z (M. Hochbruck, A. Ostermann, "Exponential integrators", 2010).

import { type Formula, namesOf } from "../../codeobject/network/formula.js";
import { type Linear, linearIn } from "./algebra.js";
import type { Method, MethodOfState } from "./model.js";

/** Methods as one says them. */
export const METHOD_NAMES: Readonly<Record<Group["method"], string>> = {
    exponential_euler: "the exponential Euler method",
    euler: "Euler's method",
    rk2: "the midpoint method",
    rk4: "Runge and Kutta's method of order 4",
};

/** A system: the derivatives of states, by their names. */
export interface System {
    readonly derivatives: ReadonlyMap<string, Formula>;
    /** Names that have one value an instance. */
    readonly isUniform: (name: string) => boolean;
    /** States that are held while a neuron is refractory. */
    readonly held: ReadonlySet<string>;
}

export interface Plan {
    /** States that step exactly, with the rows of A and b. */
    readonly exact: ReadonlyMap<string, Linear>;
    /** The others, in the order of their steps. */
    readonly groups: readonly Group[];
}

/** States that step together; those before have stepped already only where the model orders them. */
export interface Group {
    readonly method: Exclude<Method, "exact">;
    readonly states: readonly string[];
    readonly parts: number;
    /** Whether it sees what groups before it have become. */
    readonly inOrder: boolean;
}

/** The plan, or in words why the method that the model says doesn't suit. */
export function plan(system: System, method: Method | readonly MethodOfState[] | null): Plan | string {
    const all = [...system.derivatives.keys()];
    const exact = linearPart(system);
    if (method === "exact") {
        const other = all.find((state) => !exact.has(state));
        return other === undefined
            ? { exact, groups: [] }
            : `the equation of \`${other}\` is not linear, or its factors differ from neuron to neuron`;
    }
    if (method === "exponential_euler") {
        const other = all.find((state) => !isConditionallyLinear(system, state));
        return other === undefined
            ? { exact: new Map(), groups: [together(method, all)] }
            : `the equation of \`${other}\` is not linear in \`${other}\``;
    }
    if (typeof method === "string") return { exact: new Map(), groups: [together(method, all)] };
    if (method !== null) {
        const missing = all.filter((state) => !method.some((each) => each.state === state));
        const rest = planOf(system, exact, missing);
        const groups = method.map(
            ({ state, method: own, parts }): Group => ({
                method: own as Group["method"],
                states: [state],
                parts,
                inOrder: true,
            }),
        );
        return { exact: rest.exact, groups: [...groups, ...rest.groups] };
    }
    return planOf(system, exact, all);
}

function planOf(system: System, linear: ReadonlyMap<string, Linear>, states: readonly string[]): Plan {
    const others = states.filter((state) => !linear.has(state));
    const exact = new Map([...linear].filter(([state]) => states.includes(state)));
    if (others.length === 0) return { exact, groups: [] };
    if (others.every((state) => isConditionallyLinear(system, state))) {
        return { exact, groups: [together("exponential_euler", others)] };
    }
    // Stages within the step need what they depend on there as well.
    const joint = new Set(others);
    for (const state of joint) {
        for (const name of namesOf(system.derivatives.get(state) as Formula)) if (exact.has(name)) joint.add(name);
    }
    for (const state of joint) exact.delete(state);
    return {
        exact,
        groups: [
            together(
                "rk4",
                states.filter((state) => joint.has(state)),
            ),
        ],
    };
}

function together(method: Group["method"], states: readonly string[]): Group {
    return { method, states, parts: 1, inOrder: false };
}

/** The largest set of states whose equations are linear in these, with factors that are the same for all neurons. */
function linearPart(system: System): Map<string, Linear> {
    const set = new Set(system.derivatives.keys());
    for (;;) {
        const rows = new Map<string, Linear>();
        for (const state of set) {
            const row = linearIn(system.derivatives.get(state) as Formula, set);
            const foreign = [...system.derivatives.keys()].filter((other) => !set.has(other));
            const isSound =
                row !== null &&
                [...row.coefficients.values()].every((each) => [...namesOf(each)].every(system.isUniform)) &&
                ![...namesOf(row.rest)].some((name) => foreign.includes(name)) &&
                // While a state is held, those that depend on it don't see it move.
                (system.held.has(state) || ![...row.coefficients.keys()].some((name) => system.held.has(name)));
            if (isSound) rows.set(state, row as Linear);
        }
        if (rows.size === set.size) return rows;
        set.clear();
        for (const state of rows.keys()) set.add(state);
    }
}

export function isConditionallyLinear(system: System, state: string): boolean {
    return linearIn(system.derivatives.get(state) as Formula, new Set([state])) !== null;
}

/** The element of e^(A h) that takes `from` to `to`; 0 where there is no way. */
export function propagatorOf(rows: ReadonlyMap<string, Linear>, to: string, from: string, h: Formula): Formula {
    const states = between(rows, to, from);
    if (states.length === 0) return 0;
    const n = states.length;
    const matrix = states.flatMap((row) => states.map((column) => rows.get(row)?.coefficients.get(column) ?? 0));
    return ["propagate", states.indexOf(to), states.indexOf(from), n, h, ...matrix];
}

/** The element of ∫ e^(A s) ds over the step that takes a constant term of `from` to `to`. */
export function driveOf(rows: ReadonlyMap<string, Linear>, to: string, from: string, h: Formula): Formula {
    const states = between(rows, to, from);
    if (states.length === 0) return 0;
    const n = states.length + 1;
    const matrix = states.flatMap((row) => [
        ...states.map((column) => rows.get(row)?.coefficients.get(column) ?? 0),
        row === from ? 1 : 0,
    ]);
    return ["propagate", states.indexOf(to), n - 1, n, h, ...matrix, ...Array.from({ length: n }, () => 0)];
}

/** The states on the ways by which `to` depends on `from`. */
function between(rows: ReadonlyMap<string, Linear>, to: string, from: string): readonly string[] {
    const needs = (state: string) =>
        [...(rows.get(state)?.coefficients ?? [])].flatMap(([name, factor]) => (factor === 0 ? [] : [name]));
    const reached = closure([to], needs);
    return [...rows.keys()].filter((state) => reached.has(state) && closure([state], needs).has(from));
}

function closure(start: readonly string[], next: (name: string) => readonly string[]): ReadonlySet<string> {
    const all = new Set(start);
    for (const name of all) for (const other of next(name)) all.add(other);
    return all;
}
