// E06xx: functions, calls and control flow. W06xx: code without effect.

import type { Entry } from "../entry.js";

export const wrongArgumentCount: Entry<{ name: string; expected: string; found: number }> = {
    code: "E0601",
    severity: "error",
    title: "wrong number of arguments",
    message: ({ name, expected, found }) => `\`${name}\` takes ${expected}, not ${found}`,
    explanation: "A call gives one argument for each parameter, in their order.",
    example: "fn g(a: f32) -> f32 { a }\nfn f() -> f32 { g(1.0, 2.0) }\n",
};

export const argumentType: Entry<{ name: string; wants: string; found: string; help?: string | undefined }> = {
    code: "E0602",
    severity: "error",
    title: "function doesn't take this type",
    message: ({ name, wants, found }) => `\`${name}\` takes ${wants}, not ${found}`,
    help: ({ help }) => help,
    explanation: "Built-in functions are defined for the types that their documentation lists.",
    example: "fn f(a: i32) -> i32 { sqrt(a) }\n",
};

export const viewArgument: Entry<{ what: string; help?: string | undefined }> = {
    code: "E0603",
    severity: "error",
    title: "argument doesn't fit the view parameter",
    message: ({ what }) => what,
    help: ({ help }) => help,
    explanation:
        "A view parameter takes a view by its name, with the same element type, as many dimensions and equal extents.",
    example:
        "fn g(a: f32[n]) -> f32 { a[0] }\nkernel f(x: f32[m, k], y: mut f32[m]) over i in m {\n    y[i] = g(x)\n}\n",
};

export const recursion: Entry<{ cycle: string }> = {
    code: "E0604",
    severity: "error",
    title: "recursion",
    message: ({ cycle }) => `functions can't call themselves: ${cycle}`,
    help: () => "write it as a loop",
    explanation: "Kernels have no call stack: every function is part of the kernels that reach it.",
    example: "fn f(a: f32) -> f32 { f(a) }\n",
};

export const missingResult: Entry<{ name: string; type: string }> = {
    code: "E0605",
    severity: "error",
    title: "function can end without a result",
    message: ({ name, type }) => `\`${name}\` can end without giving its ${type}`,
    help: () => "let the last line be the result, or `return` it on every way",
    explanation: "A function with a result type gives a result on every way through its body.",
    example: "fn f(a: f32) -> f32 {\n    if a > 0.0 { return a }\n}\n",
};

export const returnValue: Entry<{ what: string; help?: string | undefined }> = {
    code: "E0606",
    severity: "error",
    title: "return doesn't fit the function",
    message: ({ what }) => what,
    help: ({ help }) => help,
    explanation:
        "`return` has a value exactly if the function has a result type. Kernels have none: they write to views.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    x[i] = 0.0\n    return 1.0\n}\n",
};

export const outsideLoop: Entry<{ keyword: string }> = {
    code: "E0607",
    severity: "error",
    title: "outside of a loop",
    message: ({ keyword }) => `\`${keyword}\` stands outside of any loop`,
    help: ({ keyword }) => (keyword === "break" ? "to leave the function, write `return`" : undefined),
    explanation: "`break` ends the innermost loop around it, `continue` its current pass.",
    example: "fn f() {\n    break\n}\n",
};

export const zeroStep: Entry<null> = {
    code: "E0608",
    severity: "error",
    title: "loop with step 0",
    message: () => "a step of 0 never gets to the end",
    help: () => "leave `by` out for a step of 1",
    explanation: "A loop's step is positive to count up and negative to count down.",
    example: "fn f() -> i32 {\n    var s = 0\n    for i in 0 .. 8 by 0 { s += 1 }\n    s\n}\n",
};

export const loopTypes: Entry<{ found: string; help?: string | undefined }> = {
    code: "E0609",
    severity: "error",
    title: "loop bounds of another type",
    message: ({ found }) => `a loop counts in \`index\`, not in ${found}`,
    help: ({ help }) => help,
    explanation: "Loop variables are of type `index`, so start, end and step are as well. `n as index` converts.",
    example: "fn f(n: i32) -> i32 {\n    var s = 0\n    for i in 0 .. n { s += 1 }\n    s\n}\n",
};

export const kernelParameter: Entry<{ what: string; help: string }> = {
    code: "E0610",
    severity: "error",
    title: "impossible parameter",
    message: ({ what }) => what,
    help: ({ help }) => help,
    explanation:
        "Dimension names are bound from the views' shapes; they are not parameters as well. A `shared` parameter is an array " +
        "that the workgroups of a kernel have in common: functions take it, the host can't pass it.",
    example: "kernel f(n: index, x: mut f32[n]) over i in n {\n    x[i] = 0.0\n}\n",
};

export const libraryFunction: Entry<{ name: string; module: string }> = {
    code: "E0611",
    severity: "error",
    title: "the standard library lacks a function",
    message: ({ name, module }) => `module \`${module}\` has no usable function \`${name}\``,
    help: () => "the standard library doesn't fit this compiler: install both anew",
    explanation: "Some built-in functions are written in Soma, in the standard library that comes with the compiler.",
    example: "",
};

export const unreachable: Entry<{ after: string }> = {
    code: "W0601",
    severity: "warning",
    title: "unreachable code",
    message: ({ after }) => `nothing gets here: ${after} goes elsewhere`,
    help: () => "remove it",
    explanation: "Statements behind a `return`, `break` or `continue` in the same block are never executed.",
    example: "fn f() -> i32 {\n    return 1\n    let _a = 2\n}\n",
};

export const unusedValue: Entry<{ help?: string | undefined }> = {
    code: "W0602",
    severity: "warning",
    title: "value without use",
    message: () => "this value is not used",
    help: ({ help }) => help,
    explanation: "A statement that computes something without effect is most often a slip.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    x[i] == 1.0\n    x[i] = 0.0\n}\n",
};
