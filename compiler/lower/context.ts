// The state of lowering one function: what its names stand for at the point that is being lowered.

import type { Span } from "../diagnostics/diagnostic.js";
import { FunctionBuilder } from "../ir/builder.js";
import type { IrFunction, OpId, ValueId } from "../ir/module.js";
import type { IrType } from "../ir/types.js";
import type { Fn, Kernel, Local } from "../sema/program.js";
import { signatureOf, valuesOf } from "./signature.js";

export interface Loop {
    readonly id: OpId;
    /** The variables whose values the loop carries from round to round. */
    readonly carried: readonly Local[];
}

export interface Context {
    readonly builder: FunctionBuilder;
    readonly callees: ReadonlyMap<Fn, IrFunction>;
    /** Null in a function. */
    readonly kernel: Kernel | null;
    readonly dims: ReadonlyMap<string, ValueId>;
    readonly buffers: Map<Local, ValueId>;
    /** The present value of every scalar variable, in order of declaration. */
    readonly scalars: Map<Local, ValueId>;
    /** Enclosing loops, innermost last. */
    readonly loops: Loop[];
}

export function enter(callable: Kernel | Fn, callees: ReadonlyMap<Fn, IrFunction>): Context {
    const builder = new FunctionBuilder(signatureOf(callable));
    const dims = new Map<string, ValueId>();
    const buffers = new Map<Local, ValueId>();
    const scalars = new Map<Local, ValueId>();
    for (const { argument, value } of valuesOf(builder, callable)) {
        if (argument.kind === "dim") dims.set(argument.name, value);
        else if (argument.kind === "view") buffers.set(argument.local, value);
        else scalars.set(argument.local, value);
    }
    return { builder, callees, kernel: "launch" in callable ? callable : null, dims, buffers, scalars, loops: [] };
}

export function scalarType(local: Local): IrType {
    if (local.type.kind !== "scalar") throw new Error(`${local.name} is no scalar`);
    return local.type.name;
}

export function valueOfLocal(context: Context, local: Local): ValueId {
    return known(context.scalars.get(local), local.name);
}

export function bufferOf(context: Context, local: Local): ValueId {
    return known(context.buffers.get(local), local.name);
}

export function valuesOfLocals(context: Context, locals: readonly Local[]): ValueId[] {
    return locals.map((local) => valueOfLocal(context, local));
}

/** Gives variables new values, one each. */
export function bind(context: Context, locals: readonly Local[], values: readonly ValueId[]): void {
    locals.forEach((local, at) => {
        context.scalars.set(local, known(values[at], local.name));
    });
}

/** The region's parameters that carry variables. */
export function carriers(locals: readonly Local[], span: Span): { type: IrType; span: Span }[] {
    return locals.map((local) => ({ type: scalarType(local), span }));
}

export function known<T>(value: T | undefined, name: string): T {
    if (value === undefined) throw new Error(`${name} has no value here`);
    return value;
}
