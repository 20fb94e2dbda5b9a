// How an operation is described. One description serves builder, verifier, printer, folding and specification.

import type { Attributes, ConstantValue } from "../module.js";
import type { IrScalar } from "../types.js";

/** What a type variable may stand for. */
export type TypeClass = "integer" | "float" | "number" | "integer or bool" | "scalar";

/** A scalar's name, a type variable, or a buffer of a variable's type. */
export type TypePattern = IrScalar | "T" | "U" | "buffer<T>";

/**
 * `pure` can be removed, repeated and moved; `read` can be removed; `wave` can be removed, but not moved to where other
 * lanes are active; `write` can do none of it.
 */
export type Effects = "pure" | "read" | "wave" | "write" | "control";

/** Computes a result from constant operands; null where that isn't possible. */
export type Fold = (operands: readonly ConstantValue[], result: IrScalar, operand: IrScalar) => ConstantValue | null;

export interface OpSpec {
    /** Patterns of the operands; `variadic` operands have rules of their own in the verifier. */
    readonly operands: readonly TypePattern[] | "variadic";
    /** Null where there is no result; `variadic` results have rules of their own. */
    readonly result: TypePattern | null | "variadic";
    readonly where: Readonly<Partial<Record<"T" | "U", TypeClass>>>;
    readonly effects: Effects;
    readonly attributes: readonly (keyof Attributes)[];
    /** Attributes that it may be without. */
    readonly optional: readonly (keyof Attributes)[];
    /** Names of its regions, in order. */
    readonly regions: readonly string[];
    /** Ends a region. */
    readonly terminator: boolean;
    readonly fold: Fold | null;
    /** What the operation gives up to an error that each device has of its own; such an operation has no `fold`. */
    readonly approximates: Fold | null;
    readonly doc: string;
}

type Described = Pick<OpSpec, "operands" | "result" | "doc"> & Partial<OpSpec>;

/** Fills in what most operations have in common. */
export function op(described: Described): OpSpec {
    return {
        operands: described.operands,
        result: described.result,
        where: described.where ?? {},
        effects: described.effects ?? "pure",
        attributes: described.attributes ?? [],
        optional: described.optional ?? [],
        regions: described.regions ?? [],
        terminator: described.terminator ?? false,
        fold: described.fold ?? null,
        approximates: described.approximates ?? null,
        doc: described.doc,
    };
}
