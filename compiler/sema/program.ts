// The typed program: what the checker gives to the lowering. Names are resolved, literals have their types, constants
// are folded to literals, generic built-ins are resolved, and every conversion that happens is an explicit `convert`.
// A program is only handed on when it has no errors, so no node here has the error type.

import type { NetworkManifest } from "../../codeobject/network/manifest.js";
import type { Span } from "../diagnostics/diagnostic.js";
import type {
    ArrayType,
    DimExpr,
    EnumType,
    ScalarType,
    StructType,
    TileType,
    Type,
    ValueType,
    VectorType,
    ViewType,
    VoidType,
} from "./types.js";

export interface Program {
    /** In source order. */
    readonly kernels: readonly Kernel[];
    /** Every function that a kernel reaches, callees before callers; recursion has been refused. */
    readonly functions: readonly Fn[];
    /** Their kernels are among the others. */
    readonly networks: readonly NetworkManifest[];
}

/** A variable, parameter, loop variable or shared array. Identity is by reference. */
export interface Local {
    readonly name: string;
    readonly type: Type;
    /** `var` and arrays may be assigned; `let`, parameters and loop variables may not. */
    readonly mutable: boolean;
    /** `shared` lives in LDS, one for each workgroup; all others belong to the work-item. */
    readonly space: "private" | "shared";
    readonly span: Span;
}

/** What attributes say of a kernel or function. */
export interface CodeOptions {
    /** `#wave`; without it, the target's own size. */
    readonly wave?: 32 | 64;
    /** `#fast` */
    readonly fast?: true;
    /** `#inline` */
    readonly inline?: true;
    /** `#persistent`, of matrix kernels */
    readonly persistent?: true;
    /** `#waves_per_eu` */
    readonly wavesPerEu?: number;
}

export interface Kernel {
    readonly name: string;
    readonly options: CodeOptions;
    /** The `///` lines above it, without the slashes. */
    readonly doc: string;
    readonly span: Span;
    /** Scalars and views, in source order. */
    readonly params: readonly Local[];
    /** Dimension names in order of first appearance in the parameters. */
    readonly dims: readonly string[];
    readonly launch: Launch;
    /** Its constant parameters that tuning may choose. */
    readonly tune: readonly Tunable[];
    readonly body: Block;
}

/** `const BM: index in [64, 128]`, and what it is here. */
export interface Tunable {
    readonly name: string;
    readonly choices: readonly number[];
    readonly value: number;
}

export type Launch =
    /** `over (i in m, j in n)`: one work-item for each point; the last variable is the fastest (the grid's x). */
    | { readonly kind: "over"; readonly domain: readonly { readonly variable: Local; readonly extent: DimExpr }[] }
    /** `matrix kernel … over (i in m by BM)`: one workgroup of so many work-items for each point and block of the domain. */
    | { readonly kind: "tiles"; readonly domain: readonly TileDomain[]; readonly workgroup: number }
    /** `groups (gy, gx) workgroup(wy, wx)`: sizes as written, the last is the grid's x. */
    | { readonly kind: "groups"; readonly groups: readonly DimExpr[]; readonly workgroup: readonly number[] };

/** A variable of a matrix kernel's domain: a point, or with a step a range of that many. */
export interface TileDomain {
    readonly variable: Local;
    readonly extent: DimExpr;
    readonly step: number | null;
}

export interface Fn {
    /** Unique in the program; a valid symbol name (module path and name, such as `std.math.exp_f64`). */
    readonly symbol: string;
    readonly name: string;
    readonly span: Span;
    readonly params: readonly Local[];
    /** Dimension names of its view parameters; a caller passes their values after the parameters, in this order. */
    readonly dims: readonly string[];
    readonly result: ValueType | VoidType;
    readonly options: CodeOptions;
    /** Whether it has a barrier, or calls what has; null while nobody has asked. */
    readonly meets: boolean | null;
    readonly body: Block;
}

export interface Block {
    readonly statements: readonly Statement[];
    /** The value of the block where it is used as an expression, or as a function's result. */
    readonly value: Expr | null;
    readonly span: Span;
}

/** How many rounds of a loop are made one; `all` where their number is known. */
export type Unroll = number | "all";

/** Who sees an atomic or a fence as one: from the nearest to all. */
export type Scope = "workgroup" | "device" | "system";
export type Order = "relaxed" | "acquire" | "release" | "acq_rel";

/** What is not said: the device for global memory and fences, the workgroup for shared memory; `relaxed`, of fences `acq_rel`. */
export interface Ordering {
    readonly scope?: Scope;
    readonly order?: Order;
}

export type AssignOp = "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^" | "<<" | ">>";

/** What the source says of a loop. */
export interface LoopOptions {
    readonly unroll?: Unroll;
    /** Rounds of a matrix kernel's `for` that are under way at once. */
    readonly stages?: number;
    /** Tiles of a matrix kernel's `for` go straight to LDS. */
    readonly direct?: true;
}

export type Statement = {
    readonly span: Span;
} /** `let`, `var`. The value of a view is a `local` or a slice. An array without a value is uninitialised (shared) or zero (private). */ & (
    | { readonly kind: "declare"; readonly local: Local; readonly value: Expr | null }
    /** `place = value`, or `place op= value`: the place's indices are evaluated once. */
    | { readonly kind: "assign"; readonly place: Place; readonly op: AssignOp | null; readonly value: Expr }
    | { readonly kind: "expr"; readonly expr: Expr }
    | { readonly kind: "if"; readonly condition: Expr; readonly then: Block; readonly otherwise: Block | null }
    /** From `start` while below `end` (above it when the step is negative), both and `step` evaluated once. Never wraps. */
    | ({
          readonly kind: "for";
          readonly variable: Local;
          readonly start: Expr;
          readonly end: Expr;
          readonly step: Expr;
          readonly body: Block;
      } & LoopOptions)
    | { readonly kind: "while"; readonly condition: Expr; readonly body: Block; readonly unroll?: Unroll }
    /** `view[parts] = tile`: what lies past the end of a range is not written. */
    | { readonly kind: "tile-store"; readonly place: TilePlace; readonly value: Expr }
    | { readonly kind: "break" }
    | { readonly kind: "continue" }
    | { readonly kind: "return"; readonly value: Expr | null }
    | { readonly kind: "block"; readonly block: Block }
);

/** What can be assigned or updated atomically: a variable, an element, or a part of such a place. */
export type Place = Extract<Expr, { kind: "local" | "element" | "field" | "swizzle" | "item" }>;

export type UnaryOp = "-" | "!" | "~";
export type ArithmeticOp = "+" | "-" | "*" | "/" | "%" | "&" | "|" | "^" | "<<" | ">>";
export type CompareOp = "==" | "!=" | "<" | "<=" | ">" | ">=";

export type Expr = {
    readonly span: Span;
    readonly type: Type;
} /** Integers (and `index`) as bigint, floats as number (rounded to the type), bool as boolean. */ & (
    | { readonly kind: "literal"; readonly type: ScalarType; readonly value: bigint | number | boolean }
    | { readonly kind: "local"; readonly local: Local }
    /** The value of a dimension name, an `index`. */
    | { readonly kind: "dim"; readonly name: string }
    /** Operands and result have the same type; shifts take the right operand modulo the width. On vectors: lane by lane. */
    | { readonly kind: "unary"; readonly op: UnaryOp; readonly operand: Expr }
    | { readonly kind: "binary"; readonly op: ArithmeticOp; readonly left: Expr; readonly right: Expr }
    | { readonly kind: "compare"; readonly op: CompareOp; readonly left: Expr; readonly right: Expr }
    /** Short-circuit. */
    | { readonly kind: "logical"; readonly op: "&&" | "||"; readonly left: Expr; readonly right: Expr }
    /** `operand as type`: the only conversion there is. Of a vector: lane by lane. */
    | { readonly kind: "convert"; readonly operand: Expr; readonly type: ScalarType | VectorType }
    /**
     * A value of the scalars that the parts have, one after the other: a vector's lanes, a structure's fields, an array's
     * elements, an enum's integer. Where `order` is there, it says which field each part is.
     */
    | {
          readonly kind: "construct";
          readonly type: VectorType | StructType | ArrayType | EnumType;
          readonly parts: readonly Expr[];
          readonly order?: readonly number[];
      }
    /** A field of a structure, by its number. */
    | { readonly kind: "field"; readonly base: Expr; readonly field: number; readonly type: ValueType }
    /** A vector whose lanes are all the same scalar. */
    | { readonly kind: "splat"; readonly type: VectorType; readonly operand: Expr }
    /** Lanes of a vector by their numbers: a scalar if it is one. As a place, each lane once. */
    | {
          readonly kind: "swizzle";
          readonly base: Expr;
          readonly lanes: readonly number[];
          readonly type: ScalarType | VectorType;
      }
    /** One lane of a vector, or an element of an array that is a field, by `index` values that may be known at run time only. */
    | { readonly kind: "item"; readonly base: Expr; readonly indices: readonly Expr[]; readonly type: ValueType }
    /** `base[indices]`: one `index` for each dimension. */
    | {
          readonly kind: "element";
          readonly base: Local;
          readonly baseType: ViewType | ArrayType;
          readonly indices: readonly Expr[];
          readonly type: ValueType;
      }
    /** The extent of a slice, which is known where the slice is. */
    | { readonly kind: "extent"; readonly extent: Extract<DimExpr, { kind: "slice" }> }
    /** `base[parts]`, a part of a view or an array. The base is a `local`. */
    | {
          readonly kind: "slice";
          readonly base: Local;
          readonly baseType: ViewType;
          readonly parts: readonly SlicePart[];
          readonly type: ViewType;
      }
    /** A call of a user's or library function. `dims` are the values of `callee.dims`. View arguments are `local`s and slices. */
    | { readonly kind: "call"; readonly callee: Fn; readonly args: readonly Expr[]; readonly dims: readonly Expr[] }
    /** A built-in of the table in `builtins.ts`. Atomics have their place as the first argument (an `element`). */
    | {
          readonly kind: "builtin";
          readonly name: string;
          readonly args: readonly Expr[];
          /** Of atomics and fences. */
          readonly ordering?: Ordering;
      }
    /** `print`, or with a condition `assert`, whose arguments are evaluated only where it fails. Of type void. */
    | {
          readonly kind: "report";
          readonly condition: Expr | null;
          /** As codeobject/manifest-text.ts reads it: it has a place for each scalar of the arguments. */
          readonly text: string;
          readonly args: readonly Expr[];
      }
    | { readonly kind: "if"; readonly condition: Expr; readonly then: Block; readonly otherwise: Block }
    | { readonly kind: "block"; readonly block: Block }
    | TileExpr
);

/** Expressions of matrix kernels: their values are tiles, or scalars that all of a workgroup knows. */
export type TileExpr =
    /** The elements of a view; zero past the end of a range. */
    | { readonly kind: "tile-load"; readonly place: TilePlace; readonly type: TileType }
    /**
     * `body` for every element: its locals of `inputs` are the elements of those tiles, of which an extent of one is
     * repeated, or scalars.
     */
    | { readonly kind: "map"; readonly inputs: readonly MapInput[]; readonly body: Expr; readonly type: TileType }
    /** `left @ right`, onto an accumulator where there is one. */
    | {
          readonly kind: "product";
          readonly left: Expr;
          readonly right: Expr;
          readonly accumulator: Expr | null;
          readonly type: TileType;
      }
    /** A scalar if the operand has one dimension. What lies past the end of a range does not take part. */
    | { readonly kind: "reduce"; readonly combine: TileCombine; readonly axis: number; readonly operand: Expr }
    /** Every element combined with those before it along the axis. */
    | {
          readonly kind: "scan";
          readonly combine: TileCombine;
          readonly axis: number;
          readonly operand: Expr;
          readonly type: TileType;
      }
    /** The same elements, row-major, in another shape. */
    | { readonly kind: "reshape"; readonly operand: Expr; readonly type: TileType }
    /** So many places along an axis as the type has, from one on. */
    | {
          readonly kind: "part";
          readonly operand: Expr;
          readonly axis: number;
          readonly start: number;
          readonly type: TileType;
      }
    /** The operand, of which each work-item shall hold blocks of so many neighbours along each dimension. */
    | { readonly kind: "layout"; readonly operand: Expr; readonly block: readonly number[]; readonly type: TileType }
    /** The last two dimensions exchanged. */
    | { readonly kind: "transpose"; readonly operand: Expr; readonly type: TileType }
    /** The indices of a range, each an `index`. */
    | { readonly kind: "indices"; readonly range: Local; readonly type: TileType };

export type TileCombine = "add" | "min" | "max";

export interface MapInput {
    readonly local: Local;
    readonly value: Expr;
}

/** Elements of a view: for each of its dimensions a point, a range, all or a part of a constant extent, or places of a tile. */
export interface TilePlace {
    readonly base: Local;
    readonly baseType: ViewType;
    readonly parts: readonly TilePart[];
    readonly span: Span;
}

export type TilePart =
    | { readonly kind: "point"; readonly index: Expr }
    | { readonly kind: "over"; readonly range: Local }
    | { readonly kind: "all"; readonly size: number; readonly start: number }
    /** The places that a tile of integers in one dimension says; what is outside of the view is zero. */
    | { readonly kind: "gather"; readonly indices: Expr };

/** One index of a slice: a point, which takes its dimension away, or a range; both null for the whole. */
export type SlicePart =
    | { readonly kind: "point"; readonly index: Expr }
    | { readonly kind: "range"; readonly start: Expr | null; readonly end: Expr | null };
