// E03xx: types, literals and conversions.

import type { Entry } from "../entry.js";
import { count } from "../words.js";

export const typeMismatch: Entry<{ expected: string; found: string; help?: string | undefined }> = {
    code: "E0301",
    severity: "error",
    title: "mismatched types",
    message: ({ expected, found }) => `expected ${expected}, found ${found}`,
    help: ({ help }) => help,
    explanation: "Types must agree: nothing but literals is converted silently. `x as f32` converts.",
    example: "fn f(a: i32) -> f32 { a }\n",
};

export const operandMismatch: Entry<{ op: string; left: string; right: string; help?: string | undefined }> = {
    code: "E0302",
    severity: "error",
    title: "operands of different types",
    message: ({ op, left, right }) => `\`${op}\` has ${left} on its left and ${right} on its right`,
    help: ({ help }) => help,
    explanation: "Both operands of an operator have the same type, which is also the result's. `x as f32` converts.",
    example: "fn f(a: f32, b: i32) -> f32 { a * b }\n",
};

export const badOperand: Entry<{ op: string; type: string; wants: string; help?: string | undefined }> = {
    code: "E0303",
    severity: "error",
    title: "operator doesn't take this type",
    message: ({ op, type, wants }) => `\`${op}\` takes ${wants}, not ${type}`,
    help: ({ help }) => help,
    explanation:
        "Arithmetic takes numbers, `%` and bitwise operators integers, `!`, `&&` and `||` bool, and `-x` signed numbers.",
    example: "fn f(a: f32) -> f32 { a & a }\n",
};

export const literalRange: Entry<{ shown: string; type: string; help?: string | undefined }> = {
    code: "E0304",
    severity: "error",
    title: "literal out of its type's range",
    message: ({ shown, type }) => `${shown} is not representable as ${type}`,
    help: ({ help }) => help,
    explanation:
        "A literal takes the type that its place demands, if that type has its value. Without a demand an integer is i32 and a float f32.",
    example: "fn f() -> u8 { 300 }\n",
};

export const floatAsInteger: Entry<{ shown: string; type: string }> = {
    code: "E0305",
    severity: "error",
    title: "float literal where an integer is needed",
    message: ({ shown, type }) => `${shown} is no ${type}`,
    help: () => "write an integer, or convert the other side with `as f32`",
    explanation: "A literal with a point or an exponent has a float type: it never becomes an integer silently.",
    example: "fn f(a: i32) -> i32 { a * 2.5 }\n",
};

export const badConversion: Entry<{ from: string; to: string; help?: string | undefined }> = {
    code: "E0306",
    severity: "error",
    title: "impossible conversion",
    message: ({ from, to }) => `${from} can't be converted to ${to}`,
    help: ({ help }) => help,
    explanation: "`as` converts between numbers, and from bool to numbers (false is 0, true is 1).",
    example: "fn f(a: i32) -> bool { a as bool }\n",
};

export const notScalar: Entry<{ what: string; help?: string | undefined }> = {
    code: "E0307",
    severity: "error",
    title: "not a value",
    message: ({ what }) => `${what} is no value`,
    help: ({ help }) => help,
    explanation: "Views and arrays are used through their elements, `x[i]`; a function without a result has no value.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    x[i] = x\n}\n",
};

export const notIndexable: Entry<{ what: string; help?: string | undefined }> = {
    code: "E0308",
    severity: "error",
    title: "indexing what has no elements",
    message: ({ what }) => `${what} has no elements`,
    help: ({ help }) => help,
    explanation:
        "Only views, arrays and vectors are indexed, views and arrays by all of their dimensions at once: `x[i, j]`.",
    example: "fn f(a: f32) -> f32 { a[0] }\n",
};

export const wrongRank: Entry<{ name: string; rank: number; found: number }> = {
    code: "E0309",
    severity: "error",
    title: "wrong number of indices",
    message: ({ name, rank, found }) =>
        `\`${name}\` has ${count(rank, "dimension")}, but ${count(found, "index", "indices")}`,
    help: ({ rank }) => `an element is \`[${["i", "j", "k", "l"].slice(0, rank).join(", ")}]\``,
    explanation: "An element is named by one index for each dimension, outermost first.",
    example: "kernel f(x: mut f32[m, n]) over i in m {\n    x[i] = 0.0\n}\n",
};

export const indexType: Entry<{ type: string; help?: string | undefined }> = {
    code: "E0310",
    severity: "error",
    title: "index of another type",
    message: ({ type }) => `an index is an \`index\`, not ${type}`,
    help: ({ help }) => help,
    explanation:
        "Dimensions, domain and loop variables are of type `index`, which behaves as a signed 64-bit integer. `i as index` converts.",
    example: "kernel f(x: mut f32[n], j: i32) over i in n {\n    x[i] = x[j]\n}\n",
};

export const indexOutOfBounds: Entry<{ index: string; extent: number | null }> = {
    code: "E0311",
    severity: "error",
    title: "index out of bounds",
    message: ({ index, extent }) =>
        extent === null ? `index ${index} is below 0` : `index ${index} is not below the extent ${extent}`,
    explanation: "Indices count from 0 to one below the extent.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    var a: f32[4]\n    x[i] = a[4]\n}\n",
};

export const misplacedType: Entry<{ what: string; help: string }> = {
    code: "E0312",
    severity: "error",
    title: "type in the wrong place",
    message: ({ what }) => what,
    help: ({ help }) => help,
    explanation:
        "Parameters are values and views; variables are values and arrays of constant size; results and conversions are values; `mut` belongs to view parameters.",
    example: "fn f(a: mut f32) -> f32 { a }\n",
};

export const noMembers: Entry<{ name: string }> = {
    code: "E0313",
    severity: "error",
    title: "no such member",
    message: ({ name }) => `there is no member \`${name}\``,
    help: () => "an extent is its dimension's name: for `x: f32[n]` write `n`",
    explanation: "Scalars, views and arrays have no members; a vector has its lanes, `v.x`.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    x[i] = x.length\n}\n",
};

export const badSwizzle: Entry<{ name: string; type: string; letters: string }> = {
    code: "E0318",
    severity: "error",
    title: "no such lanes",
    message: ({ name, type }) => `${type} has no lanes \`${name}\``,
    help: ({ letters }) =>
        `name one to four of \`${letters}\`, such as \`v.${letters.slice(0, 2)}\`; any lane is \`v[i]\``,
    explanation:
        "The first four lanes of a vector are x, y, z and w. One letter is a scalar, two to four are a vector of these lanes, in any order and also repeated; assigned to, each stands once.",
    example: "fn f(v: f32x2) -> f32 { v.z }\n",
};

export const vectorParts: Entry<{ type: string; length: number; found: number }> = {
    code: "E0319",
    severity: "error",
    title: "wrong number of lanes",
    message: ({ type, length, found }) => `${type} has ${length} lanes, but these parts have ${found}`,
    help: ({ type, length }) =>
        `write ${length} scalars, vectors that have ${length} lanes together, or one scalar for all: \`${type}(0)\``,
    explanation: "A vector is made of as many lanes as it has, or of one scalar that all its lanes are.",
    example: "fn f(a: f32) -> f32x3 { f32x3(a, a) }\n",
};

export const missingInitialValue: Entry<{ name: string; keyword: string }> = {
    code: "E0314",
    severity: "error",
    title: "declaration without a value",
    message: ({ name }) => `\`${name}\` needs a value`,
    help: ({ name, keyword }) => `write \`${keyword} ${name} = …\``,
    explanation:
        "Values are never uninitialised. Arrays are declared without a value: `var a: f32[8]` is filled with 0.",
    example: "fn f() -> f32 {\n    var a: f32\n    a\n}\n",
};

export const missingElse: Entry<{ type: string }> = {
    code: "E0315",
    severity: "error",
    title: "`if` without `else` used as a value",
    message: ({ type }) => `this \`if\` must give ${type}, but has no \`else\``,
    help: () => "add `else { … }` with the other value",
    explanation: "An `if` used as an expression has a value whatever its condition is.",
    example: "fn f(a: f32) -> f32 {\n    let b: f32 = if a > 0.0 { 1.0 }\n    b\n}\n",
};

export const missingBlockValue: Entry<{ type: string }> = {
    code: "E0316",
    severity: "error",
    title: "block without a value",
    message: ({ type }) => `this block must end in ${type}`,
    help: () => "let the last line be the value",
    explanation: "A block used as an expression has the value of its last line.",
    example: "fn f(a: f32) -> f32 {\n    let b: f32 = if a > 0.0 { 1.0 } else { }\n    b\n}\n",
};

export const aliasCycle: Entry<{ name: string }> = {
    code: "E0317",
    severity: "error",
    title: "aliases name each other",
    message: ({ name }) => `\`${name}\` stands for itself, directly or through others`,
    help: () => "name a type of the language, such as `f32`",
    explanation: "An alias is another name for a type, so in the end there is one.",
    example: "type A = B\ntype B = A\n",
};

export const lossyConstant: Entry<{ shown: string; type: string; becomes: string }> = {
    code: "W0301",
    severity: "warning",
    title: "constant loses its value",
    message: ({ shown, type, becomes }) => `${shown} becomes ${becomes} as ${type}`,
    help: ({ becomes }) => `write ${becomes} if that is meant, or choose a wider type`,
    explanation:
        "A constant that its type or a conversion changes is rarely meant: a fraction that is cut off, an integer that wraps, a float that becomes 0 or loses whole units. Ordinary rounding, as of 0.1, is not reported.",
    example: "fn f() -> f32 { 16777217.0 }\n",
};

export const sliceBounds: Entry<{ extent: string | null }> = {
    code: "E0320",
    severity: "error",
    title: "impossible slice",
    message: ({ extent }) =>
        `a slice goes from 0 at least to its end, which is not before its start${extent === null ? "" : ` and at most ${extent}`}`,
    explanation: "`x[a .. b]` are the elements from a up to but not with b: 0 ≤ a ≤ b ≤ the extent.",
    example: "kernel f(x: f32[8], y: mut f32[n]) over i in n {\n    let part = x[4 .. 12]\n    y[i] = part[i % 4]\n}\n",
};

export const listLength: Entry<{ type: string; wanted: number; found: number }> = {
    code: "E0321",
    severity: "error",
    title: "wrong number of elements",
    message: ({ type, wanted, found }) => `${type} takes ${count(wanted, "element")} here, not ${found}`,
    explanation:
        "`[a, b, c]` is an array of as many elements as there are. One of several dimensions is made of lists.",
    example: "fn f() -> f32 {\n    let a: f32[3] = [1.0, 2.0]\n    a[0]\n}\n",
};

export const arrayAsValue: Entry<{ type: string; scalars: number; limit: number }> = {
    code: "E0322",
    severity: "error",
    title: "array that is too large for a value",
    message: ({ type, scalars, limit }) => `${type} has ${scalars} scalars, and a value at most ${limit}`,
    help: () => "use its elements in a loop, or pass it as a view",
    explanation: "A value lives in registers while it is copied, passed or returned as a whole.",
    example: "fn f() -> f32 {\n    var a: f32[2048]\n    let b = a\n    b[0] + a[1]\n}\n",
};
