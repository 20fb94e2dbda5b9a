// Views: where their elements lie, what slices make of them, and how they are handed to functions.

import type { Span } from "../diagnostics/diagnostic.js";
import type { ValueId } from "../ir/module.js";
import { elementBytes, isBuffer, type Space } from "../ir/types.js";
import type { Expr, Local } from "../sema/program.js";
import { viewOfArray } from "../sema/scalars.js";
import type { ViewType } from "../sema/types.js";
import { type Context, known, type ViewValue, viewOfLocal } from "./context.js";
import { lowerDim } from "./dims.js";
import { lowerValue } from "./expression.js";
import { bufferElement, layoutOf } from "./layout.js";
import { lowerBlock } from "./statement.js";

type Element = Extract<Expr, { kind: "element" }>;
type Slice = Extract<Expr, { kind: "slice" }>;

/** Which element of the buffer an element is, in elements of the view. */
export function lowerElement(context: Context, element: Element): { buffer: ValueId; index: ValueId } {
    const { base, span } = element;
    const type = element.baseType.kind === "array" ? viewOfArray(element.baseType) : element.baseType;
    const view = viewOfLocal(context, base);
    const indices = element.indices.map((index) => lowerValue(context, index));
    for (const [dimension, index] of indices.entries()) check(context, base, type, dimension, index, span);
    return { buffer: view.buffer, index: offsetBy(context, view, locate(context, view, type, indices, span), span) };
}

/** With strides the sum of the indices' multiples; row-major `((i * d1) + j) * d2 + k`, without the outermost extent. */
function locate(
    context: Context,
    { strides }: ViewValue,
    type: ViewType,
    indices: readonly ValueId[],
    span: Span,
): ValueId {
    const { builder } = context;
    if (strides !== null) {
        return indices
            .map((index, at) => builder.value("mul", [index, known(strides[at], "a stride")], span))
            .reduce((sum, term) => builder.value("add", [sum, term], span));
    }
    return indices.reduce((offset, next, at) => {
        const extent = lowerDim(context, known(type.dims[at], "an extent"), span);
        return builder.value("add", [builder.value("mul", [offset, extent], span), next], span);
    });
}

function offsetBy({ builder }: Context, { offset }: ViewValue, index: ValueId, span: Span): ValueId {
    return offset === null ? index : builder.value("add", [offset, index], span);
}

function check(context: Context, base: Local, type: ViewType, dimension: number, index: ValueId, span: Span): void {
    if (context.bounds === "unchecked") return;
    const extent = lowerDim(context, known(type.dims[dimension], base.name), span);
    context.builder.effect("check", [index, extent], span, { name: base.name, access: "element", dimension });
}

/** The part of a view that a slice is; its extents are known from here on. */
export function lowerSlice(context: Context, slice: Slice): ViewValue {
    const { base, baseType, span, type } = slice;
    const { builder } = context;
    const whole = viewOfLocal(context, base);
    const strides = type.strided ? (whole.strides ?? rowMajorStrides(context, baseType, span)) : null;
    const kept: ValueId[] = [];
    let axis = 0;
    const first = slice.parts.map((part, dimension) => {
        const stride = strides?.[dimension];
        if (part.kind === "point") {
            const index = lowerValue(context, part.index);
            check(context, base, baseType, dimension, index, span);
            return index;
        }
        if (stride !== undefined) kept.push(stride);
        const extent = known(type.dims[axis++], "an extent");
        if (part.start === null || part.end === null) return builder.constant(0n, "index", span);
        const [start, end] = [lowerValue(context, part.start), lowerValue(context, part.end)];
        checkRange(context, slice, dimension, start, end);
        if (extent.kind === "slice") context.extents.set(extent, builder.value("sub", [end, start], span));
        return start;
    });
    const start = locate(context, { ...whole, strides: strides ?? whole.strides }, baseType, first, span);
    return { buffer: whole.buffer, offset: offsetBy(context, whole, start, span), strides: strides && kept };
}

function checkRange(context: Context, slice: Slice, dimension: number, start: ValueId, end: ValueId): void {
    if (context.bounds === "unchecked") return;
    const { builder } = context;
    const { base, baseType, span } = slice;
    const one = builder.constant(1n, "index", span);
    const extent = lowerDim(context, known(baseType.dims[dimension], base.name), span);
    const place = { name: base.name, dimension };
    builder.effect("check", [end, builder.value("add", [extent, one], span)], span, { ...place, access: "end" });
    builder.effect("check", [start, builder.value("add", [end, one], span)], span, { ...place, access: "start" });
}

/** Elements between neighbours along each dimension, the innermost 1. */
export function rowMajorStrides(context: Context, { dims }: ViewType, span: Span): ValueId[] {
    const { builder } = context;
    const strides = [builder.constant(1n, "index", span)];
    for (const dim of dims.slice(1).reverse()) {
        const inner = known(strides[0], "a stride");
        strides.unshift(builder.value("mul", [inner, lowerDim(context, dim, span)], span));
    }
    return strides;
}

interface ViewArgument {
    readonly buffer: ValueId;
    readonly space: Space;
    readonly strides: readonly ValueId[];
}

/** A view as an argument: its address, where it lies, and its strides where the parameter takes them. */
export function lowerViewArgument(context: Context, arg: Expr, param: Local): ViewArgument {
    if (arg.type.kind !== "view" || param.type.kind !== "view") throw new Error(`${param.name} takes no view`);
    if (arg.kind === "block" && arg.block.value !== null) {
        lowerBlock(context, { ...arg.block, value: null });
        return lowerViewArgument(context, arg.block.value, param);
    }
    const { builder } = context;
    const { span, type } = arg;
    const view = arg.kind === "slice" ? lowerSlice(context, arg) : viewOfLocal(context, localOf(arg));
    const strides = param.type.strided ? (view.strides ?? rowMajorStrides(context, type, span)) : [];
    return { buffer: beginningAt(context, view, type, span), space: spaceOf(builder.function, view.buffer), strides };
}

function localOf(arg: Expr): Local {
    if (arg.kind !== "local") throw new Error(`a view is given by ${arg.kind}`);
    return arg.local;
}

/** A buffer that begins with the view's first element. */
function beginningAt({ builder }: Context, { buffer, offset }: ViewValue, { element }: ViewType, span: Span): ValueId {
    if (offset === null) return buffer;
    const scalars = BigInt(layoutOf(element).size / elementBytes(bufferElement(element)));
    const index = builder.value("mul", [offset, builder.constant(scalars, "index", span)], span);
    return builder.value("offset", [buffer, index], span, {}, builder.function.values[buffer]?.type);
}

function spaceOf({ values }: Context["builder"]["function"], buffer: ValueId): Space {
    const type = values[buffer]?.type;
    if (type === undefined || !isBuffer(type)) throw new Error("a view without a buffer");
    return type.space;
}
