// compile(): the whole way from text to code object, readable top to bottom.

import type { Manifest } from "../codeobject/manifest.js";
import type { Codegen, OptimisationLevel } from "./codegen.js";
import type { Diagnostic, SourceFile } from "./diagnostics/diagnostic.js";

/** Finds the text of an imported module; `name` is as written, such as `std.math`. Undefined where there is none. */
export type ModuleLoader = (name: string, importer: SourceFile) => SourceFile | undefined;

/** What to stop at: Soma's IR, LLVM IR before LLVM's passes, assembly, or a code object. */
export type Emit = "ir" | "llvm" | "asm" | "hsaco";

export interface CompileOptions {
    /** A gfx target of `targets/`, such as `gfx1100`. */
    readonly target: string;
    /** Default 3. */
    readonly optimisation?: OptimisationLevel;
    /** Default `hsaco`. */
    readonly emit?: Emit;
}

export interface CompileResult {
    /** Errors and warnings in source order. With an error in it, `output` and `manifest` are null. */
    readonly diagnostics: readonly Diagnostic[];
    /** UTF-8 text or the code object, as `emit` says. */
    readonly output: Uint8Array | null;
    readonly manifest: Manifest | null;
}

/** Syntax, names and types only. */
export declare function check(source: SourceFile, load: ModuleLoader): readonly Diagnostic[];

/** Compiles one module and what it imports. An unknown target is a diagnostic that lists those there are. */
export declare function compile(
    source: SourceFile,
    load: ModuleLoader,
    codegen: Codegen,
    options: CompileOptions,
): Promise<CompileResult>;
