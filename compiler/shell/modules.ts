// Finds imported modules: `std.math` is stdlib/math.soma of the package, `./shapes.soma` a file beside the importing one.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { SourceFile } from "../diagnostics/diagnostic.js";
import type { ModuleLoader } from "../driver.js";
import { packageRoot } from "./package-root.js";

const STANDARD = /^std\.([a-z][a-z0-9_]*)$/;
const RELATIVE = /^\.\.?\/.*\.soma$/;

/** What a file that can't be a module fails with. */
const ABSENT = new Set(["ENOENT", "ENOTDIR", "EISDIR", "EACCES", "ENAMETOOLONG", "ELOOP"]);

const standard = new Map<string, SourceFile>();

/** The standard library's modules are read once; files are read anew for each import. */
export const loadModule: ModuleLoader = (name, importer) => {
    if (RELATIVE.test(name)) return readModule(join(dirname(importer.path), name));
    const [, file] = STANDARD.exec(name) ?? [];
    if (file === undefined) return undefined;
    const read = standard.get(name) ?? readModule(join(packageRoot(), "stdlib", `${file}.soma`), name);
    if (read) standard.set(name, read);
    return read;
};

function readModule(file: string, path = file): SourceFile | undefined {
    try {
        return { path, text: readFileSync(file, "utf8") };
    } catch (error) {
        if (error instanceof Error && "code" in error && ABSENT.has(String(error.code))) return undefined;
        throw error;
    }
}
