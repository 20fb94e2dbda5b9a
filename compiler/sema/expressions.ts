// Expressions: from the syntax to the typed tree. `want` is the type that the place would like: literals take it, all
// else ignores it. Whoever demands a type checks for it with `demand`.

import { unknownFact } from "../diagnostics/catalogue/attributes.js";
import { functionAsValue } from "../diagnostics/catalogue/names.js";
import { elsewhere, misplacedList, misplacedText } from "../diagnostics/catalogue/syntax.js";
import {
    badConversion,
    indexOutOfBounds,
    indexType,
    lossyConstant,
    missingElse,
    noMembers,
    notIndexable,
    wrongRank,
} from "../diagnostics/catalogue/types.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { conversion } from "../diagnostics/fixes.js";
import { nearest } from "../diagnostics/suggestions.js";
import type * as ast from "../syntax/ast.js";
import { FACTS } from "../targets/facts.js";
import { checkCall, textOf } from "./calls.js";
import { chosenBranch, quietly } from "./conditional.js";
import { convert, knownInteger } from "./constants.js";
import type { BodyContext } from "./context.js";
import { checkList } from "./lists.js";
import { flexibility, flexibilityOfBlock, floatLiteral, integerLiteral, literalType } from "./literals.js";
import { enumMember, fieldOf, namedType } from "./members.js";
import { checkName } from "./names.js";
import { conversionHelp, errorExpr, require, requireValue } from "./nodes.js";
import { checkBinary, checkUnary } from "./operators.js";
import type { Block, Expr } from "./program.js";
import {
    agree,
    BOOL,
    describeType,
    ERROR,
    INDEX,
    isAnyFloat,
    isArithmetic,
    isBool,
    isFloat,
    isInteger,
    isNumber,
    isStorage,
    isValue,
    laneOf,
    rankOf,
    scalarNamed,
    showType,
} from "./scalars.js";
import { checkSlice, isSlice, viewOf } from "./slices.js";
import { valueBlock } from "./statements.js";
import { checkTiled } from "./tiles.js";
import { plainType, typesOf } from "./type-names.js";
import type { ArrayType, ScalarType, Type, VectorType, ViewType } from "./types.js";
import { checkItem, checkSwizzle } from "./vectors.js";

/** An expression whose type must be `type`. */
export function demand(ctx: BodyContext, expr: ast.Expr, type: Type): Expr {
    return require(checkExpr(ctx, expr, type), type, ctx.report);
}

export function checkExpr(ctx: BodyContext, expr: ast.Expr, want: Type | null): Expr {
    const checked = checkByKind(ctx, expr, want);
    if (checked.type.kind === "error") ctx.verdict.isRight = false;
    return checked;
}

function checkByKind(ctx: BodyContext, expr: ast.Expr, want: Type | null): Expr {
    const tiled = checkTiled(ctx, expr, want);
    if (tiled !== null) return tiled;
    switch (expr.kind) {
        case "integer":
            return integerLiteral(expr.span, expr.value, want, ctx.report);
        case "float":
            return floatLiteral(expr.span, expr.value, want, ctx.report);
        case "bool":
            return { kind: "literal", span: expr.span, type: BOOL, value: expr.value };
        case "text":
            ctx.report(diagnose(misplacedText, expr.span, null));
            return errorExpr(expr.span);
        case "name":
            return checkName(ctx, expr, want);
        case "unary":
            return checkUnary(ctx, expr, want);
        case "binary":
            return checkBinary(ctx, expr, want);
        case "cast":
            return checkCast(ctx, expr);
        case "call":
            return checkCall(ctx, expr, want);
        case "index":
            return checkElement(ctx, expr);
        case "generic":
            ctx.report(diagnose(functionAsValue, expr.span, { name: textOf(expr.base), what: "a function" }));
            return errorExpr(expr.span);
        case "member": {
            if (isTarget(ctx, expr.base)) return checkFact(ctx, expr);
            const named = namedType(ctx, expr.base);
            if (named?.kind === "enum") return enumMember(ctx, expr.span, named, expr.member);
            return checkMember(ctx, checkExpr(ctx, expr.base, null), expr.member);
        }
        case "quantity":
            ctx.report(
                diagnose(elsewhere, expr.unit.span, {
                    what: "units belong",
                    where: "neuron models and networks",
                    help: "write the number alone",
                }),
            );
            return errorExpr(expr.span);
        case "slice":
            ctx.report(
                diagnose(elsewhere, expr.span, {
                    what: "slices belong",
                    where: "views and arrays that have a name",
                    help: "name the array first: `let a = …`",
                }),
            );
            return errorExpr(expr.span);
        case "list":
            return checkList(ctx, expr, want);
        case "tuple":
            ctx.report(diagnose(misplacedList, expr.span, null));
            return errorExpr(expr.span);
        case "if":
            return checkIf(ctx, expr, want);
        case "block": {
            const block = valueBlock(ctx, expr.block, want);
            const type = block.value?.type ?? ERROR;
            return { kind: "block", span: expr.span, type, block };
        }
    }
}

/** Between an enum and integers: by way of the enum's own. */
function castEnum(ctx: BodyContext, span: Span, operand: Expr, type: Type): Expr {
    const from = operand.type.kind === "enum" ? operand.type.base : operand.type;
    const to = type.kind === "enum" ? type.base : type;
    if (!isInteger(from) || (!isInteger(to) && !isFloat(to)) || (type.kind === "enum" && !isInteger(to))) {
        ctx.report(diagnose(badConversion, span, { from: showType(operand.type), to: showType(type) }));
        return errorExpr(span);
    }
    const integer: Expr = { kind: "convert", span, type: to, operand };
    return type.kind === "enum" ? { kind: "construct", span, type, parts: [integer] } : integer;
}

/** `v.xy` of a vector, `b.mass` of a structure. */
export function checkMember(ctx: BodyContext, base: Expr, member: ast.Name): Expr {
    if (base.type.kind === "struct") return fieldOf(ctx, base, base.type, member);
    if (base.type.kind === "vector") return checkSwizzle(ctx, base, base.type, member);
    if (base.type.kind !== "error") ctx.report(diagnose(noMembers, member.span, { name: member.text }));
    return errorExpr({ ...member.span, start: base.span.start });
}

function checkCast(ctx: BodyContext, expr: Extract<ast.Expr, { kind: "cast" }>): Expr {
    const type = plainType(expr.type, "a conversion", typesOf(ctx), ctx.report);
    const flexible = flexibility(ctx, expr.operand);
    const want = type.kind === "scalar" && flexible !== null ? literalType(flexible, type) : null;
    const operand = requireValue(checkExpr(ctx, expr.operand, want), ctx.report);
    if (!isValue(type) || !isValue(operand.type)) return errorExpr(expr.span);
    if (agree(type, operand.type)) return operand;
    if (type.kind === "enum" || operand.type.kind === "enum") return castEnum(ctx, expr.span, operand, type);
    if (!isArithmetic(type) || !isArithmetic(operand.type)) {
        ctx.report(diagnose(badConversion, expr.span, { from: showType(operand.type), to: showType(type) }));
        return errorExpr(expr.span);
    }
    const lengths = [type, operand.type].map((each) => (each.kind === "vector" ? each.length : 1));
    const [to, from] = [laneOf(type), laneOf(operand.type)];
    const possible = lengths[0] === lengths[1] && isConvertible(to) && (isConvertible(from) || isBool(from));
    if (possible) {
        const isNamed = flexible !== null && scalarNamed(expr.type.name.text) !== undefined;
        if (isNamed && type.kind === "scalar") reportLoss(ctx, type, operand, textOf(expr.operand));
        return { kind: "convert", span: expr.span, type, operand };
    }
    const whole =
        operand.type.kind === "vector" && type.kind === "scalar" ? `${type.name}x${operand.type.length}` : null;
    const help = isBool(type)
        ? "compare it: `… != 0`"
        : whole !== null
          ? `convert all lanes: \`… as ${whole}\``
          : conversionHelp(operand.type, type);
    ctx.report(diagnose(badConversion, expr.span, { from: showType(operand.type), to: showType(type), help }));
    return errorExpr(expr.span);
}

function isConvertible(type: ScalarType): boolean {
    return isNumber(type) || isStorage(type);
}

/** Warns of a literal whose conversion is not its value. A type that a generic parameter stands for may be any. */
function reportLoss(ctx: BodyContext, type: ScalarType, operand: Expr, shown: string): void {
    if (operand.kind !== "literal") return;
    const { value, span } = operand;
    const becomes = convert(type, value);
    if (typeof becomes === typeof value ? becomes === value : Number(becomes) === Number(value)) return;
    if (isAnyFloat(type) && typeof value === "number" && becomes !== 0) return;
    ctx.report(diagnose(lossyConstant, span, { shown, type: showType(type), becomes: String(becomes) }));
}

/** `x[i, j]`, read or written: the base counts as read unless `isTarget`. */
export function checkElement(ctx: BodyContext, expr: Extract<ast.Expr, { kind: "index" }>, isTarget = false): Expr {
    const { base, span } = expr;
    if (base.kind !== "name") {
        const found = checkExpr(ctx, base, null);
        if (found.type.kind === "vector") return checkVectorItem(ctx, expr, found, found.type);
        if (found.type.kind === "array") return checkArrayItem(ctx, expr, found, found.type);
        for (const index of expr.indices) checkIndex(ctx, index);
        const help = base.kind === "index" ? "write all indices in one pair of brackets: `x[i, j]`" : undefined;
        if (found.type.kind !== "error") {
            ctx.report(diagnose(notIndexable, base.span, { what: `this ${showType(found.type)}`, help }));
        }
        return errorExpr(span);
    }
    const symbol = ctx.scope.find(base.text);
    if (symbol?.kind === "local" && symbol.local.type.kind === "vector") {
        return checkVectorItem(ctx, expr, checkName(ctx, base, null), symbol.local.type);
    }
    const sliced = symbol?.kind === "local" && isSlice(expr) ? viewOf(symbol.local) : null;
    if (symbol?.kind === "local" && sliced !== null) {
        symbol.read = true;
        return checkSlice(ctx, expr, symbol.local, sliced);
    }
    const constant = symbol?.kind === "local" ? null : checkName(ctx, base, null);
    if (constant?.type.kind === "vector") return checkVectorItem(ctx, expr, constant, constant.type);
    if (constant?.type.kind === "array") return checkArrayItem(ctx, expr, constant, constant.type);
    const inner = constant?.type.kind === "error" ? quietly(ctx) : ctx;
    const indices = expr.indices.map((index) => checkIndex(inner, index));
    if (symbol?.kind !== "local") {
        const found = constant ?? errorExpr(span);
        if (found.type.kind !== "error") {
            ctx.report(
                diagnose(notIndexable, base.span, { what: `\`${base.text}\`, of type ${describeType(found.type)},` }),
            );
        }
        return errorExpr(span);
    }
    const { local } = symbol;
    if (!isTarget || local.type.kind === "view") symbol.read = true;
    if (local.type.kind !== "view" && local.type.kind !== "array") {
        if (local.type.kind !== "error") {
            ctx.report(
                diagnose(notIndexable, base.span, { what: `\`${base.text}\`, of type ${describeType(local.type)},` }),
            );
        }
        return errorExpr(span);
    }
    const rank = rankOf(local.type);
    if (rank !== indices.length) {
        const labels = [{ span: local.span, message: `${describeType(local.type)} is declared here` }];
        ctx.report(diagnose(wrongRank, span, { name: local.name, rank, found: indices.length }, { labels }));
        return errorExpr(span);
    }
    checkBounds(ctx, local.type, indices);
    return { kind: "element", span, type: local.type.element, base: local, baseType: local.type, indices };
}

/** `v[i]` */
export function checkVectorItem(
    ctx: BodyContext,
    { span, indices }: Extract<ast.Expr, { kind: "index" }>,
    base: Expr,
    type: VectorType,
): Expr {
    const [index] = indices;
    if (index !== undefined && indices.length === 1) return checkItem(ctx, span, base, type, index);
    ctx.report(
        diagnose(notIndexable, span, { what: `this ${showType(type)}`, help: "one index names a lane: `v[i]`" }),
    );
    return errorExpr(span);
}

/** `b.values[i, j]`: of an array that is a field. */
export function checkArrayItem(
    ctx: BodyContext,
    expr: Extract<ast.Expr, { kind: "index" }>,
    base: Expr,
    type: ArrayType,
): Expr {
    const { span } = expr;
    const indices = expr.indices.map((each) => checkIndex(ctx, each));
    if (indices.length !== type.extents.length) {
        const args = { name: textOf(expr.base), rank: type.extents.length, found: indices.length };
        ctx.report(diagnose(wrongRank, span, args));
        return errorExpr(span);
    }
    if (indices.some((index) => index.type.kind === "error")) return errorExpr(span);
    checkBounds(ctx, type, indices);
    return { kind: "item", span, base, indices, type: type.element };
}

function checkBounds(ctx: BodyContext, type: ArrayType | ViewType, indices: readonly Expr[]): void {
    for (const [axis, index] of indices.entries()) {
        const known = knownInteger(index);
        const extent = extentOf(type, axis);
        if (known === undefined || (known >= 0n && (extent === null || known < BigInt(extent)))) continue;
        const outside = { index: String(known), extent: known < 0n ? null : extent };
        ctx.report(diagnose(indexOutOfBounds, index.span, outside));
    }
}

/** An extent that is known at compile time. */
function extentOf(type: Extract<Type, { kind: "view" | "array" }>, axis: number): number | null {
    if (type.kind === "array") return type.extents[axis] as number;
    const dim = type.dims[axis];
    return dim?.kind === "const" ? dim.value : null;
}

export function checkIndex(ctx: BodyContext, expr: ast.Expr): Expr {
    const index = requireValue(checkExpr(ctx, expr, INDEX), ctx.report);
    if (agree(index.type, INDEX)) return index;
    const help = isInteger(index.type) ? "convert it: `… as index`" : undefined;
    const fixes = help === undefined ? [] : [conversion(expr.span, INDEX.name)];
    ctx.report(diagnose(indexType, expr.span, { type: showType(index.type), help }, { fixes }));
    return errorExpr(expr.span);
}

function checkIf(ctx: BodyContext, expr: Extract<ast.Expr, { kind: "if" }>, demanded: Type | null): Expr {
    // Of two literals one with a point decides for both.
    const flexible = demanded === null ? flexibility(ctx, expr) : null;
    const want = flexible === "float" ? literalType(flexible, null) : demanded;
    if (expr.isConst) {
        const chosen = chosenBranch(ctx, expr);
        if (chosen === null) return errorExpr(expr.span);
        if (chosen.branch !== null) return checkExpr(ctx, chosen.branch, want);
        reportMissingElse(ctx, expr, want);
        return errorExpr(expr.span);
    }
    const condition = demand(ctx, expr.condition, BOOL);
    if (expr.otherwise === null) {
        valueBlock(ctx, expr.then, want);
        reportMissingElse(ctx, expr, want);
        return errorExpr(expr.span);
    }
    let then: Block;
    let otherwise: Block;
    if (want === null && flexibilityOfBlock(ctx, expr.then) !== null) {
        otherwise = asBlock(checkExpr(ctx, expr.otherwise, null));
        then = valueBlock(ctx, expr.then, otherwise.value?.type ?? null);
    } else {
        then = valueBlock(ctx, expr.then, want);
        otherwise = asBlock(checkExpr(ctx, expr.otherwise, then.value?.type ?? want));
    }
    if (then.value === null || otherwise.value === null) return errorExpr(expr.span);
    const { type } = then.value;
    const value = require(otherwise.value, type, ctx.report);
    if (value.type.kind === "error") return errorExpr(expr.span);
    return { kind: "if", span: expr.span, type, condition, then, otherwise: { ...otherwise, value } };
}

function reportMissingElse(ctx: BodyContext, { span }: ast.Expr, want: Type | null): void {
    const type = want === null || want.kind === "error" ? "a value" : showType(want);
    ctx.report(diagnose(missingElse, { ...span, end: span.start + 2 }, { type }));
}

/** An `else` part as a block: `else if` becomes a block that has the `if` as its value. */
function asBlock(expr: Expr): Block {
    return expr.kind === "block" ? expr.block : { span: expr.span, statements: [], value: expr };
}

/** `target` is a name like others where something is declared by it. */
function isTarget(ctx: BodyContext, base: ast.Expr): boolean {
    if (base.kind !== "name" || base.text !== "target") return false;
    return ctx.scope.find("target") === undefined && !ctx.module.symbols.has("target");
}

/** `target.has_wmma`: a constant. */
function checkFact(ctx: BodyContext, { member, span }: Extract<ast.Expr, { kind: "member" }>): Expr {
    const fact = Object.hasOwn(FACTS, member.text) ? FACTS[member.text] : undefined;
    if (fact === undefined) {
        const similar = nearest(member.text, Object.keys(FACTS));
        ctx.report(diagnose(unknownFact, member.span, { name: member.text, similar }));
        return errorExpr(span);
    }
    const value = fact.of(ctx.target);
    return { kind: "literal", span, type: typeof value === "bigint" ? INDEX : BOOL, value };
}
