// Finds imported modules: `std.math` is stdlib/math.soma of the package, `./shapes.soma` a file beside the importing one,
// `vectors/shapes.soma` a file of the npm package `vectors`, looked for as Node does: in the `node_modules` of the
// importing file's folder and of those above it, the first that has the file; links are followed, so that what a package
// itself imports is looked for where it really is.

import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { SourceFile } from "../diagnostics/diagnostic.js";
import type { ModuleLoader } from "../driver.js";
import { DISK, type FileSystem } from "./files.js";
import { packageRoot } from "./package-root.js";

const STANDARD = /^std(?:\.[a-z][a-z0-9_]*)+$/;
const RELATIVE = /^\.\.?\/.*\.soma$/;
/** A package's name, with its scope if it has one, and a path in it. */
const PACKAGED = /^(?:@[\w.~-]+\/)?[\w~-][\w.~-]*\/.*\.soma$/;

const standard = new Map<string, SourceFile>();

/**
 * A loader of the standard library, whose modules are read once, and of the files of a file system, which are read anew for each
 * import.
 */
export function moduleLoader(files: FileSystem): ModuleLoader {
    /** @param path that errors name it by; its separators are `/` */
    const read = (file: string, path = file): SourceFile | undefined => {
        const text = files.read(file);
        return text === undefined ? undefined : { path: path.split(sep).join("/"), text };
    };
    const realPath = (file: string): string | undefined =>
        files.realPath === undefined ? (files.read(file) === undefined ? undefined : file) : files.realPath(file);
    const readPackaged = (name: string, importing: string): SourceFile | undefined => {
        if (name.split("/").includes("..")) return undefined;
        for (let folder = resolve(importing); ; folder = dirname(folder)) {
            const file = realPath(join(folder, "node_modules", name));
            if (file !== undefined) return read(file, isAbsolute(importing) ? file : relative(process.cwd(), file));
            if (folder === dirname(folder)) return undefined;
        }
    };
    return (name, importer) => {
        if (RELATIVE.test(name)) return read(join(dirname(importer.path), name));
        if (PACKAGED.test(name)) return readPackaged(name, dirname(importer.path));
        return STANDARD.test(name) ? standardModule(name) : undefined;
    };
}

function standardModule(name: string): SourceFile | undefined {
    const file = `${join(packageRoot(), "stdlib", ...name.split(".").slice(1))}.soma`;
    const known = standard.get(name);
    if (known !== undefined) return known;
    const text = DISK.read(file);
    if (text === undefined) return undefined;
    const source = { path: name, text };
    standard.set(name, source);
    return source;
}

/** Modules of the standard library and of the disk. */
export const loadModule: ModuleLoader = moduleLoader(DISK);
