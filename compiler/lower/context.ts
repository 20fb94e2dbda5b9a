// The state of lowering one function: what its names stand for at the point that is being lowered.

import type { Bounds } from "../codegen.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { FunctionBuilder } from "../ir/builder.js";
import type { IrFunction, OpId, ValueId } from "../ir/module.js";
import type { IrType, Space } from "../ir/types.js";
import type { CodeOptions, Fn, Kernel, Local } from "../sema/program.js";
import { isValue } from "../sema/scalars.js";
import type { DimExpr } from "../sema/types.js";
import { signatureOf, valuesOf } from "./signature.js";
import { type RangeValue, typesOfValue } from "./tiles.js";
import { noteVariable, type Variables } from "./variables.js";

/** The scalars that a value consists of: one for a scalar, none where there is no value. */
export type Values = readonly ValueId[];

export interface Loop {
    readonly id: OpId;
    /** The variables whose values the loop carries from round to round. */
    readonly carried: readonly Local[];
}

/** Where a view's elements lie. */
export interface ViewValue {
    readonly buffer: ValueId;
    /** The first element's index in the buffer; null for 0. */
    readonly offset: ValueId | null;
    /** Elements between neighbours along each dimension; null where it is row-major. */
    readonly strides: readonly ValueId[] | null;
}

export interface Context {
    readonly builder: FunctionBuilder;
    /** The function for arguments in these spaces, one for each view parameter. */
    readonly callee: (fn: Fn, spaces: readonly Space[]) => IrFunction;
    readonly bounds: Bounds;
    /** Null in a function. */
    readonly kernel: Kernel | null;
    readonly dims: ReadonlyMap<string, ValueId>;
    readonly views: Map<Local, ViewValue>;
    /** Extents of slices that only the running kernel knows. */
    readonly extents: Map<DimExpr, ValueId>;
    /** The present value of every variable, in order of declaration. */
    readonly values: Map<Local, Values>;
    /** Of a matrix kernel. */
    readonly ranges: Map<Local, RangeValue>;
    /** Where the next shared array goes of those that the launch sizes, in bytes. */
    readonly sized: { end: ValueId | null };
    /** Enclosing loops, innermost last. */
    readonly loops: Loop[];
    readonly variables: Variables;
}

/** How functions are made. */
export interface Mode {
    readonly bounds: Bounds;
    /** The size of waves where that is not the target's own. */
    readonly wave: CodeOptions["wave"];
}

export function enter(
    callable: Kernel | Fn,
    callee: Context["callee"],
    { bounds, wave }: Mode,
    spaces: readonly Space[] = [],
): Context {
    const builder = new FunctionBuilder(signatureOf(callable, wave, spaces));
    const dims = new Map<string, ValueId>();
    const views = new Map<Local, ViewValue>();
    const values = new Map<Local, Values>();
    for (const { argument, value } of valuesOf(builder, callable, spaces)) {
        if (argument.kind === "dim") dims.set(argument.name, value);
        else if (argument.kind === "view") views.set(argument.local, { buffer: value, offset: null, strides: null });
        else if (argument.kind === "scalar") values.set(argument.local, [...(values.get(argument.local) ?? []), value]);
        else {
            const view = known(views.get(argument.local), argument.name);
            views.set(argument.local, { ...view, strides: [...(view.strides ?? []), value] });
        }
    }
    return {
        builder,
        callee,
        bounds,
        kernel: "launch" in callable ? callable : null,
        dims,
        views,
        extents: new Map(),
        values,
        ranges: new Map(),
        sized: { end: null },
        loops: [],
        variables: new Map(),
    };
}

/** The types of a variable's scalars. */
export function typesOfLocal({ name, type }: Local): readonly IrType[] {
    if (!isValue(type)) throw new Error(`${name} is no value`);
    return typesOfValue(type);
}

export function valuesOfLocal(context: Context, local: Local): Values {
    return known(context.values.get(local), local.name);
}

export function viewOfLocal(context: Context, local: Local): ViewValue {
    return known(context.views.get(local), local.name);
}

export function valuesOfLocals(context: Context, locals: readonly Local[]): ValueId[] {
    return locals.flatMap((local) => valuesOfLocal(context, local));
}

/** Gives variables new values: the scalars of the first, then those of the next. */
export function bind(context: Context, locals: readonly Local[], values: Values): void {
    let at = 0;
    for (const local of locals) {
        const { length } = typesOfLocal(local);
        if (at + length > values.length) throw new Error(`${local.name} has no value here`);
        const own = values.slice(at, at + length);
        noteVariable(context, local, own);
        context.values.set(local, own);
        at += length;
    }
}

/** The region's parameters that carry variables. */
export function carriers(locals: readonly Local[], span: Span): { type: IrType; span: Span }[] {
    return locals.flatMap((local) => typesOfLocal(local).map((type) => ({ type, span })));
}

export function known<T>(value: T | undefined, name: string): T {
    if (value === undefined) throw new Error(`${name} has no value here`);
    return value;
}
