// Calls of built-ins: finds T, checks bounds, and makes of the call what the table says.

import { argumentType, libraryFunction, wrongArgumentCount } from "../diagnostics/catalogue/functions.js";
import {
    atomicPlace,
    axisNeeded,
    axisRange,
    indexFunctionInOver,
    needsGroups,
    needsKernel,
} from "../diagnostics/catalogue/kernels.js";
import { notInMatrix } from "../diagnostics/catalogue/tiles.js";
import { diagnose } from "../diagnostics/entry.js";
import { count } from "../diagnostics/words.js";
import type * as ast from "../syntax/ast.js";
import { checkPlace } from "./assignments.js";
import { type Builtin, libraryHome, type Slot } from "./builtins.js";
import type { BodyContext } from "./context.js";
import { constantInteger } from "./declarations.js";
import { expandClamp, expandSign } from "./expansions.js";
import { checkExpr } from "./expressions.js";
import { BOUNDS } from "./generics.js";
import { flexibility } from "./literals.js";
import { builtinCall, conversionHelp, errorExpr, indexLiteral, require, requireValue } from "./nodes.js";
import { rootOf } from "./places.js";
import type { Expr } from "./program.js";
import { checkReport } from "./reports.js";
import {
    F32,
    I32,
    INDEX,
    isAnyFloat,
    isArithmetic,
    isSigned,
    isValue,
    laneOf,
    SCALAR_INFO,
    scalar,
    showType,
    VOID,
    withLane,
} from "./scalars.js";
import type { ScalarName, ScalarType, Type } from "./types.js";
import { checkVectorBuiltin } from "./vector-builtins.js";
import { laneByLane, repeated, wantBeside } from "./vectors.js";

type CallExpr = Extract<ast.Expr, { kind: "call" }>;

/** What a matrix kernel, which is one program for a tile, has no use for. */
const OF_WORK_ITEMS: ReadonlySet<Builtin["kind"]> = new Set([
    "report",
    "wave",
    "lanes",
    "atomic",
    "index",
    "fence",
    "barrier",
]);

export function checkBuiltin(
    ctx: BodyContext,
    builtin: Builtin,
    call: CallExpr,
    args: readonly ast.Expr[],
    want: Type | null,
): Expr {
    const { span } = call;
    if (ctx.owner.kind === "matrix" && OF_WORK_ITEMS.has(builtin.kind)) {
        ctx.report(diagnose(notInMatrix, call.callee.span, { what: `\`${builtin.name}\` belongs` }));
        return errorExpr(span);
    }
    if (builtin.kind === "report") return checkReport(ctx, builtin.name, call, args);
    const least = builtin.kind === "index" ? 0 : builtin.params.length;
    if (args.length < least || args.length > builtin.params.length) {
        const isFence = builtin.kind === "fence";
        const help = isFence ? "write `fence()`, or `fence(scope: device, order: acq_rel)`" : undefined;
        if (!isFence) for (const arg of args) checkExpr(ctx, arg, null);
        const names = builtin.params.map(([name]) => name).join(", ");
        const named = builtin.params.length === 0 ? "" : ` (${names})`;
        const expected = `${count(builtin.params.length, "argument")}${named}`;
        ctx.report(diagnose(wrongArgumentCount, span, { name: builtin.name, expected, found: args.length }, { help }));
        return errorExpr(span);
    }
    switch (builtin.kind) {
        case "math":
        case "wave":
            return checkMath(ctx, builtin, call, args, want);
        case "vector":
            return checkVectorBuiltin(ctx, builtin, span, args);
        case "atomic":
            return checkAtomic(ctx, builtin, call, args);
        case "index":
            return checkIndexFunction(ctx, builtin, call, args);
        case "lanes":
            // In a kernel it is a constant; a function has it of the kernel that calls it.
            if (builtin.name === "wave_size" && "waveSize" in ctx.owner) {
                return indexLiteral(span, BigInt(ctx.owner.waveSize));
            }
            return builtinCall(span, slotType(builtin.result, INDEX), builtin.name);
        case "fence":
            return builtinCall(span, VOID, "fence");
        case "barrier":
            if (ctx.owner.kind === "over") ctx.report(diagnose(needsGroups, span, { what: "a barrier" }));
            else if (ctx.owner.kind === "constant") ctx.report(diagnose(needsKernel, span, { what: "a barrier" }));
            ctx.barriers.push(span);
            return builtinCall(span, VOID, "barrier");
    }
}

function checkMath(
    ctx: BodyContext,
    builtin: Builtin,
    call: CallExpr,
    args: readonly ast.Expr[],
    want: Type | null,
): Expr {
    const generic = args.filter((_, i) => builtin.params[i]?.[1] === "T");
    // T is what the arguments are that are no literals: a vector if one of them is.
    const early = new Map<ast.Expr, Expr>();
    let hint = wanted(builtin, want);
    for (const arg of generic) {
        if (flexibility(ctx, arg) !== null) continue;
        const checked = requireValue(checkExpr(ctx, arg, hint), ctx.report);
        early.set(arg, checked);
        if (hint?.kind !== "vector") hint = checked.type;
    }
    const leader = generic.find((arg) => early.get(arg)?.type.kind === "vector") ?? [...early.keys()][0];
    const type = leader === undefined ? defaultType(ctx, builtin, generic, want) : (early.get(leader) as Expr).type;
    const refused = !isArithmetic(type) || builtin.types[laneOf(type).name] === undefined;
    if (isValue(type) && refused) refuseType(ctx, builtin, (leader ?? call).span, type);
    const checked = args.map((arg, i) => {
        const slot = (builtin.params[i] as readonly [string, Slot])[1];
        if (refused) return early.get(arg) ?? checkExpr(ctx, arg, null);
        const wanted = slot === "T" ? type : withLane(type, scalar(slot as ScalarName));
        const value = early.get(arg) ?? checkExpr(ctx, arg, wantBeside(ctx, arg, wanted));
        return require(repeated(value, wanted), wanted, ctx.report);
    });
    if (refused || checked.some((arg) => arg.type.kind === "error")) return errorExpr(call.span);
    if (type.kind === "scalar") return realise(ctx, builtin, call, type, checked);
    return laneByLane(call.span, type.length, checked, (lanes) => realise(ctx, builtin, call, type.element, lanes));
}

/** The demanded type, as a hint for the arguments where the result has their type. */
function wanted(builtin: Builtin, want: Type | null): Type | null {
    const fits = want !== null && isArithmetic(want) && builtin.types[laneOf(want).name] !== undefined;
    return builtin.result === "T" && fits ? want : null;
}

/** T where all arguments are literals. */
function defaultType(ctx: BodyContext, builtin: Builtin, args: readonly ast.Expr[], want: Type | null): ScalarType {
    const hint = wanted(builtin, want);
    if (hint?.kind === "scalar") return hint;
    const integers = args.every((arg) => flexibility(ctx, arg) === "integer");
    const preferred = integers ? [I32, F32] : [F32];
    const [first] = Object.keys(builtin.types) as ScalarName[];
    return preferred.find(({ name }) => builtin.types[name] !== undefined) ?? scalar(first as ScalarName);
}

function refuseType(ctx: BodyContext, builtin: Builtin, span: ast.Expr["span"], type: Type): void {
    const names = Object.keys(builtin.types) as ScalarName[];
    const isAll = (list: readonly ScalarName[]) => list.length === names.length && list.every((n) => names.includes(n));
    const wants = isAll(BOUNDS.get("Float") ?? []) ? "a float" : oneOf(names);
    const nearest = (["f32", "u32", "i32"] as const).find((name) => names.includes(name));
    const help = nearest === undefined ? undefined : conversionHelp(type, scalar(nearest));
    ctx.report(diagnose(argumentType, span, { name: builtin.name, wants, found: showType(type), help }));
}

function oneOf(names: readonly string[]): string {
    return names.length === 1 ? String(names[0]) : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

function realise(ctx: BodyContext, builtin: Builtin, call: CallExpr, type: ScalarType, args: Expr[]): Expr {
    const { span } = call;
    switch (builtin.types[type.name]) {
        case "library":
            return callLibrary(ctx, builtin, call, type, args);
        case "viaF32": {
            const wide = args.map((operand, i): Expr => {
                if (builtin.params[i]?.[1] !== "T") return operand;
                return { kind: "convert", span: operand.span, type: F32, operand };
            });
            const result = realise(ctx, builtin, call, F32, wide);
            if (result.type.kind === "error" || builtin.result !== "T") return result;
            return { kind: "convert", span, type, operand: result };
        }
        case "expand":
            return builtin.name === "clamp" ? expandClamp(span, type, args) : expandSign(span, type, args);
        default:
            return builtinCall(span, slotType(builtin.result, type), builtin.name, ...args);
    }
}

function slotType(slot: Slot | null, type: ScalarType): Type {
    if (slot === null) return VOID;
    if (slot === "T") return type;
    if (slot === "bits") return scalar(`u${SCALAR_INFO[type.name].bits}`);
    return scalar(slot as ScalarName);
}

function callLibrary(ctx: BodyContext, builtin: Builtin, call: CallExpr, type: ScalarType, args: Expr[]): Expr {
    const { module, fn: name } = libraryHome(builtin, type.name);
    const symbol = ctx.library(module, name);
    const record = symbol?.kind === "function" ? symbol.record : null;
    const fits = record?.fn.params.every(
        (param, i) => param.type.kind === "scalar" && param.type.name === argName(args[i]),
    );
    if (record === null || record.broken || !fits || record.fn.params.length !== args.length) {
        ctx.report(diagnose(libraryFunction, call.span, { name, module }));
        return errorExpr(call.span);
    }
    ctx.calls.push({ callee: record, span: call.callee.span });
    return { kind: "call", span: call.span, type: record.fn.result, callee: record.fn, args, dims: [] };
}

function argName(arg: Expr | undefined): ScalarName | undefined {
    return arg?.type.kind === "scalar" ? arg.type.name : undefined;
}

function checkAtomic(ctx: BodyContext, builtin: Builtin, call: CallExpr, args: readonly ast.Expr[]): Expr {
    const [target, ...operands] = args as [ast.Expr, ...ast.Expr[]];
    const place =
        target.kind === "index" || target.kind === "member"
            ? checkPlace(ctx, target)
            : refusePlace(ctx, builtin, target);
    const values = operands.map((operand) =>
        place === null
            ? checkExpr(ctx, operand, null)
            : require(checkExpr(ctx, operand, place.type), place.type, ctx.report),
    );
    if (place === null || !isValue(place.type) || values.some(({ type }) => type.kind === "error")) {
        return errorExpr(call.span);
    }
    const { space, type } = rootOf(place);
    if (space === "private" && type.kind !== "view") {
        return refusePlace(ctx, builtin, target) ?? errorExpr(call.span);
    }
    if (place.type.kind !== "scalar" || builtin.types[place.type.name] === undefined) {
        const names = Object.keys(builtin.types);
        const args = { name: builtin.name, wants: oneOf(names), found: showType(place.type) };
        ctx.report(diagnose(argumentType, target.span, { ...args, help: atomicHelp(place.type, names) }));
        return errorExpr(call.span);
    }
    return builtinCall(call.span, builtin.result === null ? VOID : place.type, builtin.name, place, ...values);
}

/** What to do where a place's type has no atomic: what is narrow is kept in 32 bits. */
function atomicHelp(type: Type, names: readonly string[]): string {
    if (type.kind !== "scalar") return "name one scalar of it: a lane, an element or a field";
    if (isAnyFloat(type)) {
        return names.includes("f32") ? "make it f32" : "make it u32 or u64 and keep the bits in it: `to_bits(x)`";
    }
    return `make it ${isSigned(type) ? "i32" : "u32"}: atomics are of 32 or 64 bits`;
}

function refusePlace(ctx: BodyContext, builtin: Builtin, target: ast.Expr): null {
    const help = "other work-items never see a `var`: an ordinary assignment does it";
    const found = target.kind === "index" || target.kind === "member" ? null : checkExpr(ctx, target, null);
    if (found?.type.kind !== "error") ctx.report(diagnose(atomicPlace, target.span, { name: builtin.name, help }));
    return null;
}

function checkIndexFunction(ctx: BodyContext, builtin: Builtin, call: CallExpr, args: readonly ast.Expr[]): Expr {
    const { span } = call;
    const { name } = builtin;
    const [axisExpr] = args;
    const axis = axisExpr === undefined ? null : constantInteger(ctx, axisExpr, "an axis");
    const { owner } = ctx;
    if (owner.kind === "over") {
        const variables = owner.variables.map((variable) => `\`${variable.name}\``).join(", ");
        ctx.report(diagnose(indexFunctionInOver, span, { name, variables }));
        return errorExpr(span);
    }
    if (owner.kind !== "groups") {
        const help = "pass its value as an argument of type `index`";
        ctx.report(diagnose(needsKernel, span, { what: `\`${name}\``, help }));
        return errorExpr(span);
    }
    if (axisExpr === undefined) {
        if (owner.rank === 1) return builtinCall(span, INDEX, name, indexLiteral(span, 0n));
        ctx.report(diagnose(axisNeeded, span, { name, rank: owner.rank }));
        return errorExpr(span);
    }
    if (axis === null) return errorExpr(span);
    if (axis < 0n || axis >= BigInt(owner.rank)) {
        ctx.report(diagnose(axisRange, axisExpr.span, { axis: String(axis), rank: owner.rank }));
        return errorExpr(span);
    }
    return builtinCall(span, INDEX, name, indexLiteral(axisExpr.span, axis));
}
