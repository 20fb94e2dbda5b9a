// Lines of the source files that a code object's DWARF names, to be shown beside its instructions.

import { readFile, stat } from "node:fs/promises";
import type { SourceFile } from "../diagnostics/diagnostic.js";
import { loadModule } from "../shell/modules.js";

/** The text of a line (from 1) without the space around it; empty where it is not known. */
export type SourceLine = (file: string, line: number) => Promise<string>;

/**
 * Reads each file once. `known` are those that were read already.
 * A code object may have come from anywhere, and name anything: what is no file has no lines.
 */
export function sourceLines(...known: readonly SourceFile[]): SourceLine {
    const files = new Map<string, Promise<readonly string[]>>(
        known.map(({ path, text }) => [path, Promise.resolve(text.split("\n"))]),
    );
    return async (file, line) => {
        const lines = files.get(file) ?? readLines(file);
        files.set(file, lines);
        return (await lines)[line - 1]?.trim() ?? "";
    };
}

async function readLines(file: string): Promise<readonly string[]> {
    const module = loadModule(file, { path: "", text: "" });
    if (file.startsWith("std.") && module !== undefined) return module.text.split("\n");
    try {
        const isFile = (await stat(file)).isFile();
        return isFile ? (await readFile(file, "utf8")).split("\n") : [];
    } catch {
        return [];
    }
}
