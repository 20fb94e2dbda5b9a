// Statements and blocks. Variables are values here: assigning one binds its name to another value.

import { SHARED_ALIGNMENT } from "../../codeobject/manifest.js";
import type { ValueId } from "../ir/module.js";
import { elementBytes } from "../ir/types.js";
import type { Block, Local, Statement } from "../sema/program.js";
import { isValue } from "../sema/scalars.js";
import type { ArrayType, ViewType } from "../sema/types.js";
import { bind, type Context, type Values } from "./context.js";
import { lowerCompound } from "./contraction.js";
import { lowerFor, lowerIf, lowerJump, lowerWhile } from "./control.js";
import { lowerDim } from "./dims.js";
import { lowerExpression, lowerValues } from "./expression.js";
import { bufferElement, layoutOf } from "./layout.js";
import { arrayMemory, storeTo } from "./memory.js";
import { referenceTo } from "./place.js";
import { lowerTileStore } from "./tiles.js";
import { noteElements } from "./variables.js";
import { lowerSlice } from "./views.js";

/** Lowers a block and gives its value; null where it has none. */
export function lowerBlock(context: Context, block: Block): Values | null {
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
        case "tile-store":
            lowerTileStore(context, statement);
            break;
        case "break":
        case "continue":
            lowerJump(context, statement);
            break;
        case "return": {
            const value = statement.value ? lowerExpression(context, statement.value) : null;
            const [blocks] = context.loops;
            // The workgroup is done with this block of a persistent kernel, not with those that are left.
            if (context.kernel?.options.persistent && blocks)
                context.builder.terminate("continue", [], statement.span, { target: blocks.id });
            else context.builder.terminate("return", value ?? [], statement.span);
            break;
        }
        case "block":
            lowerBlock(context, statement.block);
            break;
    }
}

function lowerDeclaration(context: Context, { local, value, span }: Extract<Statement, { kind: "declare" }>): void {
    const { type } = local;
    if (type.kind === "array") {
        const values = value === null ? null : lowerValues(context, value);
        const buffer = lowerArray(context, local, type, span);
        if (values !== null) storeTo(context, arrayMemory(context, { kind: "local", local, type, span }), values, span);
        else if (local.space === "private") context.builder.effect("zero", [buffer], span);
    } else if (isValue(type) && value !== null) {
        bind(context, [local], lowerValues(context, value));
    } else if (type.kind === "view" && value === null) {
        lowerSized(context, local, type, span);
    } else if (value?.kind === "slice") {
        context.views.set(local, lowerSlice(context, value));
    } else {
        throw new Error(`${local.name} is declared as a ${type.kind}`);
    }
}

function lowerArray(
    context: Context,
    local: Local,
    { element: type, extents }: ArrayType,
    span: Statement["span"],
): ValueId {
    const layout = layoutOf(type);
    const element = bufferElement(type);
    const count = extents.reduce((product, extent) => product * extent, layout.size / elementBytes(element));
    const buffer = context.builder.value(
        "alloc",
        [],
        span,
        { count, name: local.name },
        { element, space: local.space },
    );
    if (type.kind === "struct") noteElements(context, buffer, layout);
    context.views.set(local, { buffer, offset: null, strides: null });
    return buffer;
}

/** Arrays that the launch sizes lie one behind the other, each at a multiple of 16 bytes, as the host counts them. */
function lowerSized(context: Context, local: Local, { element: type, dims }: ViewType, span: Statement["span"]): void {
    const { builder } = context;
    const { size } = layoutOf(type);
    const element = bufferElement(type);
    const index = (value: number) => builder.constant(BigInt(value), "index", span);
    const offset = context.sized.end ?? index(0);
    const count = dims
        .map((dim) => lowerDim(context, dim, span))
        .reduce(
            (product, extent) => builder.value("mul", [product, extent], span),
            index(size / elementBytes(element)),
        );
    const bytes = builder.value("mul", [count, index(elementBytes(element))], span);
    const last = builder.value("add", [builder.value("add", [offset, bytes], span), index(SHARED_ALIGNMENT - 1)], span);
    context.sized.end = builder.value("and", [last, index(-SHARED_ALIGNMENT)], span);
    const result = { element, space: "shared" } as const;
    const buffer = builder.value("alloc_sized", [offset, count], span, { name: local.name }, result);
    context.views.set(local, { buffer, offset: null, strides: null });
}

function lowerAssignment(context: Context, { place, op, value, span }: Extract<Statement, { kind: "assign" }>): void {
    const target = referenceTo(context, place);
    target.write(op ? lowerCompound(context, op, target.read, value, span) : lowerValues(context, value), span);
}
