// Statements and blocks. Variables are values here: assigning one binds its name to another value.

import type { ValueId } from "../ir/module.js";
import type { Block, Local, Statement } from "../sema/program.js";
import { bind, type Context, valueOfLocal } from "./context.js";
import { lowerCompound } from "./contraction.js";
import { lowerFor, lowerIf, lowerJump, lowerWhile } from "./control.js";
import { lowerElement } from "./dims.js";
import { lowerExpression, valueOf, zeroOf } from "./expression.js";

/** Lowers a block and gives its value; null where it has none. */
export function lowerBlock(context: Context, block: Block): ValueId | null {
    for (const statement of block.statements) lowerStatement(context, statement);
    return block.value ? lowerExpression(context, block.value) : null;
}

function lowerStatement(context: Context, statement: Statement): void {
    const { builder } = context;
    switch (statement.kind) {
        case "declare":
            return lowerDeclaration(context, statement);
        case "assign":
            return lowerAssignment(context, statement);
        case "expr":
            lowerExpression(context, statement.expr);
            return;
        case "if":
            lowerIf(context, statement);
            return;
        case "for":
            return lowerFor(context, statement);
        case "while":
            return lowerWhile(context, statement);
        case "break":
        case "continue":
            return lowerJump(context, statement);
        case "return": {
            const value = statement.value ? lowerExpression(context, statement.value) : null;
            return builder.terminate("return", value === null ? [] : [value], statement.span);
        }
        case "block":
            lowerBlock(context, statement.block);
            return;
    }
}

function lowerDeclaration(context: Context, { local, value, span }: Extract<Statement, { kind: "declare" }>): void {
    const { type } = local;
    if (type.kind === "scalar") {
        bind(context, [local], [value ? valueOf(context, value) : zeroOf(context, type.name, span)]);
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
        bind(context, [place.local], [op ? lowerCompound(context, op, old, value, span) : valueOf(context, value)]);
        return;
    }
    const { buffer, index } = lowerElement(context, place);
    const old = () => builder.value("load", [buffer, index], place.span);
    const stored = op ? lowerCompound(context, op, old, value, span) : valueOf(context, value);
    builder.effect("store", [buffer, index, stored], span);
}
