// What a build read, and how make and ninja are told: `OUTPUT: FILE…`, as compilers' -MD writes it.

import type { ModuleLoader } from "../driver.js";

/** Passes on to a loader, and keeps the paths of the files that it found: the standard library's modules are not listed. */
export class RecordingLoader {
    readonly #paths = new Set<string>();

    constructor(private readonly loader: ModuleLoader) {}

    readonly load: ModuleLoader = (name, importer) => {
        const module = this.loader(name, importer);
        if (module && !name.startsWith("std.")) this.#paths.add(module.path);
        return module;
    };

    /** In order of first use. */
    paths(): readonly string[] {
        return [...this.#paths];
    }
}

/** A rule in make's syntax. Each file that was read has an empty rule too, so that a deleted one asks for a new build. */
export function dependencyRule(output: string, files: readonly string[]): string {
    const rule = `${[`${quoted(output)}:`, ...files.map(quoted)].join(" \\\n  ")}\n`;
    return [rule, ...files.slice(1).map((file) => `\n${quoted(file)}:\n`)].join("");
}

/** As GCC quotes for make: blanks and # by a backslash, $ doubled. */
function quoted(path: string): string {
    return path.replace(/[ \t#]/g, "\\$&").replace(/\$/g, "$$$$");
}
