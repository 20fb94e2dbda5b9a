// Calls of functions: arguments by position, views by name, dimensions handed over with them.

import { viewArgument, wrongArgumentCount } from "../diagnostics/catalogue/functions.js";
import { genericArguments } from "../diagnostics/catalogue/generics.js";
import { notAFunction } from "../diagnostics/catalogue/names.js";
import { notSupportedYet } from "../diagnostics/catalogue/unsupported.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import { count } from "../diagnostics/words.js";
import type * as ast from "../syntax/ast.js";
import { checkBuiltin } from "./builtin-calls.js";
import { BUILTINS, type Builtin, LATER_BUILTINS } from "./builtins.js";
import type { BodyContext, FunctionRecord, GlobalSymbol, MethodSymbol } from "./context.js";
import { dimValue, sameDim, showDim, substitute } from "./dims.js";
import { checkExpr } from "./expressions.js";
import { type Checked, inferInstance } from "./generic-calls.js";
import { constructGeneric, constructStruct, inferOwner, methodOf, namedType, templateNamed } from "./members.js";
import { errorExpr, require, requireValue } from "./nodes.js";
import { takeOrdering } from "./ordering.js";
import { PRELUDE } from "./prelude.js";
import type { Expr, Local } from "./program.js";
import { agree, describeType, isValue, showType, typeNamed, viewOfArray } from "./scalars.js";
import { viewOf } from "./slices.js";
import { checkTileCall } from "./tile-functions.js";
import type { ArrayType, DimExpr, Type, ViewType } from "./types.js";
import { reportUnknownFunction } from "./unknown-names.js";
import { constructVector } from "./vectors.js";

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
        return checked.kind === "builtin" ? { ...checked, ordering: taken.ordering } : checked;
    }
    const labelled = call.args.find(({ label }) => label !== null);
    if (labelled?.label && isCallable(ctx, callee)) {
        ctx.report(diagnose(notSupportedYet, labelled.label.span, { what: "arguments by name are" }));
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
    for (const value of values) checkExpr(ctx, value, null);
    if (symbol === undefined) {
        const later = LATER_BUILTINS.test(name);
        if (later) ctx.report(diagnose(notSupportedYet, callee.span, { what: `\`${name}\` is` }));
        else reportUnknownFunction(ctx, name, callee.span, () => nearest(name, functionNames(ctx)));
    } else if (symbol.kind === "function" || symbol.kind === "builtin") {
        return refuseGeneric(ctx, call, name);
    } else if (symbol.kind === "generic") {
        const { item, broken } = symbol.template;
        if (!broken) ctx.report(argumentCount(item, call));
    } else if (symbol.kind !== "broken") {
        const what = symbol.kind === "local" ? describeLocal(symbol.local) : ROLES[symbol.kind];
        ctx.report(diagnose(notAFunction, callee.span, { name, what }));
    }
    return errorExpr(span);
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
        const value = early.get(arg) ?? checkExpr(ctx, arg, isValue(param.type) ? param.type : null);
        if (param.type.kind === "array") return checkShared(ctx, arg, value, param, param.type);
        if (param.type.kind !== "view") return require(value, param.type, ctx.report);
        return checkView(ctx, arg, value, param, param.type, bound);
    });
    if (checked.some(({ type }) => type.kind === "error")) return errorExpr(span);
    if (!checkExtents(ctx, fn.params, checked, bound)) return errorExpr(span);
    const dims = fn.dims.map((name) => dimValue((bound.get(name) as Binding).extent, span));
    return { kind: "call", span, type: fn.result, callee: fn, args: checked, dims };
}

function checkShared(ctx: BodyContext, arg: ast.Expr, value: Expr, param: Local, type: ArrayType): Expr {
    if (value.type.kind === "error") return value;
    const isShared = value.kind === "local" && value.type.kind === "array" && value.local.space === "shared";
    if (isShared && showType(value.type) === showType(type)) return value;
    const own = value.type.kind === "array" && !isShared ? ", which is the work-item's own" : "";
    const found = describeType(value.type) + own;
    const what = `\`${param.name}\` takes a shared array of type ${showType(type)}, not ${found}`;
    const labels = [{ span: param.span, message: "declared here" }];
    ctx.report(diagnose(viewArgument, arg.span, { what }, { labels }));
    return errorExpr(arg.span);
}

/** An array that is a value, in memory for as long as a call takes. */
function held(value: Expr, type: ArrayType): Expr {
    const { span } = value;
    const local: Local = { name: "value", type, mutable: false, space: "private", span };
    const view: Expr = { kind: "local", span, type: { ...viewOfArray(type), mutable: false }, local };
    return {
        kind: "block",
        span,
        type: view.type,
        block: { span, statements: [{ kind: "declare", span, local, value }], value: view },
    };
}

/** What a dimension of the called function is, and the argument that says so. */
interface Binding {
    readonly extent: DimExpr;
    readonly by: string;
}

function checkView(
    ctx: BodyContext,
    arg: ast.Expr,
    value: Expr,
    param: Local,
    type: ViewType,
    bound: Map<string, Binding>,
): Expr {
    if (value.type.kind === "error") return value;
    const refuse = (what: string, help?: string) => {
        const labels = [{ span: param.span, message: `${describeType(type)} is declared here` }];
        ctx.report(diagnose(viewArgument, arg.span, { what, help }, { labels }));
        return errorExpr(arg.span);
    };
    if (value.type.kind === "array" && value.kind !== "local") {
        return checkView(ctx, arg, held(requireValue(value, ctx.report), value.type), param, type, bound);
    }
    if (value.kind === "block" && value.block.value?.type.kind === "view") {
        const view = checkView(ctx, arg, value.block.value, param, type, bound);
        return view.type.kind === "error"
            ? view
            : { ...value, type: view.type, block: { ...value.block, value: view } };
    }
    const given = value.kind === "local" ? viewOf(value.local) : value.kind === "slice" ? value.type : null;
    if (given === null || (value.kind !== "local" && value.kind !== "slice")) {
        return refuse(`\`${param.name}\` takes ${describeType(type)}, not ${describeType(value.type)}`);
    }
    const { name } = value.kind === "local" ? value.local : value.base;
    if (!agree(given.element, type.element)) {
        const [wants, has] = [showType(type.element), showType(given.element)];
        return refuse(`\`${param.name}\` has elements of type ${wants}, not ${has}`);
    }
    if (given.dims.length !== type.dims.length) {
        return refuse(
            `\`${param.name}\` has ${count(type.dims.length, "dimension")}, \`${name}\` has ${count(given.dims.length, "dimension")}`,
        );
    }
    if (type.mutable && !given.mutable) {
        const help = `declare \`${name}\` as \`mut\``;
        return refuse(`\`${param.name}\` is written, but \`${name}\` may only be read`, help);
    }
    if (given.strided && !type.strided) {
        const help = `declare \`${param.name}: ${showType({ ...type, strided: true })}\``;
        return refuse(`\`${param.name}\` takes elements that lie one behind the other, and those given don't`, help);
    }
    if (given.large && !type.large) {
        const help = `declare \`${param.name}: ${showType({ ...type, large: true })}\``;
        return refuse(`\`${param.name}\` takes a view below 4 GiB, and \`${name}\` may be larger`, help);
    }
    for (const [axis, dim] of type.dims.entries()) {
        if (dim.kind !== "dim" || bound.has(dim.name)) continue;
        bound.set(dim.name, { extent: given.dims[axis] as DimExpr, by: name });
    }
    return { ...value, type: given };
}

/** Extents must be equal as they are written: there is no check at run time. */
function checkExtents(
    ctx: BodyContext,
    params: readonly Local[],
    args: readonly Expr[],
    bound: ReadonlyMap<string, Binding>,
): boolean {
    const values = new Map([...bound].map(([name, { extent }]) => [name, extent]));
    for (const [i, { name, type }] of params.entries()) {
        const arg = args[i] as Expr;
        if (type.kind !== "view" || arg.type.kind !== "view") continue;
        for (const [axis, dim] of type.dims.entries()) {
            const wanted = substitute(dim, values);
            const given = arg.type.dims[axis] as DimExpr;
            if (sameDim(wanted, given)) continue;
            const by = dim.kind === "dim" ? ` as in \`${(bound.get(dim.name) as Binding).by}\`` : "";
            const what = `extent ${axis} of \`${name}\` must be ${showDim(wanted)}${by}, but is ${showDim(given)}`;
            ctx.report(diagnose(viewArgument, arg.span, { what }));
            return false;
        }
    }
    return true;
}
