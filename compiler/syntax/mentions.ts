// Which of a file's own names stand in its text only once, where they are declared or imported: nothing uses them.

import type { Import, Item } from "./ast.js";
import type { Word } from "./lexer.js";

export function mentionedOnce(
    imports: readonly Import[],
    items: readonly Item[],
    words: ReadonlyMap<string, Word>,
): ReadonlySet<string> {
    const own = imports.flatMap(({ names }) => names);
    for (const { name, isPublic } of items) if (!isPublic) own.push(name);
    return new Set(own.map(({ text }) => text).filter((text) => (words.get(text)?.count ?? 0) < 2));
}
