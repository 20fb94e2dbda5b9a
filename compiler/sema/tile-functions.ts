// Functions that take or give tiles. They are expanded where they are called: what lies past the end of a range takes no
// part in reductions, and which ranges a tile runs over is the caller's to know. Names in the extents of parameters that
// are no constants are constants of the body, which the arguments' shapes say.

import { recursion, wrongArgumentCount } from "../diagnostics/catalogue/functions.js";
import { elsewhere } from "../diagnostics/catalogue/syntax.js";
import { tileFunction } from "../diagnostics/catalogue/tiles.js";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { count } from "../diagnostics/words.js";
import type * as ast from "../syntax/ast.js";
import type {
    BodyContext,
    GenericParameter,
    GenericValue,
    GlobalSymbol,
    ModuleScope,
    TileFunction,
} from "./context.js";
import { checkExpr } from "./expressions.js";
import { inferValues } from "./generic-calls.js";
import { impossibleInstance, instanceScope } from "./generics.js";
import { constantsOf } from "./items.js";
import { errorExpr, require, requireValue } from "./nodes.js";
import type { Expr, Local, Statement } from "./program.js";
import { agree, INDEX, isValue } from "./scalars.js";
import { Scope } from "./scope.js";
import { refuseReturn, valueBlock } from "./statements.js";
import { fitting, tileType } from "./tile-places.js";
import { plainType, typesOf } from "./type-names.js";
import type { Type } from "./types.js";

type Call = Extract<ast.Expr, { kind: "call" }>;

/** Whether a function is one of tiles, by how it is written. */
export function isTileFunction({ params, result }: ast.FunctionItem): boolean {
    return result?.tile != null || params.some(({ type }) => type.tile !== null);
}

/** What the extents of parameters name beside constants and generic parameters. */
export function extentParameters(
    { params, generics }: ast.FunctionItem,
    module: ModuleScope,
): readonly GenericParameter[] {
    const constantOf = constantsOf(module);
    const known = new Set(generics.map(({ name }) => name.text));
    const found = new Map<string, GenericParameter>();
    for (const { type } of params) {
        for (const extent of type.tile === null ? [] : (type.extents ?? [])) {
            if (extent.kind !== "name" || known.has(extent.text) || constantOf(extent.text) !== undefined) continue;
            found.set(extent.text, { kind: "const", name: extent.text, type: INDEX, fallback: null, choices: [] });
        }
    }
    return [...found.values()];
}

/** The function of tiles that a call means; null for any other call. */
export function tileFunctionOf(ctx: BodyContext, { callee }: Call): TileFunction | null {
    const name = callee.kind === "generic" ? callee.base : callee;
    if (name.kind !== "name" || ctx.scope.find(name.text) !== undefined) return null;
    const found: GlobalSymbol | undefined = ctx.module.symbols.get(name.text);
    const symbol =
        found?.kind === "pending" && found.demand !== undefined ? found.demand(ctx.report, callee.span) : found;
    return symbol?.kind === "tile-function" ? symbol.template : null;
}

export function checkTileCall(ctx: BodyContext, call: Call, template: TileFunction, want: Type | null): Expr {
    const { item, parameters, module } = template;
    const { span } = call;
    const args = call.args.map(({ value }) => value);
    if (template.broken) return errorExpr(span);
    if (ctx.owner.kind !== "matrix") {
        ctx.report(
            diagnose(elsewhere, call.callee.span, { what: "functions of tiles belong", where: "matrix kernels" }),
        );
        return errorExpr(span);
    }
    if (args.length !== item.params.length) {
        const expected = count(item.params.length, "argument");
        const labels = [{ span: item.name.span, message: "defined here" }];
        const words = { name: item.name.text, expected, found: args.length };
        ctx.report(diagnose(wrongArgumentCount, span, words, { labels }));
        return errorExpr(span);
    }
    const names = [...(ctx.expansion?.items ?? []), item];
    if (ctx.expansion?.items.includes(item)) {
        ctx.report(diagnose(recursion, span, { cycle: names.map(({ name }) => name.text).join(" → ") }));
        return errorExpr(span);
    }
    const declared = item.params.map(({ type }) => type);
    const generic = { name: item.name.text, parameters, module, declared, result: item.result };
    const explicit = call.callee.kind === "generic" ? call.callee.args : [];
    const inferred = inferValues(ctx, span, generic, explicit, args, want);
    if (inferred === null) return errorExpr(span);
    const problems: Diagnostic[] = [];
    const inner = bodyContext(ctx, template, inferred.values, (diagnostic) => problems.push(diagnostic));
    const given = item.params.map((param, at) => {
        const arg = args[at] as ast.Expr;
        const type = parameterOf(inner, param);
        const checked = inferred.checked.get(arg) ?? checkExpr(ctx, arg, type.kind === "tile" ? type.element : type);
        const value = requireValue(checked, ctx.report);
        return type.kind === "tile" ? fitting(ctx, value, type) : require(value, type, ctx.report);
    });
    if (given.some(({ type }) => type.kind === "error")) return errorExpr(span);
    const result = expand(inner, template, given, span);
    if (template.wrong || result.type.kind !== "error") return result;
    for (const diagnostic of impossibleInstance(template, inferred.values, span, problems)) ctx.report(diagnostic);
    return result;
}

/** Where the body of a function stands: in its module, with nothing of the caller's but what it is called with. */
export function bodyContext(
    ctx: BodyContext,
    template: TileFunction,
    values: readonly GenericValue[],
    report: BodyContext["report"],
): BodyContext {
    const { source, symbols } = instanceScope(template, values);
    const expansion = { items: [...(ctx.expansion?.items ?? []), template.item], loops: ctx.loops };
    return { ...ctx, module: { source, symbols }, scope: new Scope(), report, expansion };
}

/** A parameter's type, its extents without ranges. */
export function parameterOf(inner: BodyContext, { type, isShared, name }: ast.Param): Type {
    if (type.tile !== null) return tileType(inner, type);
    if (isShared || type.extents !== null) {
        const what = `\`${name.text}\` is no tile and no scalar`;
        const help = "load the tile where the function is called, and pass that";
        inner.report(diagnose(tileFunction, name.span, { what, help }));
    }
    return plainType({ ...type, extents: null }, "a parameter", typesOf(inner), inner.report);
}

/** The body in place, its parameters being these: `{ let x = …; … }`. */
export function expand(inner: BodyContext, { item }: TileFunction, args: readonly Expr[], span: Span): Expr {
    const { scope } = inner;
    const statements = item.params.map(({ name }, at): Statement => {
        const value = args[at] as Expr;
        const local: Local = { name: name.text, type: value.type, mutable: false, space: "private", span: name.span };
        scope.declare(name.text, { kind: "local", local, what: "parameter", read: false });
        if (value.type.kind === "tile") inner.tileDepths.set(local, inner.loops);
        return { kind: "declare", span: name.span, local, value };
    });
    if (item.result === null) {
        const what = `\`${item.name.text}\` gives nothing`;
        inner.report(
            diagnose(tileFunction, item.name.span, { what, help: "declare what it gives: `-> tile f32[m, n]`" }),
        );
        return errorExpr(span);
    }
    const last = item.body.statements.at(-1);
    if (last?.kind === "return") {
        refuseReturn(inner, last.span);
        return errorExpr(span);
    }
    const isTile = item.result.tile !== null;
    const result = isTile
        ? tileType(inner, item.result)
        : plainType(item.result, "a function", typesOf(inner), inner.report);
    if (result.kind === "error") return errorExpr(span);
    scope.enter();
    const body = valueBlock(inner, item.body, result.kind === "tile" ? result.element : result);
    scope.leave();
    if (body.value === null || body.value.type.kind === "error" || !isValue(result)) return errorExpr(span);
    const value =
        result.kind === "tile" ? fitting(inner, body.value, result) : require(body.value, result, inner.report);
    if (value.type.kind === "error") return errorExpr(span);
    const type = agree(value.type, result) ? value.type : result;
    return {
        kind: "block",
        span,
        type,
        block: { span, statements, value: { kind: "block", span, type, block: { ...body, value } } },
    };
}
