// What stands behind a point: fields and methods of structures, names of enums; and values of structures.

import { notAFunction } from "../diagnostics/catalogue/names.js";
import { methodCall, structValue, unknownMember } from "../diagnostics/catalogue/structures.js";
import type { Span } from "../diagnostics/diagnostic.js";
import { diagnose } from "../diagnostics/entry.js";
import { nearest } from "../diagnostics/suggestions.js";
import { count } from "../diagnostics/words.js";
import type * as ast from "../syntax/ast.js";
import type { BodyContext, MethodSymbol, StructTemplate } from "./context.js";
import { checkExpr } from "./expressions.js";
import { type Checked, inferValues } from "./generic-calls.js";
import { appliedStructure, structureAt } from "./generic-structures.js";
import { errorExpr, require } from "./nodes.js";
import type { Expr } from "./program.js";
import { describeType } from "./scalars.js";
import type { EnumType, ErrorType, StructType, Type } from "./types.js";

/** The structure or enum that an expression names: `Body`, `Pair::<f32>`. */
export function namedType(ctx: BodyContext, expr: ast.Expr): StructType | EnumType | ErrorType | null {
    if (expr.kind === "generic") {
        if (templateNamed(ctx, expr.base) === null || expr.base.kind !== "name") return null;
        const name = { text: expr.base.text, span: expr.base.span };
        const type = appliedStructure(ctx, { name, args: expr.args });
        return type?.kind === "struct" ? type : { kind: "error" };
    }
    if (expr.kind !== "name" || ctx.scope.find(expr.text) !== undefined) return null;
    const symbol = ctx.module.symbols.get(expr.text);
    if (symbol?.kind !== "type") return null;
    return symbol.type.kind === "struct" || symbol.type.kind === "enum" ? symbol.type : null;
}

/** The generic structure that an expression names. */
export function templateNamed(ctx: BodyContext, expr: ast.Expr): StructTemplate | null {
    if (expr.kind !== "name" || ctx.scope.find(expr.text) !== undefined) return null;
    const symbol = ctx.module.symbols.get(expr.text);
    return symbol?.kind === "structure" ? symbol.template : null;
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
): MethodSymbol | null {
    if (type.kind === "error") return null;
    if (type.kind !== "struct") {
        ctx.report(diagnose(notAFunction, at, { name: member.text, what: `no method of ${describeType(type)}` }));
        return null;
    }
    const method = type.methods.get(member.text);
    if (method === undefined) {
        unknown(ctx, member, type.name, "method", type.methods.keys());
        return null;
    }
    const { item } = method.kind === "function" ? method.record : method.template;
    return isCalledRightly(ctx, type.name, item, member, onValue) ? method : null;
}

function isCalledRightly(
    ctx: BodyContext,
    owner: string,
    { params }: ast.FunctionItem,
    member: ast.Name,
    onValue: boolean,
): boolean {
    const takesSelf = params[0]?.name.text === "self";
    if (takesSelf === onValue) return true;
    const what = onValue
        ? `\`${member.text}\` has no \`self\`: it is called on \`${owner}\``
        : `\`${member.text}\` is called on a value of \`${owner}\``;
    const path = owner.replace("<", "::<");
    const help = onValue ? `write \`${path}.${member.text}(…)\`` : `write \`b.${member.text}(…)\``;
    ctx.report(diagnose(methodCall, member.span, { what, help }));
    return false;
}

/** The instance that `Pair.of(x)` means: what its parameters are, the method's arguments say. */
export function inferOwner(
    ctx: BodyContext,
    span: Span,
    template: StructTemplate,
    member: ast.Name,
    args: readonly ast.Expr[],
    want: Type | null,
): { readonly type: StructType; readonly checked: Checked } | null {
    const { item, parameters, module } = template;
    const name = item.name.text;
    const method = item.methods.find((each) => each.name.text === member.text);
    if (method === undefined) {
        unknown(
            ctx,
            member,
            name,
            "method",
            item.methods.map((each) => each.name.text),
        );
        return null;
    }
    if (!isCalledRightly(ctx, name, method, member, false)) return null;
    const declared = method.params.map(({ type }) => type);
    const generic = { name, parameters, module, declared, result: method.result };
    const inferred = inferValues(ctx, span, generic, [], args, want);
    const type = inferred === null ? null : structureAt(ctx, template, inferred.values, span);
    return inferred === null || type === null ? null : { type, checked: inferred.checked };
}

/** `Pair(a: x, b: y)`, `Pair::<f32>(a: 1, b: 2)` */
export function constructGeneric(
    ctx: BodyContext,
    span: Span,
    template: StructTemplate,
    explicit: readonly ast.Argument[],
    args: readonly ast.Argument[],
    want: Type | null,
): Expr {
    if (want?.kind === "struct" && want.instance?.template === template && explicit.length === 0) {
        return constructStruct(ctx, span, want, args);
    }
    const { item, parameters, module } = template;
    const declared = args.map(({ label }, i) => {
        const at = label === null ? i : item.fields.findIndex(({ name }) => name.text === label.text);
        return item.fields[at]?.type;
    });
    const generic = { name: item.name.text, parameters, module, declared, result: null };
    const values = args.map(({ value }) => value);
    const inferred = inferValues(ctx, span, generic, explicit, values, null);
    const type = inferred === null ? null : structureAt(ctx, template, inferred.values, span);
    return inferred === null || type === null
        ? errorExpr(span)
        : constructStruct(ctx, span, type, args, inferred.checked);
}

function unknown(ctx: BodyContext, name: ast.Name, owner: string, what: string, known: Iterable<string>): Expr {
    const args = { name: name.text, owner, what, similar: nearest(name.text, known) };
    ctx.report(diagnose(unknownMember, name.span, args));
    return errorExpr(name.span);
}

/** `Body(pos: p, mass: 1.0)`: evaluated as written, whatever the order of the fields. */
export function constructStruct(
    ctx: BodyContext,
    span: Span,
    type: StructType,
    args: readonly ast.Argument[],
    early: Checked = new Map(),
): Expr {
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
        const checked = require(early.get(value) ?? checkExpr(ctx, value, field.type), field.type, ctx.report);
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
        return refuse(span, what, `write \`${type.name.replace("<", "::<")}(${fields})\``);
    }
    const order = [...given.keys()];
    const parts = [...given.values()];
    if (order.every((at, i) => at === i)) return { kind: "construct", span, type, parts };
    return { kind: "construct", span, type, parts, order };
}
