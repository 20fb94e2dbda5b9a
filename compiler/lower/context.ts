// The state of lowering one function: what its names stand for at the point that is being lowered.

import type { Bounds } from "../codegen.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { FunctionBuilder } from "../ir/builder.js";
import type { IrFunction, OpId, ValueId } from "../ir/module.js";
import type { IrType } from "../ir/types.js";
import type { CodeOptions, Fn, Kernel, Local } from "../sema/program.js";
import { isValue } from "../sema/scalars.js";
import { scalarsOf } from "./layout.js";
import { signatureOf, valuesOf } from "./signature.js";

/** The scalars that a value consists of: one for a scalar, none where there is no value. */
export type Values = readonly ValueId[];

export interface Loop {
    readonly id: OpId;
    /** The variables whose values the loop carries from round to round. */
    readonly carried: readonly Local[];
}

export interface Context {
    readonly builder: FunctionBuilder;
    readonly callees: ReadonlyMap<Fn, IrFunction>;
    readonly bounds: Bounds;
    /** Null in a function. */
    readonly kernel: Kernel | null;
    readonly dims: ReadonlyMap<string, ValueId>;
    readonly buffers: Map<Local, ValueId>;
    /** The present value of every variable, in order of declaration. */
    readonly values: Map<Local, Values>;
    /** Enclosing loops, innermost last. */
    readonly loops: Loop[];
}

/** How functions are made. */
export interface Mode {
    readonly bounds: Bounds;
    /** The size of waves where that is not the target's own. */
    readonly wave: CodeOptions["wave"];
}

export function enter(callable: Kernel | Fn, callees: ReadonlyMap<Fn, IrFunction>, { bounds, wave }: Mode): Context {
    const builder = new FunctionBuilder(signatureOf(callable, wave));
    const dims = new Map<string, ValueId>();
    const buffers = new Map<Local, ValueId>();
    const values = new Map<Local, Values>();
    for (const { argument, value } of valuesOf(builder, callable)) {
        if (argument.kind === "dim") dims.set(argument.name, value);
        else if (argument.kind === "view") buffers.set(argument.local, value);
        else values.set(argument.local, [...(values.get(argument.local) ?? []), value]);
    }
    const kernel = "launch" in callable ? callable : null;
    return { builder, callees, bounds, kernel, dims, buffers, values, loops: [] };
}

/** The types of a variable's scalars. */
export function typesOfLocal({ name, type }: Local): readonly IrType[] {
    if (!isValue(type)) throw new Error(`${name} is no value`);
    return scalarsOf(type);
}

export function valuesOfLocal(context: Context, local: Local): Values {
    return known(context.values.get(local), local.name);
}

export function bufferOf(context: Context, local: Local): ValueId {
    return known(context.buffers.get(local), local.name);
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
        context.values.set(local, values.slice(at, at + length));
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
