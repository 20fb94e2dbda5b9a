// Values of several scalars: vectors, structures and enums, and the parts of those that have names.

import type { ScalarName } from "../../compiler/sema/types.js";
import {
    calls,
    type Elements,
    expression,
    type Form,
    leaf,
    literal,
    type Scope,
    type Variable,
} from "./expressions.js";
import {
    type Declared,
    FLOATS,
    isFloat,
    isInteger,
    isSigned,
    NUMBERS,
    type TypeName,
    type Vector,
    vectorOf,
} from "./types.js";

const LETTERS = ["x", "y", "z", "w"];

/** A variable, and what can be named of it: fields and their elements, lanes, and lanes in another order. */
export function partsOf(variable: Variable, declared: Declared): Variable[] {
    const { name, type, mutable } = variable;
    const vector = vectorOf(type);
    if (vector) {
        const { element, lanes } = vector;
        const letters = LETTERS.slice(0, Math.min(lanes, 2)).map((letter) => ({
            name: `${name}.${letter}`,
            type: element,
            mutable,
        }));
        const last = { name: `${name}[${lanes - 1}]`, type: element, mutable };
        return [variable, ...letters, last, { name: `${name}.yx`, type: `${element}x2`, mutable }];
    }
    const plan = declared.structs.find((struct) => struct.name === type);
    const fields = plan?.fields.flatMap((field): Variable[] => {
        if (field.extent !== null) return [{ name: `${name}.${field.name}[1]`, type: field.type, mutable }];
        return partsOf({ name: `${name}.${field.name}`, type: field.type, mutable }, declared);
    });
    return [variable, ...(fields ?? [])];
}

/** Arrays in structures, and vectors, by an index that only the running program knows. */
export function elementsWithin({ variables, own, declared }: Scope): Elements[] {
    return [...variables, ...own].flatMap(({ name, type }): Elements[] => {
        const vector = vectorOf(type);
        if (vector) return [{ name, type: vector.element, extent: String(vector.lanes) }];
        const fields = declared.structs.find((struct) => struct.name === type)?.fields ?? [];
        return fields.flatMap((field) =>
            field.extent === null
                ? []
                : [{ name: `${name}.${field.name}`, type: field.type, extent: String(field.extent) }],
        );
    });
}

/** The simplest value of a type that is no scalar; null for scalars. */
export function compositeLeaf(scope: Scope, type: TypeName): (() => string) | null {
    const { choices, declared } = scope;
    const vector = vectorOf(type);
    if (vector) return () => `${type}(${literal(choices, vector.element)})`;
    const plan = declared.enums.find(({ name }) => name === type);
    if (plan) return () => `${type}.${choices.pick(plan.members)}`;
    return structValue(scope, type, (wanted) => leaf(scope, wanted));
}

/** A value of each field, and of each element of an array. */
function structValue(scope: Scope, type: TypeName, value: (type: TypeName) => string): (() => string) | null {
    const plan = scope.declared.structs.find(({ name }) => name === type);
    if (!plan) return null;
    return () => {
        const fields = plan.fields.map((field) => {
            if (field.extent === null) return `${field.name}: ${value(field.type)}`;
            return `${field.name}: [${Array.from({ length: field.extent }, () => value(field.type)).join(", ")}]`;
        });
        return `${type}(${fields.join(", ")})`;
    };
}

/** Ways to make a value that is no scalar; null for scalars. */
export function compositeForms(scope: Scope, type: TypeName): Form[] | null {
    const vector = vectorOf(type);
    if (vector) return vectors(scope, type, vector);
    const plan = scope.declared.enums.find(({ name }) => name === type);
    // Any integer is a value of an enum.
    if (plan) return [(depth) => `(${expression(scope, plan.base, depth)} as ${type})`];
    if (!scope.declared.structs.some(({ name }) => name === type)) return null;
    return [(depth) => structValue(scope, type, (wanted) => expression(scope, wanted, depth - 1))?.() ?? ""];
}

function vectors(scope: Scope, type: TypeName, { element, lanes }: Vector): Form[] {
    const { choices } = scope;
    const value = (wanted: TypeName, depth: number) => expression(scope, wanted, depth);
    const forms: Form[] = [
        (depth) =>
            `${type}(${Array.from({ length: lanes }, () => value(element, lanes > 4 ? 0 : depth - 1)).join(", ")})`,
        (depth) => `${type}(${value(element, depth)})`,
        calls(scope, ["select"], [`boolx${lanes}`, type, type]),
    ];
    if (lanes === 3 || lanes === 4) {
        forms.push((depth) => `${type}(${value(`${element}x${lanes - 1}`, depth)}, ${value(element, depth)})`);
        const order = () => Array.from({ length: lanes }, () => choices.pick(LETTERS.slice(0, lanes))).join("");
        forms.push((depth) => `${value(type, depth)}.${order()}`);
    }
    if (element === "bool") return [...forms, ...boolVectors(scope, type, lanes)];
    const ops = isFloat(element) ? ["+", "-", "*", "/"] : ["+", "-", "*", "&", "|", "^", "<<", ">>"];
    forms.push(
        (depth) => `(${value(type, depth)} ${choices.pick(ops)} ${value(type, depth)})`,
        (depth) => `(${value(type, depth)} ${choices.pick(["+", "-", "*"])} ${value(element, depth)})`,
        (depth) => {
            const from: ScalarName = choices.pick(NUMBERS);
            return from === element ? leaf(scope, type) : `(${value(`${from}x${lanes}`, depth)} as ${type})`;
        },
        calls(scope, ["min", "max"], [type, type]),
    );
    if (isFloat(element)) {
        forms.push(
            (depth) =>
                `(${value(type, depth)} * ${value(type, depth)} ${choices.pick(["+", "-"])} ${value(type, depth)})`,
            calls(scope, ["abs", "floor", "ceil", "trunc", "round", "sqrt"], [type]),
            calls(scope, ["fma"], [type, type, type]),
        );
    }
    if (isFloat(element) || isSigned(element)) forms.push((depth) => `(-${value(type, depth)})`);
    if (isInteger(element)) forms.push((depth) => `(~${value(type, depth)})`);
    return forms;
}

function boolVectors(scope: Scope, type: TypeName, lanes: number): Form[] {
    const { choices } = scope;
    const value = (wanted: TypeName, depth: number) => expression(scope, wanted, depth);
    return [
        (depth) => {
            const other = `${choices.pick(NUMBERS)}x${lanes}`;
            return `(${value(other, depth)} ${choices.pick(["<", "==", "!=", "<=", ">", ">="])} ${value(other, depth)})`;
        },
        (depth) => `(${value(type, depth)} ${choices.pick(["&", "|", "^"])} ${value(type, depth)})`,
        (depth) => `(!${value(type, depth)})`,
        (depth) => `is_nan(${value(`${choices.pick(FLOATS)}x${lanes}`, depth)})`,
    ];
}
