// The programs in the repository's documents. One that stands under "```soma" is right; one under "```soma error E0302"
// has exactly that diagnostic.

import { readdirSync, readFileSync } from "node:fs";

const ROOT = new URL("../../", import.meta.url);

export interface Example {
    readonly document: string;
    readonly text: string;
    /** The codes of its diagnostics. */
    readonly expected: readonly string[];
}

const DOCUMENTS = [".", "spec", "docs"].flatMap((folder) =>
    readdirSync(new URL(`${folder}/`, ROOT))
        .filter((name) => name.endsWith(".md"))
        .map((name) => (folder === "." ? name : `${folder}/${name}`)),
);

/** The list of diagnostics has programs that are wrong on purpose; other tests hold it. */
const GENERATED = new Set(["spec/diagnostics.md"]);

export const EXAMPLES: readonly Example[] = DOCUMENTS.filter((name) => !GENERATED.has(name)).flatMap((document) =>
    [
        ...readFileSync(new URL(document, ROOT), "utf8").matchAll(
            /^```soma(?: (?:error|warning)((?: \w+)+))?\n(.*?)^```/gms,
        ),
    ].map(
        ([, marks, text]): Example => ({
            document,
            text: text as string,
            expected: marks === undefined ? [] : marks.trim().split(" "),
        }),
    ),
);
