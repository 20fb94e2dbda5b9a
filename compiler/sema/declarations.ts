// `let`, `var`, `const` and `shared` inside a body.

import { beyondLimit } from "../diagnostics/catalogue/codegen.js";
import { badExtent } from "../diagnostics/catalogue/constants.js";
import { needsGroups, needsKernel, sharedInside, sharedValue } from "../diagnostics/catalogue/kernels.js";
import { shadowing } from "../diagnostics/catalogue/names.js";
import { misplacedType, missingInitialValue } from "../diagnostics/catalogue/types.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import { targetsThat } from "../targets/having.js";
import type { Target } from "../targets/targets.js";
import { evaluateParts } from "./constant-values.js";
import { type Constant, evaluate } from "./constants.js";
import type { BodyContext } from "./context.js";
import { checkExpr, demand } from "./expressions.js";
import { flexibility } from "./literals.js";
import { errorExpr, requireValue } from "./nodes.js";
import type { Expr, Local, Statement } from "./program.js";
import { INDEX, isInteger, isValue, leastBytes, scalar } from "./scalars.js";
import { checkTileValue, tileType, variableTile } from "./tile-places.js";
import { namedIn, parameterType, plainType, typesOf, variableType } from "./type-names.js";
import type { ArrayType, DimExpr, Type } from "./types.js";

type Declaration = Extract<ast.Statement, { kind: "declare" }>;

/** Null where no code remains: a constant, or what was reported. */
export function checkDeclaration(ctx: BodyContext, declaration: Declaration): Statement | null {
    switch (declaration.keyword) {
        case "const":
            declareConstant(ctx, declaration);
            return null;
        case "shared":
            return declareShared(ctx, declaration);
        default:
            return declareVariable(ctx, declaration, declaration.keyword);
    }
}

function declareConstant(ctx: BodyContext, { name, type, value }: Declaration): void {
    if (value === null) ctx.report(diagnose(missingInitialValue, name.span, { name: name.text, keyword: "const" }));
    const constant = value === null ? null : checkConstant(ctx, name.text, type, value);
    if (constant === null) {
        ctx.scope.declare(name.text, { kind: "broken" });
        return;
    }
    const symbol = { kind: "constant", constant, span: name.span, read: false } as const;
    reportShadowing(ctx, name);
    ctx.scope.declareWatched(name.text, name.span, symbol);
}

/** A constant's value, here or at module level; null where it has none, which was reported. */
export function checkConstant(
    ctx: BodyContext,
    name: string,
    type: ast.TypeExpr | null,
    value: ast.Expr,
): Constant | null {
    const what = "a constant's value";
    const flexible = type === null ? flexibility(ctx, value) : null;
    // A literal by another name is evaluated in the widest type of its kind and adapts where it is used.
    const widest = flexible === null ? null : scalar(flexible === "integer" ? "i64" : "f64");
    const wanted: Type | null = type === null ? widest : arrayOrScalar(ctx, type);
    const checked =
        wanted === null ? requireValue(checkExpr(ctx, value, null), ctx.report) : demand(ctx, value, wanted);
    if (checked.type.kind === "error" || !isValue(checked.type)) return null;
    const values = evaluateParts(ctx, checked, what);
    const [only, ...more] = values ?? [];
    if (values === null || only === undefined) return null;
    return { name, type: flexible === null ? checked.type : null, value: more.length === 0 ? only : values };
}

/** A constant integer that an array's extent or a workgroup's size is; null where it is none, which was reported. */
export function constantInteger(ctx: BodyContext, expr: ast.Expr, what: string): bigint | null {
    const checked = requireValue(checkExpr(ctx, expr, INDEX), ctx.report);
    const integer = isInteger(checked.type) ? checked : demandIndex(ctx, checked);
    const value = evaluate(ctx, integer, what);
    return typeof value === "bigint" ? value : null;
}

function demandIndex(ctx: BodyContext, expr: Expr): Expr {
    if (expr.type.kind === "error") return expr;
    const help = "sizes are integers";
    ctx.report(diagnose(misplacedType, expr.span, { what: "this is no size", help }));
    return errorExpr(expr.span);
}

function declareShared(ctx: BodyContext, declaration: Declaration): Statement | null {
    const { name, span, type, value } = declaration;
    const refuse = (diagnostic: Parameters<typeof ctx.report>[0]) => {
        ctx.report(diagnostic);
        ctx.scope.declare(name.text, { kind: "broken" });
        return null;
    };
    if (ctx.owner.kind === "over") return refuse(diagnose(needsGroups, span, { what: "shared memory" }));
    if (ctx.owner.kind !== "groups") {
        const help = "declare it in the kernel and work on it there";
        return refuse(diagnose(needsKernel, span, { what: "a shared array", help }));
    }
    if (ctx.scope.depth > BODY_DEPTH) return refuse(diagnose(sharedInside, name.span, { name: name.text }));
    if (value !== null) return refuse(diagnose(sharedValue, value.span, { name: name.text }));
    if (type === null || (type.extents === null && namedIn(ctx.module.symbols, type.name.text)?.kind !== "array")) {
        const element = type?.name.text ?? "f32";
        const help = `write \`shared ${name.text}: ${element}[${type === null ? 256 : 1}]\``;
        const what = type === null ? "a shared array needs a type" : "shared memory is declared as an array";
        return refuse(diagnose(misplacedType, type?.span ?? name.span, { what, help }));
    }
    const isSized = type.extents?.some((extent) => mentionsDimension(ctx, extent)) === true;
    const local = makeLocal(ctx, name, isSized ? sharedView(ctx, type) : arrayOrScalar(ctx, type), "shared");
    return { kind: "declare", span, local, value: null };
}

function mentionsDimension(ctx: BodyContext, expr: ast.Expr): boolean {
    if (expr.kind === "binary") return mentionsDimension(ctx, expr.left) || mentionsDimension(ctx, expr.right);
    return expr.kind === "name" && ctx.scope.find(expr.text)?.kind === "dim";
}

/** A shared array whose size the launch says: as a view, which has extents of dimensions. */
function sharedView(ctx: BodyContext, type: ast.TypeExpr): Type {
    const resolve = (name: string, span: Span): DimExpr | null => {
        const symbol = ctx.scope.find(name) ?? ctx.module.symbols.get(name);
        if (symbol?.kind === "dim") return { kind: "dim", name };
        if (symbol?.kind === "constant" && typeof symbol.constant.value === "bigint") {
            return { kind: "const", value: Number(symbol.constant.value) };
        }
        ctx.report(diagnose(badExtent, span, { what: `\`${name}\` is neither a dimension nor a constant integer` }));
        return null;
    };
    if (type.mut !== null)
        ctx.report(diagnose(misplacedType, type.mut, { what: "shared arrays can be written", help: "remove `mut`" }));
    const view = parameterType({ ...type, mut: null }, resolve, typesOf(ctx), ctx.report);
    return view.kind === "view" ? { ...view, mutable: true } : view;
}

/** Parameters are at depth 0, domain variables at 1, the body's own names at 2. */
const BODY_DEPTH = 2;

function declareVariable(ctx: BodyContext, declaration: Declaration, keyword: "let" | "var"): Statement | null {
    const { name, span, value } = declaration;
    const type = declaration.type === null ? null : writtenType(ctx, declaration.type);
    if (type?.kind === "tile" && value !== null) {
        const local: Local = { name: name.text, type, mutable: keyword === "var", space: "private", span: name.span };
        const given = checkTileValue(ctx, local, ctx.loops, value);
        declareLocal(ctx, name, local, keyword);
        return given.type.kind === "error" ? null : { kind: "declare", span, local, value: given };
    }
    if (type?.kind === "array" && value === null) {
        if (keyword === "let") {
            const help = "write `var a: f32[8]`, which is filled with 0, or give it a value";
            ctx.report(
                diagnose(misplacedType, span, { what: "an array without a value is declared with `var`", help }),
            );
        }
        const local = makeLocal(ctx, name, type, keyword);
        requirePrivate(ctx, local, type);
        return { kind: "declare", span, local, value: null };
    }
    if (value === null) {
        if (type?.kind !== "error") {
            ctx.report(diagnose(missingInitialValue, name.span, { name: name.text, keyword }));
        }
        ctx.scope.declare(name.text, { kind: "broken" });
        return null;
    }
    const given = type === null ? checkExpr(ctx, value, null) : demand(ctx, value, type);
    if (keyword === "let" && given.kind === "slice") {
        const local = makeLocal(ctx, name, given.type, keyword);
        return { kind: "declare", span, local, value: given };
    }
    const checked = requireValue(given, ctx.report);
    const own = checked.type.kind === "tile" && keyword === "var" ? variableTile(checked.type) : checked.type;
    const local = makeLocal(ctx, name, type ?? own, keyword);
    return { kind: "declare", span, local, value: checked };
}

/** One array alone must fit what a work-item has. */
function requirePrivate(ctx: BodyContext, { name, span }: Local, type: ArrayType): void {
    const bytes = leastBytes(type);
    // A function's waves are those of the kernels that call it: the smallest have the most for each lane.
    const own = "waveSize" in ctx.owner ? ctx.owner.waveSize : null;
    const chosen = own === ctx.target.waveSize ? undefined : own;
    const most = ({ limits, waveSize, waveSizes }: Target) => {
        const lanes = chosen === null ? Math.min(...waveSizes) : (chosen ?? waveSize);
        return Math.floor(limits.privatePerWave / lanes);
    };
    if (bytes <= most(ctx.target)) return;
    const what = `\`${name}\` takes ${bytes} bytes of private memory`;
    const limit = `a work-item on ${ctx.target.name} has at most ${most(ctx.target)}`;
    const remedy = "make the array smaller, or put it into a view with a part for each work-item";
    const having = targetsThat((target) => bytes <= most(target));
    ctx.report(diagnose(beyondLimit, span, { what, limit, remedy, having }));
}

function writtenType(ctx: BodyContext, type: ast.TypeExpr): Type {
    return type.tile !== null && ctx.owner.kind === "matrix" ? tileType(ctx, type) : arrayOrScalar(ctx, type);
}

/** A written type of values. */
export function arrayOrScalar(ctx: BodyContext, type: ast.TypeExpr): Type {
    const extent = (expr: ast.Expr) => constantInteger(ctx, expr, "an array's extent");
    return variableType(type, extent, typesOf(ctx), ctx.report);
}

/** What an alias stands for. */
export function aliasedType(ctx: BodyContext, type: ast.TypeExpr): Type {
    const isArray = type.extents !== null && type.mut === null;
    return isArray ? arrayOrScalar(ctx, type) : plainType(type, "an alias", typesOf(ctx), ctx.report);
}

const HIDDEN = {
    parameter: "a parameter",
    "domain variable": "a domain variable",
    "loop variable": "a loop variable",
    let: "a variable",
    var: "a variable",
    shared: "a shared array",
} as const;

/** Warns of a name that hides one of the same body, before it is declared. */
export function reportShadowing(ctx: BodyContext, { text: name, span }: ast.Name): void {
    const hidden = ctx.scope.find(name);
    if (hidden === undefined || hidden.kind === "broken" || name.startsWith("_")) return;
    const what = hidden.kind === "local" ? HIDDEN[hidden.what] : hidden.kind === "dim" ? "a dimension" : "a constant";
    const place = hidden.kind === "local" ? hidden.local.span : hidden.kind === "constant" ? hidden.span : null;
    const labels = place === null ? [] : [{ span: place, message: "the hidden one" }];
    ctx.report(diagnose(shadowing, span, { name, what }, { labels }));
}

function makeLocal(ctx: BodyContext, name: ast.Name, type: Type, what: "let" | "var" | "shared"): Local {
    const space = what === "shared" ? "shared" : "private";
    const local: Local = { name: name.text, type, mutable: what !== "let", space, span: name.span };
    declareLocal(ctx, name, local, what);
    return local;
}

function declareLocal(ctx: BodyContext, name: ast.Name, local: Local, what: "let" | "var" | "shared"): void {
    reportShadowing(ctx, name);
    if (local.type.kind === "tile") ctx.tileDepths.set(local, ctx.loops);
    if (local.type.kind === "error") ctx.scope.declare(name.text, { kind: "broken" });
    else ctx.scope.declareWatched(name.text, name.span, { kind: "local", local, what, read: false });
}
