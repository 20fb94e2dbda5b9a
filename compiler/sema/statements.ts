// Blocks and statements. A block used as an expression has the value of its last line; a function's body gives its
// result so, or by `return` on every way.

import {
    loopTypes,
    missingResult,
    outsideLoop,
    returnValue,
    unreachable,
    unusedValue,
    zeroStep,
} from "../diagnostics/catalogue/functions.js";
import { elsewhere, halfRange } from "../diagnostics/catalogue/syntax.js";
import { tileFunction } from "../diagnostics/catalogue/tiles.js";
import { missingBlockValue } from "../diagnostics/catalogue/types.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { conversion } from "../diagnostics/fixes.js";
import type * as ast from "../syntax/ast.js";
import { checkAssignment } from "./assignments.js";
import { isAttribute, loopOptions, refuseAttributes } from "./attributes.js";
import { BUILTINS } from "./builtins.js";
import { chosenBranch, quietly } from "./conditional.js";
import { knownInteger } from "./constants.js";
import type { BodyContext } from "./context.js";
import { checkDeclaration, reportShadowing } from "./declarations.js";
import { checkExpr, demand } from "./expressions.js";
import { errorExpr, indexLiteral, requireValue } from "./nodes.js";
import type { Block, Expr, Local, Statement } from "./program.js";
import { agree, BOOL, INDEX, isInteger, isValue, showType } from "./scalars.js";
import { rangeType } from "./tile-launch.js";
import type { Type, ValueType } from "./types.js";

/** A block without a value. */
export function statementBlock(ctx: BodyContext, block: ast.Block): Block {
    return inScope(ctx, () => ({ span: block.span, statements: checkStatements(ctx, block.statements), value: null }));
}

/** A block whose last line is its value; null where there is none, which was reported. */
export function valueBlock(ctx: BodyContext, block: ast.Block, want: Type | null): Block {
    return inScope(ctx, () => {
        const last = block.statements.at(-1);
        if (last?.kind === "expr") {
            const statements = checkStatements(ctx, block.statements.slice(0, -1));
            const value = requireValue(checkExpr(ctx, last.expr, want), ctx.report);
            return { span: block.span, statements, value };
        }
        const statements = checkStatements(ctx, block.statements);
        const type = want !== null && isValue(want) ? `a value of type ${showType(want)}` : "a value";
        ctx.report(diagnose(missingBlockValue, block.span, { type }));
        return { span: block.span, statements, value: errorExpr(block.span) };
    });
}

/** A function's body. With a result type, every way through it gives one. */
export function checkBody(ctx: BodyContext, block: ast.Block, name: ast.Name): Block {
    const { result } = ctx;
    if (result.kind === "void") return statementBlock(ctx, block);
    const body = tailBlock(ctx, block, result);
    if (body.value === null && !terminates(body.statements)) {
        ctx.report(diagnose(missingResult, name.span, { name: name.text, type: showType(result) }));
    }
    return body;
}

/** A block at a function's end: has the function's result as its value, or has returned, or neither (an error). */
function tailBlock(ctx: BodyContext, block: ast.Block, result: ValueType): Block {
    return inScope(ctx, () => {
        const last = block.statements.at(-1);
        const isTail = last?.kind === "expr" && !(last.expr.kind === "if" && last.expr.otherwise === null);
        if (!isTail) return { span: block.span, statements: checkStatements(ctx, block.statements), value: null };
        const statements = checkStatements(ctx, block.statements.slice(0, -1));
        const tail = tailExpr(ctx, last.expr, result);
        if (tail.kind !== "statement") return { span: block.span, statements, value: tail.value };
        return { span: block.span, statements: [...statements, tail.statement], value: null };
    });
}

type Tail =
    | { readonly kind: "value"; readonly value: Expr }
    | { readonly kind: "statement"; readonly statement: Statement };

/** An `if` whose branches partly return becomes a statement, whose other branches then return their values. */
function tailExpr(ctx: BodyContext, expr: ast.Expr, result: ValueType): Tail {
    if (expr.kind === "block") {
        const block = tailBlock(ctx, expr.block, result);
        const { span } = expr;
        if (block.value === null) return { kind: "statement", statement: { kind: "block", span, block } };
        return { kind: "value", value: { kind: "block", span, type: block.value.type, block } };
    }
    if (expr.kind !== "if") return { kind: "value", value: demand(ctx, expr, result) };
    if (expr.isConst) {
        const chosen = chosenBranch(ctx, expr);
        if (chosen === null) return { kind: "value", value: errorExpr(expr.span) };
        if (chosen.branch !== null) return tailExpr(ctx, chosen.branch, result);
    }
    if (expr.otherwise === null) return { kind: "value", value: demand(ctx, expr, result) };
    const condition = demand(ctx, expr.condition, BOOL);
    const then = tailBlock(ctx, expr.then, result);
    const otherwise = tailElse(tailExpr(ctx, expr.otherwise, result));
    const { span } = expr;
    if (then.value !== null && otherwise.value !== null) {
        return { kind: "value", value: { kind: "if", span, type: result, condition, then, otherwise } };
    }
    const statement: Statement = {
        kind: "if",
        span,
        condition,
        then: returning(then),
        otherwise: returning(otherwise),
    };
    return { kind: "statement", statement };
}

/** An `else` part as a block. */
function tailElse(tail: Tail): Block {
    if (tail.kind === "statement") return blockOf(tail.statement);
    return tail.value.kind === "block"
        ? tail.value.block
        : { span: tail.value.span, statements: [], value: tail.value };
}

function returning(block: Block): Block {
    if (block.value === null) return block;
    const { span } = block.value;
    return { ...block, statements: [...block.statements, { kind: "return", span, value: block.value }], value: null };
}

function inScope<T>(ctx: BodyContext, read: () => T): T {
    ctx.scope.enter();
    const result = read();
    ctx.scope.leave();
    return result;
}

function checkStatements(ctx: BodyContext, list: readonly ast.Statement[]): Statement[] {
    const statements: Statement[] = [];
    let ended: Statement | null = null;
    for (const statement of list) {
        if (ended !== null) {
            ctx.report(diagnose(unreachable, statement.span, { after: `the \`${ended.kind}\` before it` }));
            ended = null;
        }
        const checked = checkStatement(ctx, statement);
        if (checked === null) continue;
        statements.push(checked);
        if (statement !== list.at(-1) && endsWay(checked)) ended = checked;
    }
    return statements;
}

/** Null where nothing remains: a constant, or what was reported. */
function checkStatement(ctx: BodyContext, statement: ast.Statement): Statement | null {
    const { span } = statement;
    switch (statement.kind) {
        case "declare":
            return checkDeclaration(ctx, statement);
        case "assign":
            return checkAssignment(ctx, statement);
        case "expr":
            return checkEffect(ctx, statement.expr);
        case "for":
            return checkFor(ctx, statement);
        case "while": {
            const condition = demand(ctx, statement.condition, BOOL);
            const body = loopBody(ctx, statement.body);
            return { kind: "while", span, condition, body };
        }
        case "attributed": {
            // What stands behind an unknown attribute in its line belongs to the same mistake: `# a comment`.
            const [first] = statement.attributes;
            if (first !== undefined && !isAttribute(first) && !/[\r\n]/.test(textUpTo(first, statement.statement))) {
                refuseAttributes(ctx, statement.attributes);
                checkStatement(quietly(ctx), statement.statement);
                return null;
            }
            const inner = checkStatement(ctx, statement.statement);
            if (inner?.kind !== "for" && inner?.kind !== "while") {
                refuseAttributes(ctx, statement.attributes);
                return inner;
            }
            return { ...inner, ...loopOptions(ctx, statement.attributes, inner.kind) };
        }
        case "break":
        case "continue":
            if (ctx.loops === (ctx.expansion?.loops ?? 0))
                ctx.report(diagnose(outsideLoop, span, { keyword: statement.kind }));
            return { kind: statement.kind, span };
        case "return":
            return checkReturn(ctx, statement);
        case "refractory":
            ctx.report(diagnose(elsewhere, span, { what: "`refractory` belongs", where: "neuron models" }));
            return null;
    }
}

/** An expression for its effect. */
function checkEffect(ctx: BodyContext, expr: ast.Expr): Statement {
    const { span } = expr;
    if (expr.kind === "block") return { kind: "block", span, block: statementBlock(ctx, expr.block) };
    if (expr.kind === "if" && expr.isConst) {
        const branch = chosenBranch(ctx, expr)?.branch;
        return branch
            ? checkEffect(ctx, branch)
            : { kind: "block", span, block: { span, statements: [], value: null } };
    }
    if (expr.kind === "if") {
        const condition = demand(ctx, expr.condition, BOOL);
        const then = statementBlock(ctx, expr.then);
        const otherwise = expr.otherwise === null ? null : blockOf(checkEffect(ctx, expr.otherwise));
        return { kind: "if", span, condition, then, otherwise };
    }
    const checked = checkExpr(ctx, expr, null);
    if (checked.type.kind !== "error" && !hasEffect(checked)) {
        const isSign = expr.kind === "unary" && expr.op === "-";
        const help = isSign
            ? "a line that begins with `-` is a statement: to go on with a sum, end the line before with the operator"
            : checked.kind === "compare" && checked.op === "=="
              ? "to assign, write `=`"
              : undefined;
        ctx.report(diagnose(unusedValue, span, { help }));
    }
    return { kind: "expr", span, expr: checked };
}

function blockOf(statement: Statement): Block {
    if (statement.kind === "block") return statement.block;
    return { span: statement.span, statements: [statement], value: null };
}

/** A call may write; other expressions only compute. */
function hasEffect(expr: Expr): boolean {
    if (expr.kind === "builtin") return !["math", "vector"].includes(BUILTINS.get(expr.name)?.kind ?? "");
    return expr.kind === "call" || expr.kind === "report";
}

function textUpTo({ span: { file, start } }: ast.Attribute, { span }: ast.Statement): string {
    return file.text.slice(start, span.start);
}

function checkFor(ctx: BodyContext, loop: Extract<ast.Statement, { kind: "for" }>): Statement | null {
    if (loop.step !== null && ctx.owner.kind === "matrix") return checkRangeLoop(ctx, loop, loop.step);
    if (loop.start === null) {
        const quiet = quietly(ctx);
        const { type } = checkExpr(quiet, loop.end, INDEX);
        const counts = type.kind === "scalar" && type.name === "index";
        ctx.report(diagnose(halfRange, loop.end.span, null, counts ? {} : { fixes: [] }));
        checkFor(quiet, { ...loop, start: loop.end });
        return null;
    }
    const start = loopBound(ctx, loop.start);
    const end = loopBound(ctx, loop.end);
    const step: Expr =
        loop.step === null
            ? { kind: "literal", span: loop.variable.span, type: INDEX, value: 1n }
            : loopBound(ctx, loop.step);
    if (knownInteger(step) === 0n) ctx.report(diagnose(zeroStep, step.span, null));
    const { text: name, span } = loop.variable;
    const variable: Local = { name, type: INDEX, mutable: false, space: "private", span };
    reportShadowing(ctx, loop.variable);
    ctx.scope.enter();
    ctx.scope.declare(name, { kind: "local", local: variable, what: "loop variable", read: false });
    const body = loopBody(ctx, loop.body);
    ctx.scope.leave();
    return { kind: "for", span: loop.span, variable, start, end, step, body };
}

/** `for p in k by BK`, or from `a .. b`: over blocks of a matrix kernel's tiles. */
function checkRangeLoop(
    ctx: BodyContext,
    loop: Extract<ast.Statement, { kind: "for" }>,
    by: ast.Expr,
): Statement | null {
    const start = loop.start === null ? indexLiteral(loop.variable.span, 0n) : loopBound(ctx, loop.start);
    const end = loopBound(ctx, loop.end);
    const type = rangeType(ctx, by, ctx.loops + 1);
    const { text: name, span } = loop.variable;
    reportShadowing(ctx, loop.variable);
    ctx.scope.enter();
    if (type === null) ctx.scope.declare(name, { kind: "broken" });
    const variable: Local = { name, type: type ?? INDEX, mutable: false, space: "private", span };
    if (type !== null) ctx.scope.declare(name, { kind: "local", local: variable, what: "loop variable", read: false });
    const body = loopBody(ctx, loop.body);
    ctx.scope.leave();
    const step = indexLiteral(by.span, BigInt(type?.size ?? 1));
    return type === null ? null : { kind: "for", span: loop.span, variable, start, end, step, body };
}

function loopBound(ctx: BodyContext, expr: ast.Expr): Expr {
    const bound = requireValue(checkExpr(ctx, expr, INDEX), ctx.report);
    if (agree(bound.type, INDEX)) return bound;
    const help = isInteger(bound.type) ? "convert it: `… as index`" : undefined;
    const fixes = help === undefined ? [] : [conversion(expr.span, INDEX.name)];
    ctx.report(diagnose(loopTypes, expr.span, { found: showType(bound.type), help }, { fixes }));
    return errorExpr(expr.span);
}

function loopBody(ctx: BodyContext, block: ast.Block): Block {
    ctx.loops++;
    const body = statementBlock(ctx, block);
    ctx.loops--;
    return body;
}

function checkReturn(ctx: BodyContext, statement: Extract<ast.Statement, { kind: "return" }>): Statement {
    const { span } = statement;
    const { result } = ctx;
    if (ctx.expansion !== null) {
        refuseReturn(ctx, span);
        if (statement.value !== null) checkExpr(ctx, statement.value, null);
        return { kind: "return", span, value: null };
    }
    if (statement.value === null) {
        if (result.kind !== "void") {
            const what = `this \`return\` needs a value of type ${showType(result)}`;
            ctx.report(diagnose(returnValue, span, { what, help: "write it behind `return`, on the same line" }));
        }
        return { kind: "return", span, value: null };
    }
    if (result.kind !== "void") return { kind: "return", span, value: demand(ctx, statement.value, result) };
    checkExpr(ctx, statement.value, null);
    const isFunction = ctx.owner.kind === "function";
    const what = isFunction ? "this function has no result" : "a kernel has no result";
    const help = isFunction ? "declare it: `-> f32` behind the parameters" : "write to a `mut` view";
    ctx.report(diagnose(returnValue, statement.value.span, { what, help }));
    return { kind: "return", span, value: null };
}

/** A function of tiles becomes part of a kernel, which a `return` would leave. */
export function refuseReturn({ report }: BodyContext, span: Span): void {
    const help = "its last line is its value; `if` chooses between two";
    report(diagnose(tileFunction, span, { what: "a function of tiles has no `return`", help }));
}

/** Whether control never comes to the end of a list of statements of a function. */
function terminates(statements: readonly Statement[]): boolean {
    return statements.some((statement) => leavesFunction(statement));
}

function leavesFunction(statement: Statement): boolean {
    switch (statement.kind) {
        case "return":
            return true;
        case "if":
            return (
                statement.otherwise !== null &&
                [statement.then, statement.otherwise].every((b) => terminates(b.statements))
            );
        case "block":
            return terminates(statement.block.statements);
        case "while":
            return isEndless(statement.condition) && !statement.body.statements.some(breaks);
        default:
            return false;
    }
}

/** Whether control never comes past a statement: it leaves the function, the loop, or its pass. */
function endsWay(statement: Statement): boolean {
    switch (statement.kind) {
        case "break":
        case "continue":
            return true;
        case "if": {
            const branches = [statement.then, statement.otherwise];
            return branches.every((block) => block?.statements.some(endsWay));
        }
        case "block":
            return statement.block.statements.some(endsWay);
        default:
            return leavesFunction(statement);
    }
}

function isEndless(condition: Expr): boolean {
    return condition.kind === "literal" && condition.value === true;
}

/** Whether a statement of a loop's body has a `break` of that loop. */
function breaks(statement: Statement): boolean {
    if (statement.kind === "break") return true;
    if (statement.kind === "block") return statement.block.statements.some(breaks);
    if (statement.kind !== "if") return false;
    return statement.then.statements.some(breaks) || (statement.otherwise?.statements.some(breaks) ?? false);
}
