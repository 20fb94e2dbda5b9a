// What a compiled module was made of beside its own text.

import type { SourceFile } from "../../compiler/diagnostics/diagnostic.js";
import { loadModule } from "../../compiler/shell/modules.js";

/** A module that was looked for: what is not there any more, or reads differently, makes the outcome out of date. */
export interface Dependency {
    readonly name: string;
    readonly importer: SourceFile;
    readonly found: SourceFile | undefined;
}

/** Whether all that was imported is as it was. */
export function isCurrent(dependencies: readonly Dependency[]): boolean {
    return dependencies.every(({ name, importer, found }) => {
        const now = loadModule(name, importer);
        return now?.path === found?.path && now?.text === found?.text;
    });
}
