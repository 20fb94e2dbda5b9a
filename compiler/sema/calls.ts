// Calls of functions: arguments by position, views by name, dimensions handed over with them.

import { wrongArgumentCount } from "../diagnostics/catalogue/functions.js";
import { genericArguments } from "../diagnostics/catalogue/generics.js";
import { notAFunction } from "../diagnostics/catalogue/names.js";
import { elsewhere } from "../diagnostics/catalogue/syntax.js";
import type { Diagnostic, Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { functionMeant, insteadOf, typeMeant } from "../diagnostics/habits.js";
import { nearest } from "../diagnostics/suggestions.js";
import { count } from "../diagnostics/words.js";
import type * as ast from "../syntax/ast.js";
import { checkBuiltin } from "./builtin-calls.js";
import { BUILTINS, type Builtin } from "./builtins.js";
import type { BodyContext, FunctionRecord, GlobalSymbol, MethodSymbol } from "./context.js";
import { dimValue } from "./dims.js";
import { checkExpr } from "./expressions.js";
import { type Checked, inferInstance } from "./generic-calls.js";
import { flexibility } from "./literals.js";
import { constructGeneric, constructStruct, inferOwner, methodOf, namedType, templateNamed } from "./members.js";
import { errorExpr, require } from "./nodes.js";
import { takeOrdering } from "./ordering.js";
import { PRELUDE } from "./prelude.js";
import type { Expr, Local } from "./program.js";
import { describeType, isValue, showType, typeNamed } from "./scalars.js";
import { TILE_BUILTINS } from "./tile-builtins.js";
import { checkTileCall } from "./tile-functions.js";
import type { Type } from "./types.js";
import { reportUnknownFunction } from "./unknown-names.js";
import { constructVector } from "./vectors.js";
import { type Binding, checkExtents, checkShared, checkView, listType } from "./view-arguments.js";

type CallExpr = Extract<ast.Expr, { kind: "call" }>;

export function checkCall(ctx: BodyContext, call: CallExpr, want: Type | null): Expr {
    const { span } = call;
    const callee = call.callee.kind === "generic" ? call.callee.base : call.callee;
    const generic = call.callee.kind === "generic" ? call.callee.args : [];
    const struct = namedType(ctx, callee);
    if (struct?.kind === "struct" && generic.length === 0) return constructStruct(ctx, span, struct, call.args);
    const template = templateNamed(ctx, callee);
    if (template !== null) return constructGeneric(ctx, span, template, generic, call.args, want);
    const ordered = callee.kind === "name" ? orderedBuiltin(ctx, callee.text) : undefined;
    if (ordered !== undefined && generic.length === 0) {
        const taken = takeOrdering(ctx, ordered, call.args);
        if (taken === null) return errorExpr(span);
        const checked = checkBuiltin(ctx, ordered, call, taken.values, want);
        if (checked.kind !== "builtin") return checked;
        const { kind, type, name, args } = checked;
        return { kind, span, type, name, args, ordering: taken.ordering };
    }
    const labelled = call.args.find(({ label }) => label !== null);
    if (labelled?.label && isCallable(ctx, callee)) {
        const help = "give the arguments in their order, without names";
        const args = { what: "arguments by name belong", where: "values of structures", help };
        ctx.report(diagnose(elsewhere, labelled.label.span, args));
    }
    if (callee.kind === "member") return checkMethodCall(ctx, call, callee, generic, want);
    if (callee.kind !== "name") {
        for (const { value } of call.args) checkExpr(ctx, value, null);
        const found = checkExpr(ctx, callee, null);
        if (found.type.kind !== "error") {
            ctx.report(
                diagnose(notAFunction, callee.span, { name: textOf(callee), what: `a ${showType(found.type)}` }),
            );
        }
        return errorExpr(span);
    }
    const name = callee.text;
    const values = call.args.map(({ value }) => value);
    const local = ctx.scope.find(name);
    const found = local ?? ctx.module.symbols.get(name) ?? preludeSymbol(ctx, name);
    const symbol =
        found?.kind === "pending" && found.demand !== undefined ? found.demand(ctx.report, call.callee.span) : found;
    switch (symbol?.kind) {
        case "function":
            if (generic.length > 0) break;
            return checkFunctionCall(ctx, call, symbol.record, values);
        case "generic": {
            const { template } = symbol;
            if (template.broken || values.length !== template.item.params.length) break;
            const instance = inferInstance(ctx, call, template, generic, values, want);
            return instance === null
                ? errorExpr(span)
                : checkFunctionCall(ctx, call, instance.record, values, instance.checked);
        }
        case "tile-function":
            return checkTileCall(ctx, call, symbol.template, want);
        case "builtin":
            if (generic.length > 0) break;
            return checkBuiltin(ctx, symbol.builtin, call, values, want);
        case "type":
            if (symbol.type.kind !== "vector" || generic.length > 0) break;
            return constructVector(ctx, span, symbol.type, values);
        case undefined: {
            const type = typeNamed(name);
            if (type?.kind === "vector" && generic.length === 0) return constructVector(ctx, span, type, values);
            const builtin = BUILTINS.get(name);
            if (builtin !== undefined && generic.length > 0) return refuseGeneric(ctx, call, name);
            if (builtin !== undefined) return checkBuiltin(ctx, builtin, call, values, want);
            break;
        }
    }
    // What a literal or a text would be to a function that isn't there, nobody knows.
    const judged = symbol === undefined ? values.filter((value) => flexibility(ctx, value) === null) : values;
    for (const value of judged) if (value.kind !== "text") checkExpr(ctx, value, null);
    if (symbol === undefined) refuseUnknown(ctx, name, callee.span);
    else if (symbol.kind === "function" || symbol.kind === "builtin") {
        return refuseGeneric(ctx, call, name);
    } else if (symbol.kind === "generic") {
        const { item, broken } = symbol.template;
        if (!broken) ctx.report(argumentCount(item, call));
    } else if (symbol.kind !== "broken") {
        const what = symbol.kind === "local" ? describeLocal(symbol.local) : ROLES[symbol.kind];
        const ofKernel =
            symbol.kind === "kernel" ? "the host launches kernels: put what both do into a `fn`" : undefined;
        const help = BUILTINS.has(name) ? `it hides the function \`${name}\`: rename it` : ofKernel;
        ctx.report(diagnose(notAFunction, callee.span, { name, what }, { help }));
    }
    return errorExpr(span);
}

function refuseUnknown(ctx: BodyContext, name: string, span: Span): void {
    if (TILE_BUILTINS.has(name)) {
        ctx.report(diagnose(elsewhere, span, { what: `\`${name}\` belongs`, where: "matrix kernels" }));
        return;
    }
    const known = new Set(functionNames(ctx));
    const type = typeNamed(name) ?? typeNamed(typeMeant(name) ?? "");
    const help = type?.kind === "scalar" ? `a conversion is written \`… as ${type.name}\`` : insteadOf(name);
    const similar = () => (help === undefined ? (functionMeant(name, known) ?? nearest(name, known)) : undefined);
    reportUnknownFunction(ctx, name, span, similar, help);
}

/** Whether there is something to call: else that alone is reported. */
function isCallable(ctx: BodyContext, callee: ast.Expr): boolean {
    if (callee.kind !== "name") return true;
    const { text: name } = callee;
    const symbol = ctx.scope.find(name) ?? ctx.module.symbols.get(name);
    return symbol === undefined ? BUILTINS.has(name) || PRELUDE.has(name) : symbol.kind !== "broken";
}

/** A library function that is visible without an import. */
function preludeSymbol(ctx: BodyContext, name: string): GlobalSymbol | undefined {
    const module = PRELUDE.get(name);
    return module === undefined ? undefined : ctx.library(module, name);
}

/** A built-in that takes a scope and an order, unless something else has its name. */
function orderedBuiltin(ctx: BodyContext, name: string): Builtin | undefined {
    const builtin = BUILTINS.get(name);
    if (builtin?.kind !== "atomic" && builtin?.kind !== "fence") return undefined;
    return ctx.scope.find(name) === undefined && !ctx.module.symbols.has(name) ? builtin : undefined;
}

/** `b.energy(t)`, `Body.origin()`, `Pair.of(x)` */
function checkMethodCall(
    ctx: BodyContext,
    call: CallExpr,
    callee: Extract<ast.Expr, { kind: "member" }>,
    generic: readonly ast.Argument[],
    want: Type | null,
): Expr {
    const { base, member } = callee;
    const args = call.args.map(({ value }) => value);
    const template = templateNamed(ctx, base);
    if (template !== null) {
        const inferred = inferOwner(ctx, call.span, template, member, args, want);
        if (inferred === null) return errorExpr(call.span);
        const method = methodOf(ctx, inferred.type, member, false, member.span);
        return checkMethod(ctx, call, method, generic, args, want, inferred.checked);
    }
    const owner = namedType(ctx, base);
    const receiver = owner === null ? checkExpr(ctx, base, null) : null;
    const type = receiver?.type ?? owner;
    const method = type === null ? null : methodOf(ctx, type, member, receiver !== null, member.span);
    if (receiver === null) return checkMethod(ctx, call, method, generic, args, want, new Map());
    return checkMethod(ctx, call, method, generic, [base, ...args], want, new Map([[base, receiver]]));
}

function checkMethod(
    ctx: BodyContext,
    call: CallExpr,
    method: MethodSymbol | null,
    generic: readonly ast.Argument[],
    args: readonly ast.Expr[],
    want: Type | null,
    early: Checked,
): Expr {
    const refused = () => {
        for (const arg of args) if (!early.has(arg)) checkExpr(ctx, arg, null);
        return errorExpr(call.span);
    };
    if (method === null) return refused();
    if (method.kind === "function") {
        if (generic.length > 0) return refuseGeneric(ctx, call, method.record.item.name.text);
        return checkFunctionCall(ctx, call, method.record, args, early);
    }
    const { template } = method;
    if (template.broken) return refused();
    if (template.item.params.length !== args.length) {
        ctx.report(argumentCount(template.item, call));
        return refused();
    }
    const instance = inferInstance(ctx, call, template, generic, args, want, early);
    if (instance === null) return errorExpr(call.span);
    return checkFunctionCall(ctx, call, instance.record, args, instance.checked);
}

function refuseGeneric(ctx: BodyContext, call: CallExpr, name: string): Expr {
    const help = "remove `::<…>`";
    ctx.report(diagnose(genericArguments, call.callee.span, { what: `\`${name}\` has no generic parameters`, help }));
    return errorExpr(call.span);
}

const ROLES = {
    dim: "a dimension",
    constant: "a constant",
    pending: "not known yet",
    kernel: "a kernel",
    model: "a model",
    network: "a network",
    type: "a type",
    structure: "a type",
    "tile-function": "a function of tiles",
} as const;

function describeLocal(local: Local): string {
    return isValue(local.type) ? `a variable of type ${showType(local.type)}` : describeType(local.type);
}

/** An expression as it is written. */
export function textOf({ span }: ast.Expr): string {
    return span.file.text.slice(span.start, span.end);
}

function* functionNames(ctx: BodyContext): Iterable<string> {
    for (const [name, symbol] of ctx.module.symbols) {
        const isStruct = symbol.kind === "type" && symbol.type.kind === "struct";
        if (isStruct || /^(function|generic|pending|tile-function|structure)$/.test(symbol.kind)) yield name;
    }
    yield* BUILTINS.keys();
    yield* PRELUDE.keys();
}

function argumentCount({ name, params }: ast.FunctionItem, call: CallExpr): Diagnostic {
    const expected = count(params.length, "argument");
    const labels = [{ span: name.span, message: "defined here" }];
    const args = { name: name.text, expected, found: call.args.length };
    return diagnose(wrongArgumentCount, call.span, args, { labels });
}

/** `early` are the arguments that have been checked already. */
function checkFunctionCall(
    ctx: BodyContext,
    call: CallExpr,
    record: FunctionRecord,
    args: readonly ast.Expr[],
    early: Checked = new Map(),
): Expr {
    const { fn } = record;
    const { span } = call;
    if (record.broken) {
        for (const arg of args) if (!early.has(arg)) checkExpr(ctx, arg, null);
        if (record.instance !== null) ctx.calls.push({ callee: record, span: call.callee.span });
        return errorExpr(span);
    }
    if (args.length !== fn.params.length) {
        for (const arg of args) checkExpr(ctx, arg, null);
        ctx.report(argumentCount(record.item, call));
        return errorExpr(span);
    }
    ctx.calls.push({ callee: record, span: call.callee.span });
    const bound = new Map<string, Binding>();
    const checked = args.map((arg, i) => {
        const param = fn.params[i] as Local;
        const want = isValue(param.type) ? param.type : param.type.kind === "view" ? listType(arg, param.type) : null;
        const value = early.get(arg) ?? checkExpr(ctx, arg, want);
        if (param.type.kind === "array") return checkShared(ctx, arg, value, param, param.type);
        if (param.type.kind !== "view") return require(value, param.type, ctx.report);
        return checkView(ctx, arg, value, param, param.type, bound);
    });
    if (checked.some(({ type }) => type.kind === "error")) return errorExpr(span);
    if (!checkExtents(ctx, fn.params, checked, bound)) return errorExpr(span);
    const dims = fn.dims.map((name) => dimValue((bound.get(name) as Binding).extent, span));
    return { kind: "call", span, type: fn.result, callee: fn, args: checked, dims };
}
