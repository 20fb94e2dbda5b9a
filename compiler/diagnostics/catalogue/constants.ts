// E04xx: constants, extents and dimension names.

import type { Entry } from "../entry.js";

export const notConstant: Entry<{ what: string }> = {
    code: "E0401",
    severity: "error",
    title: "not a constant",
    message: ({ what }) => `${what} must be a constant`,
    help: () => "use numbers, `const` names and operators on them",
    explanation: "The compiler must know this value: it may not depend on parameters, variables or dimensions.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    var a: f32[n]\n    a[0] = 1.0\n    x[i] = a[0]\n}\n",
};

export const constantDivisionByZero: Entry<null> = {
    code: "E0402",
    severity: "error",
    title: "division by zero",
    message: () => "this divides by zero",
    explanation: "The divisor is a constant 0; integer division by zero has no value.",
    example: "const A: i32 = 1 / 0\n",
};

export const constantOverflow: Entry<{ op: string; type: string }> = {
    code: "E0403",
    severity: "error",
    title: "constant overflow",
    message: ({ op, type }) => `the result of \`${op}\` doesn't fit ${type}`,
    help: () => "give the constant a wider type",
    explanation: "In a constant an overflow is a mistake; at run time integers wrap.",
    example: "const A: u8 = 200 + 100\n",
};

export const badExtent: Entry<{ what: string }> = {
    code: "E0404",
    severity: "error",
    title: "impossible extent",
    message: ({ what }) => what,
    help: () => "an extent is made of numbers, constants and dimension names with `+ - * / %`",
    explanation: "Extents and launch sizes are evaluated by the host at launch, from the arguments' shapes.",
    example: "kernel f(x: mut f32[n & 1]) over i in n {\n    x[i] = 0.0\n}\n",
};

export const unboundDimension: Entry<{ name: string }> = {
    code: "E0405",
    severity: "error",
    title: "dimension that nothing binds",
    message: ({ name }) => `\`${name}\` stands only inside an expression, so no argument says what it is`,
    help: ({ name }) => `give a view the plain dimension \`${name}\`: expressions are checked, not solved`,
    explanation: "A dimension name is bound by a view that has it as a dimension by itself, such as `f32[n]`.",
    example: "kernel f(x: mut f32[n + 1]) over i in n {\n    x[i] = 0.0\n}\n",
};

export const arraySize: Entry<{ size: string; limit: number }> = {
    code: "E0406",
    severity: "error",
    title: "impossible array size",
    message: ({ size, limit }) => `an array can't have ${size} elements: at least 1, at most ${limit}`,
    explanation: "Arrays live in registers, scratch memory or LDS, all of which are small.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    var a: f32[0]\n    a[0] = 1.0\n    x[i] = a[0]\n}\n",
};

export const constantCall: Entry<{ name: string; message: string }> = {
    code: "E0407",
    severity: "error",
    title: "constant that can't be computed",
    message: ({ name, message }) => `this call of \`${name}\` gives no constant: ${message}`,
    help: () =>
        "a constant may call functions that only compute, within 1,000,000 steps a call and 2,000,000 a program",
    explanation:
        "The compiler executes the function as a device would. It stops at a division by zero, an access out of bounds, " +
        "an assertion that doesn't hold, and at what only a running kernel has: waves, barriers and prints.",
    example:
        "fn endless(x: i32) -> i32 {\n    var y = x\n    while true { y += 1 }\n    y\n}\n\nconst A: i32 = endless(1)\n",
};
