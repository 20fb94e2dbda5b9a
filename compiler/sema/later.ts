// Items of the language's design that this version parses and doesn't compile: each is one error, at its name.

import { notSupportedYet } from "../diagnostics/catalogue/unsupported.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type { Report } from "./context.js";

const LATER_ITEMS: ReadonlyMap<string, string> = new Map([["matrix", "matrix kernels are"]]);

/** Whether an item is one of them, which is reported. Its name is taken all the same. */
export function isLater(item: ast.Item, report: Report): boolean {
    const what = LATER_ITEMS.get(item.kind === "kernel" && item.isMatrix ? "matrix" : item.kind);
    if (what !== undefined && !item.broken) report(diagnose(notSupportedYet, item.name.span, { what }));
    return what !== undefined;
}
