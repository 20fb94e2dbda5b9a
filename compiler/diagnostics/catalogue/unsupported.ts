// E09xx: what the language's design has and this version of the compiler has not.

import type { Entry } from "../entry.js";

export const notSupportedYet: Entry<{ what: string; help?: string | undefined }> = {
    code: "E0901",
    severity: "error",
    title: "not supported yet",
    message: ({ what }) => `${what} not supported yet`,
    help: ({ help }) => help,
    explanation: "The language's design has this construct; this version of the compiler does not compile it.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    x[i] = max(a: x[i], b: 1.0)\n}\n",
};
