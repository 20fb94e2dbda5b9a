// Warnings for what a module declares or imports and nobody can use. Kernels are the host's; private items count where
// the module offers anything at all, so that a draft of functions alone is left in peace.

import { unusedImport, unusedItem } from "../diagnostics/catalogue/names.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type { GlobalSymbol, Report } from "./context.js";

export function reportUnusedNames(
    { imports, items, mentionedOnce }: ast.Module,
    symbols: ReadonlyMap<string, GlobalSymbol>,
    report: Report,
): void {
    const isUnused = ({ text }: ast.Name) =>
        mentionedOnce.has(text) && !text.startsWith("_") && symbols.get(text)?.kind !== "broken";
    for (const { names } of imports) {
        for (const name of names) {
            // An imported kernel is part of the code object, used or not.
            if (!isUnused(name) || symbols.get(name.text)?.kind === "kernel") continue;
            report(diagnose(unusedImport, name.span, { name: name.text }));
        }
    }
    if (!items.some((item) => item.isPublic || ["kernel", "instance", "network"].includes(item.kind))) return;
    for (const item of items) {
        const isInner = item.kind === "function" || item.kind === "constant" || item.kind === "alias";
        if (isInner && !item.isPublic && isUnused(item.name)) {
            report(diagnose(unusedItem, item.name.span, { name: item.name.text }));
        }
        const open = item.kind === "kernel" ? item.generics.find(isOpen) : undefined;
        if (open !== undefined && !item.isPublic && isUnused(item.name)) {
            const { text } = open.name;
            const help = `no code is made of it: give \`${text}\` a default, or write \`instance\`; \`pub\` offers it to others`;
            report(diagnose(unusedItem, item.name.span, { name: item.name.text }, { help }));
        }
    }
}

function isOpen({ fallback, choices }: ast.GenericParam): boolean {
    return fallback === null && choices.length === 0;
}

const ABOUT_UNUSED: ReadonlySet<string> = new Set([unusedImport.code, unusedItem.code]);

/** Without warnings about names that the remedy of an error would use: where a use is misspelt, that is the one mistake. */
export function withoutMisspelt(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
    const meant = new Set<string>();
    for (const { fixes = [] } of diagnostics)
        for (const { edits } of fixes) for (const { text } of edits) meant.add(text);
    if (meant.size === 0) return diagnostics;
    return diagnostics.filter(({ code, span: { file, start, end } }) => {
        return !ABOUT_UNUSED.has(code) || !meant.has(file.text.slice(start, end));
    });
}
