// Expressions of a wanted type, well typed and never undefined: indices are brought into range by `wrap_index`, and
// what would show the look of a NaN (its sign, its bits) goes through functions that hide it.

import { decodeSmallFloat, encodeSmallFloat, isSmallFloat } from "../../codeobject/small-floats.js";
import type { ScalarName } from "../../compiler/sema/types.js";
import type { Choices } from "./choices.js";
import { compositeForms, compositeLeaf, elementsWithin, partsOf } from "./composites.js";
import {
    anyType,
    bitsType,
    type Declared,
    FLOATS,
    floatSamples,
    integerSamples,
    isFloat,
    isInteger,
    isPair,
    isSigned,
    isStored,
    isWord,
    NUMBERS,
    PAIRS,
    STORED,
    scalar,
    type TypeName,
} from "./types.js";

export interface Variable {
    readonly name: string;
    readonly type: TypeName;
    readonly mutable: boolean;
}

export interface Callable {
    readonly name: string;
    readonly params: readonly TypeName[];
    readonly result: TypeName;
}

/** Something that is read by an index. */
export interface Elements {
    readonly name: string;
    readonly type: TypeName;
    /** The extent, as text. */
    readonly extent: string;
}

/** What may be named at a place of the program. */
export interface Scope {
    readonly choices: Choices;
    /** Hands out names of the whole program. */
    readonly fresh: (prefix: string) => string;
    readonly declared: Declared;
    /** Whether lanes of a wave read each other's values. */
    readonly waves: boolean;
    readonly variables: readonly Variable[];
    /** What any work-item may read anywhere. */
    readonly readable: readonly Elements[];
    /** Places that belong to the work-item alone. */
    readonly own: readonly Variable[];
    readonly functions: readonly Callable[];
}

export type Form = (depth: number) => string;

/** Written before every batch of programs. */
export const HELPERS = [
    "fn wrap_index(i: index, n: index) -> index {",
    "    let r = i % n",
    "    if r < 0 { r + n } else { r }",
    "}",
    ...[...FLOATS, ...STORED].map((type) => {
        const nan = isStored(type) ? "is_nan(x as f32)" : "is_nan(x)";
        return `fn bits_of_${type}(x: ${type}) -> ${bitsType(type)} { if ${nan} { 0 } else { to_bits(x) } }`;
    }),
    ...FLOATS.map(
        (type) =>
            `fn with_sign_${type}(x: ${type}, s: ${type}) -> ${type} { copysign(x, if is_nan(s) { 1.0 } else { s }) }`,
    ),
    "",
].join("\n");

export function literal(choices: Choices, type: ScalarName): string {
    if (type === "bool") return choices.pick(["true", "false"]);
    if (isPair(type)) return `${type}_from_bits(${literal(choices, bitsType(type))})`;
    if (isInteger(type)) return `(${parenthesised(String(choices.pick(integerSamples(type))))} as ${type})`;
    return `(${parenthesised(floatText(choices.pick(floatLiterals(type))))} as ${type})`;
}

/** Of a type of 8 bits, what it has a number for: beyond its greatest a literal is an error. */
function floatLiterals(type: ScalarName): number[] {
    const samples = floatSamples(type);
    if (!isSmallFloat(type) || !isStored(type)) return samples;
    const fits = (value: number) => Number.isFinite(decodeSmallFloat(type, encodeSmallFloat(type, value)));
    return samples.filter((value) => Number.isNaN(value) || fits(value));
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
export function expression(scope: Scope, type: TypeName, depth: number): string {
    const { choices } = scope;
    if (depth <= 0 || choices.once(5)) return leaf(scope, type);
    const forms = [...common(scope, type), ...(compositeForms(scope, type) ?? scalars(scope, type as ScalarName))];
    return choices.pick(forms)(depth - 1);
}

export function leaf(scope: Scope, type: TypeName): string {
    const { choices } = scope;
    const named = [...scope.variables, ...scope.own].flatMap((variable) => partsOf(variable, scope.declared));
    const fitting = named.filter((variable) => variable.type === type);
    const readable = scope.readable.filter((elements) => elements.type === type);
    const forms = [
        ...(fitting.length > 0 ? [() => choices.pick(fitting).name, () => choices.pick(fitting).name] : []),
        ...readable.map((elements) => () => `${elements.name}[${nearby(scope, elements)}]`),
        compositeLeaf(scope, type) ?? (() => literal(choices, type as ScalarName)),
    ];
    const others =
        type === "bool" ? [] : named.filter((other) => other.type !== type && isConvertible(other.type, type));
    if (others.length > 0) forms.push(() => `(${choices.pick(others).name} as ${type})`);
    return choices.pick(forms)();
}

function isConvertible(from: TypeName, to: TypeName): boolean {
    const isScalar = (type: TypeName) => isInteger(type) || isFloat(type) || isStored(type);
    return (isScalar(from) || from === "bool") && isScalar(to);
}

/** An index that is a leaf itself, in range. */
function nearby(scope: Scope, { extent }: Elements): string {
    return `wrap_index(${leaf({ ...scope, readable: [] }, "index")}, ${extent})`;
}

/** Forms that every type has. */
function common(scope: Scope, type: TypeName): Form[] {
    const { choices } = scope;
    const functions = scope.functions.filter(({ result }) => result === type);
    const readable = [...scope.readable, ...elementsWithin(scope)].filter((elements) => elements.type === type);
    return [
        () => leaf(scope, type),
        (depth) =>
            `(if ${expression(scope, "bool", depth)} { ${expression(scope, type, depth)} } else { ${expression(scope, type, depth)} })`,
        (depth) => {
            const name = scope.fresh("t");
            const other = anyType(choices, scope.declared);
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

function scalars(scope: Scope, type: ScalarName): Form[] {
    if (isStored(type)) return [conversion(scope, type)];
    if (isPair(type)) return [calls(scope, [`${type}_from_bits`], [bitsType(type)])];
    const forms = type === "bool" ? truths(scope) : isFloat(type) ? floats(scope, type) : integers(scope, type);
    return scope.waves ? [...forms, ...waves(scope, type)] : forms;
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
        (depth) => `${choices.pick(["any", "all"])}(${expression(scope, `boolx${choices.pick([2, 3, 4])}`, depth)})`,
        ...scope.declared.enums.map(
            ({ name }): Form =>
                (depth) =>
                    `(${expression(scope, name, depth)} ${choices.pick(["==", "<"])} ${expression(scope, name, depth)})`,
        ),
    ];
}

export function calls(scope: Scope, names: readonly string[], params: readonly TypeName[]): Form {
    return (depth) =>
        `${scope.choices.pick(names)}(${params.map((param) => expression(scope, param, depth)).join(", ")})`;
}

function conversion(scope: Scope, type: ScalarName): Form {
    return (depth) => {
        const from = scalar(scope.choices);
        return from === type || isPair(from) ? leaf(scope, type) : `(${expression(scope, from, depth)} as ${type})`;
    };
}

function integers(scope: Scope, type: ScalarName): Form[] {
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
        ...scope.declared.enums.map(
            ({ name }) =>
                (depth: number) =>
                    `(${expression(scope, name, depth)} as ${type})`,
        ),
    ];
    if (isSigned(type))
        forms.push((depth) => `(-${expression(scope, type, depth)})`, calls(scope, ["abs", "sign"], [type]));
    if (isWord(type)) {
        forms.push(calls(scope, ["count_ones", "leading_zeros", "trailing_zeros", "reverse_bits"], [type]));
        forms.push(calls(scope, ["mul_high"], [type, type]));
    }
    const floats = [...FLOATS, ...STORED].filter((name) => type === bitsType(name));
    const pairs = PAIRS.filter((name) => type === bitsType(name));
    return [
        ...forms,
        ...floats.map((float) => calls(scope, [`bits_of_${float}`], [float])),
        ...pairs.map((pair) => calls(scope, ["to_bits"], [pair])),
    ];
}

/** A constant zero is refused as a divisor. */
function divisor(text: string, type: TypeName): string {
    return /^[(-]*0 as /.test(text) ? `(1 as ${type})` : text;
}

function floats(scope: Scope, type: ScalarName): Form[] {
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
        calls(scope, [`${type}_from_bits`], [bitsType(type)]),
        (depth) => calls(scope, ["dot"], new Array(2).fill(`${type}x${choices.pick([2, 3, 4])}`))(depth),
    ];
}

/** What the lanes of a wave give each other. */
function waves(scope: Scope, type: ScalarName): Form[] {
    const shuffles = [
        calls(scope, ["wave_shuffle", "wave_shuffle_xor", "wave_shuffle_up", "wave_shuffle_down"], [type, "index"]),
        calls(scope, ["wave_broadcast"], [type, "index"]),
        calls(scope, ["wave_first"], [type]),
    ];
    if (type === "bool") {
        return [...shuffles, calls(scope, ["wave_any", "wave_all"], ["bool"]), () => "wave_is_first()"];
    }
    const kinds = isInteger(type) ? ["sum", "min", "max", "and", "or", "xor"] : ["sum", "min", "max"];
    const combine = ["", "inclusive_", "exclusive_"].map((how) =>
        calls(
            scope,
            kinds
                .filter((kind) => type !== "index" || !["and", "or", "xor"].includes(kind))
                .map((kind) => `wave_${how}${kind}`),
            [type],
        ),
    );
    const ballot = type === "u64" ? [calls(scope, ["wave_ballot"], ["bool"])] : [];
    return [...shuffles, ...combine, ...ballot];
}
