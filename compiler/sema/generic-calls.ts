// Calls of generic functions: which instance is meant. What `f::<…>` doesn't say comes from the arguments whose
// parameters are declared with the name of a type or constant parameter, then from defaults.

import { notInferred } from "../diagnostics/catalogue/generics.js";
import { diagnose } from "../diagnostics/entry.js";
import type * as ast from "../syntax/ast.js";
import type { BodyContext, FunctionRecord, FunctionTemplate, GenericParameter, GenericValue } from "./context.js";
import { checkExpr } from "./expressions.js";
import { constantValue, explicitValues, fallbackOf, meets } from "./generics.js";
import { flexibility, literalType } from "./literals.js";
import type { Expr } from "./program.js";
import { isValue, typeNamed, viewOfArray } from "./scalars.js";
import { typesOf } from "./type-names.js";
import type { ScalarType, Type, ValueType } from "./types.js";

export interface InstanceCall {
    readonly record: FunctionRecord;
    /** Arguments that were checked to find it. */
    readonly checked: ReadonlyMap<ast.Expr, Expr>;
}

/** The instance that a call means; null where there is none, which was reported. */
export function inferInstance(
    ctx: BodyContext,
    call: ast.Expr,
    template: FunctionTemplate,
    explicit: readonly ast.Argument[],
    args: readonly ast.Expr[],
    want: Type | null,
): InstanceCall | null {
    const { item, parameters } = template;
    const owner = item.name.text;
    const values = explicitValues(ctx, owner, parameters, explicit);
    if (values === null) return null;
    const at = new Map(parameters.map(({ name }, i) => [name, i]));
    const checked = new Map<ast.Expr, Expr>();

    const scalarOf = (name: string) => {
        const named = typesOf(template.module)(name);
        return named !== undefined && isValue(named) ? named : typeNamed(name);
    };
    for (const [i, arg] of args.entries()) {
        const type = item.params[i]?.type;
        if (type === undefined || flexibility(ctx, arg) !== null) continue;
        const place = at.get(type.name.text);
        const known = place === undefined ? scalarOf(type.name.text) : typeOf(values[place] ?? null);
        const value = checkExpr(ctx, arg, type.extents === null ? (known ?? null) : null);
        if (value.type.kind === "error") return null;
        checked.set(arg, value);
        if (place !== undefined && values[place] === null) {
            const found = elementOf(value.type);
            const parameter = parameters[place] as GenericParameter;
            if (found !== null && parameter.kind === "type") {
                if (!meets(parameter, found, owner, arg, ctx.report)) return null;
                values[place] = { kind: "type", type: found, isPublic: false };
            }
        }
        inferExtents(type, value.type, parameters, values, at);
    }
    for (const [i, parameter] of parameters.entries()) {
        if (parameter.kind === "type") values[i] ??= typeOfLiterals(ctx, template, parameter, args, want);
        values[i] ??= fallbackOf(parameter);
        if (values[i] !== null) continue;
        ctx.report(diagnose(notInferred, call.span, { parameter: parameter.name, owner, kind: parameter.kind }));
        return null;
    }
    const record = ctx.instantiate(template, values as GenericValue[], call.span);
    return record === null ? null : { record, checked };
}

function typeOf(value: GenericValue | null): ValueType | undefined {
    return value?.kind === "type" ? value.type : undefined;
}

function elementOf(type: Type): ScalarType | null {
    const element = type.kind === "view" || type.kind === "array" ? type.element : type;
    return element.kind === "scalar" ? element : null;
}

/** `x: f32[N]` says what `N` is, if the argument's extent is known. */
function inferExtents(
    declared: ast.TypeExpr,
    given: Type,
    parameters: readonly GenericParameter[],
    values: (GenericValue | null)[],
    at: ReadonlyMap<string, number>,
): void {
    const view = given.kind === "array" ? viewOfArray(given) : given;
    if (view.kind !== "view") return;
    for (const [axis, extent] of (declared.extents ?? []).entries()) {
        const place = extent.kind === "name" ? at.get(extent.text) : undefined;
        const parameter = place === undefined ? undefined : parameters[place];
        const dim = view.dims[axis];
        if (place === undefined || parameter?.kind !== "const" || dim?.kind !== "const") continue;
        values[place] ??= constantValue(parameter, BigInt(dim.value));
    }
}

/** A type that only literals stand for: what the call's place demands, or what the literals are by themselves. */
function typeOfLiterals(
    ctx: BodyContext,
    { item }: FunctionTemplate,
    parameter: Extract<GenericParameter, { kind: "type" }>,
    args: readonly ast.Expr[],
    want: Type | null,
): GenericValue | null {
    const isResult = item.result !== null && item.result.extents === null && item.result.name.text === parameter.name;
    const demanded = isResult && want?.kind === "scalar" && parameter.types.includes(want.name) ? want : null;
    const kinds = args
        .filter((_, i) => item.params[i]?.type.name.text === parameter.name && item.params[i]?.type.extents === null)
        .map((arg) => flexibility(ctx, arg));
    if (kinds.length === 0) return demanded === null ? null : { kind: "type", type: demanded, isPublic: false };
    if (demanded === null && parameter.fallback !== null) return null;
    const kind = kinds.includes("float") || !parameter.types.includes("i32") ? "float" : "integer";
    const type = literalType(kind, demanded);
    return parameter.types.includes(type.name) ? { kind: "type", type, isPublic: false } : null;
}
