// Incremental work on many files: an editor's, a watching build's. What was found of a file is kept until the file or
// something that it imports, directly or not, has changed; the trees of all others are kept as well.

import { SomaError } from "../../codeobject/error.js";
import { loadCachedCodegen } from "../cache/index.js";
import type { Codegen } from "../codegen.js";
import type { Diagnostic, SourceFile } from "../diagnostics/diagnostic.js";
import { type CompileOptions, type CompileResult, check, compile, type Description, describe } from "../driver.js";
import { keepTree } from "../syntax/parse.js";
import { DISK, type FileSystem } from "./files.js";
import { moduleLoader } from "./modules.js";

/** A file that is to be worked on, and is not there. */
export class SourceNotFoundError extends SomaError {
    readonly code = "ERR_SOMA_SOURCE_NOT_FOUND";
}

export interface SessionOptions {
    /** Default: the disk. */
    readonly files?: FileSystem;
    /** Default: the package's own, with the compile cache. */
    readonly codegen?: Codegen;
}

/** What decides a compile beside the files. Callbacks would not be called for what is known already. */
export type SessionCompileOptions = Omit<CompileOptions, "onPass" | "onStage">;

interface Kept {
    readonly root: string;
    readonly result: unknown;
    /** Paths that were looked for, whether there was a file or not. */
    readonly paths: ReadonlySet<string>;
}

/** Paths are as the file system takes them; the same file is to be named by the same path each time. */
export class Session {
    private readonly files: FileSystem;
    /** By where they are looked for. */
    private readonly sources = new Map<string, SourceFile | undefined>();
    /** By the paths that errors name them by, which may be relative where the file's is not. */
    private readonly named = new Map<string, SourceFile>();
    private readonly places = new Map<string, string | undefined>();
    private readonly kept = new Map<string, Kept>();
    private codegen: Codegen | undefined;

    constructor({ files = DISK, codegen }: SessionOptions = {}) {
        this.files = files;
        this.codegen = codegen;
    }

    /**
     * Errors and warnings of a file, as `check` gives them; the same array as before where nothing has changed.
     * @throws SourceNotFoundError
     */
    check(path: string, target?: string): readonly Diagnostic[] {
        return this.keep(path, ["check", target], (source, load) => check(source, load, target));
    }

    /**
     * What a file's kernels are called with.
     * @throws SourceNotFoundError
     */
    describe(path: string): Description {
        return this.keep(path, ["describe"], (source, load) => describe(source, load));
    }

    /**
     * A file's code object or what else the options say.
     * @throws SourceNotFoundError, CodegenUnavailableError
     */
    async compile(path: string, options: SessionCompileOptions): Promise<CompileResult> {
        this.codegen ??= loadCachedCodegen();
        const { codegen } = this;
        return this.keep(path, ["compile", options], (source, load) => compile(source, load, codegen, options));
    }

    /**
     * Tells that files were written, made or removed.
     * @returns the files whose results are void by that, which are to be asked for again: these and their dependants
     */
    changed(...paths: readonly string[]): readonly string[] {
        const changed = new Set(paths.map(slashed));
        for (const path of changed) {
            this.sources.delete(path);
            this.places.delete(path);
        }
        const affected = new Set<string>();
        for (const [key, { root, paths: read }] of this.kept) {
            if ([...changed].some((path) => read.has(path))) {
                affected.add(root);
                this.kept.delete(key);
            }
        }
        return [...affected];
    }

    private keep<T>(
        path: string,
        asked: readonly unknown[],
        make: (source: SourceFile, load: ReturnType<typeof moduleLoader>) => T,
    ): T {
        const key = JSON.stringify([path, ...asked], (_, value) => (typeof value === "bigint" ? `${value}n` : value));
        const known = this.kept.get(key);
        if (known !== undefined) return known.result as T;
        const paths = new Set<string>();
        const source = this.source(path, paths);
        if (source === undefined) throw new SourceNotFoundError(`can't read ${path}: there is no such file`);
        const result = make(source, this.loader(paths));
        this.kept.set(key, { root: path, result, paths });
        return result;
    }

    /** Notes what is looked for, and gives the same source for the same file. */
    private loader(paths: Set<string>): ReturnType<typeof moduleLoader> {
        const load = moduleLoader({
            read: (path) => this.source(path, paths)?.text,
            realPath: (path) => {
                const known = slashed(path);
                paths.add(known);
                if (!this.places.has(known)) this.places.set(known, this.find(path));
                return this.places.get(known);
            },
        });
        return (name, importer) => {
            const found = load(name, importer);
            return found === undefined || name.startsWith("std.") ? found : this.sameSource(found);
        };
    }

    private sameSource(found: SourceFile): SourceFile {
        const known = this.named.get(found.path);
        if (known !== undefined && known.text === found.text) return known;
        keepTree(found);
        this.named.set(found.path, found);
        return found;
    }

    private find(path: string): string | undefined {
        if (this.files.realPath !== undefined) return this.files.realPath(path);
        return this.files.read(path) === undefined ? undefined : path;
    }

    private source(path: string, paths: Set<string>): SourceFile | undefined {
        const known = slashed(path);
        paths.add(known);
        if (!this.sources.has(known)) {
            const text = this.files.read(path);
            this.sources.set(known, text === undefined ? undefined : this.sameSource({ path: known, text }));
        }
        return this.sources.get(known);
    }
}

function slashed(path: string): string {
    return path.replaceAll("\\", "/");
}
