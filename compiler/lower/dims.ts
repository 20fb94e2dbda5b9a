// Extents and row-major addresses as `index` arithmetic.

import type { Span } from "../diagnostics/diagnostic.js";
import type { ValueId } from "../ir/module.js";
import type { Expr } from "../sema/program.js";
import type { DimExpr } from "../sema/types.js";
import { bufferOf, type Context, known } from "./context.js";
import { lowerValue } from "./expression.js";

const DIM_OPS = { "+": "add", "-": "sub", "*": "mul", "/": "div", "%": "rem" } as const;

/** The value of an extent or launch size, from the values of its dimension names. */
export function lowerDim(context: Context, dim: DimExpr, span: Span): ValueId {
    switch (dim.kind) {
        case "const":
            return context.builder.constant(BigInt(dim.value), "index", span);
        case "dim":
            return known(context.dims.get(dim.name), dim.name);
        case "binary": {
            const left = lowerDim(context, dim.left, span);
            return context.builder.value(DIM_OPS[dim.op], [left, lowerDim(context, dim.right, span)], span);
        }
    }
}

/** Where an element lies: `((i * d1) + j) * d2 + k` for indices i, j, k; the outermost extent is not needed. */
export function lowerElement(
    context: Context,
    element: Extract<Expr, { kind: "element" }>,
): { readonly buffer: ValueId; readonly index: ValueId } {
    const { base, baseType, span } = element;
    const { builder } = context;
    const indices = element.indices.map((index) => lowerValue(context, index));
    const extentOf = (at: number) =>
        baseType.kind === "view"
            ? lowerDim(context, known(baseType.dims[at], base.name), span)
            : builder.constant(BigInt(known(baseType.extents[at], base.name)), "index", span);
    if (context.bounds === "checked") {
        indices.forEach((index, dimension) => {
            const attributes = { name: base.name, access: "element", dimension } as const;
            builder.effect("check", [index, extentOf(dimension)], span, attributes);
        });
    }
    const index = indices.reduce((offset, next, at) =>
        builder.value("add", [builder.value("mul", [offset, extentOf(at)], span), next], span),
    );
    return { buffer: bufferOf(context, base), index };
}
