// The IR as flat data: a function owns tables of values, operations and regions, and everything refers to entries by id.
// An id stays valid for the life of its function; passes unlink operations from regions and never renumber.

import type { Span } from "../diagnostics/diagnostic.js";
import type { CodeOptions, Order, Scope, Unroll } from "../sema/program.js";
import type { OpName } from "./ops.js";
import type { IrScalar, IrType } from "./types.js";

export type ValueId = number & { readonly __id: "value" };
export type OpId = number & { readonly __id: "op" };
export type RegionId = number & { readonly __id: "region" };

export interface IrModule {
    /** Callees before callers; kernels last, in source order. */
    readonly functions: IrFunction[];
}

export interface IrFunction {
    /** The symbol: unique in the module. */
    readonly name: string;
    readonly span: Span;
    /** Null for a function that kernels call. */
    readonly kernel: KernelInfo | null;
    /** Without `wave` its waves have the target's own size. */
    readonly options: CodeOptions;
    readonly parameters: readonly Parameter[];
    /** The scalars that it gives; a kernel gives none. */
    readonly results: readonly IrScalar[];
    readonly values: Value[];
    readonly operations: Operation[];
    readonly regions: Region[];
    readonly body: RegionId;
}

export interface KernelInfo {
    /** Work-items of a workgroup along x, y, z. */
    readonly workgroup: readonly [number, number, number];
    /** How many workgroups a launch has at most along x, y, z: none has more. */
    mostGroups: readonly [number, number, number];
    /** Of an `over` kernel: how many neighbours along x in its domain each work-item computes. */
    elements?: number;
}

export interface Parameter {
    readonly value: ValueId;
    readonly name: string;
    /** A buffer that may be written. */
    readonly mutable: boolean;
    /** A buffer that may have 4 GiB and more. */
    readonly large: boolean;
    /** A kernel's buffer that may overlap its others. */
    readonly alias: boolean;
    /** What an integer lies in, where every caller sees to it; null for its type's values. */
    readonly range: Range | null;
}

/** Integers from `min` to `max`, both included. */
export interface Range {
    readonly min: bigint;
    readonly max: bigint;
}

export interface Value {
    readonly type: IrType;
    readonly span: Span;
    /** Variables of the source that have this value from here on, for debuggers; passes may lose them. */
    variables?: readonly Variable[];
    /** Of an array of structures, what lies in each, for debuggers. */
    elements?: ElementLayout;
}

/** The scalars of a structure in memory: offsets and the whole's size in bytes, and how the source names each, `.pos.x`. */
export interface ElementLayout {
    readonly size: number;
    readonly leaves: readonly { readonly type: IrScalar; readonly offset: number; readonly path: string }[];
}

/** A variable of the source, as debuggers know it. Identity is by reference. */
export interface Variable {
    readonly name: string;
    readonly span: Span;
    /** False once it was given a value that was computed before for another: where it has which is not known then. */
    exact: boolean;
}

/** Integers as bigint in the range of their type, floats as number (rounded to their type). */
export type ConstantValue = bigint | number | boolean;

export type AtomicKind = "add" | "sub" | "min" | "max" | "and" | "or" | "xor" | "exchange";

/** How the lanes of a wave are combined. */
export type Combine = "add" | "min" | "max" | "and" | "or" | "xor";

/** How a shuffle names the lane that it reads. */
export type ShuffleFrom = "lane" | "xor" | "up" | "down";

export type Axis = 0 | 1 | 2;
export const AXIS_NAMES = ["x", "y", "z"] as const;

/** What a `check` is about: an element's index, or the end or the start of a slice. */
export type AccessKind = "element" | "end" | "start";

/** What an operation says beside its operands; the op table lists which of these it has. */
export interface Attributes {
    readonly value?: ConstantValue;
    /** 0 is x, the fastest. */
    readonly axis?: Axis;
    readonly atomic?: AtomicKind;
    /** Of atomics and fences. */
    readonly scope?: Scope;
    readonly order?: Order;
    readonly combine?: Combine;
    readonly from?: ShuffleFrom;
    readonly callee?: string;
    /** The loop that a `break` or `continue` is about. */
    readonly target?: OpId;
    /** Of a loop, where the source says. */
    readonly unroll?: Unroll;
    /** Of a `for` of tiles, where the source says: rounds that are under way at once. */
    readonly stages?: number;
    /** Of a `for` of tiles, where the source says: they go straight to LDS. */
    readonly direct?: true;
    /** Of a `for`: the step is at least 1, and a counter in the loop plus the step is within the type. */
    readonly nowrap?: true;
    /** Number of elements. */
    readonly count?: number;
    /** A name to remember a shared array by. */
    readonly name?: string;
    /** What a report says, with `{}` for its operands. */
    readonly text?: string;
    /** Of matrix products: what the elements are, or which instruction it is; of a layout: how many neighbours. */
    readonly format?: string;
    /** Bytes that an address is a multiple of. */
    readonly align?: number;
    /** Bytes beyond the operand that says where an access goes; of a tile's part: its first place. */
    readonly offset?: number;
    readonly access?: AccessKind;
    /** Which index or extent, 0 the outermost. */
    readonly dimension?: number;
}

export interface Operation {
    readonly op: OpName;
    readonly operands: readonly ValueId[];
    readonly results: readonly ValueId[];
    readonly attributes: Attributes;
    readonly regions: readonly RegionId[];
    readonly span: Span;
}

/** A list of operations of which the last, and only the last, is a terminator. */
export interface Region {
    readonly parameters: readonly ValueId[];
    readonly operations: OpId[];
}

export function operation(fn: IrFunction, id: OpId): Operation {
    return entry(fn.operations, id, "operation");
}

export function region(fn: IrFunction, id: RegionId): Region {
    return entry(fn.regions, id, "region");
}

export function typeOf(fn: IrFunction, id: ValueId): IrType {
    return entry(fn.values, id, "value").type;
}

/** The type of a value that is known to be a scalar. */
export function scalarOf(fn: IrFunction, id: ValueId): IrScalar {
    const type = typeOf(fn, id);
    if (typeof type !== "string") throw new Error(`value ${id} is no scalar`);
    return type;
}

/** The type of the scalar that an operation on a buffer reads, writes or updates. */
export function accessedType(fn: IrFunction, { op, operands, results }: Operation): IrScalar {
    const [value] = op === "load" || op === "atomic_load" ? results : operands.slice(2);
    if (value === undefined) throw new Error(`${op} accesses no scalar`);
    return scalarOf(fn, value);
}

/** An attribute that the operation must have. */
export function attribute<K extends keyof Attributes>(op: Operation, key: K): NonNullable<Attributes[K]> {
    const value = op.attributes[key];
    if (value === undefined) throw new Error(`${op.op} without its attribute ${key}`);
    return value;
}

/**
 * An operation that differs from another in what is given. Like the literals that operations are made of it has its
 * properties in the interface's order, so that all operations have one layout in memory: a spread would give each of its
 * copies a layout of its own, and then all code that reads operations looks up where their properties are.
 */
export function altered(op: Operation, to: Partial<Operation>): Operation {
    return {
        op: to.op ?? op.op,
        operands: to.operands ?? op.operands,
        results: to.results ?? op.results,
        attributes: to.attributes ?? op.attributes,
        regions: to.regions ?? op.regions,
        span: to.span ?? op.span,
    };
}

/** Calls `visit` for every operation of a region and of the regions within it, outer ones first. */
export function walk(fn: IrFunction, id: RegionId, visit: (op: Operation, id: OpId) => void): void {
    const { operations } = region(fn, id);
    // By index: every pass and every analysis goes through here, and iterators cost more than most of them do.
    for (let at = 0; at < operations.length; at++) {
        const opId = operations[at] as OpId;
        const op = operation(fn, opId);
        visit(op, opId);
        const { regions } = op;
        for (let inner = 0; inner < regions.length; inner++) walk(fn, regions[inner] as RegionId, visit);
    }
}

function entry<T>(table: readonly T[], id: number, what: string): T {
    const found = table[id];
    if (found === undefined) throw new Error(`no ${what} ${id}`);
    return found;
}
