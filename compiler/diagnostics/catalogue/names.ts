// E02xx: names and modules. W02xx: declared and not used, or hidden.

import type { Span } from "../diagnostic.js";
import type { Entry } from "../entry.js";
import { respelling } from "../fixes.js";

const meant = ({ similar }: { similar?: string | undefined }) =>
    similar === undefined ? undefined : `did you mean \`${similar}\`?`;

const asMeant = ({ similar }: { similar?: string | undefined }, span: Span) => respelling(span, similar);

export const unknownName: Entry<{ name: string; similar?: string | undefined }> = {
    code: "E0201",
    severity: "error",
    title: "unknown name",
    message: ({ name }) => `there is no \`${name}\` here`,
    help: meant,
    fixes: asMeant,
    explanation: "A name must be declared before it is used: as a parameter, a dimension, a variable or a constant.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    x[i] = scale\n}\n",
};

export const unknownFunction: Entry<{ name: string; similar?: string | undefined }> = {
    code: "E0202",
    severity: "error",
    title: "unknown function",
    message: ({ name }) => `there is no function \`${name}\``,
    help: meant,
    fixes: asMeant,
    explanation: "A call names a function of this module, an imported one, or a built-in.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    x[i] = squrt(x[i])\n}\n",
};

export const unknownType: Entry<{ name: string; similar?: string | undefined }> = {
    code: "E0203",
    severity: "error",
    title: "unknown type",
    message: ({ name }) => `there is no type \`${name}\``,
    fixes: asMeant,
    help: (args) =>
        meant(args) ??
        "types are `bool`, `i8` to `i64`, `u8` to `u64`, `index`, `f16`, `bf16`, `f32`, `f64` and 8-bit floats",
    explanation: "The scalar types are listed in the language's specification; others are views and arrays of them.",
    example: "kernel f(x: mut float[n]) over i in n {\n    x[i] = 0.0\n}\n",
};

export const duplicate: Entry<{ name: string; what: string; overload?: boolean }> = {
    code: "E0204",
    severity: "error",
    title: "name declared twice",
    message: ({ name, what }) => `\`${name}\` is already ${what}`,
    help: ({ overload }) =>
        overload
            ? "functions are not overloaded: write one that is generic, or rename one of the two"
            : "rename one of the two",
    explanation:
        "Within a list of parameters, a launch clause or a module each name is declared once. A function for several types " +
        "is one generic function (`fn f<T: Float>(x: T) -> T`), not several of one name.",
    example: "fn f(a: f32, a: f32) -> f32 { a }\n",
};

export const unknownModule: Entry<{ name: string; similar?: string | undefined; standard: readonly string[] }> = {
    code: "E0205",
    severity: "error",
    title: "unknown module",
    message: ({ name }) => `there is no module \`${name}\``,
    help: ({ name, similar, standard }) => {
        if (similar !== undefined) return `did you mean \`${similar}\`?`;
        if (/^\.\.?\//.test(name)) return "the path is relative to the file that imports, and ends in `.soma`";
        if (/^[^/].*\/.*\.soma$/.test(name)) {
            const folder = /^(@[^/]+\/)?[^/]+/.exec(name)?.[0];
            return `no \`node_modules\` at or above the importing file has it: is the package \`${folder}\` installed?`;
        }
        if (name.includes("/") || name.endsWith(".soma"))
            return "a file's path begins with `./` or `../`, or with a package's name";
        return `the standard library has ${standard.map((module) => `\`${module}\``).join(", ")}`;
    },
    fixes: asMeant,
    explanation:
        "An import names a module of the standard library (`std.math`), a file by its path from the importing one " +
        '(`"./file.soma"`), or a file of an installed npm package (`"package/file.soma"`).',
    example: "import std.maths { exp }\n",
};

export const notInModule: Entry<{ name: string; module: string; similar?: string | undefined }> = {
    code: "E0206",
    severity: "error",
    title: "name missing in module",
    message: ({ name, module }) => `module \`${module}\` has no \`${name}\``,
    help: meant,
    fixes: asMeant,
    explanation: "An import lists names that the module declares.",
    example: "import std.math { expp }\n",
};

export const notPublic: Entry<{ name: string; module: string }> = {
    code: "E0207",
    severity: "error",
    title: "private name imported",
    message: ({ name, module }) => `\`${name}\` is private to \`${module}\``,
    help: ({ name }) => `write \`pub\` before \`${name}\` in its module`,
    explanation: "Only items marked `pub` can be imported by other modules.",
    example: "",
};

export const brokenModule: Entry<{ name: string }> = {
    code: "E0208",
    severity: "error",
    title: "imported module of the library has errors",
    message: ({ name }) => `module \`${name}\` has errors`,
    help: () => "correct the module first",
    explanation: "What a module with errors declares is not certain, so nothing is imported from it.",
    example: "",
};

export const importCycle: Entry<{ cycle: string }> = {
    code: "E0209",
    severity: "error",
    title: "modules import each other",
    message: ({ cycle }) => `modules import each other: ${cycle}`,
    help: () => "move what both need into a third module",
    explanation: "Imports form no cycles, so that each module can be understood after those it imports.",
    example: "",
};

export const usedBeforeDefinition: Entry<{ name: string }> = {
    code: "E0210",
    severity: "error",
    title: "used before its definition",
    message: ({ name }) => `\`${name}\` is defined below`,
    help: ({ name }) => `move the definition of \`${name}\` up`,
    explanation: "Constants, and enums whose values aren't plain numbers, are evaluated in the order of the text.",
    example: "const A: i32 = B\nconst B: i32 = 2\n",
};

export const notAFunction: Entry<{ name: string; what: string }> = {
    code: "E0211",
    severity: "error",
    title: "call of something that is no function",
    message: ({ name, what }) => `\`${name}\` is ${what} and can't be called`,
    explanation: "Only functions and built-ins can be called. Kernels are launched by the host.",
    example: "fn f(a: f32) -> f32 { a(1.0) }\n",
};

export const functionAsValue: Entry<{ name: string; what: string }> = {
    code: "E0212",
    severity: "error",
    title: "function used as a value",
    message: ({ name, what }) => `\`${name}\` is ${what}, not a value`,
    help: ({ name }) => `call it: \`${name}(…)\``,
    explanation: "Functions are called; they are not stored or passed.",
    example: "fn g() -> f32 { 1.0 }\nfn f() -> f32 { g }\n",
};

export const unusedVariable: Entry<{ name: string }> = {
    code: "W0201",
    severity: "warning",
    title: "unused variable",
    message: ({ name }) => `\`${name}\` is never read`,
    help: ({ name }) => `remove it, or name it \`_${name}\``,
    explanation:
        "A variable, or a function's parameter, that nobody reads is most often a slip. Names that begin with `_` are not reported.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    let a = 1.0\n    x[i] = 2.0\n}\n",
};

export const unusedImport: Entry<{ name: string }> = {
    code: "W0202",
    severity: "warning",
    title: "unused import",
    message: ({ name }) => `\`${name}\` is imported and never used`,
    help: () => "remove it from the import",
    explanation:
        "An import that nobody uses only costs its readers. An imported kernel is used: it is part of the code object.",
    example: "import std.math { PI }\nkernel f(x: mut f32[n]) over i in n {\n    x[i] = 3.14\n}\n",
};

export const shadowing: Entry<{ name: string; what: string }> = {
    code: "W0203",
    severity: "warning",
    title: "name hides another",
    message: ({ name, what }) => `\`${name}\` hides ${what} of the same name`,
    help: ({ name }) => `rename one of the two, or name this one \`_${name}\``,
    explanation:
        "An inner declaration hides an outer one. Where both are in use the reader easily takes one for the other, so they had better differ.",
    example:
        "kernel f(x: mut f32[n]) over i in n {\n    let a = x[i]\n    if a > 0.0 {\n        let a = 2.0 * x[i]\n        x[i] = a\n    }\n}\n",
};

export const unusedItem: Entry<{ name: string }> = {
    code: "W0204",
    severity: "warning",
    title: "unused item",
    message: ({ name }) => `\`${name}\` is never used`,
    help: () => "remove it, or make it `pub` for other modules",
    explanation:
        "A private function, constant or alias that nothing in its module names can't be used by anybody, and no code is made of a private generic kernel with neither defaults nor an `instance`. Names that begin with `_` are not reported.",
    example: "const SIZE = 4\nkernel f(x: mut f32[n]) over i in n {\n    x[i] = 4.0\n}\n",
};
