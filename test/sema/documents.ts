// The programs in the repository's documents. One that stands under "```soma" is right; one under "```soma error E0302"
// has exactly that diagnostic. One under "```soma ./shapes.soma" is right, and a file that others of the document import
// by that path.

import { readdirSync, readFileSync } from "node:fs";
import type { ModuleLoader } from "../../compiler/driver.js";
import { loadModule } from "../../compiler/shell/modules.js";

const ROOT = new URL("../../", import.meta.url);

export interface Example {
    readonly document: string;
    readonly text: string;
    /** The codes of its diagnostics. */
    readonly expected: readonly string[];
    /** Finds the files of its document, and the standard library. */
    readonly load: ModuleLoader;
}

const DOCUMENTS = [".", "spec", "docs"].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, ROOT))
        .filter((name) => name.endsWith(".md"))
        .map((name) => (folder === "." ? name : `${folder}/${name}`)),
);

/** The list of diagnostics has programs that are wrong on purpose; other tests hold it. */
const GENERATED = new Set(["spec/diagnostics.md"]);

const PROGRAM = /^```soma(?: (?:error|warning)((?: \w+)+)| (\S+\.soma))?\n(.*?)^```/gms;

export const EXAMPLES: readonly Example[] = DOCUMENTS.filter((name) => !GENERATED.has(name)).flatMap((document) => {
    const programs = [...readFileSync(new URL(document, ROOT), "utf8").matchAll(PROGRAM)].map(
        ([, marks, path, text]) => ({ marks, path, text: text as string }),
    );
    const load: ModuleLoader = (name, importer) => {
        const file = programs.find(({ path }) => path === name);
        return file === undefined ? loadModule(name, importer) : { path: name, text: file.text };
    };
    return programs.map(({ marks, text }) => ({ document, text, load, expected: marks?.trim().split(" ") ?? [] }));
});
