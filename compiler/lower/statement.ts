// Statements and blocks. Variables are values here: assigning one binds its name to another value.

import type { ValueId } from "../ir/module.js";
import type { Block, Local, Statement } from "../sema/program.js";
import { bind, type Context, valueOfLocal } from "./context.js";
import { lowerCompound } from "./contraction.js";
import { lowerFor, lowerIf, lowerJump, lowerWhile } from "./control.js";
import { lowerElement } from "./dims.js";
import { lowerExpression, lowerValue, zeroOf } from "./expression.js";

/** Lowers a block and gives its value; null where it has none. */
export function lowerBlock(context: Context, block: Block): ValueId | null {
    for (const statement of block.statements) lowerStatement(context, statement);
    return block.value ? lowerExpression(context, block.value) : null;
}

function lowerStatement(context: Context, statement: Statement): void {
    switch (statement.kind) {
        case "declare":
            lowerDeclaration(context, statement);
            break;
        case "assign":
            lowerAssignment(context, statement);
            break;
        case "expr":
            lowerExpression(context, statement.expr);
            break;
        case "if":
            lowerIf(context, statement);
            break;
        case "for":
            lowerFor(context, statement);
            break;
        case "while":
            lowerWhile(context, statement);
            break;
        case "break":
        case "continue":
            lowerJump(context, statement);
            break;
        case "return": {
            const value = statement.value ? lowerExpression(context, statement.value) : null;
            context.builder.terminate("return", value === null ? [] : [value], statement.span);
            break;
        }
        case "block":
            lowerBlock(context, statement.block);
            break;
    }
}

function lowerDeclaration(context: Context, { local, value, span }: Extract<Statement, { kind: "declare" }>): void {
    const { type } = local;
    if (type.kind === "scalar") {
        bind(context, [local], [value ? lowerValue(context, value) : zeroOf(context, type.name, span)]);
    } else if (type.kind === "array") {
        lowerArray(context, local, type.element.name, type.extents, span);
    } else {
        throw new Error(`${local.name} is declared as a ${type.kind}`);
    }
}

function lowerArray(
    context: Context,
    local: Local,
    element: Parameters<typeof zeroOf>[1],
    extents: readonly number[],
    span: Statement["span"],
): void {
    const count = extents.reduce((product, extent) => product * extent, 1);
    const buffer = context.builder.value(
        "alloc",
        [],
        span,
        { count, name: local.name },
        { element, space: local.space },
    );
    context.buffers.set(local, buffer);
    if (local.space === "private") context.builder.effect("zero", [buffer], span);
}

function lowerAssignment(context: Context, { place, op, value, span }: Extract<Statement, { kind: "assign" }>): void {
    const { builder } = context;
    if (place.kind === "local") {
        const old = () => valueOfLocal(context, place.local);
        bind(context, [place.local], [op ? lowerCompound(context, op, old, value, span) : lowerValue(context, value)]);
        return;
    }
    const { buffer, index } = lowerElement(context, place);
    const old = () => builder.value("load", [buffer, index], place.span);
    const stored = op ? lowerCompound(context, op, old, value, span) : lowerValue(context, value);
    builder.effect("store", [buffer, index, stored], span);
}
