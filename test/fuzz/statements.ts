// Statements: declarations, assignments, nested control flow, private arrays, atomics. Every loop ends after a few
// rounds, and nothing a work-item writes is read by another before a barrier.

import { partsOf } from "./composites.js";
import { type Elements, expression, type Scope, type Variable } from "./expressions.js";
import { anyType, isFloat, isInteger, isWord, scalar, type TypeName, vectorOf } from "./types.js";

/** An array that all work-items update by one operation, whose order doesn't matter. */
export interface Tally {
    readonly name: string;
    readonly type: TypeName;
    readonly op: string;
    readonly extent: string;
}

export interface Place extends Scope {
    /** Nested statements that are still allowed. */
    readonly depth: number;
    readonly inLoop: boolean;
    /** How the function or kernel may be left early; null where it may not. */
    readonly leave: ((scope: Scope) => string) | null;
    readonly tallies: readonly Tally[];
}

const EXPRESSION_DEPTH = 3;

export function valueFor(scope: Scope, type: TypeName): string {
    return expression(scope, type, EXPRESSION_DEPTH);
}

/** Lines of statements, and the place behind them: what they declare is known there. */
export function statements(place: Place, most: number): { readonly lines: string[]; readonly after: Place } {
    const lines: string[] = [];
    let here = place;
    for (let left = place.choices.below(most + 1); left > 0; left--) {
        const { text, declares, array } = statement(here);
        lines.push(...text);
        if (declares) here = { ...here, variables: [...here.variables, declares] };
        if (array) here = { ...here, readable: [...here.readable, array] };
    }
    return { lines, after: here };
}

/** A block's lines, indented. */
export function block(place: Place, most = 3): string[] {
    const { lines } = statements({ ...place, depth: place.depth - 1 }, most);
    return (lines.length > 0 ? lines : ["let unused = 0"]).map((line) => `    ${line}`);
}

interface Statement {
    readonly text: string[];
    readonly declares?: Variable;
    readonly array?: Elements;
}

function statement(place: Place): Statement {
    const { choices } = place;
    const targets = [...place.variables, ...place.own]
        .filter(({ mutable }) => mutable)
        .flatMap((variable) => partsOf(variable, place.declared));
    const flat = [
        () => declaration(place),
        () => declaration(place),
        ...(targets.length > 0 ? [() => assignment(place, targets), () => assignment(place, targets)] : []),
        ...(place.own.some(({ type }) => isWord(type)) ? [() => ownAtomic(place)] : []),
        ...(place.tallies.length > 0 ? [() => tally(place)] : []),
    ];
    const leaving = [...(place.inLoop ? ["break", "continue"] : []), ...(place.leave ? ["return"] : [])];
    const nested = [
        () => conditional(place),
        () => counted(place),
        () => conditioned(place),
        ...(leaving.length > 0 ? [() => leave(place, choices.pick(leaving))] : []),
        () => privateArray(place),
    ];
    return choices.pick(place.depth > 0 ? [...flat, ...nested] : flat)();
}

function declaration(place: Place): Statement {
    const { choices } = place;
    const type = anyType(choices, place.declared);
    const mutable = choices.below(3) > 0;
    const value = valueFor(place, type);
    const name = place.fresh(mutable ? "v" : "c");
    return { text: [`${mutable ? "var" : "let"} ${name}: ${type} = ${value}`], declares: { name, type, mutable } };
}

function assignment(place: Place, targets: readonly Variable[]): Statement {
    const { choices } = place;
    const { name, type } = choices.pick(targets);
    const element = vectorOf(type)?.element ?? type;
    const integer = isInteger(element) ? ["&", "|", "^", "<<", ">>"] : [];
    const arithmetic = isInteger(element) || isFloat(element) ? ["+", "-", "*"] : [];
    const op = choices.pick(["", ...arithmetic, ...integer]);
    return { text: [`${name} ${op}= ${valueFor(place, type)}`] };
}

/** On a place of its own a work-item sees what its atomics give. */
function ownAtomic(place: Place): Statement {
    const { choices } = place;
    const target = choices.pick(place.own.filter(({ type }) => isWord(type)));
    const { type } = target;
    const name = place.fresh("old");
    const op = choices.pick(["add", "sub", "min", "max", "and", "or", "xor", "exchange", "compare_exchange"]);
    const values = op === "compare_exchange" ? [valueFor(place, type), valueFor(place, type)] : [valueFor(place, type)];
    return {
        text: [`let ${name} = atomic_${op}(${[target.name, ...values].join(", ")})`],
        declares: { name, type, mutable: false },
    };
}

/** Floats that are small integers: their sums are exact in any order. */
function tally(place: Place): Statement {
    const { name, type, op, extent } = place.choices.pick(place.tallies);
    const value = isFloat(type) ? `(${valueFor(place, "i8")} as ${type})` : valueFor(place, type);
    return { text: [`atomic_${op}(${name}[wrap_index(${valueFor(place, "index")}, ${extent})], ${value})`] };
}

function conditional(place: Place): Statement {
    const text = [`if ${valueFor(place, "bool")} {`, ...block(place)];
    if (place.choices.once(3)) text.push(`} else if ${valueFor(place, "bool")} {`, ...block(place));
    if (place.choices.once(2)) text.push("} else {", ...block(place));
    return { text: [...text, "}"] };
}

function counted(place: Place): Statement {
    const { choices } = place;
    const name = place.fresh("k");
    const small = () => `wrap_index(${valueFor(place, "index")}, 6)`;
    const bounds = choices.pick([
        () => `0 .. ${choices.below(6)}`,
        () => `${choices.below(9)} .. ${choices.below(4) - 2} by ${-1 - choices.below(3)}`,
        () => `${choices.below(4) - 3} .. ${choices.below(8)} by ${1 + choices.below(4)}`,
        () => `${small()} .. ${small()} by ${small()} - 2`,
        () => `9223372036854775800 + ${small()} .. 9223372036854775807 by 3`,
        () => `-9223372036854775808 + ${small()} .. -9223372036854775808 by -2`,
    ])();
    const variables = [...place.variables, { name, type: "index" as const, mutable: false }];
    return { text: [`for ${name} in ${bounds} {`, ...block({ ...place, variables, inLoop: true }), "}"] };
}

/** A `while` counts its rounds first, so that `continue` can't make it endless. */
function conditioned(place: Place): Statement {
    const name = place.fresh("w");
    const variables = [...place.variables, { name, type: "i32" as const, mutable: false }];
    const inner = { ...place, variables, inLoop: true };
    const test = `${name} < ${place.choices.below(6)} && ${valueFor(inner, "bool")}`;
    return { text: [`var ${name}: i32 = 0`, `while ${test} {`, `    ${name} += 1`, ...block(inner), "}"] };
}

function leave(place: Place, how: string): Statement {
    const text = how === "return" && place.leave ? place.leave(place) : how;
    return { text: [`if ${valueFor(place, "bool")} { ${text} }`] };
}

/** An array of the work-item's own, filled in part: the rest is zeros. */
function privateArray(place: Place): Statement {
    const { choices } = place;
    const type = choices.once(3) ? anyType(choices, place.declared) : scalar(choices);
    const name = place.fresh("p");
    const extent = String(2 + choices.below(5));
    const at = () => `${name}[wrap_index(${valueFor(place, "index")}, ${extent})]`;
    const fill = Array.from({ length: 1 + choices.below(2) }, () => `${at()} = ${valueFor(place, type)}`);
    return { text: [`var ${name}: ${type}[${extent}]`, ...fill], array: { name, type, extent } };
}
