// A compile in a process of its own, with limits on the source's size, on time and on memory: for sources of others. LLVM can
// neither be stopped nor always survived; here its end is a diagnostic.

import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { stoppedCompile } from "../../diagnostics/catalogue/codegen.js";
import { NOWHERE, type SourceFile } from "../../diagnostics/diagnostic.js";
import { diagnose } from "../../diagnostics/entry.js";
import type { CompileResult } from "../../driver.js";
import { packageRoot } from "../package-root.js";
import type { SessionCompileOptions } from "../session.js";
import { type IsolationLimits, runIsolated } from "./run.js";

export interface CompileLimits extends IsolationLimits {
    /** UTF-16 code units of all sources together. Default 1 Mi. */
    readonly sourceLength?: number;
}

/** What the process is asked. */
export interface IsolatedCompile {
    readonly source: SourceFile;
    /** The modules that may be imported, by the paths they resolve to; undefined for those of the disk. */
    readonly modules: Readonly<Record<string, string>> | undefined;
    readonly options: SessionCompileOptions;
}

/** As it is built, whether this runs from there or from the sources. */
const CHILD = pathToFileURL(join(packageRoot(), "dist", "compiler", "shell", "isolated", "child.js"));

/**
 * Compiles as `compile` does. The source can import the standard library and what `modules` has, and no other file.
 * @param modules texts by the paths that they are imported by, such as `lib/shapes.soma`; undefined for the disk's files
 */
export async function compileIsolated(
    source: SourceFile,
    options: SessionCompileOptions,
    limits: CompileLimits = {},
    modules: Readonly<Record<string, string>> | undefined = {},
): Promise<CompileResult> {
    const { sourceLength = 2 ** 20 } = limits;
    const length = [source.text, ...Object.values(modules ?? {})].reduce((sum, text) => sum + text.length, 0);
    if (length > sourceLength) {
        return stopped(`the sources have ${length} characters, and ${sourceLength} are allowed`);
    }
    const request: IsolatedCompile = { source, modules, options };
    const outcome = await runIsolated<CompileResult>(CHILD, request, limits);
    return outcome.kind === "answer" ? outcome.answer : stopped(outcome.message);
}

function stopped(reason: string): CompileResult {
    return { diagnostics: [diagnose(stoppedCompile, NOWHERE, { reason })], output: null, manifest: null };
}
