// Finds imported modules in the package: `std.math` is stdlib/math.soma.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { SourceFile } from "../diagnostics/diagnostic.js";
import type { ModuleLoader } from "../driver.js";
import { packageRoot } from "./package-root.js";

const STANDARD = /^std\.([a-z][a-z0-9_]*)$/;

const known = new Map<string, SourceFile>();

/** The standard library's modules, each read once; undefined for every other name. */
export const loadModule: ModuleLoader = (name) => {
    const read = known.get(name) ?? readModule(name);
    if (read) known.set(name, read);
    return read;
};

function readModule(name: string): SourceFile | undefined {
    const [, file] = STANDARD.exec(name) ?? [];
    if (file === undefined) return undefined;
    try {
        return { path: name, text: readFileSync(join(packageRoot(), "stdlib", `${file}.soma`), "utf8") };
    } catch (error) {
        if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
        throw error;
    }
}
