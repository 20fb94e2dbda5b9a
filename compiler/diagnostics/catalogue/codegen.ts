// E10xx: what only the target or the code generator can refuse.

import type { Entry } from "../entry.js";

export const unknownTarget: Entry<{ name: string; known: readonly string[]; similar: string | null }> = {
    code: "E1001",
    severity: "error",
    title: "unknown target",
    message: ({ name }) => `there is no target \`${name}\``,
    help: ({ known, similar }) =>
        `${similar === null ? "" : `did you mean \`${similar}\`? `}there are ${known.join(", ")}`,
    explanation:
        "A target is a processor by LLVM's name for it: AMD's are called gfx…, and code for one runs on no other, but that for a generic one, such as gfx11-generic, on all of its family; NVIDIA's are called sm_….",
    example: "soma build saxpy.soma --target gfx9999\n",
};

export const otherFormat: Entry<{ target: string; emit: string; format: string }> = {
    code: "E1006",
    severity: "error",
    title: "a code object of another vendor's",
    message: ({ target, emit, format }) => `code objects for ${target} are ${format}, not ${emit}`,
    help: ({ format }) => `write \`--emit ${format}\`, or leave it out`,
    explanation: "AMD's GPUs load ELF files of machine code (hsaco), NVIDIA's PTX, which the driver assembles.",
    example: "soma build saxpy.soma --target sm_90 --emit hsaco\n",
};

export const otherVersion: Entry<{ target: string; version: number; versions: readonly number[] }> = {
    code: "E1012",
    severity: "error",
    title: "code object version that the target has not",
    message: ({ target, version, versions }) =>
        versions.length === 0
            ? `code for ${target} is PTX, which has no code object version`
            : `there are no code objects of version ${version} for ${target}`,
    help: ({ versions }) =>
        versions.length === 0 ? "leave the version out" : `leave the version out, or write ${versions.join(" or ")}`,
    explanation:
        "AMD's code objects have a version, which says how loaders read them. LLVM writes 5 where none is named, 4 for older loaders, and 6, which ROCm takes from 6.3 on, and which alone can say that code runs on all processors of a family, as that for targets such as gfx11-generic does.",
    example: "soma build saxpy.soma --target gfx11-generic --code-object-version 5\n",
};

export const beyondLimit: Entry<{ what: string; limit: string; remedy: string; having: string }> = {
    code: "E1013",
    severity: "error",
    title: "more than the target has",
    message: ({ what, limit }) => `${what}, but ${limit}`,
    help: ({ remedy, having }) => `${remedy}; targets that have as much: ${having}`,
    explanation:
        "Targets differ in how many waves an execution unit holds, how long a workgroup can be along each axis, how many bytes of arguments a kernel takes, and how much private memory a work-item has. What goes beyond the limit of the target could not be loaded or launched there.",
    example:
        "kernel f(x: mut f32[n]) over i in n {\n    var a: f32[1000000000]\n    a[i] = x[i]\n    x[i] = a[n - i]\n}\n",
};

export const tooMuchShared: Entry<{ kernel: string; bytes: number; limit: number; target: string; having: string }> = {
    code: "E1002",
    severity: "error",
    title: "too much shared memory",
    message: ({ kernel, bytes, limit, target }) =>
        `the shared arrays of \`${kernel}\` take ${bytes} bytes, but a workgroup on ${target} has ${limit}`,
    help: ({ having }) =>
        `make the arrays smaller, or use one for several purposes with a barrier between; targets that have as much: ${having}`,
    explanation: "Shared arrays live in LDS, of which a workgroup has a fixed amount on each target.",
    example: "kernel f(x: mut f32[n]) groups n workgroup(64) {\n    shared a: f32[100000]\n    a[0] = x[0]\n}\n",
};

export const refusedByLlvm: Entry<{ message: string; target: string }> = {
    code: "E1003",
    severity: "error",
    title: "refused by the code generator",
    message: ({ message, target }) => `no code for ${target}: ${message}`,
    help: () => "this often means too much private memory or too many registers: use smaller arrays",
    explanation: "LLVM couldn't make code of what stands here; its own words are in the message.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    var a: f32[100000000]\n    a[i] = x[i]\n    x[i] = a[0]\n}\n",
};

export const codegenWarning: Entry<{ message: string }> = {
    code: "W1004",
    severity: "warning",
    title: "warning of the code generator",
    message: ({ message }) => message,
    explanation: "LLVM made code, but says this about it.",
    example: "",
};

export const spilledRegisters: Entry<{ kernel: string; registers: number; inLoop: boolean; target: string }> = {
    code: "W1011",
    severity: "warning",
    title: "registers spilled to memory",
    message: ({ kernel, registers, inLoop, target }) =>
        `\`${kernel}\` needs more vector registers than a work-item on ${target} has: ${registers} ${registers === 1 ? "is" : "are"} kept in memory${inLoop ? ", most of all in this loop" : ""}`,
    help: () =>
        "keep fewer values at once: smaller tiles or arrays, `#unroll(n)` with a smaller n, a smaller workgroup or `#waves_per_eu`, or shared memory for what is read often",
    explanation:
        "A work-item has a fixed number of vector registers (256 on most targets, less for workgroups of many waves). Values that don't fit are written to memory and read back, which costs bandwidth and waiting, most of all in a loop. Where another of LLVM's schedulers does without, the compiler takes it and says so in a note.",
    example: "",
};

export const codegenBug: Entry<{ message: string; target: string }> = {
    code: "E1005",
    severity: "error",
    title: "bug in the compiler",
    message: ({ message, target }) => `a bug in the compiler: LLVM gives no code for ${target}: ${message}`,
    help: () => "please report it with this program",
    explanation: "The compiler handed LLVM something that LLVM doesn't take. The program is not to blame.",
    example: "",
};

export const badSpecialisation: Entry<{ what: string; similar: string | null }> = {
    code: "E1009",
    severity: "error",
    title: "value for what the module hasn't",
    message: ({ what }) => what,
    help: ({ similar }) => (similar === null ? undefined : `did you mean \`${similar}\`?`),
    explanation:
        "A module can be compiled for chosen values of its constants, of its kernels' constant parameters, and of dimensions. They are given by name: one that nothing has would change nothing.",
    example: "soma build matmul.soma --target gfx1100 --const BM=64 --dim k=1024\n",
};

export const stoppedCompile: Entry<{ reason: string }> = {
    code: "E1010",
    severity: "error",
    title: "compile that was stopped",
    message: ({ reason }) => `the compile was stopped: ${reason}`,
    help: () => "make the program smaller, or allow it more",
    explanation:
        "An isolated compile runs in a process of its own, with limits on the source's size, on time and on memory. One that exceeds them, or whose process ends, gives no code.",
    example: "",
};
