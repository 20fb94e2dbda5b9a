// Host programs' languages: what a module's kernels become there, with the code object in it.

import type { Manifest } from "../../codeobject/manifest.js";
import { cppHeader } from "./cpp/header.js";
import { pythonModule } from "./python/module.js";

interface HostLanguage {
    readonly extension: string;
    /** @param name the source file's without its extension */
    readonly text: (manifest: Manifest, name: string, codeObject: Uint8Array) => string;
}

/** By what `soma build --emit` calls them. */
export const HOST_LANGUAGES = {
    cpp: { extension: ".hpp", text: cppHeader },
    python: { extension: ".py", text: (manifest, _, codeObject) => pythonModule(manifest, codeObject) },
} as const satisfies Record<string, HostLanguage>;

export type HostLanguageName = keyof typeof HOST_LANGUAGES;

export function isHostLanguage(name: string | undefined): name is HostLanguageName {
    return name !== undefined && Object.hasOwn(HOST_LANGUAGES, name);
}
