// `place = value` and `place op= value`, and which places may be written.

import { notMutable } from "../diagnostics/catalogue/kernels.js";
import { notAssignable } from "../diagnostics/catalogue/syntax.js";
import { typeMismatch } from "../diagnostics/catalogue/types.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import type * as ast from "../syntax/ast.js";
import type { BodyContext } from "./context.js";
import { checkArrayItem, checkElement, checkExpr, checkMember, checkVectorItem } from "./expressions.js";
import { conversionFixes, conversionHelp, requireValue } from "./nodes.js";
import { arithmetic } from "./operators.js";
import type { AssignOp, Expr, Local, Place, Statement } from "./program.js";
import { agree, describeType, isValue, showType } from "./scalars.js";
import type { BodySymbol, LocalRole } from "./scope.js";
import { checkTileStore, checkTileValue, isTileIndex } from "./tile-places.js";
import { isTiled } from "./tiles.js";
import { reportUnknownName } from "./unknown-names.js";
import { repeated, wantBeside } from "./vectors.js";

/** Null where it was reported. */
export function checkAssignment(
    ctx: BodyContext,
    { span, place: target, op: image, value: source }: Extract<ast.Statement, { kind: "assign" }>,
): Statement | null {
    const tiled = checkTiledAssignment(ctx, span, target, image, source);
    if (tiled !== undefined) return tiled;
    const place = checkPlace(ctx, target);
    const op = image === "=" ? null : (image.slice(0, -1) as AssignOp);
    const want = place === null || op === null ? (place?.type ?? null) : wantBeside(ctx, source, place.type);
    const checked = checkExpr(ctx, source, want);
    if (place === null) return null;
    const given = requireValue(checked, ctx.report);
    if (given.type.kind === "error") return null;
    const value = op === null ? given : repeated(given, place.type);
    if (!agree(place.type, value.type)) {
        const help = conversionHelp(value.type, place.type);
        const types = { expected: showType(place.type), found: showType(value.type), help };
        const labels = [{ span: place.span, message: `this is ${showType(place.type)}` }];
        const fixes = conversionFixes(value.type, place.type, value.span);
        ctx.report(diagnose(typeMismatch, value.span, types, { labels, fixes }));
        return null;
    }
    if (op !== null && arithmetic(ctx, span, op, place, value).type.kind === "error") return null;
    return { kind: "assign", span, place, op, value };
}

/** Of a tile, or a part of a view that is one: `x op= y` is `x = x op y`. Undefined where it is neither. */
function checkTiledAssignment(
    ctx: BodyContext,
    span: ast.Expr["span"],
    target: ast.Expr,
    image: string,
    source: ast.Expr,
): Statement | null | undefined {
    if (ctx.owner.kind !== "matrix" || !isTiled(ctx, target)) return undefined;
    const op = image.slice(0, -1) as ast.BinaryOp;
    const height = Math.max(target.height, source.height) + 1;
    const value: ast.Expr =
        image === "=" ? source : { kind: "binary", span, height, op, opSpan: span, left: target, right: source };
    if (target.kind === "index" && isTileIndex(ctx, target)) return checkTileStore(ctx, target, value, span);
    const place = checkPlace(ctx, target);
    if (place?.kind !== "local") return null;
    const given = checkTileValue(ctx, place.local, ctx.tileDepths.get(place.local) ?? 0, value);
    return given.type.kind === "error" ? null : { kind: "assign", span, place, op: null, value: given };
}

/** A place that may be written; null where it may not, which was reported. */
export function checkPlace(ctx: BodyContext, target: ast.Expr): Place | null {
    if (target.kind === "member" || (target.kind === "index" && !isArrayOrView(ctx, target.base))) {
        return checkPart(ctx, target);
    }
    if (target.kind === "index") {
        const element = checkElement(ctx, target, true);
        if (element.kind === "slice") {
            const help = "assign to its elements one by one: `for i in a .. b { x[i] = … }`";
            ctx.report(diagnose(notAssignable, target.span, null, { help }));
        }
        if (element.kind !== "element") return null;
        return mayWriteElement(ctx, element) ? element : null;
    }
    if (target.kind !== "name") {
        if (checkExpr(ctx, target, null).type.kind !== "error") {
            ctx.report(diagnose(notAssignable, target.span, null));
        }
        return null;
    }
    const symbol = ctx.scope.find(target.text);
    if (symbol?.kind === "local" && symbol.what === "var" && isValue(symbol.local.type)) {
        return { kind: "local", span: target.span, type: symbol.local.type, local: symbol.local };
    }
    refuseName(ctx, target, symbol);
    return null;
}

function isArrayOrView(ctx: BodyContext, base: ast.Expr): boolean {
    const symbol = base.kind === "name" ? ctx.scope.find(base.text) : undefined;
    return symbol?.kind === "local" && (symbol.local.type.kind === "view" || symbol.local.type.kind === "array");
}

/** A part of a place: lanes of a vector, a field, an element of an array that is a field. */
function checkPart(ctx: BodyContext, target: Extract<ast.Expr, { kind: "index" | "member" }>): Place | null {
    const base = checkPlace(ctx, target.base);
    if (base === null) return null;
    const part =
        target.kind === "member"
            ? checkMember(ctx, base, target.member)
            : base.type.kind === "vector"
              ? checkVectorItem(ctx, target, base, base.type)
              : base.type.kind === "array"
                ? checkArrayItem(ctx, target, base, base.type)
                : checkExpr(ctx, target, null);
    if (part.kind !== "field" && part.kind !== "swizzle" && part.kind !== "item") return null;
    if (part.kind !== "swizzle" || new Set(part.lanes).size === part.lanes.length) return part;
    ctx.report(diagnose(notAssignable, target.span, null, { help: "assign to each lane once" }));
    return null;
}

function mayWriteElement(ctx: BodyContext, element: Extract<Expr, { kind: "element" }>): boolean {
    const { base, baseType, span } = element;
    if (baseType.kind === "array") {
        if (base.mutable) return true;
        const args = { name: base.name, what: ROLES.let.what, help: ROLES.let.help };
        ctx.report(diagnose(notMutable, span, args, { labels: [{ span: base.span, message: "declared here" }] }));
        return false;
    }
    if (baseType.mutable) return true;
    const shown = showType(baseType);
    const args = {
        name: base.name,
        what: "a view that may only be read",
        help: `declare it as \`${base.name}: mut ${shown}\``,
    };
    ctx.report(diagnose(notMutable, span, args, { labels: [{ span: base.span, message: "declared here" }] }));
    return false;
}

const ROLES: Readonly<Record<Exclude<LocalRole, "var" | "shared">, { what: string; help: string }>> = {
    let: { what: "declared with `let`", help: "declare it with `var` if it shall change" },
    parameter: { what: "a parameter", help: "copy it into a `var` first" },
    "domain variable": { what: "the domain variable", help: "copy it into a `var` first" },
    "loop variable": { what: "a loop variable", help: "use `while` with a `var` if the count shall change" },
};

function refuseName(
    ctx: BodyContext,
    target: Extract<ast.Expr, { kind: "name" }>,
    symbol: BodySymbol | undefined,
): void {
    const { text: name, span } = target;
    if (symbol?.kind === "broken") return;
    if (symbol?.kind === "dim") {
        ctx.report(diagnose(notMutable, span, { name, what: "a dimension", help: "copy it into a `var` first" }));
    } else if (symbol?.kind === "local") {
        ctx.report(refuseLocal(symbol.local, symbol.what, target));
    } else if (symbol?.kind === "constant" || ctx.module.symbols.get(name)?.kind === "constant") {
        const help = "declare it with `var` if it shall change";
        ctx.report(diagnose(notMutable, span, { name, what: "a constant", help }));
    } else if (ctx.module.symbols.has(name)) {
        ctx.report(diagnose(notAssignable, span, null));
    } else {
        reportUnknownName(ctx, name, span, () => nearest(name, ctx.scope.names()), `declare it: \`var ${name} = …\``);
    }
}

function refuseLocal(local: Local, role: LocalRole, target: ast.Expr) {
    const labels = [{ span: local.span, message: "declared here" }];
    if (local.type.kind === "view" || local.space === "shared") {
        const help = `assign to its elements: \`${local.name}[…] = …\``;
        const args = { name: local.name, what: `${describeType(local.type)}, which is no variable`, help };
        return diagnose(notMutable, target.span, args, { labels });
    }
    const { what, help } = ROLES[role as keyof typeof ROLES];
    return diagnose(notMutable, target.span, { name: local.name, what, help }, { labels });
}
