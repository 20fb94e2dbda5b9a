// Structures and enums: from their declarations to types. Structures may name each other in any order, but none contains
// itself. Aliases of structures are resolved with them, as one may need the other.

import { constantOverflow } from "../diagnostics/catalogue/constants.js";
import { duplicate, functionAsValue } from "../diagnostics/catalogue/names.js";
import { enumBase, structCycle, structSize } from "../diagnostics/catalogue/structures.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import { evaluate } from "./constants.js";
import type { BodyContext, GlobalSymbol, StructTemplate } from "./context.js";
import { aliasedType, constantInteger } from "./declarations.js";
import { demand } from "./expressions.js";
import { I32, integerRange, isInteger, MOST_SCALARS, scalarCount, showType } from "./scalars.js";
import { plainType, typesOf, variableType } from "./type-names.js";
import type { EnumType, StructType, ValueType } from "./types.js";

const BROKEN: GlobalSymbol = { kind: "broken" };

export function resolveEnum(item: ast.EnumItem, ctx: BodyContext, prefix: string): GlobalSymbol {
    if (item.broken) return BROKEN;
    const base = item.base === null ? I32 : plainType(item.base, "an enum", typesOf(ctx), ctx.report);
    if (base.kind === "error") return BROKEN;
    if (!isInteger(base)) {
        ctx.report(diagnose(enumBase, item.base?.span ?? item.span, { found: showType(base) }));
        return BROKEN;
    }
    const members = new Map<string, bigint>();
    let next = 0n;
    for (const { name, value } of item.members) {
        const given = value === null ? next : evaluate(ctx, demand(ctx, value, base), "an enum's value");
        if (given === null) return BROKEN;
        const { least, greatest } = integerRange(base);
        if ((given as bigint) < least || (given as bigint) > greatest) {
            ctx.report(diagnose(constantOverflow, name.span, { op: name.text, type: showType(base) }));
            return BROKEN;
        }
        if (members.has(name.text)) {
            ctx.report(diagnose(duplicate, name.span, { name: name.text, what: `a name of \`${item.name.text}\`` }));
        }
        members.set(name.text, given as bigint);
        next = (given as bigint) + 1n;
    }
    const type: EnumType = { kind: "enum", name: item.name.text, base, members, id: `${prefix}${item.name.text}` };
    return { kind: "type", type, isPublic: item.isPublic };
}

type Declared = ast.StructItem | ast.AliasItem;

/** Puts structures, and the aliases that lead to them, into a module's symbols. */
export function resolveStructures(
    items: readonly Declared[],
    symbols: Map<string, GlobalSymbol>,
    ctx: BodyContext,
    methodsOf: (item: ast.StructItem) => StructType["methods"],
    templateOf: (item: ast.StructItem) => StructTemplate | null,
    prefix: string,
): void {
    const declared = (item: Declared): GlobalSymbol => {
        if (item.kind === "alias") return alias(item, ctx);
        if (item.generics.length > 0) {
            const template = templateOf(item);
            return template === null ? BROKEN : { kind: "structure", template, isPublic: item.isPublic };
        }
        const { text: name } = item.name;
        const id = `${prefix}${name}`;
        const fields = structFields(item, name, ctx);
        if (fields === null) return BROKEN;
        const type = { kind: "struct", name, fields, methods: methodsOf(item), instance: null, id } as const;
        return { kind: "type", type, isPublic: item.isPublic };
    };
    const open = new Map(items.map((item) => [item.name.text, item]));
    for (const item of inOrder(open, ctx)) {
        const types = item.kind === "alias" ? [item.type] : item.fields.map(({ type }) => type);
        const own = new Set(item.kind === "alias" ? [] : item.generics.map(({ name }) => name.text));
        const isType = (name: string) => open.has(name) && !own.has(name);
        const named = types.flatMap(({ extents }) => extents ?? []).map((extent) => typeIn(extent, isType));
        const wrong = named.find((name) => name !== null);
        if (wrong) {
            const help = "an extent is made of numbers and constants";
            ctx.report(diagnose(functionAsValue, wrong.span, { name: wrong.text, what: "a type" }, { help }));
        }
        symbols.set(item.name.text, item.broken || wrong ? BROKEN : declared(item));
    }
}

/** A type among those being declared that an extent names: it is none, whatever the type turns out to be. */
function typeIn(extent: ast.Expr, isType: (name: string) => boolean): Extract<ast.Expr, { kind: "name" }> | null {
    if (extent.kind === "binary") return typeIn(extent.left, isType) ?? typeIn(extent.right, isType);
    return extent.kind === "name" && isType(extent.text) ? extent : null;
}

function alias(item: ast.AliasItem, ctx: BodyContext): GlobalSymbol {
    const type = aliasedType(ctx, item.type);
    return type.kind === "error" ? BROKEN : { kind: "type", type: type as ValueType, isPublic: item.isPublic };
}

/** The fields of a structure, or of an instance, which is called `name`; null where there was a mistake. */
export function structFields(item: ast.StructItem, name: string, ctx: BodyContext): StructType["fields"] | null {
    const fields: StructType["fields"][number][] = [];
    const extent = (expr: ast.Expr) => constantInteger(ctx, expr, "an array's extent");
    let scalars = 0;
    let right = true;
    for (const field of item.fields) {
        const type = variableType(field.type, extent, typesOf(ctx), ctx.report);
        if (type.kind === "error") right = false;
        else scalars += scalarCount(type as ValueType);
        if (fields.some((other) => other.name === field.name.text)) {
            ctx.report(diagnose(duplicate, field.name.span, { name: field.name.text, what: `a field of \`${name}\`` }));
        }
        fields.push({ name: field.name.text, type: type as ValueType });
    }
    if (right && (scalars === 0 || scalars > MOST_SCALARS)) {
        ctx.report(diagnose(structSize, item.name.span, { name, scalars, limit: MOST_SCALARS }));
        right = false;
    }
    return right ? fields : null;
}

/** Each after those that it needs. One that contains itself is reported and left out; without recursion. */
function inOrder(open: ReadonlyMap<string, Declared>, ctx: BodyContext): Declared[] {
    const done: Declared[] = [];
    const state = new Map<Declared, "entered" | "left">();
    for (const root of open.values()) {
        const path = state.has(root) ? [] : [{ item: root, needs: needsOf(root), next: 0 }];
        if (path.length > 0) state.set(root, "entered");
        for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
            const need = top.needs[top.next++];
            if (need === undefined) {
                path.pop();
                state.set(top.item, "left");
                done.push(top.item);
                continue;
            }
            const item = open.get(need.text);
            if (item === undefined || state.get(item) === "left") continue;
            if (state.has(item)) {
                ctx.report(diagnose(structCycle, need.span, { name: item.name.text }));
            } else {
                state.set(item, "entered");
                path.push({ item, needs: needsOf(item), next: 0 });
            }
        }
    }
    return done;
}

function needsOf(item: Declared): readonly ast.Name[] {
    const types = item.kind === "struct" ? item.fields.map(({ type }) => type) : [item.type];
    return types.map(({ name }) => name);
}
