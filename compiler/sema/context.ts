// What the checker of a body knows: the module around it, the names in it, and what kind of body it is.

import type { Diagnostic, SourceFile, Span } from "../diagnostics/diagnostic.js";
import type { FunctionItem, KernelItem } from "../syntax/ast.js";
import type { Builtin } from "./builtins.js";
import type { Constant } from "./constants.js";
import type { Block, Fn, Local } from "./program.js";
import type { Scope } from "./scope.js";
import type { ScalarType, VoidType } from "./types.js";

export type Report = (diagnostic: Diagnostic) => void;

/** What a name outside of all bodies stands for. */
export type GlobalSymbol =
    | { readonly kind: "function"; readonly record: FunctionRecord; readonly isPublic: boolean }
    | { readonly kind: "constant"; readonly constant: Constant; readonly isPublic: boolean }
    /** A constant whose definition comes further down. */
    | { readonly kind: "pending" }
    | { readonly kind: "kernel" }
    /** A built-in, imported by its name. */
    | { readonly kind: "builtin"; readonly builtin: Builtin }
    /** Declared, but with a mistake: whatever is done with it agrees. */
    | { readonly kind: "broken" };

export interface ModuleScope {
    readonly source: SourceFile;
    /** Before the names of its functions in symbols; empty for the module that is compiled. */
    readonly prefix: string;
    readonly symbols: ReadonlyMap<string, GlobalSymbol>;
    readonly kernels: readonly KernelItem[];
    readonly functions: readonly FunctionRecord[];
    readonly imports: number;
    /** Of its text, imports, constants and signatures; bodies have their own. */
    readonly diagnostics: readonly Diagnostic[];
}

/** One call in a body: an edge of the call graph. */
export interface Call {
    readonly callee: FunctionRecord;
    readonly span: Span;
}

/** A function and what is known of it. Its `fn` gets its body when that is checked. */
export interface FunctionRecord {
    readonly item: FunctionItem;
    readonly module: ModuleScope;
    readonly fn: Omit<Fn, "body"> & { body: Block };
    /** Its signature has a mistake: calls of it are not judged. */
    readonly broken: boolean;
    /** Null until its body is checked. */
    checked: { readonly calls: readonly Call[]; readonly diagnostics: readonly Diagnostic[] } | null;
}

/** Whose body it is. */
export type Owner =
    | { readonly kind: "over"; readonly variables: readonly Local[] }
    | { readonly kind: "groups"; readonly rank: number }
    | { readonly kind: "function" }
    | { readonly kind: "constant" };

export interface BodyContext {
    readonly module: { readonly source: SourceFile; readonly symbols: ReadonlyMap<string, GlobalSymbol> };
    readonly owner: Owner;
    readonly scope: Scope;
    readonly result: ScalarType | VoidType;
    readonly report: Report;
    /** The calls found so far. */
    readonly calls: Call[];
    /** A function of the standard library that realises a built-in; null where there is none. */
    readonly library: (module: string, name: string) => FunctionRecord | null;
    /** Loops around the place being checked. */
    loops: number;
}
