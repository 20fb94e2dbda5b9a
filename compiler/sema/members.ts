// What stands behind a point: fields and methods of structures, names of enums; and values of structures.

import { notAFunction } from "../diagnostics/catalogue/names.js";
import { methodCall, structValue, unknownMember } from "../diagnostics/catalogue/structures.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import { count } from "../diagnostics/words.js";
import type * as ast from "../syntax/ast.js";
import type { BodyContext, FunctionRecord } from "./context.js";
import { checkExpr } from "./expressions.js";
import { errorExpr, require } from "./nodes.js";
import type { Expr } from "./program.js";
import { describeType } from "./scalars.js";
import type { EnumType, StructType, Type } from "./types.js";

/** The structure or enum that an expression names. */
export function namedType(ctx: BodyContext, expr: ast.Expr): StructType | EnumType | null {
    if (expr.kind !== "name" || ctx.scope.find(expr.text) !== undefined) return null;
    const symbol = ctx.module.symbols.get(expr.text);
    if (symbol?.kind !== "type") return null;
    return symbol.type.kind === "struct" || symbol.type.kind === "enum" ? symbol.type : null;
}

/** `Mode.fast` */
export function enumMember(ctx: BodyContext, span: Span, type: EnumType, member: ast.Name): Expr {
    const value = type.members.get(member.text);
    if (value === undefined) return unknown(ctx, member, type.name, "name", type.members.keys());
    return enumValue(span, type, value);
}

export function enumValue(span: Span, type: EnumType, value: bigint): Expr {
    return { kind: "construct", span, type, parts: [{ kind: "literal", span, type: type.base, value }] };
}

/** `b.mass` */
export function fieldOf(ctx: BodyContext, base: Expr, type: StructType, member: ast.Name): Expr {
    const at = type.fields.findIndex(({ name }) => name === member.text);
    const field = type.fields[at];
    if (field !== undefined) {
        const span = { ...member.span, start: base.span.start };
        return { kind: "field", span, base, field: at, type: field.type };
    }
    if (type.methods.has(member.text)) {
        const what = `\`${member.text}\` is a method`;
        ctx.report(diagnose(methodCall, member.span, { what, help: `call it: \`.${member.text}()\`` }));
        return errorExpr(member.span);
    }
    return unknown(
        ctx,
        member,
        type.name,
        "field",
        type.fields.map(({ name }) => name),
    );
}

/** The method that is meant by `b.energy` or `Body.origin`; null where there is none, which was reported. */
export function methodOf(
    ctx: BodyContext,
    type: Type,
    member: ast.Name,
    onValue: boolean,
    at: Span,
): FunctionRecord | null {
    if (type.kind === "error") return null;
    if (type.kind !== "struct") {
        ctx.report(diagnose(notAFunction, at, { name: member.text, what: `no method of ${describeType(type)}` }));
        return null;
    }
    const record = type.methods.get(member.text);
    if (record === undefined) {
        unknown(ctx, member, type.name, "method", type.methods.keys());
        return null;
    }
    if (takesSelf(record) === onValue) return record;
    const what = onValue
        ? `\`${member.text}\` has no \`self\`: it is called on \`${type.name}\``
        : `\`${member.text}\` is called on a value of \`${type.name}\``;
    const help = onValue ? `write \`${type.name}.${member.text}(…)\`` : `write \`b.${member.text}(…)\``;
    ctx.report(diagnose(methodCall, member.span, { what, help }));
    return null;
}

function takesSelf({ item }: FunctionRecord): boolean {
    return item.params[0]?.name.text === "self";
}

function unknown(ctx: BodyContext, name: ast.Name, owner: string, what: string, known: Iterable<string>): Expr {
    const args = { name: name.text, owner, what, similar: nearest(name.text, known) };
    ctx.report(diagnose(unknownMember, name.span, args));
    return errorExpr(name.span);
}

/** `Body(pos: p, mass: 1.0)`: evaluated as written, whatever the order of the fields. */
export function constructStruct(ctx: BodyContext, span: Span, type: StructType, args: readonly ast.Argument[]): Expr {
    const given = new Map<number, Expr>();
    const refuse = (at: Span, what: string, help?: string) => {
        ctx.report(diagnose(structValue, at, { what, help }));
        return errorExpr(span);
    };
    let right = true;
    for (const [i, { label, value }] of args.entries()) {
        const at = label === null ? i : type.fields.findIndex(({ name }) => name === label.text);
        const field = type.fields[at];
        if (field === undefined) {
            checkExpr(ctx, value, null);
            if (label !== null) {
                unknown(
                    ctx,
                    label,
                    type.name,
                    "field",
                    type.fields.map(({ name }) => name),
                );
                right = false;
            }
            continue;
        }
        const checked = require(checkExpr(ctx, value, field.type), field.type, ctx.report);
        if (given.has(at)) return refuse((label ?? value).span, `\`${field.name}\` is given twice`);
        if (checked.type.kind === "error") right = false;
        given.set(at, checked);
    }
    if (!right) return errorExpr(span);
    const labelled = args.filter(({ label }) => label !== null).length;
    if (labelled > 0 && labelled < args.length) return refuse(span, "either all fields have their names, or none");
    const missing = type.fields.filter((_, at) => !given.has(at)).map(({ name }) => `\`${name}\``);
    if (missing.length > 0 || args.length > type.fields.length) {
        const fields = type.fields.map(({ name }) => `${name}: …`).join(", ");
        const what =
            missing.length > 0
                ? `\`${type.name}\` needs a value for ${missing.join(", ")}`
                : `\`${type.name}\` has ${count(type.fields.length, "field")}, not ${args.length}`;
        return refuse(span, what, `write \`${type.name}(${fields})\``);
    }
    const order = [...given.keys()];
    const parts = [...given.values()];
    if (order.every((at, i) => at === i)) return { kind: "construct", span, type, parts };
    return { kind: "construct", span, type, parts, order };
}
