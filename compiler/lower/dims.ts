// Extents as `index` arithmetic.

import type { Span } from "../diagnostics/diagnostic.js";
import type { ValueId } from "../ir/module.js";
import type { DimExpr } from "../sema/types.js";
import { type Context, known } from "./context.js";

const DIM_OPS = { "+": "add", "-": "sub", "*": "mul", "/": "div", "%": "rem" } as const;

/** The value of an extent or launch size, from the values of its dimension names. */
export function lowerDim(context: Context, dim: DimExpr, span: Span): ValueId {
    switch (dim.kind) {
        case "const":
            return context.builder.constant(BigInt(dim.value), "index", span);
        case "dim":
            return known(context.dims.get(dim.name), dim.name);
        case "slice":
            return known(context.extents.get(dim), dim.text);
        case "binary": {
            const left = lowerDim(context, dim.left, span);
            return context.builder.value(DIM_OPS[dim.op], [left, lowerDim(context, dim.right, span)], span);
        }
    }
}
