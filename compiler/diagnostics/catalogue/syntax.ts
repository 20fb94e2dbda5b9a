// E01xx: what is no Soma text.

import type { Entry } from "../entry.js";

export const unexpectedCharacter: Entry<{ shown: string; help?: string }> = {
    code: "E0101",
    severity: "error",
    title: "unexpected character",
    message: ({ shown }) => `${shown} has no meaning here`,
    help: ({ help }) => help ?? "remove it; outside comments Soma's text is ASCII",
    explanation:
        "A program is made of names, numbers, operators and brackets; other characters may stand in comments only.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    x[i] = 1.0 $\n}\n",
};

export const blockComment: Entry<null> = {
    code: "E0102",
    severity: "error",
    title: "block comment",
    message: () => "there are no `/* … */` comments",
    help: () => "begin each line of the comment with `//`",
    explanation: "Line comments only: a comment never changes what the lines after it mean.",
    example: "/* doubles x */\nkernel f(x: mut f32[n]) over i in n {\n    x[i] *= 2.0\n}\n",
};

export const badNumber: Entry<{ image: string; help: string }> = {
    code: "E0103",
    severity: "error",
    title: "malformed number",
    message: ({ image }) => `\`${image}\` is no number`,
    help: ({ help }) => help,
    explanation:
        "Numbers are decimal (`12`, `1_000`, `1.5`, `1e-3`), hexadecimal (`0xff`) or binary (`0b1010`). They have no suffix: a literal takes the type that its place demands.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    x[i] = 1.0f\n}\n",
};

export const expected: Entry<{ expected: string; found: string; help?: string | undefined }> = {
    code: "E0104",
    severity: "error",
    title: "syntax error",
    message: ({ expected, found }) => `expected ${expected}, found ${found}`,
    help: ({ help }) => help,
    explanation:
        "The text doesn't follow the grammar. A newline ends a statement except inside `()` and `[]`, after a binary operator, or before `.`; `;` separates statements on one line.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    x[i] = \n}\n",
};

export const unclosed: Entry<{ open: string; close: string }> = {
    code: "E0105",
    severity: "error",
    title: "unclosed bracket",
    message: ({ open }) => `this \`${open}\` is never closed`,
    help: ({ close }) => `add the missing \`${close}\``,
    explanation:
        "Every bracket needs its partner before the bracket around it closes, or before the next kernel or function.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    x[i] = (1.0 + 2.0\n}\n",
};

export const unopened: Entry<{ close: string }> = {
    code: "E0106",
    severity: "error",
    title: "closing bracket without an opening one",
    message: ({ close }) => `this \`${close}\` closes nothing`,
    help: () => "remove it, or add its opening bracket",
    explanation: "A closing bracket ends what an opening one of the same kind began.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    x[i] = 1.0)\n}\n",
};

export const mismatchedBracket: Entry<{ open: string; close: string; wanted: string }> = {
    code: "E0107",
    severity: "error",
    title: "mismatched brackets",
    message: ({ open, close }) => `\`${open}\` is closed by \`${close}\``,
    help: ({ wanted }) => `write \`${wanted}\` here`,
    explanation: "`(` closes with `)`, `[` with `]` and `{` with `}`.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    x[i) = 1.0\n}\n",
};

export const tooDeep: Entry<{ what: string; limit: number }> = {
    code: "E0108",
    severity: "error",
    title: "nested too deeply",
    message: ({ what, limit }) => `${what}: the limit is ${limit}`,
    help: () => "name parts of it with `let`, or move them into functions",
    explanation:
        "Brackets nest 128 deep, and an expression's tree is at most 1000 high (a sum of n terms is n high), so that no text can exhaust the compiler's stack.",
    example: `fn f() -> i32 { ${"(".repeat(200)}1${")".repeat(200)} }\n`,
};

export const chainedComparison: Entry<{ first: string; second: string }> = {
    code: "E0109",
    severity: "error",
    title: "chained comparison",
    message: () => "comparisons can't be chained",
    help: ({ first, second }) =>
        `write \`a ${first} b && b ${second} c\`${first === "<" && second === ">" ? ", or `f::<f32>(x)` for a generic call" : ""}`,
    explanation: "`a < b < c` would compare the truth of `a < b` with `c`, which is never meant.",
    example: "fn f(a: i32, b: i32, c: i32) -> bool { a < b < c }\n",
};

export const misplacedList: Entry<null> = {
    code: "E0110",
    severity: "error",
    title: "list in parentheses",
    message: () => "a list in parentheses is no value",
    help: () => "only launch clauses take one, such as `groups (gy, gx)`",
    explanation: "There are no tuples: parentheses around several expressions have a meaning in launch clauses only.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    x[i] = (1.0, 2.0)\n}\n",
};

export const notAssignable: Entry<null> = {
    code: "E0111",
    severity: "error",
    title: "assignment to a value",
    message: () => "this can't be assigned to",
    help: () => "assign to a `var`, or to an element of a `mut` view or an array",
    explanation: "What stands left of `=` must be a place: a variable, or an element `x[i]`.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    x[i] + 1.0 = 2.0\n}\n",
};

export const halfRange: Entry<null> = {
    code: "E0112",
    severity: "error",
    title: "loop with one end",
    message: () => "this loop has one end",
    help: () => "a loop has two ends: `for i in 0 .. n { … }`",
    fixes: (_, { file, start }) => [
        { message: "begin at 0", edits: [{ span: { file, start, end: start }, text: "0 .. " }] },
    ],
    explanation:
        "A loop counts from one index to another. Only a matrix kernel steps through a dimension as a whole: `for p in k by BK`.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    for j in n { x[i] += 1.0 }\n}\n",
};

export const elsewhere: Entry<{ what: string; where: string; help?: string | undefined }> = {
    code: "E0113",
    severity: "error",
    title: "construct of another kind of program",
    message: ({ what, where }) => `${what} to ${where}`,
    help: ({ where, help }) =>
        help ?? (where === "matrix kernels" ? "write `matrix kernel`, which is one program for a tile" : undefined),
    explanation:
        "Tiles, steps in a launch domain and loops over whole dimensions belong to matrix kernels; units and `refractory` to neuron models and networks.",
    example: "kernel f(x: mut f32[n]) over i in n by 4 {\n    x[i] = 0.0\n}\n",
};

export const badEscape: Entry<{ image: string }> = {
    code: "E0114",
    severity: "error",
    title: "unknown escape",
    message: ({ image }) => `\`${image}\` stands for nothing in a text`,
    help: () => 'there are `\\n`, `\\t`, `\\\\` and `\\"`',
    explanation: 'In a text a backslash begins an escape: `\\n`, `\\t`, `\\\\` or `\\"`.',
    example: 'kernel f(x: f32[n]) over i in n {\n    print("100\\% of {}", x[i])\n}\n',
};

export const misplacedText: Entry<null> = {
    code: "E0115",
    severity: "error",
    title: "text as a value",
    message: () => "a text is no value",
    help: () => "only `print` and `assert` take one",
    explanation:
        "There are no texts on a device: those of `print` and `assert` stay with the host, which fills in the values.",
    example: 'kernel f(x: mut f32[n]) over i in n {\n    let s = "abc"\n    x[i] = s\n}\n',
};

export const tooLarge: Entry<{ what: string; limit: number }> = {
    code: "E0116",
    severity: "error",
    title: "too large a text",
    message: ({ what, limit }) => `${what} has more than ${limit} characters`,
    help: () => "break it up: nobody writes such by hand, so whatever made it can make smaller ones",
    explanation:
        "A line has at most 2,097,152 characters and a file 12,582,912, so that no text can exhaust the compiler's memory.",
    example: "",
};
