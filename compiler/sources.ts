// From a line and column, as debug locations have them, back to a span of a source file.

import type { SourceFile, Span } from "./diagnostics/diagnostic.js";
import type { IrModule } from "./ir/module.js";

/** Every source file that the module's functions come from, by path. */
export function sourcesOf(main: SourceFile, module: IrModule): ReadonlyMap<string, SourceFile> {
    const files = module.functions.flatMap((fn) => fn.operations.map(({ span }) => span.file));
    return new Map([...files, main].map((file) => [file.path, file]));
}

/** The rest of the line from a place on; lines and columns count from 1. */
export function spanAt(file: SourceFile, line: number, column: number): Span {
    let start = 0;
    for (let at = 1; at < line; at++) start = file.text.indexOf("\n", start) + 1;
    const lineEnd = file.text.indexOf("\n", start);
    const end = lineEnd < 0 ? file.text.length : lineEnd;
    const from = Math.min(start + Math.max(column, 1) - 1, end);
    return { file, start: from, end: Math.max(end, from) };
}
