// Windows over images as code: what kernels take of them, and the sums over one.

import type { Formula } from "../../codeobject/network/formula.js";
import type { Window } from "../../codeobject/network/manifest.js";
import type { KernelParameter } from "./source.js";

/** The numbers of a window as parameters of a kernel, whose names end in `at`. */
export function windowParameters({ kernel, stride, padding, pre, post }: Window, at: string): KernelParameter[] {
    const numbers = {
        kernel,
        stride,
        padding,
        channels: pre[0],
        rows: pre[1],
        columns: pre[2],
        high: post[1],
        wide: post[2],
    };
    return Object.entries(numbers).map(([name, formula]) => ({
        name: `${name}${at}`,
        type: "i32",
        binding: { value: "formula", formula: formula as Formula },
    }));
}

/** The same numbers as indices. */
export function windowNames(at: string): string[] {
    const names = ["kernel", "stride", "padding", "channels", "rows", "columns", "high", "wide"];
    return names.map((name) => `let ${name}_${at} = ${name}${at} as index`);
}

/** Adds to `sum` what a window at the place j brings; what lies outside of the part before is 0, and not in a maximum or mean. */
export function windowSum({ kind }: Window, at: string): string[] {
    const n = (name: string) => `${name}_${at}`;
    const one = [
        `let row = (j / ${n("wide")}) % ${n("high")} * ${n("stride")} + ky - ${n("padding")}`,
        `let column = j % ${n("wide")} * ${n("stride")} + kx - ${n("padding")}`,
        `if row >= 0 && row < ${n("rows")} && column >= 0 && column < ${n("columns")} {`,
        `    let value = x${at}[r, s, (c * ${n("rows")} + row) * ${n("columns")} + column]`,
        ...{
            convolution: [`    sum += value * w${at}[r, (c * ${n("kernel")} + ky) * ${n("kernel")} + kx, map]`],
            max: ["    top = max(top, value)"],
            mean: ["    total += value", "    seen += 1.0"],
            sum: ["    sum += value"],
        }[kind],
        "}",
    ];
    const places = [
        `for ky in 0 .. ${n("kernel")} {`,
        `    for kx in 0 .. ${n("kernel")} {`,
        ...one.map((line) => `        ${line}`),
        "    }",
        "}",
    ];
    const inChannel = [`let c = j / (${n("high")} * ${n("wide")})`];
    switch (kind) {
        case "convolution":
            return [
                `let map = j / (${n("high")} * ${n("wide")})`,
                `for c in 0 .. ${n("channels")} {`,
                ...places.map((line) => `    ${line}`),
                "}",
            ];
        case "max":
            return [...inChannel, "var top: f32 = -inf", ...places, "sum += top"];
        case "mean":
            return [
                ...inChannel,
                "var total: f32 = 0.0",
                "var seen: f32 = 0.0",
                ...places,
                "sum += total / max(seen, 1.0)",
            ];
        case "sum":
            return [...inChannel, ...places];
    }
}
