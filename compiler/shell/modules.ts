// Finds imported modules: `std.math` is stdlib/math.soma of the package, `./shapes.soma` a file beside the importing one,
// `vectors/shapes.soma` a file of the npm package `vectors`, looked for as Node does: in the `node_modules` of the
// importing file's folder and of those above it, the first that has the file; links are followed, so that what a package
// itself imports is looked for where it really is.

import { readFileSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, relative, resolve, sep } from "node:path";
import type { SourceFile } from "../diagnostics/diagnostic.js";
import type { ModuleLoader } from "../driver.js";
import { packageRoot } from "./package-root.js";

const STANDARD = /^std(?:\.[a-z][a-z0-9_]*)+$/;
const RELATIVE = /^\.\.?\/.*\.soma$/;
/** A package's name, with its scope if it has one, and a path in it. */
const PACKAGED = /^(?:@[\w.~-]+\/)?[\w~-][\w.~-]*\/.*\.soma$/;

/** What a file that can't be a module fails with. */
const ABSENT = new Set(["ENOENT", "ENOTDIR", "EISDIR", "EACCES", "ENAMETOOLONG", "ELOOP"]);

const standard = new Map<string, SourceFile>();

/** The standard library's modules are read once; files are read anew for each import. */
export const loadModule: ModuleLoader = (name, importer) => {
    if (RELATIVE.test(name)) return readModule(join(dirname(importer.path), name));
    if (PACKAGED.test(name)) return readPackaged(name, dirname(importer.path));
    if (!STANDARD.test(name)) return undefined;
    const file = `${join(packageRoot(), "stdlib", ...name.split(".").slice(1))}.soma`;
    const read = standard.get(name) ?? readModule(file, name);
    if (read) standard.set(name, read);
    return read;
};

function readPackaged(name: string, importing: string): SourceFile | undefined {
    if (name.split("/").includes("..")) return undefined;
    for (let folder = resolve(importing); ; folder = dirname(folder)) {
        const file = realPath(join(folder, "node_modules", name));
        if (file !== undefined) return readModule(file, isAbsolute(importing) ? file : relative(process.cwd(), file));
        if (folder === dirname(folder)) return undefined;
    }
}

function realPath(file: string): string | undefined {
    return unlessAbsent(() => realpathSync(file));
}

/** @param path that errors name it by; its separators are `/` */
function readModule(file: string, path = file): SourceFile | undefined {
    return unlessAbsent(() => ({ path: path.split(sep).join("/"), text: readFileSync(file, "utf8") }));
}

function unlessAbsent<T>(read: () => T): T | undefined {
    try {
        return read();
    } catch (error) {
        if (error instanceof Error && "code" in error && ABSENT.has(String(error.code))) return undefined;
        throw error;
    }
}
