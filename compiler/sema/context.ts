// What the checker of a body knows: the module around it, the names in it, and what kind of body it is.

import type { Diagnostic, SourceFile, Span } from "../diagnostics/diagnostic.js";
import type { Model } from "../network/model.js";
import type { FunctionItem, KernelItem, Name, StructItem } from "../syntax/ast.js";
import type { Target } from "../targets/targets.js";
import type { Builtin } from "./builtins.js";
import type { ConstantCalls } from "./constant-calls.js";
import type { Constant, ConstantValue } from "./constants.js";
import type { NetworkOfModule } from "./networks.js";
import type { Block, CodeOptions, Fn, Local } from "./program.js";
import type { Scope } from "./scope.js";
import type { ScalarName, ScalarType, StructType, ValueType, VoidType } from "./types.js";
import type { UnknownNames } from "./unknown-names.js";

export type Report = (diagnostic: Diagnostic) => void;

/** What a name outside of all bodies stands for. */
export type GlobalSymbol =
    | { readonly kind: "function"; readonly record: FunctionRecord; readonly isPublic: boolean }
    | { readonly kind: "constant"; readonly constant: Constant; readonly isPublic: boolean }
    /** A constant or structure that is not resolved yet, or with `demand` a function, which that declares. */
    | { readonly kind: "pending"; readonly demand?: (report: Report, call: Span) => GlobalSymbol }
    | { readonly kind: "kernel"; readonly template: KernelTemplate; readonly isPublic: boolean }
    | { readonly kind: "generic"; readonly template: FunctionTemplate; readonly isPublic: boolean }
    /** An alias, or a type parameter inside an instance. */
    | { readonly kind: "type"; readonly type: ValueType; readonly isPublic: boolean }
    /** A generic structure: a type with its arguments. */
    | { readonly kind: "structure"; readonly template: StructTemplate; readonly isPublic: boolean }
    /** A function that takes or gives tiles. */
    | { readonly kind: "tile-function"; readonly template: TileFunction; readonly isPublic: boolean }
    /** A built-in, imported by its name. */
    | { readonly kind: "builtin"; readonly builtin: Builtin }
    /** Of a neuron, a synapse or a plasticity rule. */
    | { readonly kind: "model"; readonly model: Model; readonly isPublic: boolean }
    | { readonly kind: "network"; readonly network: NetworkOfModule; readonly isPublic: boolean }
    /** Declared, but with a mistake: whatever is done with it agrees. */
    | { readonly kind: "broken" };

export type MethodSymbol = Extract<GlobalSymbol, { readonly kind: "function" | "generic" }>;

export interface ModuleScope {
    readonly source: SourceFile;
    /** Before the names of its functions in symbols; empty for the module that is compiled. */
    readonly prefix: string;
    readonly symbols: ReadonlyMap<string, GlobalSymbol>;
    readonly kernels: readonly KernelTemplate[];
    readonly kernelInstances: readonly KernelInstance[];
    /** Its own and those that it imports. */
    readonly networks: readonly NetworkOfModule[];
    readonly functions: readonly FunctionRecord[];
    readonly templates: readonly FunctionTemplate[];
    readonly tileFunctions: readonly TileFunction[];
    readonly structures: readonly StructTemplate[];
    /** What it imports, by the names as written. */
    readonly imports: ReadonlyMap<string, ModuleScope>;
    /** Of its text, imports, constants and signatures; bodies have their own. */
    readonly diagnostics: readonly Diagnostic[];
}

/** One call in a body: an edge of the call graph. */
export interface Call {
    readonly callee: FunctionRecord;
    readonly span: Span;
}

/** A parameter of a generic item. */
export type GenericParameter =
    /** `types` are those that the bound allows. */
    | {
          readonly kind: "type";
          readonly name: string;
          readonly bound: string;
          readonly types: readonly ScalarName[];
          readonly fallback: ScalarType | null;
      }
    | {
          readonly kind: "const";
          readonly name: string;
          readonly type: ScalarType;
          readonly fallback: ConstantValue | null;
          /** What tuning may choose from; empty where it may not. */
          readonly choices: readonly ConstantValue[];
      };

/** What one parameter of a generic item stands for in an instance. */
export type GenericValue =
    | { readonly kind: "type"; readonly type: ScalarType; readonly isPublic: false }
    | { readonly kind: "constant"; readonly constant: Constant; readonly isPublic: false };

/** A generic function: its instances are checked like functions, in a scope that has its parameters. */
export interface FunctionTemplate {
    readonly item: FunctionItem;
    readonly module: ModuleScope;
    readonly parameters: readonly GenericParameter[];
    /** Its generic parameters have a mistake, or its text: calls of it are not judged. */
    readonly broken: boolean;
    /** What stands before its name in symbols: of a method, its structure and a point. */
    readonly owner: string;
    /** The generic structure that it is a method of. */
    readonly structure: StructTemplate | null;
    /** By the values of its parameters, as they stand in symbols. */
    readonly instances: Map<string, FunctionRecord>;
}

/** A function of tiles, which is expanded where it is called. */
export interface TileFunction {
    readonly item: FunctionItem;
    readonly module: ModuleScope;
    /** Behind the written ones what the extents of its parameters name. */
    readonly parameters: readonly GenericParameter[];
    /** Its generic parameters have a mistake, or its text: calls of it are not judged. */
    readonly broken: boolean;
    /** Its mistakes are reported at its definition. */
    wrong: boolean;
}

/** A generic structure whose fields are right. */
export interface StructTemplate {
    readonly item: StructItem;
    readonly module: ModuleScope;
    readonly parameters: readonly GenericParameter[];
    /** By the values of its parameters, as they are written. */
    readonly instances: Map<string, StructInstance>;
}

export interface StructInstance {
    /** Null where it is impossible for these values. */
    readonly type: StructType | null;
    /** Of its fields, and of its methods' declarations once somebody asked for them. */
    readonly problems: readonly Diagnostic[];
}

/** A kernel, or with parameters a generic one. */
export interface KernelTemplate {
    readonly item: KernelItem;
    readonly module: ModuleScope;
    readonly parameters: readonly GenericParameter[];
    readonly broken: boolean;
}

/** A kernel that code is made for. */
export interface KernelInstance {
    readonly template: KernelTemplate;
    readonly values: readonly GenericValue[];
    /** Whose name it has: the kernel's, or its `instance` declaration's. */
    readonly head: { readonly name: Name; readonly doc: string };
}

/** A function and what is known of it. Its `fn` gets its body when that is checked. */
export interface FunctionRecord {
    readonly item: FunctionItem;
    readonly module: ModuleScope;
    /** What it is an instance of, and with which values. */
    readonly instance: {
        readonly template: FunctionTemplate | StructTemplate;
        readonly values: readonly GenericValue[];
    } | null;
    /** Mistakes in an instance's signature; those of plain functions are the module's. */
    readonly problems: readonly Diagnostic[];
    readonly fn: Omit<Fn, "body" | "options" | "meets"> & { body: Block; options: CodeOptions; meets: boolean | null };
    /** Its signature has a mistake: calls of it are not judged. */
    readonly broken: boolean;
    /** Null until its body is checked. */
    checked: {
        readonly calls: readonly Call[];
        readonly barriers: readonly Span[];
        readonly diagnostics: readonly Diagnostic[];
        /** False while its body is being checked, and where something in it is wrong, or uses what is. */
        isRight: boolean;
    } | null;
}

/** Whose body it is. */
export type Owner =
    | { readonly kind: "over"; readonly variables: readonly Local[]; readonly waveSize: number }
    | { readonly kind: "groups"; readonly rank: number; readonly waveSize: number }
    | { readonly kind: "matrix"; readonly waveSize: number }
    | { readonly kind: "function" }
    /** With a wave size where it stands in a kernel's head. */
    | { readonly kind: "constant"; readonly waveSize?: number };

export interface BodyContext {
    readonly module: { readonly source: SourceFile; readonly symbols: ReadonlyMap<string, GlobalSymbol> };
    /** What the program is compiled for. */
    readonly target: Target;
    readonly owner: Owner;
    readonly scope: Scope;
    readonly result: ValueType | VoidType;
    readonly report: Report;
    /** The calls found so far. */
    readonly calls: Call[];
    /** The barriers found so far. */
    readonly barriers: Span[];
    /** Whether all expressions so far are right, and use nothing that isn't. */
    readonly verdict: { isRight: boolean };
    /** Null where constants can't call functions. */
    readonly constantCalls: ConstantCalls | null;
    /** What a module of the standard library declares; undefined where there is no such thing. */
    readonly library: (module: string, name: string) => GlobalSymbol | undefined;
    /** The instance of a generic function; null where there are too many, which was reported. */
    readonly instantiate: (
        template: FunctionTemplate,
        values: readonly GenericValue[],
        span: Span,
    ) => FunctionRecord | null;
    /** The instance of a generic structure; null where there are too many, which was reported. */
    readonly structure: (
        template: StructTemplate,
        values: readonly GenericValue[],
        span: Span,
    ) => StructInstance | null;
    /** Of variables that are tiles: loops around them. */
    readonly tileDepths: Map<Local, number>;
    /** Of the body of a function of tiles: these functions, outermost first, and the loops around the call. */
    readonly expansion: { readonly items: readonly FunctionItem[]; readonly loops: number } | null;
    readonly unknown: UnknownNames;
    /** Loops around the place being checked. */
    loops: number;
}
