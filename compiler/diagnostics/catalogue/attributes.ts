// E08xx: attributes and conditions on the target.

import type { Entry } from "../entry.js";
import { respelling } from "../fixes.js";

export const unknownAttribute: Entry<{ name: string; similar?: string | undefined; known: readonly string[] }> = {
    code: "E0801",
    severity: "error",
    title: "unknown attribute",
    message: ({ name }) => `there is no attribute \`#${name}\``,
    help: ({ similar, known }) =>
        similar ? `did you mean \`${similar}\`?` : `there are ${known.map((each) => `\`#${each}\``).join(", ")}`,
    fixes: ({ similar }, span) => respelling(span, similar),
    explanation: "Attributes say how code is to be compiled. A misspelt one would silently do nothing.",
    example: "#inlin\nfn f(a: f32) -> f32 { a }\n",
};

export const attributePlace: Entry<{ name: string; where: string }> = {
    code: "E0802",
    severity: "error",
    title: "misplaced attribute",
    message: ({ name, where }) => `\`#${name}\` belongs before ${where}`,
    help: () => "move it there, or remove it",
    explanation: "Each attribute is about kernels, functions or loops, and stands before one.",
    example: "#unroll\nfn f(a: f32) -> f32 { a }\n",
};

export const attributeArgument: Entry<{ name: string; wants: string }> = {
    code: "E0803",
    severity: "error",
    title: "wrong argument of an attribute",
    message: ({ name, wants }) => `\`#${name}\` takes ${wants}`,
    help: () => undefined,
    explanation: "The arguments of attributes are integers that the compiler knows, in a range that each states.",
    example: "#wave(48)\nkernel f(x: mut f32[n]) over i in n {\n    x[i] = 0.0\n}\n",
};

export const repeatedAttribute: Entry<{ name: string }> = {
    code: "E0804",
    severity: "error",
    title: "repeated attribute",
    message: ({ name }) => `\`#${name}\` is given twice`,
    help: () => "remove one of them",
    explanation: "An attribute is said once.",
    example: "#inline #inline\nfn f(a: f32) -> f32 { a }\n",
};

export const waveSizeOfTarget: Entry<{ target: string; size: number; sizes: readonly number[]; having: string }> = {
    code: "E1007",
    severity: "error",
    title: "wave size that the target has not",
    message: ({ target, size }) => `${target} has no waves of ${size} lanes`,
    help: ({ sizes, size, having }) =>
        `its waves have ${sizes.join(" or ")} lanes: leave the attribute out; targets that have waves of ${size}: ${having}`,
    explanation: "Targets from gfx10 on run waves of 32 or of 64 lanes, as a kernel says; those before only of 64.",
    example: "",
};

export const attributeOfAmd: Entry<{ name: string; target: string; having: string }> = {
    code: "E1008",
    severity: "error",
    title: "attribute for AMD's targets",
    message: ({ name, target }) => `\`#${name}\` is about AMD's GPUs, and ${target} is NVIDIA's`,
    help: ({ having }) =>
        `leave it out, or put the kernel into a module that is compiled for AMD's targets alone: ${having}`,
    explanation:
        "An execution unit of AMD's holds as many waves as their registers allow, and LLVM can be told how many to leave room for. On NVIDIA's GPUs the driver gives registers out.",
    example: "",
};

export const unknownFact: Entry<{ name: string; similar?: string | undefined }> = {
    code: "E0805",
    severity: "error",
    title: "unknown fact of the target",
    message: ({ name }) => `nothing is known of a target as \`${name}\``,
    help: ({ similar }) =>
        similar ? `did you mean \`${similar}\`?` : "the specification lists what `target.` can be asked",
    fixes: ({ similar }, span) => respelling(span, similar),
    explanation: "`target.has_wmma` and its kind are constants that say what the target has that is compiled for.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    x[i] = if const target.has_mmfa { 1.0 } else { 0.0 }\n}\n",
};
