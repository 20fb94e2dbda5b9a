// Which variables a piece of the program assigns. They become the results of an `if` and the carried values of a loop.
// Walks with lists instead of recursion, because sums can be very long.

import { rootOf } from "../sema/places.js";
import type { Block, Expr, Local, Statement, TilePlace } from "../sema/program.js";

interface Pending {
    readonly expressions: Expr[];
    readonly blocks: Block[];
}

/** Every variable, view and array that is assigned in the given parts, whether declared inside of them or not. */
export function assignedIn(expressions: readonly Expr[], blocks: readonly Block[]): ReadonlySet<Local> {
    const found = new Set<Local>();
    const pending: Pending = { expressions: [...expressions], blocks: [...blocks] };
    for (;;) {
        const block = pending.blocks.pop();
        const expression = block ? undefined : pending.expressions.pop();
        if (block) {
            for (const statement of block.statements) visitStatement(statement, pending, found);
            if (block.value) pending.expressions.push(block.value);
        } else if (expression) {
            visitExpression(expression, pending);
        } else {
            return found;
        }
    }
}

function visitStatement(statement: Statement, { expressions, blocks }: Pending, found: Set<Local>): void {
    switch (statement.kind) {
        case "declare":
        case "return":
            if (statement.value) expressions.push(statement.value);
            break;
        case "assign":
            found.add(rootOf(statement.place));
            expressions.push(statement.place);
            expressions.push(statement.value);
            break;
        case "expr":
            expressions.push(statement.expr);
            break;
        case "if":
            expressions.push(statement.condition);
            blocks.push(statement.then);
            if (statement.otherwise) blocks.push(statement.otherwise);
            break;
        case "for":
            expressions.push(statement.start, statement.end, statement.step);
            blocks.push(statement.body);
            break;
        case "while":
            expressions.push(statement.condition);
            blocks.push(statement.body);
            break;
        case "block":
            blocks.push(statement.block);
            break;
        case "tile-store":
            expressions.push(statement.value, ...pointsOf(statement.place));
            break;
        case "break":
        case "continue":
            break;
    }
}

function pointsOf({ parts }: TilePlace): Expr[] {
    return parts.flatMap((part) =>
        part.kind === "point" ? [part.index] : part.kind === "gather" ? [part.indices] : [],
    );
}

function visitExpression(expression: Expr, { expressions, blocks }: Pending): void {
    switch (expression.kind) {
        case "unary":
        case "convert":
        case "splat":
            expressions.push(expression.operand);
            break;
        case "construct":
            expressions.push(...expression.parts);
            break;
        case "field":
        case "swizzle":
            expressions.push(expression.base);
            break;
        case "item":
            expressions.push(expression.base, ...expression.indices);
            break;
        case "binary":
        case "compare":
        case "logical":
            expressions.push(expression.left, expression.right);
            break;
        case "element":
            expressions.push(...expression.indices);
            break;
        case "call":
            expressions.push(...expression.args, ...expression.dims);
            break;
        case "builtin":
            expressions.push(...expression.args);
            break;
        case "slice":
            for (const part of expression.parts) {
                if (part.kind === "point") expressions.push(part.index);
                else if (part.start !== null && part.end !== null) expressions.push(part.start, part.end);
            }
            break;
        case "extent":
            break;
        case "report":
            expressions.push(...expression.args);
            if (expression.condition !== null) expressions.push(expression.condition);
            break;
        case "if":
            expressions.push(expression.condition);
            blocks.push(expression.then, expression.otherwise);
            break;
        case "block":
            blocks.push(expression.block);
            break;
        case "tile-load":
            expressions.push(...pointsOf(expression.place));
            break;
        case "map":
            expressions.push(...expression.inputs.map(({ value }) => value), expression.body);
            break;
        case "product":
            expressions.push(expression.left, expression.right);
            if (expression.accumulator !== null) expressions.push(expression.accumulator);
            break;
        case "reduce":
        case "scan":
        case "reshape":
        case "transpose":
        case "part":
        case "layout":
            expressions.push(expression.operand);
            break;
        case "indices":
        case "literal":
        case "local":
        case "dim":
            break;
    }
}
