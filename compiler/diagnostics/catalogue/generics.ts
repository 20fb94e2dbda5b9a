// E07xx: generic functions and kernels, and their instances.

import type { Entry } from "../entry.js";

export const unknownBound: Entry<{ name: string; similar: string | undefined }> = {
    code: "E0701",
    severity: "error",
    title: "unknown bound",
    message: ({ name }) => `\`${name}\` is no bound of a type parameter`,
    help: ({ similar }) =>
        similar === undefined ? "the bounds are `Number`, `Float` and `Int`" : `did you mean \`${similar}\`?`,
    explanation: "A type parameter stands for any scalar type, or with a bound for any number, float or integer type.",
    example: "fn f<T: Numeric>(a: T) -> T { a }\n",
};

export const boundNotMet: Entry<{ parameter: string; owner: string; bound: string; found: string }> = {
    code: "E0702",
    severity: "error",
    title: "type doesn't meet the bound",
    message: ({ parameter, owner, bound, found }) =>
        `\`${parameter}\` of \`${owner}\` is ${bound === "Int" ? "an" : "a"} ${bound}, which ${found} is not`,
    help: ({ bound }) =>
        `choose or convert to ${bound === "Number" ? "a type of numbers" : `${bound === "Int" ? "an integer" : "a float"} type`}`,
    explanation: "A bound says which types a parameter takes: `Number`, `Float` (f16, bf16, f32, f64) or `Int`.",
    example: "fn f<T: Float>(a: T) -> T { a * 0.5 }\nfn g(a: i32) -> i32 { f(a) }\n",
};

export const notInferred: Entry<{ parameter: string; owner: string; kind: "type" | "const" }> = {
    code: "E0703",
    severity: "error",
    title: "generic parameter not known",
    message: ({ parameter, owner }) => `nothing says what \`${parameter}\` of \`${owner}\` is`,
    help: ({ owner, kind }) => `write it: \`${owner}::<${kind === "type" ? "f32" : "4"}>(…)\``,
    explanation: "A generic parameter is known from the arguments whose types name it, by its default, or by `f::<…>`.",
    example: "fn f<const N: index>(a: f32) -> f32 { a * (N as f32) }\nfn g(a: f32) -> f32 { f(a) }\n",
};

export const genericArguments: Entry<{ what: string; help?: string | undefined }> = {
    code: "E0704",
    severity: "error",
    title: "generic arguments don't fit",
    message: ({ what }) => what,
    help: ({ help }) => help,
    explanation: "Generic arguments stand in the order of the parameters, or with their names: `f::<f16, N: 4>(x)`.",
    example: "fn f<T>(a: T) -> T { a }\nfn g(a: f32) -> f32 { f::<f32, 4>(a) }\n",
};

export const badInstance: Entry<{ instance: string; message: string }> = {
    code: "E0705",
    severity: "error",
    title: "impossible instance",
    message: ({ instance, message }) => `${instance} is not possible: ${message}`,
    explanation: "The generic item is right for other values of its parameters, but not for these.",
    example:
        "fn f<const N: index>(a: f32) -> f32 {\n    var t: f32[N]\n    t[0] = a\n    t[0]\n}\nfn g(a: f32) -> f32 { f::<0>(a) }\n",
};

export const tooManyInstances: Entry<{ limit: number }> = {
    code: "E0706",
    severity: "error",
    title: "too many instances",
    message: ({ limit }) => `the program needs more than ${limit} instances of generic functions`,
    help: () => "pass what differs as an ordinary argument",
    explanation: "Each combination of types and constants that a generic function is called with is code of its own.",
    example: "",
};
