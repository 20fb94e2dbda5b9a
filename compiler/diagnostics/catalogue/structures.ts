// E033x: structures and enums.

import type { Entry } from "../entry.js";

export const structCycle: Entry<{ name: string }> = {
    code: "E0330",
    severity: "error",
    title: "structure contains itself",
    message: ({ name }) => `\`${name}\` contains itself, directly or through others`,
    help: () => "keep an index into a view instead",
    explanation: "A structure consists of its fields, so it would have no end.",
    example: "struct Node { value: f32, next: Node }\n",
};

export const structSize: Entry<{ name: string; scalars: number; limit: number }> = {
    code: "E0331",
    severity: "error",
    title: "structure without fields, or too large",
    message: ({ name, scalars, limit }) =>
        scalars === 0
            ? `\`${name}\` has no fields`
            : `a \`${name}\` consists of ${scalars} scalars, of which a value has at most ${limit}`,
    help: ({ scalars }) => (scalars === 0 ? "give it at least one" : "put the large array into a view of its own"),
    explanation: "A value of a structure lives in registers, one or more for each of its scalars.",
    example: "struct Table { entries: f32[4096] }\n",
};

export const enumBase: Entry<{ found: string }> = {
    code: "E0332",
    severity: "error",
    title: "enum of no integers",
    message: ({ found }) => `an enum's names stand for integers, not for ${found}`,
    help: () => "write an integer type, such as `u32`, or none: then it is i32",
    explanation: "An enum gives names to values of an integer type.",
    example: "enum Mode: f32 { a, b }\n",
};

export const unknownMember: Entry<{ name: string; owner: string; what: string; similar?: string | undefined }> = {
    code: "E0333",
    severity: "error",
    title: "no such field, method or name",
    message: ({ name, owner, what }) => `\`${owner}\` has no ${what} \`${name}\``,
    help: ({ similar }) => (similar === undefined ? undefined : `did you mean \`${similar}\`?`),
    explanation: "After the point stands a field or a method of a structure, or a name of an enum.",
    example: "struct Body { mass: f32 }\nfn f(b: Body) -> f32 { b.weight }\n",
};

export const structValue: Entry<{ what: string; help?: string | undefined }> = {
    code: "E0334",
    severity: "error",
    title: "structure's value doesn't fit its fields",
    message: ({ what }) => what,
    help: ({ help }) => help,
    explanation:
        "A value of a structure gives each field, in any order by their names, `Body(mass: 1.0, pos: p)`, or all without names in the order of their declaration.",
    example: "struct Body { mass: f32, age: f32 }\nfn f() -> Body { Body(mass: 1.0) }\n",
};

export const methodCall: Entry<{ what: string; help?: string | undefined }> = {
    code: "E0335",
    severity: "error",
    title: "method called wrongly",
    message: ({ what }) => what,
    help: ({ help }) => help,
    explanation:
        "A method whose first parameter is `self` is called on a value, `b.energy()`; one without on the structure, `Body.origin()`.",
    example:
        "struct Body {\n    mass: f32\n    fn weight(self) -> f32 { 9.81 * self.mass }\n}\nfn f() -> f32 { Body.weight() }\n",
};
