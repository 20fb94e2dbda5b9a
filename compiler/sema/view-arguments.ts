// What parameters with extents take: views, slices and arrays, whose extents say what the function's dimensions are, and
// shared arrays.

import { viewArgument } from "../diagnostics/catalogue/functions.js";
import { diagnose } from "../diagnostics/entry.js";
import { count } from "../diagnostics/words.js";
import type * as ast from "../syntax/ast.js";
import type { BodyContext } from "./context.js";
import { sameDim, showDim, substitute } from "./dims.js";
import { errorExpr, requireValue } from "./nodes.js";
import type { Expr, Local } from "./program.js";
import { agree, describeType, showType, viewOfArray } from "./scalars.js";
import { viewOf } from "./slices.js";
import type { ArrayType, DimExpr, ViewType } from "./types.js";

/** A shared array, for a parameter that takes one. */
export function checkShared(ctx: BodyContext, arg: ast.Expr, value: Expr, param: Local, type: ArrayType): Expr {
    if (value.type.kind === "error") return value;
    const isShared = value.kind === "local" && value.type.kind === "array" && value.local.space === "shared";
    if (isShared && showType(value.type) === showType(type)) return value;
    const own = value.type.kind === "array" && !isShared ? ", which is the work-item's own" : "";
    const found = describeType(value.type) + own;
    const what = `\`${param.name}\` takes a shared array of type ${showType(type)}, not ${found}`;
    const labels = [{ span: param.span, message: "declared here" }];
    ctx.report(diagnose(viewArgument, arg.span, { what }, { labels }));
    return errorExpr(arg.span);
}

/** The array that a list is to be where a parameter takes a view: its literals are of the view's elements' type. */
export function listType(arg: ast.Expr, { element }: ViewType): ArrayType | null {
    const extents: number[] = [];
    for (let each: ast.Expr | undefined = arg; each?.kind === "list"; each = each.elements[0]) {
        extents.push(each.elements.length);
    }
    return extents.length === 0 ? null : { kind: "array", element, extents };
}

/** An array that is a value, in memory for as long as a call takes. */
function held(value: Expr, type: ArrayType): Expr {
    const { span } = value;
    const local: Local = { name: "value", type, mutable: false, space: "private", span };
    const view: Expr = { kind: "local", span, type: { ...viewOfArray(type), mutable: false }, local };
    return {
        kind: "block",
        span,
        type: view.type,
        block: { span, statements: [{ kind: "declare", span, local, value }], value: view },
    };
}

/** What a dimension of the called function is, and the argument that says so. */
export interface Binding {
    readonly extent: DimExpr;
    readonly by: string;
}

/** A view, for a parameter that takes one; what its dimensions are by it is added to `bound`. */
export function checkView(
    ctx: BodyContext,
    arg: ast.Expr,
    value: Expr,
    param: Local,
    type: ViewType,
    bound: Map<string, Binding>,
): Expr {
    if (value.type.kind === "error") return value;
    const refuse = (what: string, help?: string) => {
        const labels = [{ span: param.span, message: `${describeType(type)} is declared here` }];
        ctx.report(diagnose(viewArgument, arg.span, { what, help }, { labels }));
        return errorExpr(arg.span);
    };
    if (value.type.kind === "array" && value.kind !== "local") {
        return checkView(ctx, arg, held(requireValue(value, ctx.report), value.type), param, type, bound);
    }
    if (value.kind === "block" && value.block.value?.type.kind === "view") {
        const view = checkView(ctx, arg, value.block.value, param, type, bound);
        return view.type.kind === "error"
            ? view
            : { ...value, type: view.type, block: { ...value.block, value: view } };
    }
    const given = value.kind === "local" ? viewOf(value.local) : value.kind === "slice" ? value.type : null;
    if (given === null || (value.kind !== "local" && value.kind !== "slice")) {
        return refuse(`\`${param.name}\` takes ${describeType(type)}, not ${describeType(value.type)}`);
    }
    const { name } = value.kind === "local" ? value.local : value.base;
    if (!agree(given.element, type.element)) {
        const [wants, has] = [showType(type.element), showType(given.element)];
        return refuse(`\`${param.name}\` has elements of type ${wants}, not ${has}`);
    }
    if (given.dims.length !== type.dims.length) {
        return refuse(
            `\`${param.name}\` has ${count(type.dims.length, "dimension")}, \`${name}\` has ${count(given.dims.length, "dimension")}`,
        );
    }
    if (type.mutable && !given.mutable) {
        const help = `declare \`${name}\` as \`mut\``;
        return refuse(`\`${param.name}\` is written, but \`${name}\` may only be read`, help);
    }
    if (given.strided && !type.strided) {
        const help = `declare \`${param.name}: ${showType({ ...type, strided: true })}\``;
        return refuse(`\`${param.name}\` takes elements that lie one behind the other, and those given don't`, help);
    }
    if (given.large && !type.large) {
        const help = `declare \`${param.name}: ${showType({ ...type, large: true })}\``;
        return refuse(`\`${param.name}\` takes a view below 4 GiB, and \`${name}\` may be larger`, help);
    }
    for (const [axis, dim] of type.dims.entries()) {
        if (dim.kind !== "dim" || bound.has(dim.name)) continue;
        bound.set(dim.name, { extent: given.dims[axis] as DimExpr, by: name });
    }
    return { ...value, type: given };
}

/** Extents must be equal as they are written: there is no check at run time. */
export function checkExtents(
    ctx: BodyContext,
    params: readonly Local[],
    args: readonly Expr[],
    bound: ReadonlyMap<string, Binding>,
): boolean {
    const values = new Map([...bound].map(([name, { extent }]) => [name, extent]));
    for (const [i, { name, type }] of params.entries()) {
        const arg = args[i] as Expr;
        if (type.kind !== "view" || arg.type.kind !== "view") continue;
        for (const [axis, dim] of type.dims.entries()) {
            const wanted = substitute(dim, values);
            const given = arg.type.dims[axis] as DimExpr;
            if (sameDim(wanted, given)) continue;
            const by = dim.kind === "dim" ? ` as in \`${(bound.get(dim.name) as Binding).by}\`` : "";
            const what = `extent ${axis} of \`${name}\` must be ${showDim(wanted)}${by}, but is ${showDim(given)}`;
            ctx.report(diagnose(viewArgument, arg.span, { what }));
            return false;
        }
    }
    return true;
}
