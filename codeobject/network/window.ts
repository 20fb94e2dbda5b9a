// Windows of connections between parts with channels, rows and columns.

import type { Formula } from "./formula.js";
import type { Window } from "./manifest.js";

/**
 * What doesn't fit in a window's extents; null where all does, as far as it is known.
 * @param known the value of a formula, undefined where it isn't known yet
 */
export function misfit(
    window: Window,
    known: (formula: Formula) => number | undefined,
): { readonly what: string; readonly help: string } | null {
    const [channels, ...before] = window.pre.map(known);
    const [maps, ...behind] = window.post.map(known);
    const [kernel, stride, padding] = [window.kernel, window.stride, window.padding].map(known);
    if (window.kind !== "convolution" && channels !== undefined && maps !== undefined && channels !== maps) {
        return { what: `pooling keeps channels, and there are ${channels} and ${maps}`, help: "give both as many" };
    }
    if (kernel === undefined || stride === undefined || padding === undefined) return null;
    for (const [at, name] of ["rows", "columns"].entries()) {
        const [from, to] = [before[at], behind[at]];
        if (from === undefined || to === undefined) continue;
        const fits = Math.floor((from + 2 * padding - kernel) / stride) + 1;
        if (fits === to) continue;
        const what = `a window of ${kernel} by steps of ${stride} with padding ${padding} makes ${fits} ${name} of ${from}, not ${to},`;
        return { what, help: `it takes ${name} = (${name} before + 2 · padding − window) / stride + 1` };
    }
    return null;
}

/** The sizes of a window's weights: places in the filter by channels behind it. */
export function filterSizes(
    { kernel, pre, post }: Window,
    known: (formula: Formula) => number,
): { pre: number; post: number } {
    return { pre: known(pre[0] as Formula) * known(kernel) ** 2, post: known(post[0] as Formula) };
}
