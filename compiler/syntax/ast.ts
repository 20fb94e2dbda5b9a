// The syntax tree: what the parser makes of one file. Nothing is resolved here; names are text.
// Invariant: no tree is higher than MAX_HEIGHT, so that plain recursion over it is safe in every later stage.

import type { SourceFile, Span } from "../diagnostics/diagnostic.js";
import type { Attribute, ModelItem, NetworkItem } from "./network-ast.js";

export type * from "./network-ast.js";

/** Levels of a syntax tree; a sum of n terms has n. Recursion of this depth fits Node's default stack several times. */
export const MAX_HEIGHT = 1000;

/** Characters (UTF-16 code units) of a line, and of a file: a token takes a hundred times its text. */
export const MAX_LINE = 1 << 21;
export const MAX_TEXT = 12 << 20;

/** Brackets of any kind inside each other. */
export const MAX_NESTING = 128;

export interface Name {
    readonly text: string;
    readonly span: Span;
}

export interface Module {
    readonly source: SourceFile;
    readonly imports: readonly Import[];
    readonly items: readonly Item[];
    /** Imported names and names of private items that stand nowhere else in the text. */
    readonly mentionedOnce: ReadonlySet<string>;
    /** Something between the items could not be read, so names may be missing. */
    readonly broken: boolean;
}

/** `import std.math { exp, sqrt }`, or `import "./shapes.soma" { area }` */
export interface Import {
    readonly span: Span;
    /** As written: with dots, or a path without its quotes. */
    readonly module: Name;
    readonly names: readonly Name[];
}

export type Item =
    | KernelItem
    | FunctionItem
    | ConstantItem
    | InstanceItem
    | AliasItem
    | StructItem
    | EnumItem
    | ModelItem
    | NetworkItem;

export interface ItemBase {
    readonly span: Span;
    readonly name: Name;
    /** The `///` lines above it, without the slashes. */
    readonly doc: string;
    readonly isPublic: boolean;
    readonly attributes: readonly Attribute[];
    /** Part of it could not be read: the rest of it must not be judged. */
    readonly broken: boolean;
}

export interface KernelItem extends ItemBase {
    readonly kind: "kernel";
    /** `matrix kernel`: a program for each tile. */
    readonly isMatrix: boolean;
    readonly generics: readonly GenericParam[];
    readonly params: readonly Param[];
    readonly launch: LaunchClause;
    readonly body: Block;
}

export interface FunctionItem extends ItemBase {
    readonly kind: "function";
    readonly generics: readonly GenericParam[];
    readonly params: readonly Param[];
    readonly result: TypeExpr | null;
    readonly body: Block;
}

export interface ConstantItem extends ItemBase {
    readonly kind: "constant";
    readonly type: TypeExpr | null;
    readonly value: Expr;
}

/** `instance name = kernel<f16, BM: 64>` */
export interface InstanceItem extends ItemBase {
    readonly kind: "instance";
    readonly kernel: Name;
    readonly args: readonly Argument[];
}

/** `type Real = f32` */
export interface AliasItem extends ItemBase {
    readonly kind: "alias";
    readonly type: TypeExpr;
}

/** `struct Body { pos: f32x3, mass: f32 }` */
export interface StructItem extends ItemBase {
    readonly kind: "struct";
    readonly generics: readonly GenericParam[];
    readonly fields: readonly Param[];
    readonly methods: readonly FunctionItem[];
}

/** `enum Mode: u32 { a, b = 5 }` */
export interface EnumItem extends ItemBase {
    readonly kind: "enum";
    /** Without one it is `i32`. */
    readonly base: TypeExpr | null;
    readonly members: readonly { readonly name: Name; readonly value: Expr | null }[];
}

/** `T: Float = f32`, or `const N: index = 4`, `const N: index in [4, 8]`. */
export type GenericParam = {
    readonly span: Span;
    readonly name: Name;
    readonly fallback: Expr | null;
    /** Values that tuning may take; of a constant. */
    readonly choices: readonly Expr[];
} & (
    | { readonly kind: "type"; readonly bound: TypeExpr | null }
    /** Without a type it is an `index`. */
    | { readonly kind: "const"; readonly type: TypeExpr | null }
);

export interface Param {
    readonly span: Span;
    /** `shared buf: f32[256]`: an array of the workgroup. */
    readonly isShared: boolean;
    readonly name: Name;
    readonly type: TypeExpr;
}

export type LaunchClause =
    | {
          readonly kind: "over";
          readonly span: Span;
          readonly domain: readonly DomainVariable[];
      }
    | {
          readonly kind: "groups";
          readonly span: Span;
          readonly groups: readonly Expr[];
          readonly workgroup: readonly Expr[];
      };

/** `i in n`, or of a matrix kernel `i in m by BM`. */
export interface DomainVariable {
    readonly name: Name;
    readonly extent: Expr;
    readonly step: Expr | null;
}

/** `f32`, `mut f32[m, k + 1]`: a scalar, or with extents a view or an array, as the place decides; `tile f32[16, 16]`. */
export interface TypeExpr {
    readonly span: Span;
    /** `alias`, `large`, `strided`, as they are written. */
    readonly modifiers: readonly Name[];
    /** Where `tile` stands, if it does. */
    readonly tile: Span | null;
    /** Where `mut` stands, if it does. */
    readonly mut: Span | null;
    readonly name: Name;
    /** `Pair<f32>`: of a generic structure. */
    readonly args: readonly Argument[] | null;
    readonly extents: readonly Expr[] | null;
}

export interface Block {
    readonly span: Span;
    readonly height: number;
    readonly statements: readonly Statement[];
}

export type Statement = { readonly span: Span; readonly height: number } & (
    | {
          readonly kind: "declare";
          readonly keyword: "let" | "var" | "const" | "shared";
          readonly name: Name;
          readonly type: TypeExpr | null;
          readonly value: Expr | null;
      }
    | { readonly kind: "assign"; readonly place: Expr; readonly op: string; readonly value: Expr }
    /** Also `if` and blocks, which are expressions. */
    | { readonly kind: "expr"; readonly expr: Expr }
    | {
          readonly kind: "for";
          readonly variable: Name;
          /** Null in `for p in k by BK`, over the blocks of a matrix kernel. */
          readonly start: Expr | null;
          readonly end: Expr;
          readonly step: Expr | null;
          readonly body: Block;
      }
    | { readonly kind: "while"; readonly condition: Expr; readonly body: Block }
    /** `#unroll(4) for …` */
    | { readonly kind: "attributed"; readonly attributes: readonly Attribute[]; readonly statement: Statement }
    | { readonly kind: "break" }
    | { readonly kind: "continue" }
    | { readonly kind: "return"; readonly value: Expr | null }
    /** `refractory 2 ms`: only in a neuron model. */
    | { readonly kind: "refractory"; readonly value: Expr }
);

export type Expr = { readonly span: Span; readonly height: number } & (
    | { readonly kind: "integer"; readonly value: bigint }
    | { readonly kind: "float"; readonly value: number }
    | { readonly kind: "bool"; readonly value: boolean }
    /** As it is meant, without quotes and escapes: what `print` and `assert` say. */
    | { readonly kind: "text"; readonly value: string }
    | { readonly kind: "name"; readonly text: string }
    /** `20 ms` */
    | { readonly kind: "quantity"; readonly value: Expr; readonly unit: Name }
    | { readonly kind: "unary"; readonly op: "-" | "!" | "~"; readonly operand: Expr }
    | {
          readonly kind: "binary";
          readonly op: BinaryOp;
          readonly opSpan: Span;
          readonly left: Expr;
          readonly right: Expr;
      }
    | { readonly kind: "cast"; readonly operand: Expr; readonly type: TypeExpr }
    | { readonly kind: "call"; readonly callee: Expr; readonly args: readonly Argument[] }
    /** `base::<f16, N: 4>`: types are names here. */
    | { readonly kind: "generic"; readonly base: Expr; readonly args: readonly Argument[] }
    | { readonly kind: "index"; readonly base: Expr; readonly indices: readonly Expr[] }
    /** `a .. b`, or `:` without ends: only as an index. */
    | { readonly kind: "slice"; readonly start: Expr | null; readonly end: Expr | null }
    | { readonly kind: "member"; readonly base: Expr; readonly member: Name }
    /** `(a, b)`: only in a launch clause. */
    | { readonly kind: "tuple"; readonly elements: readonly Expr[] }
    /** `[a, b, c]` */
    | { readonly kind: "list"; readonly elements: readonly Expr[] }
    /** `isConst`: `if const`, of which one branch is compiled. */
    | {
          readonly kind: "if";
          readonly isConst: boolean;
          readonly condition: Expr;
          readonly then: Block;
          readonly otherwise: Expr | null;
      }
    | { readonly kind: "block"; readonly block: Block }
);

/** `label: value`, or `value` alone. */
export interface Argument {
    readonly label: Name | null;
    readonly value: Expr;
}

export type BinaryOp =
    | "+"
    | "-"
    | "*"
    | "/"
    | "%"
    | "&"
    | "|"
    | "^"
    | "<<"
    | ">>"
    | "=="
    | "!="
    | "<"
    | "<="
    | ">"
    | ">="
    | "&&"
    | "||"
    | "@";
