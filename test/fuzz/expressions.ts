// Expressions of a wanted type, well typed and never undefined: indices are brought into range by `wrap_index`, and
// what would show the look of a NaN (its sign, its bits) goes through functions that hide it.

import type { IrScalar } from "../../compiler/ir/types.js";
import type { Choices } from "./choices.js";
import { FLOATS, floatSamples, integerSamples, isFloat, isSigned, isWord, NUMBERS, TYPES } from "./types.js";

export interface Variable {
    readonly name: string;
    readonly type: IrScalar;
    readonly mutable: boolean;
}

export interface Callable {
    readonly name: string;
    readonly params: readonly IrScalar[];
    readonly result: IrScalar;
}

/** Something that is read by an index. */
export interface Elements {
    readonly name: string;
    readonly type: IrScalar;
    /** The extent, as text. */
    readonly extent: string;
}

/** What may be named at a place of the program. */
export interface Scope {
    readonly choices: Choices;
    /** Hands out names of the whole program. */
    readonly fresh: (prefix: string) => string;
    readonly variables: readonly Variable[];
    /** What any work-item may read anywhere. */
    readonly readable: readonly Elements[];
    /** Places that belong to the work-item alone. */
    readonly own: readonly Variable[];
    readonly functions: readonly Callable[];
}

/** Written before every batch of programs. */
export const HELPERS = [
    "fn wrap_index(i: index, n: index) -> index {",
    "    let r = i % n",
    "    if r < 0 { r + n } else { r }",
    "}",
    ...FLOATS.flatMap((type) => {
        const bits = `u${type.slice(1)}`;
        return [
            `fn bits_of_${type}(x: ${type}) -> ${bits} { if is_nan(x) { 0 } else { to_bits(x) } }`,
            `fn with_sign_${type}(x: ${type}, s: ${type}) -> ${type} { copysign(x, if is_nan(s) { 1.0 } else { s }) }`,
        ];
    }),
    "",
].join("\n");

export function literal(choices: Choices, type: IrScalar): string {
    if (type === "bool") return choices.pick(["true", "false"]);
    if (!isFloat(type)) return `(${parenthesised(String(choices.pick(integerSamples(type))))} as ${type})`;
    return `(${parenthesised(floatText(choices.pick(floatSamples(type))))} as ${type})`;
}

function parenthesised(number: string): string {
    return number.startsWith("-") ? `(${number})` : number;
}

function floatText(value: number): string {
    if (!Number.isFinite(value)) return Number.isNaN(value) ? "nan" : value < 0 ? "-inf" : "inf";
    const text = Object.is(value, -0) ? "-0" : String(value);
    return /[.e]/.test(text) ? text : `${text}.0`;
}

/** An expression of a type; `depth` bounds its tree. */
export function expression(scope: Scope, type: IrScalar, depth: number): string {
    const { choices } = scope;
    if (depth <= 0 || choices.once(5)) return leaf(scope, type);
    const forms = [
        ...common(scope, type),
        ...(type === "bool" ? truths(scope) : isFloat(type) ? floats(scope, type) : integers(scope, type)),
    ];
    return choices.pick(forms)(depth - 1);
}

type Form = (depth: number) => string;

function leaf(scope: Scope, type: IrScalar): string {
    const { choices } = scope;
    const named = [...scope.variables, ...scope.own];
    const fitting = named.filter((variable) => variable.type === type);
    const others = type === "bool" ? [] : named.filter((variable) => variable.type !== type);
    const readable = scope.readable.filter((elements) => elements.type === type);
    const forms = [
        ...(fitting.length > 0 ? [() => choices.pick(fitting).name, () => choices.pick(fitting).name] : []),
        ...readable.map((elements) => () => `${elements.name}[${nearby(scope, elements)}]`),
        () => literal(choices, type),
        ...(others.length > 0 ? [() => `(${choices.pick(others).name} as ${type})`] : []),
    ];
    return choices.pick(forms)();
}

/** An index that is a leaf itself, in range. */
function nearby(scope: Scope, { extent }: Elements): string {
    return `wrap_index(${leaf({ ...scope, readable: [] }, "index")}, ${extent})`;
}

/** Forms that every type has. */
function common(scope: Scope, type: IrScalar): Form[] {
    const { choices } = scope;
    const functions = scope.functions.filter(({ result }) => result === type);
    const readable = scope.readable.filter((elements) => elements.type === type);
    return [
        () => leaf(scope, type),
        (depth) =>
            `(if ${expression(scope, "bool", depth)} { ${expression(scope, type, depth)} } else { ${expression(scope, type, depth)} })`,
        (depth) => {
            const name = scope.fresh("t");
            const other = choices.pick(TYPES);
            const inner = { ...scope, variables: [...scope.variables, { name, type: other, mutable: false }] };
            const then = `let ${name} = ${expression(scope, other, depth)}; ${expression(inner, type, depth)}`;
            return `(if ${expression(scope, "bool", depth)} { ${then} } else { ${expression(scope, type, depth)} })`;
        },
        ...functions.map(
            ({ name, params }): Form =>
                (depth) =>
                    `${name}(${params.map((param) => expression(scope, param, depth - 1)).join(", ")})`,
        ),
        ...readable.map(
            ({ name, extent }): Form =>
                (depth) =>
                    `${name}[wrap_index(${expression(scope, "index", depth)}, ${extent})]`,
        ),
    ];
}

function truths(scope: Scope): Form[] {
    const { choices } = scope;
    return [
        (depth) => {
            const type = choices.pick(NUMBERS);
            const op = choices.pick(["<", "==", "!=", "<=", ">", ">="]);
            return `(${expression(scope, type, depth)} ${op} ${expression(scope, type, depth)})`;
        },
        (depth) => `(!${expression(scope, "bool", depth)})`,
        (depth) => {
            const op = choices.pick(["&&", "||", "==", "!="]);
            return `(${expression(scope, "bool", depth)} ${op} ${expression(scope, "bool", depth)})`;
        },
        (depth) => `${choices.pick(["is_nan", "is_inf"])}(${expression(scope, choices.pick(FLOATS), depth)})`,
    ];
}

function calls(scope: Scope, names: readonly string[], params: readonly IrScalar[]): Form {
    return (depth) =>
        `${scope.choices.pick(names)}(${params.map((param) => expression(scope, param, depth)).join(", ")})`;
}

function conversion(scope: Scope, type: IrScalar): Form {
    return (depth) => {
        const from = scope.choices.pick(TYPES.filter((other) => other !== type));
        return `(${expression(scope, from, depth)} as ${type})`;
    };
}

function integers(scope: Scope, type: IrScalar): Form[] {
    const { choices } = scope;
    const operate =
        (ops: readonly string[]): Form =>
        (depth) =>
            `(${expression(scope, type, depth)} ${choices.pick(ops)} ${expression(scope, type, depth)})`;
    const forms: Form[] = [
        operate(["+", "-", "*"]),
        operate(["&", "|", "^", "<<", ">>"]),
        (depth) =>
            `(${expression(scope, type, depth)} ${choices.pick(["/", "%"])} ${divisor(expression(scope, type, depth), type)})`,
        conversion(scope, type),
        (depth) => `(~${expression(scope, type, depth)})`,
        calls(scope, ["min", "max"], [type, type]),
        calls(scope, ["clamp"], [type, type, type]),
    ];
    if (isSigned(type))
        forms.push((depth) => `(-${expression(scope, type, depth)})`, calls(scope, ["abs", "sign"], [type]));
    if (isWord(type)) {
        forms.push(calls(scope, ["count_ones", "leading_zeros", "trailing_zeros", "reverse_bits"], [type]));
        forms.push(calls(scope, ["mul_high"], [type, type]));
    }
    const float = FLOATS.find((name) => type === `u${name.slice(1)}`);
    if (float) forms.push(calls(scope, [`bits_of_${float}`], [float]));
    return forms;
}

/** A constant zero is refused as a divisor. */
function divisor(text: string, type: IrScalar): string {
    return /^[(-]*0 as /.test(text) ? `(1 as ${type})` : text;
}

function floats(scope: Scope, type: IrScalar): Form[] {
    const { choices } = scope;
    return [
        (depth) =>
            `(${expression(scope, type, depth)} ${choices.pick(["+", "-", "*", "/"])} ${expression(scope, type, depth)})`,
        (depth) =>
            `(${expression(scope, type, depth)} * ${expression(scope, type, depth)} ${choices.pick(["+", "-"])} ${expression(scope, type, depth)})`,
        conversion(scope, type),
        (depth) => `(-${expression(scope, type, depth)})`,
        calls(scope, ["abs", "floor", "ceil", "trunc", "round", "sqrt", "sign"], [type]),
        calls(scope, ["min", "max", `with_sign_${type}`], [type, type]),
        calls(scope, ["fma", "clamp"], [type, type, type]),
        calls(scope, ["ldexp"], [type, "i32"]),
        calls(scope, [`${type}_from_bits`], [`u${type.slice(1)}` as IrScalar]),
    ];
}
