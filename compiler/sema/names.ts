// What a name stands for where a value is wanted.

import { functionAsValue, usedBeforeDefinition } from "../diagnostics/catalogue/names.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { insteadOf } from "../diagnostics/habits.js";
import { nearest } from "../diagnostics/suggestions.js";
import type * as ast from "../syntax/ast.js";
import { BUILTINS } from "./builtins.js";
import { constantExpr } from "./constant-values.js";
import type { BodyContext } from "./context.js";
import { floatLiteral, integerLiteral } from "./literals.js";
import { errorExpr } from "./nodes.js";
import type { Expr } from "./program.js";
import { INDEX, typeNamed } from "./scalars.js";
import type { Type } from "./types.js";
import { reportUnknownName } from "./unknown-names.js";

export function checkName(ctx: BodyContext, expr: Extract<ast.Expr, { kind: "name" }>, want: Type | null): Expr {
    const { span, text: name } = expr;
    const symbol = ctx.scope.find(name) ?? ctx.module.symbols.get(name);
    switch (symbol?.kind) {
        case "local":
            symbol.read = true;
            return { kind: "local", span, type: symbol.local.type, local: symbol.local };
        case "dim":
            return { kind: "dim", span, type: INDEX, name };
        case "constant": {
            if ("read" in symbol) symbol.read = true;
            const { type, value } = symbol.constant;
            if (type !== null) return constantExpr(span, type, [value].flat());
            if (typeof value === "bigint") return integerLiteral(span, value, want, ctx.report);
            return floatLiteral(span, value as number, want, ctx.report);
        }
        case "broken":
            return errorExpr(span);
        case "pending":
            if (symbol.demand !== undefined) return functionAsItself(ctx, span, name);
            ctx.report(diagnose(usedBeforeDefinition, span, { name }));
            return errorExpr(span);
        case "function":
        case "generic":
        case "tile-function":
        case "builtin":
            return functionAsItself(ctx, span, name);
        case "type":
        case "structure":
            ctx.report(diagnose(functionAsValue, span, { name, what: "a type" }, { help: "convert with `… as T`" }));
            return errorExpr(span);
        case "kernel":
            ctx.report(
                diagnose(
                    functionAsValue,
                    span,
                    { name, what: "a kernel" },
                    { help: "kernels are launched by the host" },
                ),
            );
            return errorExpr(span);
        case "model":
        case "network":
            ctx.report(
                diagnose(
                    functionAsValue,
                    span,
                    { name, what: `a ${symbol.kind}` },
                    { help: "networks are made and stepped by the host" },
                ),
            );
            return errorExpr(span);
        case undefined: {
            if (typeNamed(name) !== undefined) {
                const help = "convert with `… as T`; only generic arguments and declarations name types";
                ctx.report(diagnose(functionAsValue, span, { name, what: "a type" }, { help }));
            } else if (BUILTINS.has(name)) {
                ctx.report(diagnose(functionAsValue, span, { name, what: "a function" }));
            } else {
                refuseUnknown(ctx, name, span);
            }
            return errorExpr(span);
        }
    }
}

/** Whether an expression is a type's name, which is no value. */
export function namesType(ctx: BodyContext, expr: ast.Expr): boolean {
    if (expr.kind !== "name") return false;
    const symbol = ctx.scope.find(expr.text) ?? ctx.module.symbols.get(expr.text);
    if (symbol === undefined) return typeNamed(expr.text) !== undefined;
    return symbol.kind === "type" || symbol.kind === "structure";
}

function refuseUnknown(ctx: BodyContext, name: string, span: Span): void {
    const help = insteadOf(name) ?? ownerOf(ctx, name);
    const near = () => nearest(name, [...valueNames(ctx), ...STATEMENT_WORDS]);
    reportUnknownName(ctx, name, span, () => (help === undefined ? near() : undefined), help);
}

/** How a field, or an enum's value, is named that stands alone. */
function ownerOf(ctx: BodyContext, name: string): string | undefined {
    const self = ctx.scope.find("self");
    const { type } = self?.kind === "local" ? self.local : { type: null };
    if (type?.kind === "struct" && type.fields.some((field) => field.name === name)) return `write \`self.${name}\``;
    for (const [owner, symbol] of ctx.module.symbols) {
        const isOwner = symbol.kind === "type" && symbol.type.kind === "enum" && symbol.type.members.has(name);
        if (isOwner) return `write \`${owner}.${name}\``;
    }
    return undefined;
}

/** Words that are a statement by themselves: a slip in one makes it a name. */
const STATEMENT_WORDS = ["break", "continue", "return", "true", "false"];

function* valueNames(ctx: BodyContext): Iterable<string> {
    yield* ctx.scope.names();
    for (const [name, symbol] of ctx.module.symbols) if (symbol.kind === "constant") yield name;
}

function functionAsItself(ctx: BodyContext, span: Span, name: string): Expr {
    ctx.report(diagnose(functionAsValue, span, { name, what: "a function" }));
    return errorExpr(span);
}
