// `type Real = f32`: another name for a type of values. Aliases may name each other in any order, but not in a circle.

import { duplicate } from "../diagnostics/catalogue/names.js";
import { aliasCycle } from "../diagnostics/catalogue/types.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type { BodyContext, GlobalSymbol, Report } from "./context.js";
import { aliasedType } from "./declarations.js";
import { isPlainEnum, isSettled } from "./pending.js";
import { isValue, typeNamed } from "./scalars.js";

const BROKEN: GlobalSymbol = { kind: "broken" };

/**
 * Puts a module's aliases into its symbols. Gives those that lead to structures or to what constants say, which
 * `resolveStructures` resolves.
 */
export function resolveAliases(
    items: readonly ast.Item[],
    symbols: Map<string, GlobalSymbol>,
    ctx: BodyContext,
): readonly ast.AliasItem[] {
    const { report } = ctx;
    const waits = (item: ast.Item) =>
        item.kind === "struct" ||
        (item.kind === "enum" && !isPlainEnum(item)) ||
        (item.kind === "alias" && !isSettled(item, symbols));
    const waiting = new Set(items.flatMap((item) => (waits(item) ? [item.name.text] : [])));
    const later: ast.AliasItem[] = [];
    const open = new Map<string, ast.AliasItem>();
    for (const item of items) {
        if (item.kind !== "alias") continue;
        if (typeNamed(item.name.text) === undefined) open.set(item.name.text, item);
        else refuseTypeName(item.name, report);
    }
    for (let first = next(open); first !== undefined; first = next(open)) {
        // From this alias to those that it needs; the last of them can be resolved.
        const path = [first];
        open.delete(first.name.text);
        for (let needed = open.get(first.type.name.text); needed !== undefined; ) {
            open.delete(needed.name.text);
            path.push(needed);
            needed = open.get(needed.type.name.text);
        }
        const last = path.at(-1) as ast.AliasItem;
        if (waiting.has(last.type.name.text) || path.some(({ name }) => waiting.has(name.text))) {
            for (const { name } of path) waiting.add(name.text);
            later.push(...path);
            continue;
        }
        const closes = path.some(({ name }) => name.text === last.type.name.text);
        if (closes) report(diagnose(aliasCycle, last.type.span, { name: last.name.text }));
        for (const item of path.reverse()) {
            symbols.set(item.name.text, closes || item.broken ? BROKEN : resolve(item, ctx));
        }
    }
    return later;
}

function next(open: ReadonlyMap<string, ast.AliasItem>): ast.AliasItem | undefined {
    return open.values().next().value;
}

function resolve({ type, isPublic }: ast.AliasItem, ctx: BodyContext): GlobalSymbol {
    const resolved = aliasedType(ctx, type);
    return isValue(resolved) ? { kind: "type", type: resolved, isPublic } : BROKEN;
}

/** A name for a type that is one of the language's own. */
export function refuseTypeName({ text: name, span }: ast.Name, report: Report): void {
    report(diagnose(duplicate, span, { name, what: "a type of the language" }));
}
