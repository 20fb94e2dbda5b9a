// E11xx: tiles and matrix kernels.

import type { Entry } from "../entry.js";

const KERNEL = (body: string) =>
    `matrix kernel f(a: f16[m, k], b: f16[k, n], c: mut f32[m, n]) over (i in m by 64, j in n by 64) {\n${body}}\n`;

export const tileShapes: Entry<{ what: string; left: string; right: string; help?: string | undefined }> = {
    code: "E1101",
    severity: "error",
    title: "shapes differ",
    message: ({ what, left, right }) => `${what}: the left side is a ${left}, the right side a ${right}`,
    help: ({ help }) => help ?? "an extent of 1 is repeated: `x[:, none]` adds one",
    explanation:
        "Element-wise operations take tiles of one shape, in which an extent of 1 is repeated. `@` takes as many columns on " +
        "the left as there are rows on the right.",
    example: KERNEL("    c[i, j] = a[i, 0 as index, :] @ b[j, j]\n").replace(
        "c[i, j] = a[i, 0 as index, :] @ b[j, j]",
        "let x: tile f32[64, 64] = 0.0\n    let y: tile f32[64, 32] = 0.0\n    c[i, j] = x + y",
    ),
};

export const tileExtent: Entry<{ what: string; extent: string }> = {
    code: "E1102",
    severity: "error",
    title: "impossible extent of a tile",
    message: ({ what, extent }) => `${what} is ${extent}`,
    help: () => "choose a power of two; ranges are masked at their ends, so shapes of arguments may be any",
    explanation:
        "Tiles are spread over registers, lanes and waves bit by bit, so their extents are powers of two known at compile " +
        "time, and a tile has at most 65536 elements.",
    example: "matrix kernel f(x: mut f32[n]) over i in n by 48 {\n    x[i] = x[i] * 2.0\n}\n",
};

export const notInMatrix: Entry<{ what: string; help?: string | undefined }> = {
    code: "E1103",
    severity: "error",
    title: "not in a matrix kernel",
    message: ({ what }) => `${what} not in matrix kernels`,
    help: ({ help }) => help ?? "write a `kernel` for code that says what each work-item does",
    explanation:
        "A matrix kernel is one program for a tile: how work-items, waves and LDS share the work is the compiler's choice.",
    example: "matrix kernel f(x: mut f32[n]) over i in n by 64 {\n    barrier()\n    x[i] = x[i] * 2.0\n}\n",
};

export const productTypes: Entry<{ left: string; right: string; help?: string | undefined }> = {
    code: "E1104",
    severity: "error",
    title: "no matrix product of these",
    message: ({ left, right }) => `\`@\` can't multiply ${left} by ${right}`,
    help: ({ help }) => help,
    explanation:
        "`@` multiplies two tiles of two dimensions with the same element type, or of two float formats of 8 bits. f16, bf16, " +
        "f32 and floats of 8 bits are summed in f32, f64 in f64, i8 and u8 in i32.",
    example: KERNEL("    let x: tile f32[64] = 0.0\n    c[i, j] = x @ x\n"),
};

export const rangeOutlives: Entry<{ range: string; name: string }> = {
    code: "E1105",
    severity: "error",
    title: "a range gets out of its loop",
    message: ({ range, name }) => `\`${name}\` lives longer than \`${range}\`, which this tile runs over`,
    help: () => "reduce the tile along that dimension first, or declare the variable inside of the loop",
    explanation:
        "Masks belong to ranges: what lies past the end of a range takes no part in reductions. A variable that outlives the " +
        "loop of a range could not say any more which of its elements those are.",
    example: KERNEL(
        "    var last: tile f16[64, 64] = 0.0\n    for p in k by 64 {\n        last = a[i, p]\n    }\n    c[i, j] = last as f32 + (b[0, j])[none, :] as f32\n",
    ),
};

export const tileAxis: Entry<{ what: string; rank: number }> = {
    code: "E1106",
    severity: "error",
    title: "no such dimension of a tile",
    message: ({ what }) => what,
    help: ({ rank }) => `write \`axis: 0\`${rank > 1 ? ` up to \`axis: ${rank - 1}\`` : ""}`,
    explanation: "Reductions and scans say along which dimension they go, 0 being the outermost.",
    example: "matrix kernel f(x: mut f32[n]) over i in n by 64 {\n    x[i] = x[i] / reduce_sum(x[i], axis: 1)\n}\n",
};

export const tileIndex: Entry<{ what: string; help?: string | undefined }> = {
    code: "E1107",
    severity: "error",
    title: "no index of a tile",
    message: ({ what }) => what,
    help: ({ help }) => help,
    explanation:
        "A view is indexed with ranges, points and, where its extent is a constant, `:`. A tile is indexed with `:` for each of " +
        "its dimensions, and `none` where a dimension of 1 is added.",
    example: "matrix kernel f(x: mut f32[n]) over i in n by 64 {\n    x[i] = (x[i])[0]\n}\n",
};

export const tileFunction: Entry<{ what: string; help: string }> = {
    code: "E1108",
    severity: "error",
    title: "not in a function of tiles",
    message: ({ what }) => what,
    help: ({ help }) => help,
    explanation:
        "A function that takes or gives tiles becomes part of the matrix kernel that calls it. It takes tiles and scalars, and " +
        "its last line is what it gives.",
    example: "fn twice(x: tile f32[n]) -> tile f32[n] {\n    return x + x\n}\n",
};
