// E05xx: launch clauses, memory, barriers, atomics, index functions. W05xx: barriers that may diverge.

import type { Entry } from "../entry.js";
import { count } from "../words.js";

const GROUPS = (body: string) =>
    `kernel f(x: f32[n], y: mut f32[g]) groups g workgroup(64) {\n    shared buf: f32[64]\n${body}    y[group_id()] = buf[0] + x[0]\n}\n`;

export const tooManyDimensions: Entry<{ found: number }> = {
    code: "E0501",
    severity: "error",
    title: "too many launch dimensions",
    message: ({ found }) => `a launch has at most 3 dimensions, not ${found}`,
    help: () => "fold two of them into one and divide in the body",
    explanation: "The hardware's grids have three dimensions.",
    example: "kernel f(x: mut f32[a, b, c, d]) over (i in a, j in b, k in c, l in d) {\n    x[i, j, k, l] = 0.0\n}\n",
};

export const workgroupRank: Entry<{ groups: number; workgroup: number }> = {
    code: "E0502",
    severity: "error",
    title: "workgroup of another rank",
    message: ({ groups, workgroup }) => `\`groups\` has ${count(groups, "dimension")}, \`workgroup\` ${workgroup}`,
    help: () => "give both one size for each dimension",
    explanation: "Grid and workgroup have the same dimensions, outermost first.",
    example: "kernel f(x: mut f32[g]) groups g workgroup(16, 16) {\n    x[group_id()] = 0.0\n}\n",
};

export const workgroupSize: Entry<{ what: string }> = {
    code: "E0503",
    severity: "error",
    title: "impossible workgroup size",
    message: ({ what }) => what,
    help: () => "64 to 256 work-items suit most kernels",
    explanation: "A workgroup has 1 to 1024 work-items in all.",
    example: "kernel f(x: mut f32[g]) groups g workgroup(2048) {\n    x[group_id()] = 0.0\n}\n",
};

export const needsGroups: Entry<{ what: string }> = {
    code: "E0504",
    severity: "error",
    title: "work-items of an `over` kernel don't meet",
    message: ({ what }) => `${what} needs a \`groups\` kernel`,
    help: () => "write `groups g workgroup(256)` in place of `over`",
    explanation:
        "An `over` kernel has one independent work-item for each element; its workgroups are the compiler's choice, so nothing can be shared within one.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    barrier()\n    x[i] = 0.0\n}\n",
};

export const needsKernel: Entry<{ what: string; help?: string | undefined }> = {
    code: "E0505",
    severity: "error",
    title: "only in a kernel",
    message: ({ what }) => `${what} belongs into a kernel's body`,
    help: ({ help }) => help,
    explanation: "A function doesn't know the launch that it runs in; what it needs of it is passed as an argument.",
    example: "fn f() -> index { global_id() }\n",
};

export const indexFunctionInOver: Entry<{ name: string; variables: string }> = {
    code: "E0506",
    severity: "error",
    title: "index function in an `over` kernel",
    message: ({ name }) => `\`${name}\` has no meaning in an \`over\` kernel`,
    help: ({ variables }) => `use ${variables}`,
    explanation:
        "In an `over` kernel the domain variables say which element this is; grid and workgroup are the compiler's choice.",
    example: "kernel f(x: mut f32[n]) over i in n {\n    x[i] = 0.0\n    x[global_id()] = 1.0\n}\n",
};

export const axisNeeded: Entry<{ name: string; rank: number }> = {
    code: "E0507",
    severity: "error",
    title: "axis missing",
    message: ({ name, rank }) => `\`${name}\` needs an axis in a kernel of ${rank} dimensions`,
    help: ({ name, rank }) => `write \`${name}(0)\` for the first as written, to \`${name}(${rank - 1})\` for the last`,
    explanation: "Axes count as they are written in the launch clause: 0 is the outermost.",
    example: "kernel f(x: mut f32[m, n]) groups (m, n) workgroup(8, 8) {\n    x[group_id(0), group_id()] = 0.0\n}\n",
};

export const axisRange: Entry<{ axis: string; rank: number }> = {
    code: "E0508",
    severity: "error",
    title: "no such axis",
    message: ({ axis, rank }) =>
        `there is no axis ${axis}: this kernel has ${rank === 1 ? "axis 0 only" : `axes 0 to ${rank - 1}`}`,
    explanation: "Axes count as they are written in the launch clause, from 0.",
    example: "kernel f(x: mut f32[g]) groups g workgroup(64) {\n    x[group_id(1)] = 0.0\n}\n",
};

export const notMutable: Entry<{ name: string; what: string; help: string }> = {
    code: "E0509",
    severity: "error",
    title: "assignment to what may not change",
    message: ({ name, what }) => `\`${name}\` is ${what}`,
    help: ({ help }) => help,
    explanation: "Only `var`, arrays and views declared `mut` can be written.",
    example: "kernel f(x: f32[n]) over i in n {\n    x[i] = 0.0\n}\n",
};

export const divergentBarrier: Entry<{ why: string }> = {
    code: "E0510",
    severity: "error",
    title: "barrier that not all work-items reach",
    message: ({ why }) => `not all work-items of a workgroup reach this barrier: ${why}`,
    help: () => "move the barrier out, so that every work-item passes it equally often",
    explanation: "A barrier waits for all work-items of the workgroup. If some never come, the others wait for ever.",
    example: GROUPS("    buf[local_id()] = 0.0\n    if local_id() < 8 { barrier() }\n"),
};

export const doubtfulBarrier: Entry<{ why: string }> = {
    code: "W0501",
    severity: "warning",
    title: "barrier that some work-items may not reach",
    message: ({ why }) => `all work-items of a workgroup must reach this barrier alike: ${why}`,
    help: () => "make sure that the value is the same for the whole workgroup",
    explanation:
        "The condition around the barrier depends on memory that can change, so the compiler can't see that all work-items decide alike.",
    example: GROUPS("    buf[local_id()] = 0.0\n    barrier()\n    if buf[0] > 0.0 { barrier() }\n"),
};

export const atomicPlace: Entry<{ name: string; help: string }> = {
    code: "E0511",
    severity: "error",
    title: "atomic on what is no shared place",
    message: ({ name }) => `\`${name}\` works on an element of a \`mut\` view or of a \`shared\` array`,
    help: ({ help }) => help,
    explanation:
        "Atomics order the accesses of several work-items to one place in memory; a work-item's own values need none.",
    example: "kernel f(x: mut u32[n]) over i in n {\n    var a: u32 = 0\n    atomic_add(a, 1)\n    x[i] = a\n}\n",
};

export const sharedValue: Entry<{ name: string }> = {
    code: "E0512",
    severity: "error",
    title: "shared array with a value",
    message: ({ name }) => `the shared array \`${name}\` can't be given a value here`,
    help: () => "let the work-items fill it, then call `barrier()`",
    explanation: "LDS is uninitialised when a workgroup starts; all work-items write it together.",
    example:
        "kernel f(x: mut f32[g]) groups g workgroup(64) {\n    shared a: f32[4] = 0.0\n    x[group_id()] = a[0]\n}\n",
};

export const sharedInside: Entry<{ name: string }> = {
    code: "E0513",
    severity: "error",
    title: "shared array inside a block",
    message: ({ name }) => `\`${name}\` is declared inside a block`,
    help: () => "declare shared arrays at the top of the kernel's body",
    explanation:
        "A shared array exists once for the workgroup and as long as it: its place is the body's outermost level.",
    example:
        "kernel f(x: mut f32[g]) groups g workgroup(64) {\n    if g > 1 {\n        shared a: f32[4]\n        a[0] = 1.0\n        x[group_id()] = a[0]\n    }\n}\n",
};

export const reportText: Entry<{ what: string; help: string }> = {
    code: "E0514",
    severity: "error",
    title: "text that doesn't fit its values",
    message: ({ what }) => what,
    help: ({ help }) => help,
    explanation:
        "`print` takes a text, `assert` a condition and a text. Each `{}` in the text takes one of the values that follow; `{{` and `}}` are braces.",
    example: 'kernel f(x: f32[n]) over i in n {\n    print("x[{}] = {}", i)\n}\n',
};

export const badOrdering: Entry<{ name: string; wants: string }> = {
    code: "E0516",
    severity: "error",
    title: "wrong scope or order",
    message: ({ name, wants }) => `\`${name}\` takes ${wants}`,
    help: () => undefined,
    explanation:
        "An atomic orders other accesses only where it says so. A load can acquire, a store release, and an update both.",
    example: "kernel f(x: mut i32[n]) over i in n {\n    atomic_store(x[i], 1, order: acquire)\n}\n",
};
