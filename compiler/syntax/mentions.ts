// Which of a file's own names stand in its text only once, where they are declared or imported: nothing uses them.

import { type IToken, tokenMatcher } from "#chevrotain";
import type { Import, Item } from "./ast.js";
import { Identifier } from "./tokens.js";

export function mentionedOnce(
    imports: readonly Import[],
    items: readonly Item[],
    tokens: readonly IToken[],
): ReadonlySet<string> {
    const once = new Set<string>();
    for (const { names } of imports) for (const { text } of names) once.add(text);
    for (const { name, isPublic } of items) if (!isPublic) once.add(name.text);
    const seen = new Set<string>();
    if (once.size === 0) return once;
    for (const token of tokens) {
        const { image } = token;
        if (!tokenMatcher(token, Identifier) || !once.has(image)) continue;
        if (seen.has(image)) once.delete(image);
        else seen.add(image);
    }
    return once;
}
